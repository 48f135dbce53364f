"""What was billed in advance and can be given back, and by which invoices: pure, the same for a preview as for an end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.events import AdjustmentsBilled, BillingPeriodOpened
from subgraphs.subscription.domain.values import CreditPart

__all__ = ["CreditableBill", "credit_parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditableBill:
    """The bill of a period that began at `since`, or of changes within it."""

    billed: BillingPeriodOpened | AdjustmentsBilled
    since: datetime

    @property
    def period_number(self) -> int | None:
        """The period that it bills; None: it bills changes."""
        return self.billed.number if isinstance(self.billed, BillingPeriodOpened) else None

    @property
    def adjustments_number(self) -> int | None:
        """Its number among the bills of changes; None: it bills a period."""
        return self.billed.number if isinstance(self.billed, AdjustmentsBilled) else None

    @property
    def left_minor(self) -> int:
        """What can be given back of it, before taxes on top: what it came to, but for what was used and fees."""
        bill = bill_of(self.billed)
        assert bill is not None  # noqa: S101  both kinds of events are billed
        in_advance = sum(max(one.amount_minor, 0) for one in self.billed.adjustments if one.elapsed_minor is None)
        if isinstance(self.billed, BillingPeriodOpened):
            lines = zip(self.billed.billed, bill.lines, strict=False)
            in_advance += sum(line.amount.minor_units for one, line in lines if one.period is None)
        return max(min(bill.total.minor_units, in_advance), 0)


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
