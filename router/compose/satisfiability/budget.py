"""How much work a check may take."""

from __future__ import annotations

__all__ = ["MAX_STEPS", "Budget", "BudgetExceededError"]

# Fields looked at, times the closures that they are looked at from. A supergraph of 10 subgraphs and 1000 types takes some
# 20 000; this many take under half a minute.
MAX_STEPS = 2_000_000


class BudgetExceededError(Exception):
    """The steps are spent."""


class Budget:
    """Counts steps."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self._left = self.steps = steps

    def spend(self, steps: int) -> None:
        """Take steps.

        Raises:
            BudgetExceededError: there are not as many left.
        """
        self._left -= steps
        if self._left < 0:
            raise BudgetExceededError(f"more than {self.steps} steps")
