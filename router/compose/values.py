"""Constant values of SDL as plain Python values, and back to text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from graphql import (
    BooleanValueNode,
    ConstListValueNode,
    ConstObjectValueNode,
    ConstValueNode,
    EnumValueNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    StringValueNode,
)

__all__ = ["EnumName", "Number", "canonical_text", "print_value", "read_value"]

# Integers below have one text; larger ones, which no number type of GraphQL holds, are written with an exponent.
_EXACT = 10**18


class EnumName(str):
    """An enum value, which unlike a string is printed without quotes."""

    __slots__ = ()


class Number(str):
    """A number as written, so that no digit is lost."""

    __slots__ = ()


def read_value(node: ConstValueNode) -> Any:
    """Return the value: str, bool, None, list, dict, `EnumName` or `Number`."""
    if isinstance(node, StringValueNode):
        return node.value
    if isinstance(node, BooleanValueNode):
        return node.value
    if isinstance(node, EnumValueNode):
        return EnumName(node.value)
    if isinstance(node, (IntValueNode, FloatValueNode)):
        return Number(node.value)
    if isinstance(node, (ConstListValueNode, ListValueNode)):
        return [read_value(item) for item in node.values]
    if isinstance(node, (ConstObjectValueNode, ObjectValueNode)):
        return {field.name.value: read_value(field.value) for field in node.fields}
    return None


def canonical_text(value: Any) -> str:
    """Return a text that two values share when they are equal: whatever the order of object fields, and 1 is 1.0."""
    if isinstance(value, Number):
        number = Decimal(value)
        return str(int(number)) if number == number.to_integral_value() and abs(number) < _EXACT else str(number.normalize())
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {canonical_text(item)}" for name, item in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(canonical_text, value)) + "]"
    return print_value(value)


def print_value(value: Any) -> str:
    """Return the value as GraphQL text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (EnumName, Number)):
        return str(value)
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {print_value(item)}" for name, item in value.items()) + "}"
    return "[" + ", ".join(print_value(item) for item in value) + "]"
