"""What composition takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from router.compose.errors import CompositionError, CompositionHint

__all__ = ["CompositionResult", "SubgraphSource"]


@dataclass(frozen=True, slots=True)
class SubgraphSource:
    """One subgraph as it is handed in: its name, the URL that the router sends requests to, and its SDL."""

    name: str
    url: str
    sdl: str


@dataclass(frozen=True, slots=True)
class CompositionResult:
    """The supergraph SDL, or the reasons why there is none. Both lists are in a stable order."""

    supergraph: str | None
    errors: Sequence[CompositionError] = ()
    hints: Sequence[CompositionHint] = ()
