"""What discounts take off the charges of one bill: exact parts per charge, in a fixed order, never below zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from subgraphs.kit.domain.money import Money

__all__ = ["DiscountDuration", "Reduction", "in_order", "reduce_charges"]


class DiscountDuration(StrEnum):
    """For how many billing periods a discount is given: the next one, a number of them, or all."""

    ONCE = "ONCE"
    REPEATING = "REPEATING"
    FOREVER = "FOREVER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """`percent_off` of each charge (25 for 25 %), or `amount_off` of all of them; with `plan_ids` only of those plans."""

    percent_off: Decimal | None = None
    amount_off: Money | None = None
    plan_ids: tuple[str, ...] = ()

    def applies_to(self, plan_id: str) -> bool:
        """Tell whether charges of the plan are reduced."""
        return not self.plan_ids or plan_id in self.plan_ids

    def __str__(self) -> str:
        if self.percent_off is not None:
            return f"{self.percent_off.normalize():f} %"
        return str(self.amount_off)


def in_order(reductions: Sequence[Reduction]) -> list[int]:
    """Return the indexes of the reductions in the order in which they apply: those of some plans first, then as given."""
    return sorted(range(len(reductions)), key=lambda index: not reductions[index].plan_ids)


def reduce_charges(charges: Sequence[tuple[str, Money]], reductions: Sequence[Reduction]) -> list[list[Money]]:
    """Return, per charge (its plan and amount) and reduction in the order given, what the reduction takes off it.

    Each sees what those before it left: twice 10 % is 19 %. A percentage is rounded once per charge, half away from zero. An
    amount is split over the charges in proportion to what is left of them, by largest remainder, so that the parts add up to it;
    what is more than they come to is lost. Charges of zero or below stay as they are.
    """
    left = [amount for _, amount in charges]
    taken: list[list[Money]] = [[] for _ in charges]
    for reduction in reductions:
        parts = _parts([(plan_id, rest) for (plan_id, _), rest in zip(charges, left, strict=True)], reduction)
        for index, part in enumerate(parts):
            taken[index].append(part)
            left[index] -= part
    return taken


def _parts(charges: Sequence[tuple[str, Money]], reduction: Reduction) -> list[Money]:
    open_ = [amount if reduction.applies_to(plan_id) and amount.minor_units > 0 else None for plan_id, amount in charges]
    nothing = [Money.zero(amount.currency) for _, amount in charges]
    if reduction.percent_off is not None:
        factor = reduction.percent_off / 100
        return [zero if amount is None else amount.times(factor) for amount, zero in zip(open_, nothing, strict=True)]
    weights = [0 if amount is None else amount.minor_units for amount in open_]
    if reduction.amount_off is None or not sum(weights):
        return nothing
    off = min(reduction.amount_off, Money(sum(weights), reduction.amount_off.currency))
    return off.allocate(weights)
