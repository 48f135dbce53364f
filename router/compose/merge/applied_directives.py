"""The directives on a merged element: which ones a supergraph keeps, and how several subgraphs' uses become one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from router.compose.definitions import Use
from router.compose.links import FEDERATION, GRAPHQL
from router.compose.merge.access import ACCESS_ARGUMENTS, conjunction, groups
from router.compose.merge.context import MergeContext, named
from router.compose.merge.cost import merge_cost, merge_list_size
from router.compose.subgraph import Subgraph
from router.compose.values import print_value

__all__ = ["merge_uses"]

_REPEATABLE = frozenset({"tag"})
_KEPT = frozenset({"tag", "inaccessible", "cost", "listSize", *ACCESS_ARGUMENTS})
_MergeArguments = Callable[[Sequence[Mapping[str, Any]]], dict[str, Any]]


class Annotated(Protocol):
    """An element that directives can stand on."""

    @property
    def uses(self) -> tuple[Use, ...]:
        """Its directives."""
        ...


def merge_uses(context: MergeContext, coordinate: str, sources: Sequence[tuple[Subgraph, Annotated]]) -> tuple[Use, ...]:
    """Return the supergraph's directives of the element, without join directives; sorted by name."""
    found: dict[tuple[str | None, str], list[tuple[Subgraph, Use]]] = {}
    for subgraph, element in sources:
        for use in element.uses:
            kept = _kept(context, subgraph, use)
            if kept is not None:
                found.setdefault((kept.spec, kept.name), []).append((subgraph, kept))
    merged: list[Use] = []
    for (spec, name), uses in found.items():
        merged += _merged(context, coordinate, spec, name, uses)
    return tuple(sorted(merged, key=lambda use: (use.name, print_value(use.arguments))))


def _kept(context: MergeContext, subgraph: Subgraph, use: Use) -> Use | None:
    """Return the use as the supergraph has it, None when it does not."""
    if use.spec == GRAPHQL or (use.spec == FEDERATION and use.name in _KEPT):
        return use
    composed = context.composed.find(subgraph, use)
    return None if composed is None else Use(composed.name, use.arguments, composed.identity, use.node)


def _merged(
    context: MergeContext, coordinate: str, spec: str | None, name: str, uses: Sequence[tuple[Subgraph, Use]]
) -> Iterable[Use]:
    distinct = {print_value(dict(sorted(use.arguments.items()))): use for _, use in uses}
    if _is_repeatable(context, spec, name):
        return [Use(name, use.arguments, spec) for use in distinct.values()]
    if len(distinct) == 1:
        return [Use(name, _canonical(spec, name, uses[0][1].arguments), spec)]
    merge_arguments, strategy = _STRATEGIES.get(name, (None, "")) if spec == FEDERATION else (None, "")
    if merge_arguments is not None:
        context.hint(
            "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
            f'Directive @{name} is applied to "{coordinate}" in {named(found for found, _ in uses)} with different arguments: '
            f"the supergraph has {strategy}.",
            [(subgraph, use.node) for subgraph, use in uses],
        )
        return [Use(name, merge_arguments([use.arguments for _, use in uses]), spec)]
    counts = Counter(print_value(dict(sorted(use.arguments.items()))) for _, use in uses)
    chosen = counts.most_common(1)[0][0]
    context.hint(
        "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        f'Directive @{name} is applied to "{coordinate}" in {named(found for found, _ in uses)} with different arguments: '
        f"the supergraph uses {chosen}. Use the same arguments everywhere.",
        [(subgraph, use.node) for subgraph, use in uses],
    )
    return [Use(name, distinct[chosen].arguments, spec)]


def _is_repeatable(context: MergeContext, spec: str | None, name: str) -> bool:
    if spec == FEDERATION:
        return name in _REPEATABLE
    return any(found.definition.repeatable for found in context.composed.by_key.values() if found.name == name)


def _canonical(spec: str | None, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    argument = ACCESS_ARGUMENTS.get(name) if spec == FEDERATION else None
    return arguments if argument is None else _merge_groups(argument)([arguments])


def _merge_groups(argument: str) -> _MergeArguments:
    def merge(uses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return {argument: conjunction([groups(arguments.get(argument)) for arguments in uses])}

    return merge


_STRATEGIES: Mapping[str, tuple[_MergeArguments, str]] = {
    "requiresScopes": (_merge_groups("scopes"), "the conjunction"),
    "policy": (_merge_groups("policies"), "the conjunction"),
    "cost": (merge_cost, "the highest weight"),
    "listSize": (merge_list_size, "the largest size and all slicing arguments"),
}
