"""What subscribing to plans entitles to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from subgraphs.subscription.domain.values import PlanSubscriptionStatus

__all__ = ["ENTITLING", "Balance", "Entitlement", "entitlement", "most_generous"]

# A failed renewal does not lock anybody out by itself: canceling or pausing does.
ENTITLING = (PlanSubscriptionStatus.TRIALING, PlanSubscriptionStatus.ACTIVE, PlanSubscriptionStatus.PAST_DUE)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """Whether a customer has a feature, and up to how much of it; None: without limit, where it is granted."""

    granted: bool
    limit: int | None


def entitlement(limits: Iterable[int | None]) -> Entitlement:
    """Return what several plans that include a feature come to, given the limit of each: the most generous one counts."""
    found = list(limits)
    if not found:
        return Entitlement(granted=False, limit=None)
    if None in found:
        return Entitlement(granted=True, limit=None)
    return Entitlement(granted=True, limit=max(limit for limit in found if limit is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What was used of a metered feature by one plan subscription in its period, of a limit; None: there is none.

    A `soft` limit tells, and does not keep from using. It begins anew at `resets_at`.
    """

    plan_subscription_id: str
    limit: int | None
    used: Decimal
    soft: bool
    resets_at: datetime

    @property
    def remaining(self) -> Decimal | None:
        """What is left of the limit, not below zero; None: there is no limit."""
        return None if self.limit is None else max(self.limit - self.used, Decimal(0))

    @property
    def over(self) -> Decimal:
        """What was used beyond the limit."""
        return Decimal(0) if self.limit is None else max(self.used - self.limit, Decimal(0))

    def exceeds(self, limit: int | None) -> bool:
        """Tell whether more is left of this one than can be of one with the limit, None: without any."""
        remaining = self.remaining
        return remaining is None or (limit is not None and (remaining > limit or (self.soft and remaining == limit)))

    def allows(self, amount: Decimal) -> bool:
        """Tell whether so much more can be used."""
        return self.limit is None or self.soft or self.used + amount <= self.limit


def most_generous(balances: Sequence[Balance]) -> Balance | None:
    """Return the balance that counts of several: one without limit, else the one with most left, a soft one among equals."""

    def generosity(balance: Balance) -> tuple[bool, Decimal, bool]:
        remaining = balance.remaining
        return remaining is None, remaining or Decimal(0), balance.soft

    return max(balances, key=generosity, default=None)
