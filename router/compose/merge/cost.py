"""`@cost` and `@listSize` (cost specification v0.1): what several subgraphs estimate differently costs what the highest says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from router.compose.values import Number

__all__ = ["merge_cost", "merge_list_size"]


def merge_cost(uses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the arguments with the highest weight."""
    return {"weight": _largest([arguments.get("weight") for arguments in uses])}


def merge_list_size(uses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the largest assumed size, every slicing argument and sized field, and one slicing argument only if all demand it."""
    merged: dict[str, Any] = {}
    assumed = _largest([arguments.get("assumedSize") for arguments in uses])
    if assumed is not None:
        merged["assumedSize"] = assumed
    for name in ("slicingArguments", "sizedFields"):
        values = [value for arguments in uses for value in _list(arguments.get(name))]
        if values:
            merged[name] = list(dict.fromkeys(values))
    merged["requireOneSlicingArgument"] = all(arguments.get("requireOneSlicingArgument", True) is not False for arguments in uses)
    return merged


def _largest(values: Sequence[Any]) -> Any:
    numbers = [value for value in values if isinstance(value, Number)]
    return max(numbers, key=float) if numbers else None


def _list(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)
