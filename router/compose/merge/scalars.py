"""Scalar types."""

from __future__ import annotations

from router.compose.definitions import TypeDefinition, TypeKind
from router.compose.merge.applied_directives import merge_uses
from router.compose.merge.context import MergeContext, Sources
from router.compose.merge.descriptions import merge_description
from router.compose.merge.join_types import join_types

__all__ = ["merge_scalar"]


def merge_scalar(context: MergeContext, name: str, sources: Sources[TypeDefinition]) -> TypeDefinition:
    """Return the scalar."""
    return TypeDefinition(
        name=name,
        coordinate=name,
        description=merge_description(context, name, sources),
        uses=(*join_types(sources), *merge_uses(context, name, sources)),
        node=None,
        kind=TypeKind.SCALAR,
    )
