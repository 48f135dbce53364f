"""What was billed in advance and can be given back, and by which invoices: pure, the same for a preview as for an end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.events import AdjustmentsBilled, BillCredited, BillingPeriodOpened, BillUnpaid
from subgraphs.subscription.domain.values import CreditPart

__all__ = ["CreditableBill", "credit_parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditableBill:
    """The bill of a period that began at `since`, or of changes within it, which took `carried_minor` of kept credit off.

    `credited` took something back of it, `unpaid` is how much of it nobody paid. Amounts are before taxes on top.
    """

    billed: BillingPeriodOpened | AdjustmentsBilled
    since: datetime
    carried_minor: int = 0
    credited: tuple[BillCredited, ...] = ()
    unpaid: BillUnpaid | None = None

    @property
    def period_number(self) -> int | None:
        """The period that it bills; None: it bills changes."""
        return self.billed.number if isinstance(self.billed, BillingPeriodOpened) else None

    @property
    def adjustments_number(self) -> int | None:
        """Its number among the bills of changes; None: it bills a period."""
        return self.billed.number if isinstance(self.billed, AdjustmentsBilled) else None

    def is_named(self, period_number: int | None, adjustments_number: int | None) -> bool:
        """Tell whether it is the bill of that period or, by its number, of adjustments."""
        return (self.period_number, self.adjustments_number) == (period_number, adjustments_number)

    def with_change(self, change: BillCredited | BillUnpaid) -> "CreditableBill":
        """Return it with what else was taken back of it, or is known not to be paid."""
        if isinstance(change, BillCredited):
            return replace(self, credited=(*self.credited, change))
        return replace(self, unpaid=change if change.unpaid_minor else None)

    @property
    def left_minor(self) -> int:
        """What can still be given back of it: what it came to, but for what was used and fees, less what was taken back."""
        bill = bill_of(self.billed)
        assert bill is not None  # noqa: S101  both kinds of events are billed
        whole = bill.total.minor_units
        changes = sum(max(one.amount_minor, 0) for one in self.billed.adjustments if one.elapsed_minor is None)
        in_advance = self._items_minor + changes
        whole -= self._unpaid_of(whole) + sum(one.amount_minor for one in self.credited)
        in_advance -= self._unpaid_of(in_advance) + sum(one.in_advance_minor for one in self.credited)
        return max(min(whole, in_advance), 0)

    @property
    def granted_minor(self) -> int:
        """What it billed for time of the period that began at `since`, credits for it taken off, whatever was taken back."""
        if isinstance(self.billed, BillingPeriodOpened):
            return self._items_minor
        changes = sum(one.amount_minor for one in self.billed.adjustments if one.elapsed_minor is None)
        return changes - self.carried_minor

    @property
    def taken_back_minor(self) -> int:
        """What was taken back, or is not paid, of what it billed for time."""
        return sum(one.in_advance_minor for one in self.credited) + self._unpaid_of(max(self.granted_minor, 0))

    @property
    def _items_minor(self) -> int:
        bill = bill_of(self.billed)
        if bill is None or not isinstance(self.billed, BillingPeriodOpened):
            return 0
        lines = zip(self.billed.billed, bill.lines, strict=False)  # the lines of items come first
        return sum(line.amount.minor_units for one, line in lines if one.period is None)

    def _unpaid_of(self, amount_minor: int) -> int:
        """Return how much of the amount is not paid, rounded up."""
        if self.unpaid is None or self.unpaid.total_minor <= 0:
            return 0
        return -(-amount_minor * min(self.unpaid.unpaid_minor, self.unpaid.total_minor) // self.unpaid.total_minor)


def credit_parts(amount_minor: int, bills: Sequence[CreditableBill], running: datetime, at: datetime) -> tuple[CreditPart, ...]:
    """Return of which bills `amount_minor` is given back, the newest first, each up to what it has left; they are oldest first.

    Of those since `running` it is what they billed of the time after `at`, of those before what they billed in advance. What all
    of them cannot give is not given back: it was never billed, or was given back before.
    """
    found = []
    for bill in reversed(bills):
        part = min(amount_minor, bill.left_minor)
        if part > 0:
            found.append(
                CreditPart(
                    amount_minor=part,
                    after=at if bill.since == running else bill.since,
                    period_number=bill.period_number,
                    adjustments_number=bill.adjustments_number,
                )
            )
            amount_minor -= part
    return tuple(found)
