"""How much work a check may take."""

from __future__ import annotations

__all__ = ["MAX_STEPS", "VISIT_STEPS", "Budget", "BudgetExceededError"]

# A step is a field looked at in one subgraph; a place of a walk takes VISIT_STEPS for each closure and field. A supergraph of
# 10 subgraphs and 1000 types takes some 400 000; a hostile one is given up after some 10 to 30 seconds.
MAX_STEPS = 8_000_000
VISIT_STEPS = 5


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
