"""Enums that several subgraphs have in their schemas."""

from enum import EnumMeta

import strawberry
from strawberry.types.enum import has_enum_definition

__all__ = ["shared_enum"]


def shared_enum(enum: EnumMeta, *, description: str) -> None:
    """Give the enum its name in the API; again, nothing happens: one process may hold the schemas of several subgraphs."""
    if not has_enum_definition(enum):
        strawberry.enum(enum, description=description)
