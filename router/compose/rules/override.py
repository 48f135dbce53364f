"""The OVERRIDE_ codes: what `@override` can take over, from whom, and how its label is written (Federation 2.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from router.compose.definitions import Field, TypeDefinition, TypeKind, Use
from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph, locations

__all__ = ["override"]

_LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9_\-:./]*")
# 0 to 100 with up to eight decimals.
_PERCENT = re.compile(r"percent\((\d{1,2}(\.\d{1,8})?|100)\)")


def override(subgraphs: Sequence[Subgraph]) -> Iterator[CompositionError]:
    """Refuse overrides that have no effect, or no effect that is defined."""
    for subgraph in subgraphs:
        for type_ in subgraph.types.values():
            for field in type_.fields.values():
                for use in field.uses_of("override"):
                    for code, complaint in _complaints(subgraphs, subgraph, type_, field, use):
                        message = f"[{subgraph.name}] @override on {field.coordinate}: {complaint}."
                        yield CompositionError(code, message, locations(subgraph, use.node))


def _complaints(
    subgraphs: Sequence[Subgraph], subgraph: Subgraph, type_: TypeDefinition, field: Field, use: Use
) -> Iterator[tuple[str, str]]:
    if type_.kind is TypeKind.INTERFACE:
        yield (
            "OVERRIDE_ON_INTERFACE",
            "fields of interfaces are resolved by the types behind them; put it on the fields of those types",
        )
        return
    origin = use.arguments.get("from")
    if origin == subgraph.name:
        yield "OVERRIDE_FROM_SELF_ERROR", f"{origin} is this subgraph itself; name the one that the field is taken over from"
        return
    label = use.arguments.get("label")
    if label is not None and not (_LABEL.fullmatch(str(label)) or _PERCENT.fullmatch(str(label))):
        yield (
            "OVERRIDE_LABEL_INVALID",
            f'the label "{label}" is neither a letter followed by letters, digits and _-:./ nor percent(x) with x from 0 to 100 '
            "and at most eight decimals",
        )
    if type_.is_interface_object:
        complaint = f"{type_.name} is an @interfaceObject, whose fields cannot be taken over; remove one of the two directives"
        yield "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", complaint
    elif field.external:
        yield "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", "the field is @external, so that this subgraph does not resolve it"
    else:
        source = next((other for other in subgraphs if other.name == origin), None)
        if source is not None:
            yield from _source_complaints(source, type_.name, field.name)


def _source_complaints(source: Subgraph, type_name: str, field_name: str) -> Iterator[tuple[str, str]]:
    overridden = source.types[type_name].fields.get(field_name) if type_name in source.types else None
    if overridden is None:
        return
    if overridden.uses_of("override"):
        complaint = f"the field is @override in {source.name} too; only one of the subgraphs can take it over"
        yield "OVERRIDE_SOURCE_HAS_OVERRIDE", complaint
        return
    for directive in ("requires", "provides"):
        if overridden.uses_of(directive):
            complaint = f"in {source.name}, from which it is taken over, the field has @{directive}; remove that first"
            yield "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", complaint
