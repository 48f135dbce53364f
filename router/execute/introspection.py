"""Answers `__schema` and `__type` from the API schema (GraphQL section 4); subgraphs are not asked.

An answer can be as long as aliases make it, and take seconds. It is never made in the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLDeferDirective,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    execute_sync,
    visit,
)
from graphql.language.visitor import VisitorActionEnum

from router.execute.errors import error_of_graphql
from router.execute.field_collection import Fragments
from router.execute.response_tree import Object

__all__ = ["Introspection", "IntrospectionAnswer"]

INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})

# One at a time: more would gain nothing, and take the interpreter from the event loop. Begun with its first use.
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="introspection")


@dataclass(frozen=True, slots=True)
class IntrospectionAnswer:
    """The introspection fields of an operation, by response name."""

    data: Object
    errors: list[dict[str, Any]]


class Introspection:
    """The introspection part of one operation. Its answer is made with it unless it depends on variables."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Fragments) -> None:
        self._schema = schema
        self._answer: IntrospectionAnswer | None = None
        self._document: DocumentNode | None = None
        selections = _introspection_part(operation.selection_set, fragments)
        if selections:
            varies = _uses_variables((*selections, *fragments.values()))
            part = OperationDefinitionNode(
                operation=operation.operation,
                name=operation.name,
                variable_definitions=operation.variable_definitions if varies else (),
                directives=(),
                selection_set=SelectionSetNode(selections=selections),
            )
            # Nothing of it is worth waiting for.
            self._document = visit(DocumentNode(definitions=(part, *fragments.values())), _WithoutDefer())
            if not varies:
                self._answer = self._made(self._document, {})

    async def answer(self, variables: Mapping[str, Any]) -> IntrospectionAnswer | None:
        """Return the answer, or None for an operation without introspection."""
        if self._document is None or self._answer is not None:
            return self._answer
        return await asyncio.get_running_loop().run_in_executor(_thread, self._made, self._document, variables)

    def _made(self, document: DocumentNode, variables: Mapping[str, Any]) -> IntrospectionAnswer:
        result = execute_sync(self._schema, document, variable_values=dict(variables))
        errors = [error_of_graphql(error, "INTROSPECTION_FAILED") for error in result.errors or ()]
        return IntrospectionAnswer(result.data or {}, errors)


def _uses_variables(nodes: Iterable[Node]) -> bool:
    found = False

    class Look(Visitor):
        def enter_variable(self, node: VariableNode, *_: object) -> None:
            nonlocal found
            found = True

    for node in nodes:
        visit(node, Look())
    return found


class _WithoutDefer(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: object) -> VisitorActionEnum | None:
        return REMOVE if node.name.value == GraphQLDeferDirective.name else None


def _introspection_part(selection_set: SelectionSetNode, fragments: Fragments) -> tuple[SelectionNode, ...]:
    kept: list[SelectionNode] = []
    for selection in selection_set.selections:
        if isinstance(selection, FieldNode):
            if selection.name.value in INTROSPECTION_FIELDS:
                kept.append(selection)
            continue
        if isinstance(selection, FragmentSpreadNode):
            inner = fragments[selection.name.value].selection_set
        elif isinstance(selection, InlineFragmentNode):
            inner = selection.selection_set
        else:
            continue
        part = _introspection_part(inner, fragments)
        if part:
            # The type condition of a fragment on the root type always holds.
            kept.append(
                InlineFragmentNode(
                    type_condition=None, directives=selection.directives, selection_set=SelectionSetNode(selections=part)
                )
            )
    return tuple(kept)
