"""What subscribing to plans entitles to."""

from collections.abc import Iterable
from dataclasses import dataclass

from subgraphs.subscription.domain.values import PlanSubscriptionStatus

__all__ = ["ENTITLING", "Entitlement", "entitlement"]

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
