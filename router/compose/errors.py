"""What composition says: errors that refuse the supergraph, and hints about what merges with loss.

The codes are those of the federation error catalogue, so that what is written about them elsewhere applies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["CompositionError", "CompositionHint", "SourceLocation"]


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A place in one subgraph's SDL; line and column count from 1."""

    subgraph: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class CompositionError:
    """One reason why the subgraphs do not compose. The message names subgraph, coordinate and remedy.

    `coordinates` are types and fields of the supergraph (`User`, `User.name`) that a finding about all subgraphs
    together is about.
    """

    code: str
    message: str
    locations: Sequence[SourceLocation] = ()
    coordinates: Sequence[str] = ()

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass(frozen=True, slots=True)
class CompositionHint:
    """Something that composes, but perhaps not as its author thinks; the rest as in `CompositionError`."""

    code: str
    message: str
    locations: Sequence[SourceLocation] = ()
    coordinates: Sequence[str] = ()

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
