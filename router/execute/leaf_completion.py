"""Completers of leaf values and of lists (GraphQL section 6.4.3; result coercion of the built-in scalars: section 3.5).

A subgraph has coerced its results already. What is checked here keeps a broken subgraph from breaking the promises of the
API schema, and keeps enum values that clients must not see from them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLEnumType

from router.execute.completion import Completer, LinkedPath, Run

__all__ = ["ANYTHING", "LARGEST_INT", "LEAVES", "SMALLEST_INT", "EnumCompleter", "ListCompleter", "NoPlainClass"]


# The bounds of `Int` (GraphQL section 3.5.1): integers beyond them are of the class `int`, but no value of the scalar.
SMALLEST_INT, LARGEST_INT = -(2**31), 2**31 - 1


class NoPlainClass:
    """No JSON value is of this class: every value goes through the completer."""


class _Anything:
    """Custom scalars: their subgraphs say what they are."""

    def complete(self, value: Any, path: LinkedPath, key: str | int, run: Run) -> Any:
        """See `Completer`."""
        return value


ANYTHING = _Anything()


class EnumCompleter:
    """Enums: the values of the API schema."""

    def __init__(self, type_: GraphQLEnumType) -> None:
        self._name = type_.name
        self._values = frozenset(type_.values)

    def complete(self, value: Any, path: LinkedPath, key: str | int, run: Run) -> str | None:
        """See `Completer`."""
        if isinstance(value, str) and value in self._values:
            return value
        # The value itself may be one that clients must not know of.
        run.refuse(f"The subgraph's value is not a value of the enum {self._name}.", (path, key))
        return None


class LeafCompleter:
    """A built-in scalar; `convert` returns None for a value that the scalar does not have."""

    def __init__(self, name: str, plain: type, convert: Callable[[Any], Any]) -> None:
        self.plain = plain
        self._name = name
        self._convert = convert

    def complete(self, value: Any, path: LinkedPath, key: str | int, run: Run) -> Any:
        """See `Completer`."""
        converted = self._convert(value)
        if converted is None:
            run.refuse(f"The subgraph's value is not a value of the scalar {self._name}.", (path, key))
        return converted


def _never(value: Any) -> None:
    return None


def _id(value: Any) -> str | None:
    return str(value) if value.__class__ is int else None


def _int(value: Any) -> int | None:
    if value.__class__ is float and value.is_integer():
        value = int(value)
    return value if value.__class__ is int and SMALLEST_INT <= value <= LARGEST_INT else None


def _float(value: Any) -> int | None:
    return value if value.__class__ is int else None


LEAVES = {
    "String": LeafCompleter("String", str, _never),
    "ID": LeafCompleter("ID", str, _id),
    "Int": LeafCompleter("Int", int, _int),
    "Float": LeafCompleter("Float", float, _float),
    "Boolean": LeafCompleter("Boolean", bool, _never),
}


class ListCompleter:
    """Completes the items of lists."""

    def __init__(self, item: Completer, plain: type, non_null: bool) -> None:
        self._item = item
        self._plain = plain
        self._non_null = non_null

    def complete(self, value: Any, path: LinkedPath, key: str | int, run: Run) -> list[Any] | None:
        """See `Completer`."""
        here: LinkedPath = (path, key)
        if value.__class__ is not list:
            run.refuse("Expected a list.", here)
            return None
        plain: Any = self._plain
        non_null, complete = self._non_null, self._item.complete
        bounded = plain is int
        # Objects of one type, none of them in two places, need nothing but their fields.
        direct = None if run.shared else getattr(self._item, "direct", None)
        items = []
        for index, item in enumerate(value):
            if item.__class__ is plain and (not bounded or SMALLEST_INT <= item <= LARGEST_INT):
                items.append(item)
                continue
            if direct is not None and item.__class__ is dict:
                completed = direct(item, here, index, run)
            elif item is not None:
                completed = complete(item, here, index, run)
            else:
                completed = None
                if non_null:
                    run.refuse("Cannot return null for a non-nullable list item.", (here, index))
            if completed is None and non_null:
                return None
            items.append(completed)
        return items
