"""Enums of the API with a description for each value, which a `StrEnum` of the domain cannot hold."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry
from strawberry.types.enum import has_enum_definition

__all__ = ["described_enum", "shared_enum"]

E = TypeVar("E", bound=type[Enum])


def described_enum(enum: E, values: Mapping[str, str], *, description: str, name: str | None = None) -> E:
    """Make an enum one of the API, called `name` or as it is; `values` says what each of its names means.

    Raises:
        ValueError: a name has no description, or one is described that there is not.
    """
    if set(values) != set(enum.__members__):
        raise ValueError(f"described are {sorted(values)}, the names of {enum.__name__} are {sorted(enum.__members__)}")
    strawberry.enum(enum, name=name, description=description)
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]
    return enum


def shared_enum(enum: type[Enum], values: Mapping[str, str], *, description: str) -> None:
    """Make an enum of several subgraphs one of the API; again, nothing happens: one process may hold the schemas of several."""
    if not has_enum_definition(enum):
        described_enum(enum, values, description=description)
