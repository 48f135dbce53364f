"""Which positions were visited. One at which at least as much is answered as at a visited one needs no visit."""

from __future__ import annotations

from collections.abc import Iterable

from router.compose.satisfiability.positions import Position

__all__ = ["Visits"]

# How many positions of one type a new one is compared with. More would find few that the first ones, which are the nearest to
# the root, do not cover, and would make the time quadratic in hostile schemas.
MAX_COMPARED = 64


class Visits:
    """Positions, each with a value of the caller's."""

    def __init__(self) -> None:
        self._exact: dict[tuple[object, ...], int] = {}
        self._by_type: dict[str, list[tuple[Position, int]]] = {}

    def __len__(self) -> int:
        return len(self._exact)

    def add(self, position: Position, value: int) -> None:
        """Remember the position."""
        self._exact[position.identity] = value
        compared = self._by_type.setdefault(position.type_name, [])
        if len(compared) < MAX_COMPARED:
            compared.append((position, value))

    def find(self, position: Position) -> int | None:
        """Return the value of an equal position, or of one at which no more is answered; None when there is none."""
        exact = self._exact.get(position.identity)
        if exact is not None:
            return exact
        for other, value in self._by_type.get(position.type_name, ()):
            if position.is_at_least(other):
                return value
        return None

    def extend(self, positions: Iterable[Position]) -> None:
        """Remember positions that need no value."""
        for position in positions:
            self.add(position, 0)
