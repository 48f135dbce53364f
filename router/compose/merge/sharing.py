"""Whether a field may be resolved by several subgraphs (`@shareable`)."""

from __future__ import annotations

from router.compose.definitions import Field
from router.compose.merge.context import MergeContext, Sources, named
from router.compose.subgraph import Subgraph

__all__ = ["check_sharing"]


def check_sharing(context: MergeContext, coordinate: str, resolving: Sources[Field]) -> None:
    """Refuse a field that several subgraphs resolve, unless all of them declare that they give the same value.

    `resolving` has the fields of interface objects too, which resolve the field for every implementing type.
    """
    if coordinate.startswith("Subscription."):
        _check_unshared(context, coordinate, resolving)
    if len(resolving) < 2:
        return
    unshared = [(subgraph, found) for subgraph, found in resolving if not _is_shareable(context, subgraph, found)]
    if not unshared:
        return
    where = ", ".join(_where(subgraph, found, coordinate) for subgraph, found in resolving)
    context.error(
        "INVALID_FIELD_SHARING",
        f'Non-shareable field "{coordinate}" is resolved from multiple subgraphs: it is resolved from {where}, and defined '
        f"as non-shareable in {named(subgraph for subgraph, _ in unshared)}. Mark it @shareable there if all subgraphs give the "
        "same value, or leave it to one subgraph.",
        [(subgraph, found.node) for subgraph, found in resolving],
    )


def _check_unshared(context: MergeContext, coordinate: str, sources: Sources[Field]) -> None:
    """Events come from one subgraph: who would choose between several?"""
    sharing = [(subgraph, found) for subgraph, found in sources if found.shareable]
    if sharing:
        context.error(
            "INVALID_FIELD_SHARING",
            f'Subscription field "{coordinate}" is marked @shareable in {named(subgraph for subgraph, _ in sharing)}: '
            "fields of the subscription type cannot be shared. Remove @shareable, and leave the field to one subgraph.",
            [(subgraph, found.node) for subgraph, found in sharing],
        )


def _is_shareable(context: MergeContext, subgraph: Subgraph, field: Field) -> bool:
    """What a subgraph only provides, or names in a key, is the same everywhere without saying."""
    return field.shareable or field.external or field.coordinate in context.key_fields(subgraph)


def _where(subgraph: Subgraph, field: Field, coordinate: str) -> str:
    text = f'subgraph "{subgraph.name}"'
    return text if field.coordinate == coordinate else f'{text} (through @interfaceObject field "{field.coordinate}")'
