"""The LIST_SIZE_ codes: `@listSize` as the cost specification v0.1 has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from router.compose.definitions import Field, Use
from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph, locations

__all__ = ["list_size"]


def list_size(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse list sizes that speak of no list, no argument, no field, or a negative number."""
    for type_ in subgraph.types.values():
        for field in type_.fields.values():
            for use in field.uses_of("listSize"):
                for code, complaint in _complaints(subgraph, field, use):
                    message = f"[{subgraph.name}] @listSize on {field.coordinate}: {complaint}."
                    yield CompositionError(code, message, locations(subgraph, use.node))


def _complaints(subgraph: Subgraph, field: Field, use: Use) -> Iterator[tuple[str, str]]:
    sized_fields = _strings(use.arguments.get("sizedFields"))
    if not sized_fields and not _is_list(field.type):
        yield (
            "LIST_SIZE_APPLIED_TO_NON_LIST",
            f"{field.type} is no list; name the list fields of {field.type_name} in sizedFields, or remove the directive",
        )
    assumed = use.arguments.get("assumedSize")
    if assumed is not None and str(assumed).startswith("-"):
        yield "LIST_SIZE_INVALID_ASSUMED_SIZE", f"assumedSize is {assumed}; it cannot be negative"
    for name in _strings(use.arguments.get("slicingArguments")):
        argument = field.arguments.get(name)
        if argument is None:
            yield "LIST_SIZE_INVALID_SLICING_ARGUMENT", f"slicingArguments names {name}, which is no argument of the field"
        elif argument.type not in {"Int", "Int!"}:
            complaint = f"slicingArguments names {name}, which is of type {argument.type}; slicing arguments are Int"
            yield "LIST_SIZE_INVALID_SLICING_ARGUMENT", complaint
    yield from _sized_field_complaints(subgraph, field, sized_fields)


def _sized_field_complaints(subgraph: Subgraph, field: Field, names: list[str]) -> Iterator[tuple[str, str]]:
    holder = subgraph.types.get(field.type_name)
    if names and (holder is None or not holder.is_composite):
        complaint = f"{field.type_name} has no fields for sizedFields to name; remove sizedFields"
        yield "LIST_SIZE_INVALID_SIZED_FIELD", complaint
        return
    for name in names:
        sized = holder.fields.get(name) if holder is not None else None
        if sized is None:
            yield "LIST_SIZE_INVALID_SIZED_FIELD", f"sizedFields names {name}, which is no field of {field.type_name}"
        elif not _is_list(sized.type):
            complaint = f"sizedFields names {name}, but {sized.coordinate} is of type {sized.type}, which is no list"
            yield "LIST_SIZE_APPLIED_TO_NON_LIST", complaint


def _is_list(type_text: str) -> bool:
    return type_text.startswith("[")


def _strings(value: Any) -> list[str]:
    if value is None:
        return []
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
