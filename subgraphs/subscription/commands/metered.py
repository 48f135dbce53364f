"""What was used of metered prices, for whatever bills it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange, NotReady
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.rating import Quantity
from subgraphs.pricing.usage import Aggregation, share_of_level
from subgraphs.subscription.commands.record_usage import KnownMeters, Usage
from subgraphs.subscription.domain.plan_subscription import PlanSubscription, Used
from subgraphs.subscription.domain.values import UsageWanted
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["Metered", "update_with_usage"]

# A subscription that is changed between two looks is looked at again.
ATTEMPTS = 5
# Usage is stored to the millisecond.
_INSTANT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Metered:
    """Usage and what counts it."""

    usage: Usage
    meters: KnownMeters

    async def used(self, tenant: str, plan_subscription_id: str, wanted: Sequence[UsageWanted]) -> Used:
        """Return what was used of each price in each period.

        Raises:
            NotReady: a meter is not known yet.
        """
        found: dict[tuple[str, Period], Quantity] = {}
        for one in wanted:
            meter = await self.meters.meter(tenant, one.meter_id)
            if meter is None or meter.aggregation is None:
                raise NotReady(f"meter {one.meter_id!r} has not arrived")
            of_level = meter.aggregation is Aggregation.WEIGHTED_SUM  # one that changes at the end has lasted for nothing
            period = Period(one.period.start, one.period.end + _INSTANT) if one.with_end and not of_level else one.period
            if one.transactions_by is not None:
                found[one.price_id, one.period] = await self.usage.transacted(
                    tenant, plan_subscription_id, meter.id, one.transactions_by, period
                )
                continue
            quantity = await self.usage.quantity(
                tenant, plan_subscription_id, meter.id, meter.aggregation, period, after=one.after or ()
            )
            found[one.price_id, one.period] = _of_part(quantity, meter.aggregation, one)
        return found

    async def name_plans(self, subscription: PlanSubscription) -> Callable[[PlanSubscription], None]:
        """Return what has a plan subscription's plans called as they are now, as far as is known, before it bills something."""
        names = await self.meters.plan_names(subscription.tenant, subscription.plan_ids)
        return lambda current: current.call_plans(names)


def _of_part(quantity: Decimal, aggregation: Aggregation, wanted: UsageWanted) -> Decimal:
    """Return what a quantity counts in a part of a billing period: of a level, its share of the time."""
    period, whole = wanted.period, wanted.whole
    if whole is None:
        return quantity
    match aggregation:
        case Aggregation.WEIGHTED_SUM:  # a mean until now
            return share_of_level(quantity, period, whole)
        case Aggregation.MAX | Aggregation.LAST if wanted.after is not None:
            return share_of_level(quantity, Period(period.start, wanted.until or period.end), whole)
    return quantity


class _Moved(Exception):
    """The subscription was changed after its usage was looked up."""


async def update_with_usage(
    subscriptions: PlanSubscriptionRepository,
    metered: Metered,
    id: str,
    context: CommandContext,
    change: Callable[[PlanSubscription, Used], None],
    *,
    wanted: Callable[[PlanSubscription], Sequence[UsageWanted]] | None = None,
    loaded: PlanSubscription | None = None,
) -> PlanSubscription:
    """Load, look up what was used, `change`, save; again when another command came between.

    What is looked up is what is `wanted`, None: the usage of what ends at `context.at`. `loaded` is the subscription, where the
    caller has just loaded or changed it.

    Raises:
        NotFound: there is no such plan subscription.
        ConcurrentChange: every attempt lost to another command, or a meter is not known yet.
    """

    def of(subscription: PlanSubscription) -> Sequence[UsageWanted]:
        return wanted(subscription) if wanted is not None else subscription.usage_wanted(context.at)

    for _ in range(ATTEMPTS):
        found, loaded = loaded or await subscriptions.get(context.tenant, id), None
        looked_up, name_plans = of(found), await metered.name_plans(found)
        try:
            used = await metered.used(context.tenant, id, looked_up)
        except NotReady as error:
            raise ConcurrentChange(f"{error}; try again") from error

        def with_usage(
            current: PlanSubscription,
            known: Sequence[UsageWanted] = looked_up,
            used: Used = used,
            name_plans: Callable[[PlanSubscription], None] = name_plans,
        ) -> None:
            if of(current) != known:
                raise _Moved
            name_plans(current)
            change(current, used)

        try:
            return await subscriptions.update(id, context, with_usage, loaded=found)
        except _Moved:
            continue
    raise ConcurrentChange(f"plan subscription {id!r} is being changed by other requests; try again")
