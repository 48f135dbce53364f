"""Monthly recurring revenue (MRR): what a subscription comes to per month by its prices, and how that moves. Pure.

    MRR = (Σ items' amounts of a whole billing period − discounts) × periods per year / 12

in whole minor units, rounded once per subscription, half away from zero. A movement is a difference of two rounded MRRs, so that
movements add up to the MRR exactly, whatever was rounded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.money import Money, total
from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.discounts import net_amounts
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus

__all__ = ["MOVING_EVENTS", "MrrMovement", "MrrMovementKind", "MrrMovementReason", "mrr", "mrr_movements", "per_month"]

_PAYING = {PlanSubscriptionStatus.ACTIVE, PlanSubscriptionStatus.PAST_DUE}
_PERIODS_PER_YEAR = {IntervalUnit.YEAR: 1, IntervalUnit.MONTH: 12, IntervalUnit.WEEK: 52, IntervalUnit.DAY: 365}


class MrrMovementKind(StrEnum):
    """NEW: from nothing for the first time. REACTIVATION: from nothing again. CHURN: to nothing."""

    NEW = "NEW"
    EXPANSION = "EXPANSION"
    CONTRACTION = "CONTRACTION"
    CHURN = "CHURN"
    REACTIVATION = "REACTIVATION"


class MrrMovementReason(StrEnum):
    """What happened to the subscription."""

    ACTIVATED = "ACTIVATED"
    TRIAL_ENDED = "TRIAL_ENDED"
    CHANGED = "CHANGED"
    PERIOD_OPENED = "PERIOD_OPENED"
    PAUSED = "PAUSED"
    RESUMED = "RESUMED"
    UNPAID = "UNPAID"
    CANCELED = "CANCELED"


_REASONS: dict[type[Event], MrrMovementReason] = {
    events.PlanSubscriptionActivated: MrrMovementReason.ACTIVATED,
    events.BillingPeriodPaid: MrrMovementReason.ACTIVATED,
    events.TrialEnded: MrrMovementReason.TRIAL_ENDED,
    events.PlanSubscriptionChanged: MrrMovementReason.CHANGED,
    events.BillingPeriodOpened: MrrMovementReason.PERIOD_OPENED,
    events.PlanSubscriptionPaused: MrrMovementReason.PAUSED,
    events.PlanSubscriptionResumed: MrrMovementReason.RESUMED,
    events.PlanSubscriptionUnpaid: MrrMovementReason.UNPAID,
    events.PlanSubscriptionCanceled: MrrMovementReason.CANCELED,
    events.PlanSubscriptionExpired: MrrMovementReason.CANCELED,
}

MOVING_EVENTS = frozenset(event.__name__ for event in _REASONS)
"""The types of events after which an MRR can be another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MrrMovement:
    """One commit's change of a subscription's MRR, at its business time. `plan_id` is the plan after it."""

    version: int
    at: datetime
    kind: MrrMovementKind
    reason: MrrMovementReason
    before: Money
    after: Money
    plan_id: str

    @property
    def amount(self) -> Money:
        """The difference: negative for CONTRACTION and CHURN."""
        return self.after - self.before


def mrr(subscription: PlanSubscription) -> Money:
    """Return the subscription's MRR in the state it is in: nothing unless it is ACTIVE or PAST_DUE.

    Usage counts as nothing, whatever was used. Discounts count as the current period is billed with them, except those of a
    single period.
    """
    terms = subscription.terms
    if subscription.status not in _PAYING:
        return Money.zero(terms.price.currency)
    recurring = [discount for discount in subscription.billed_discounts if discount.periods != 1]
    per_period = total(net_amounts(terms.items, recurring), terms.price.currency)
    return per_month(per_period, terms.price.interval)


def per_month(amount: Money, interval: Interval) -> Money:
    """Return what `amount` per interval is per month: a year has 12 months, 52 weeks, 365 days; rounded half away from zero."""
    return amount.share(_PERIODS_PER_YEAR[interval.unit], 12 * interval.count)


def mrr_movements(
    id: str, tenant: str, commits: Iterable[tuple[datetime, Sequence[Event]]]
) -> tuple[PlanSubscription, list[MrrMovement]]:
    """Return the subscription after `commits`, oldest first, each with its business time, and the movement of each that has one.

    A movement is never before the one it follows: business time that goes back within a stream is taken for the latest so far.
    """
    subscription, found = PlanSubscription(id, tenant), list[MrrMovement]()
    latest: datetime | None = None
    before: Money | None = None
    for version, (at, happened) in enumerate(commits, 1):
        latest = at if latest is None else max(latest, at)
        reason: MrrMovementReason | None = None
        current = before
        for event in happened:
            subscription.apply(event)
            previous, current = current, mrr(subscription)
            if reason is None and current != (previous or current - current):
                reason = _REASONS.get(type(event), MrrMovementReason.CHANGED)
        if current is None:
            continue
        before = before or current - current  # nothing before the first commit, which may begin with what is paid for already
        if reason is not None and current != before:
            kind = _kind(before, current, found)
            plan_id = subscription.terms.price.plan_id
            found.append(
                MrrMovement(version=version, at=latest, kind=kind, reason=reason, before=before, after=current, plan_id=plan_id)
            )
        before = current
    return subscription, found


def _kind(before: Money, after: Money, earlier: Sequence[MrrMovement]) -> MrrMovementKind:
    if not before:
        return MrrMovementKind.REACTIVATION if earlier else MrrMovementKind.NEW
    if not after:
        return MrrMovementKind.CHURN
    return MrrMovementKind.EXPANSION if before < after else MrrMovementKind.CONTRACTION
