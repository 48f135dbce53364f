"""Constant values of SDL as plain Python values, and back to text."""

from __future__ import annotations

import json
from collections.abc import Mapping
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

__all__ = ["EnumName", "Number", "print_value", "read_value"]


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
