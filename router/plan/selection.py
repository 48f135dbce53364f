"""The client's operation as a tree of merged fields: fragments spread, constant conditions decided, duplicates merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    print_ast,
)

__all__ = [
    "MAX_FIELDS",
    "Conditions",
    "Field",
    "Fragment",
    "Item",
    "Selection",
    "both",
    "conditional",
    "deferrals_of",
    "from_ast",
    "merged",
    "read_items",
    "variables_of",
]

_DEFER = "@defer "

# Of an operation with its fragments spread: far above what clients send; fragments that spread others reach it in a few lines.
MAX_FIELDS = 50_000

# Variables and the values they must have (`@include(if: $a)` is ("a", True), `@skip(if: $b)` is ("b", False)).
# What is inside of an `@defer` is conditional on it in the same way, under a name that no variable has.
Conditions: TypeAlias = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, eq=False)
class Field:
    """A field with what is selected below it."""

    response_name: str
    name: str
    arguments: tuple[ArgumentNode, ...] = ()
    conditions: Conditions = ()
    selection: Selection | None = None

    @cached_property
    def arguments_text(self) -> str:
        """The arguments as text in order of name; equal text means equal arguments."""
        return ", ".join(sorted(print_ast(argument) for argument in self.arguments))


@dataclass(frozen=True, eq=False)
class Fragment:
    """Items that hold for some types only. Conditions stand on the fields inside."""

    type_name: str
    selection: Selection


Item: TypeAlias = Field | Fragment


@dataclass(frozen=True, eq=False)
class Selection:
    """A selection set without two items of the same meaning."""

    items: tuple[Item, ...]

    @cached_property
    def size(self) -> int:
        """The number of fields, at every depth."""
        return sum((isinstance(item, Field)) + (item.selection.size if item.selection else 0) for item in self.items)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the fields, at every depth."""
        below = (item.selection.names for item in self.items if item.selection is not None)
        return frozenset(item.name for item in self.items if isinstance(item, Field)).union(*below)


def from_ast(node: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], known: Conditions = ()) -> Selection:
    """Return the selection set with named fragments spread (GraphQL specification section 6.3.2, CollectFields).

    `known` conditions hold for all of it and are not repeated on its fields.

    Raises:
        GraphQLError: with its fragments spread the operation has more than MAX_FIELDS fields and fragments.
    """
    return _Reader(fragments).selection(node, known)


def read_items(node: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[Item]:
    """Yield the items of a selection set as they stand, in fragments too: a field as often as it is selected."""
    return _Reader(fragments).items(node, (), {}, set())


def merged(items: Iterable[Item]) -> Selection:
    """Return the items as a selection, those of one meaning made one, in first order.

    A field that is selected under more conditions than elsewhere in the same selection is part of it there.
    """
    fields: dict[object, dict[Conditions, Field]] = {}
    spreads: dict[str, list[Item]] = {}
    order: dict[object, None] = {}
    for item in items:
        if isinstance(item, Fragment):
            spreads.setdefault(item.type_name, []).extend(item.selection.items)
            order[item.type_name] = None
            continue
        key = (item.response_name, item.name, item.arguments_text)
        same = fields.setdefault(key, {})
        order[key] = None
        known = same.get(item.conditions)
        same[item.conditions] = item if known is None else _joined((known, item))
    found: list[Item] = []
    for place in order:
        if isinstance(place, str):
            found.append(Fragment(place, merged(spreads[place])))
        else:
            found += _absorbed(fields[place])
    return Selection(tuple(found))


def _absorbed(same: dict[Conditions, Field]) -> Iterator[Field]:
    """Yield the fields; what is selected under more conditions goes below the one with fewer."""
    weakest = [one for one in same if not any(set(other) < set(one) for other in same)]
    for conditions in weakest:
        parts = [same[conditions]]
        if parts[0].selection is not None:
            for other, field in same.items():
                if set(conditions) < set(other) and next(one for one in weakest if set(one) < set(other)) == conditions:
                    extra = tuple(one for one in other if one not in conditions)
                    assert field.selection is not None  # noqa: S101  the same field has selections everywhere
                    parts.append(replace(field, selection=conditional(field.selection, extra)))
        yield _joined(parts) if len(parts) > 1 else parts[0]


def conditional(selection: Selection, extra: Conditions, known: Mapping[str, bool] | None = None) -> Selection:
    """Return the selection with more conditions on each of its fields; what they, or those known to hold, exclude is left out."""
    items: list[Item] = []
    for item in selection.items:
        if isinstance(item, Fragment):
            items.append(Fragment(item.type_name, conditional(item.selection, extra, known)))
            continue
        joined = dict(extra)
        held = {**(known or {}), **joined}
        if all(held.get(variable, wanted) is wanted for variable, wanted in item.conditions):
            own = {variable: wanted for variable, wanted in item.conditions if variable not in (known or {})}
            items.append(replace(item, conditions=both(extra, tuple(own.items()))))
    return merged(items)


def both(one: Conditions, other: Conditions) -> Conditions:
    """Return the conditions that hold when both do."""
    return tuple(sorted({**dict(one), **dict(other)}.items()))


def variables_of(conditions: Conditions) -> Conditions:
    """Return the conditions on variables."""
    return tuple(one for one in conditions if not one[0].startswith(_DEFER))


def deferrals_of(conditions: Conditions) -> Conditions:
    """Return the `@defer`s among the conditions."""
    return tuple(one for one in conditions if one[0].startswith(_DEFER))


def _joined(same: Sequence[Field]) -> Field:
    first = same[0]
    if len(same) == 1 or first.selection is None:
        return first
    below = [item for one in same if one.selection is not None for item in one.selection.items]
    return replace(first, selection=merged(below))


class _Reader:
    """Reads one operation."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._read = 0
        self._deferred = 0

    def selection(self, node: SelectionSetNode, known: Conditions) -> Selection:
        """Return a selection set, for which the conditions are known to hold."""
        return merged(self.items(node, (), dict(known), set()))

    def items(
        self, node: SelectionSetNode, outer: Conditions, known: Mapping[str, bool], spread: set[tuple[str, Conditions]]
    ) -> Iterator[Item]:
        for child in node.selections:
            conditions = _conditions(child.directives, outer, known)
            if conditions is None:
                continue
            if isinstance(child, FieldNode):
                yield self._field(child, conditions, known)
                continue
            if isinstance(child, FragmentSpreadNode):
                # Spread once: what is selected twice under the same conditions is selected.
                key = (child.name.value, conditions)
                if key in spread:
                    continue
                spread.add(key)
            fragment = self._fragments[child.name.value] if isinstance(child, FragmentSpreadNode) else child
            assert isinstance(fragment, (FragmentDefinitionNode, InlineFragmentNode))  # noqa: S101  the grammar has no other case
            self._count()
            if _is_deferred(child.directives):
                self._deferred += 1
                conditions = both(conditions, ((f"{_DEFER}{self._deferred}", True),))
            condition = fragment.type_condition
            if condition is None:
                yield from self.items(fragment.selection_set, conditions, known, spread)
            else:
                # On a type of its own: another fragment there does not stand for the spread out here.
                inner = tuple(self.items(fragment.selection_set, conditions, known, set()))
                yield Fragment(condition.name.value, Selection(inner))

    def _count(self) -> None:
        self._read += 1
        if self._read > MAX_FIELDS:
            raise GraphQLError(f"The operation selects more than {MAX_FIELDS} fields and fragments.")

    def _field(self, node: FieldNode, conditions: Conditions, known: Mapping[str, bool]) -> Field:
        self._count()
        below = tuple({**known, **dict(conditions)}.items())
        return Field(
            response_name=node.alias.value if node.alias else node.name.value,
            name=node.name.value,
            arguments=node.arguments or (),
            conditions=conditions,
            selection=self.selection(node.selection_set, below) if node.selection_set else None,
        )


def _is_deferred(directives: tuple[DirectiveNode, ...] | None) -> bool:
    """Whether there is a `@defer` that is not off for good; one whose variable is false is answered in the same requests."""
    for directive in directives or ():
        if directive.name.value == "defer":
            found = next((argument.value for argument in directive.arguments or () if argument.name.value == "if"), None)
            return not (isinstance(found, BooleanValueNode) and not found.value)
    return False


def _conditions(directives: tuple[DirectiveNode, ...] | None, outer: Conditions, known: Mapping[str, bool]) -> Conditions | None:
    """Return what must hold for the selection besides `known`, None when it never does."""
    found = dict(outer)
    for directive in directives or ():
        wanted = {"include": True, "skip": False}.get(directive.name.value)
        if wanted is None:
            continue
        value = directive.arguments[0].value if directive.arguments else None
        if isinstance(value, BooleanValueNode) and value.value is not wanted:
            return None
        if isinstance(value, VariableNode):
            variable = value.name.value
            if known.get(variable, found.get(variable, wanted)) is not wanted:
                return None
            if variable not in known:
                found[variable] = wanted
    return tuple(sorted(found.items()))
