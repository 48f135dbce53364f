"""What completers share: one completer per position of the operation turns a subgraph's value into the client's.

A completer returns None where the value becomes null; whoever has a non-null type then becomes null itself. Paths are
linked pairs (path of the parent, key), written out only for an error.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

from router.execute.errors import ErrorList
from router.execute.response_tree import Object, Path

__all__ = ["Completer", "LinkedPath", "Run"]

INVALID_VALUE_CODE = "INVALID_SUBGRAPH_VALUE"

LinkedPath: TypeAlias = "tuple[LinkedPath, str | int] | None"


class Run:
    """One projection: its errors, and what is already projected of objects that the tree has in several places."""

    __slots__ = ("anomalies", "errors", "projected", "shared")

    def __init__(self, errors: ErrorList, shared: bool) -> None:
        self.errors = errors
        self.shared = shared
        self.projected: dict[tuple[int, int], Object] = {}
        self.anomalies = 0

    def refuse(self, message: str, path: LinkedPath) -> None:
        """Report a value that becomes null, unless a known error explains it."""
        self.anomalies += 1
        written = _written(path)
        if not self.errors.explains(written):
            self.errors.add(message, written, {"code": INVALID_VALUE_CODE})


class Completer(Protocol):
    """Completes values that are neither null nor of the Python class that needs no completion."""

    def complete(self, value: Any, path: LinkedPath, key: str | int, run: Run) -> Any:
        """Return the client's value, or None; `path` is the parent's, `key` the value's in the parent."""
        ...


def _written(path: LinkedPath) -> Path:
    keys: list[str | int] = []
    while path is not None:
        path, key = path
        keys.append(key)
    return tuple(reversed(keys))
