"""The part of an operation that a request may see: fields under a rule that is not met are taken out before planning.

An abstract selection is cut per object type: where `I.f` is refused on one of the types of `I` only, it becomes
one inline fragment per type that allows it. `restoration` puts what was taken out back into the answer, as null.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Visitor,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    visit,
)
from graphql.utilities import type_from_ast

from router.auth.access import FieldAccess
from router.auth.restoration import Restoration
from router.auth.scopes import Grants

__all__ = ["FilteredOperation", "filter_operation"]


@dataclass(frozen=True, slots=True)
class FilteredOperation:
    """What is planned instead of the client's document, and how its answer becomes the client's."""

    document: DocumentNode
    restoration: Restoration
    # Nothing of the root selection is left: there is nothing to ask any subgraph for.
    empty: bool


def filter_operation(
    document: DocumentNode, operation: OperationDefinitionNode, access: FieldAccess, grants: Grants
) -> FilteredOperation | None:
    """Return the operation without the fields that `grants` do not allow; None when they allow all of them.

    `document` is valid (GraphQL section 5).
    """
    if not access:
        return None
    filtering = _Filter(document, access, grants)
    definition, empty = filtering.operation(operation)
    if not filtering.denied_anything:
        return None
    fragments = [definition for definition in filtering.fragments.values() if definition is not None]
    definitions: list[DefinitionNode] = [definition, *fragments]
    return FilteredOperation(
        document=DocumentNode(definitions=tuple(definitions)),
        restoration=Restoration(document, operation, access, grants, filtering.typename_key),
        empty=empty,
    )


class _Filter:
    def __init__(self, document: DocumentNode, access: FieldAccess, grants: Grants) -> None:
        self._access = access
        self._grants = grants
        self._sources = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        # Filtered fragments by name; None for one of which nothing is left.
        self.fragments: dict[str, FragmentDefinitionNode | None] = {}
        self.typename_key = _unused_response_key(document)
        self.denied_anything = False

    def operation(self, operation: OperationDefinitionNode) -> tuple[OperationDefinitionNode, bool]:
        root = self._access.schema.get_root_type(operation.operation)
        if root is None:  # validation refuses such a document
            return operation, False
        selections = tuple(self._selections(operation.selection_set, root, frozenset((root.name,))))
        empty = not selections
        return (
            OperationDefinitionNode(
                operation=operation.operation,
                name=operation.name,
                variable_definitions=operation.variable_definitions,
                directives=operation.directives,
                selection_set=SelectionSetNode(selections=selections or (self._typename(),)),
            ),
            empty,
        )

    def _selections(
        self, selection_set: SelectionSetNode, parent: GraphQLCompositeType, possible: frozenset[str]
    ) -> Iterator[SelectionNode]:
        """Yield what is allowed of a selection set on `parent`, whose value is of one of the `possible` object types."""
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                yield from self._field(selection, parent, possible)
            elif isinstance(selection, InlineFragmentNode):
                yield from self._inline_fragment(selection, parent, possible)
            elif isinstance(selection, FragmentSpreadNode) and self._fragment(selection.name.value) is not None:
                yield selection

    def _field(self, node: FieldNode, parent: GraphQLCompositeType, possible: frozenset[str]) -> Iterator[SelectionNode]:
        name = node.name.value
        if name.startswith("__"):
            yield node
            return
        allowed = [concrete for concrete in sorted(possible) if self._access.allows(self._grants, concrete, name)]
        if is_abstract_type(parent) and not self._access.allows(self._grants, parent.name, name):
            allowed = []
        if len(allowed) < len(possible):
            self.denied_anything = True
        if not allowed:
            return
        if len(allowed) == len(possible):
            yield self._allowed_field(node, parent)
            return
        for concrete in allowed:
            type_ = self._access.schema.get_type(concrete)
            if is_composite_type(type_):
                yield _on(concrete, (self._allowed_field(node, type_),))

    def _allowed_field(self, node: FieldNode, parent: GraphQLCompositeType) -> FieldNode:
        if node.selection_set is None:
            return node
        field = self._access.schema.get_field(parent, node.name.value)
        named = get_named_type(field.type) if field is not None else None
        if not is_composite_type(named):
            return node
        selections = tuple(self._selections(node.selection_set, named, self._access.possible_names(named)))
        if not selections or is_abstract_type(named):
            selections = (self._typename(), *selections)
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=node.arguments,
            directives=node.directives,
            selection_set=SelectionSetNode(selections=selections),
        )

    def _inline_fragment(
        self, node: InlineFragmentNode, parent: GraphQLCompositeType, possible: frozenset[str]
    ) -> Iterator[SelectionNode]:
        condition = type_from_ast(self._access.schema, node.type_condition) if node.type_condition else parent
        if not is_composite_type(condition):
            return
        narrowed = possible & self._access.possible_names(condition)
        selections = tuple(self._selections(node.selection_set, condition, narrowed))
        if selections:
            yield InlineFragmentNode(
                type_condition=node.type_condition,
                directives=node.directives,
                selection_set=SelectionSetNode(selections=selections),
            )

    def _fragment(self, name: str) -> FragmentDefinitionNode | None:
        if name in self.fragments:
            return self.fragments[name]
        source = self._sources[name]
        condition = type_from_ast(self._access.schema, source.type_condition)
        selections: tuple[SelectionNode, ...] = ()
        if is_composite_type(condition):
            possible = self._access.possible_names(condition)
            selections = tuple(self._selections(source.selection_set, condition, possible))
        filtered = None
        if selections:
            filtered = FragmentDefinitionNode(
                name=source.name,
                type_condition=source.type_condition,
                directives=source.directives,
                selection_set=SelectionSetNode(selections=selections),
            )
        self.fragments[name] = filtered
        return filtered

    def _typename(self) -> FieldNode:
        return FieldNode(alias=NameNode(value=self.typename_key), name=NameNode(value="__typename"))


def _on(type_name: str, selections: tuple[SelectionNode, ...]) -> InlineFragmentNode:
    return InlineFragmentNode(
        type_condition=NamedTypeNode(name=NameNode(value=type_name)),
        directives=(),
        selection_set=SelectionSetNode(selections=selections),
    )


def _unused_response_key(document: DocumentNode) -> str:
    """Return a response key for the added `__typename` that the client does not use itself."""
    used: set[str] = set()

    class Collect(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            used.add((node.alias or node.name).value)

    visit(document, Collect())
    key = "filteredTypename"
    while key in used:
        key += "_"
    return key
