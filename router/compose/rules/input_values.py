"""Whether a constant is a value of an input type of one subgraph (GraphQL specification, section 3, "Input Coercion")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from router.compose.definitions import TypeKind
from router.compose.subgraph import Subgraph
from router.compose.values import EnumName, Number, print_value

__all__ = ["value_complaint"]


def value_complaint(subgraph: Subgraph, type_text: str, value: Any) -> str | None:
    """Return why the value (of `values.read_value`) is none of the type, such as "is 1, which is no String"; None when it is."""
    if type_text.endswith("!"):
        if value is None:
            return f"is null, but {type_text} is wanted"
        return value_complaint(subgraph, type_text[:-1], value)
    if value is None:
        return None
    if type_text.startswith("["):
        # A single value stands for a list of one.
        items = value if isinstance(value, list) else [value]
        return next((text for item in items if (text := value_complaint(subgraph, type_text[1:-1], item)) is not None), None)
    if _fits(subgraph, type_text, value):
        return None
    return f"is {print_value(value)}, which is no {type_text}"


def _fits(subgraph: Subgraph, name: str, value: Any) -> bool:
    number = isinstance(value, Number)
    string = type(value) is str
    specified = {
        "Int": number and not set(value) & set(".eE"),
        "Float": number,
        "String": string,
        "Boolean": isinstance(value, bool),
        "ID": string or (number and not set(value) & set(".eE")),
    }
    if name in specified:
        return specified[name]
    type_ = subgraph.types.get(name)
    if type_ is None or type_.kind is TypeKind.SCALAR:
        return True
    if type_.kind is TypeKind.ENUM:
        return isinstance(value, EnumName) and value in type_.values
    if not isinstance(value, Mapping):
        return False
    fields = type_.input_fields
    known = all(key in fields for key in value)
    complete = all(key in value for key, field in fields.items() if field.required)
    return known and complete and all(value_complaint(subgraph, fields[key].type, item) is None for key, item in value.items())
