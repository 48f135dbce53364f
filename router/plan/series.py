"""The root fields of a mutation, in the order in which they run (GraphQL sections 6.2.2 and 6.3.2).

A field runs where it is selected first. Which selection is the first one can depend on conditions:
`{ clear @skip(if: $s) store clear }` runs `store, clear` when `$s` holds, else `clear, store`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from graphql import FragmentDefinitionNode, GraphQLError, SelectionSetNode

from router.plan.selection import Conditions, Field, Fragment, Item, both, conditional, merged, read_items

__all__ = ["MAX_PLACES", "in_series"]

# Of all fields together. Conditions that overlap in part multiply the places where a field may be first.
MAX_PLACES = 1_000


def in_series(node: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> tuple[Field, ...]:
    """Return the fields, with one for each place where it may be first; of those of one name at most one runs.

    Raises:
        GraphQLError: there are more than MAX_PLACES such places.
    """
    occurrences = list(_flat(read_items(node, fragments)))
    found: list[Field] = []
    for at, field in enumerate(occurrences):
        earlier = [other.conditions for other in occurrences[:at] if other.response_name == field.response_name]
        later = [other for other in occurrences[at + 1 :] if other.response_name == field.response_name]
        found += (_with(replace(field, conditions=conditions), later) for conditions in _without(field.conditions, earlier))
        _check(len(found))
    return tuple(found)


def _flat(items: Iterator[Item]) -> Iterator[Field]:
    """Yield the fields; a fragment on the root holds in any case."""
    for item in items:
        if isinstance(item, Fragment):
            yield from _flat(iter(item.selection.items))
        else:
            yield item


def _without(conditions: Conditions, excluded: list[Conditions]) -> list[Conditions]:
    """Return conditions of which one holds exactly when `conditions` do and none of `excluded`."""
    left = [conditions]
    for other in excluded:
        left = [narrowed for one in left for narrowed in _but(one, other)]
        _check(len(left))
    return left


def _check(places: int) -> None:
    if places > MAX_PLACES:
        raise GraphQLError(
            f"The mutation selects its root fields under more than {MAX_PLACES} combinations of conditions. "
            "Select each root field once, or send several operations."
        )


def _but(one: Conditions, other: Conditions) -> Iterator[Conditions]:
    known = dict(one)
    if any(known.get(variable, wanted) is not wanted for variable, wanted in other):
        # They never hold together.
        yield one
        return
    held = one
    for variable, wanted in other:
        if variable not in known:
            yield both(held, ((variable, not wanted),))
            held = both(held, ((variable, wanted),))


def _with(field: Field, later: list[Field]) -> Field:
    """Return the field with what later selections of it add."""
    if field.selection is None:
        return field
    known = dict(field.conditions)
    items = list(conditional(field.selection, (), known).items)
    for other in later:
        if other.selection is not None and all(known.get(variable, wanted) is wanted for variable, wanted in other.conditions):
            extra = tuple(one for one in other.conditions if one not in field.conditions)
            items += conditional(other.selection, extra, known).items
    return replace(field, selection=merged(items))
