"""Generates the function that reads the values by which representations of one type differ."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Final, Protocol, cast

from router.execute.response_tree import Object

__all__ = ["MISSING", "KeyFunction", "compile_key"]


class _Missing:
    """A required value that the response tree does not have."""


MISSING: Final = _Missing()

# Equal values of these classes are the same in JSON: 1, 1.0 and true are not, though Python takes them for equal.
PLAIN = frozenset({str, int, type(None)})


class KeyFunction(Protocol):
    """Returns a key that objects of one representation have in common, or None where values have to be compared as JSON.

    The objects have a `__typename`.
    """

    def __call__(self, value: Object) -> Hashable: ...


def compile_key(names: Sequence[str]) -> KeyFunction:
    """Return the function for the required fields of a type.

    For `upc` and `price`:

        def key(value):
            v0 = value.get('upc', missing)
            v1 = value.get('price', missing)
            if v0.__class__ in plain and v1.__class__ in plain: return (value['__typename'], v0, v1)
            return None
    """
    names = [name for name in names if name != "__typename"]
    if not names:
        return lambda value: (value["__typename"],)
    lines = ["def key(value):", *(f" v{index} = value.get({name!r}, missing)" for index, name in enumerate(names))]
    checks = " and ".join(f"v{index}.__class__ in plain" for index in range(len(names)))
    values = ", ".join(f"v{index}" for index in range(len(names)))
    lines += [f" if {checks}: return (value['__typename'], {values})", " return None"]
    scope: dict[str, Any] = {"missing": MISSING, "plain": PLAIN}
    # The names are GraphQL names, and quoted.
    exec("\n".join(lines), scope)  # noqa: S102
    return cast(KeyFunction, scope["key"])
