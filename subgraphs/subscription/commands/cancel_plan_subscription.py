"""End a plan subscription, now, with its period or on a date, or let it go on after all."""

from dataclasses import dataclass
from datetime import datetime

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.subscription.commands.metered import Metered, update_with_usage
from subgraphs.subscription.domain.plan_subscription import NOTHING_USED, PlanSubscription, Used
from subgraphs.subscription.domain.values import CancellationTime, UnusedTime
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["WantedCancellation", "cancel", "cancel_plan_subscription", "undo_cancellation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCancellation:
    """When it ends: on a DATE at `at`. The unused time and whether usage is billed count for NOW alone."""

    when: CancellationTime = CancellationTime.NOW
    at: datetime | None = None
    reason: str | None = None
    unused_time: UnusedTime = UnusedTime.KEEP
    bill_usage: bool = True


async def cancel_plan_subscription(
    subscriptions: PlanSubscriptionRepository, metered: Metered, id: str, wanted: WantedCancellation, context: CommandContext
) -> PlanSubscription:
    """End it at `context.at`, with a last invoice for what was used unless that is not wanted; or let it go on until it ends.

    What was billed for the rest of the period is kept, or goes back as is wanted. Canceling again changes nothing.

    Raises:
        NotFound: there is no such plan subscription.
        InvalidInput: the reason is too long, `at` is missing or not later, or something is wanted that only NOW can do.
        InvalidState: it is to end later and has not begun, is unpaid, or paused beyond its period.
    """
    if wanted.when is CancellationTime.NOW:
        return await update_with_usage(
            subscriptions,
            metered,
            id,
            context,
            lambda current, used: cancel(current, wanted, context, used),
            wanted=lambda current: current.usage_wanted(context.at, with_end=True),
        )
    return await subscriptions.update(id, context, lambda current: cancel(current, wanted, context))


def cancel(
    subscription: PlanSubscription, wanted: WantedCancellation, context: CommandContext, used: Used = NOTHING_USED
) -> None:
    """End it, or schedule its end.

    Raises:
        As `cancel_plan_subscription`.
    """
    if (wanted.at is not None) != (wanted.when is CancellationTime.DATE):
        raise InvalidInput("DATE needs `at`, and nothing else takes it", field=("at",))
    if wanted.when is CancellationTime.NOW:
        subscription.cancel(wanted.reason, context, used=used, unused=wanted.unused_time, bill_usage=wanted.bill_usage)
        return
    if wanted.unused_time is not UnusedTime.KEEP or not wanted.bill_usage:
        raise InvalidInput("unused time and usage are decided on with NOW", field=("unusedTime",))
    subscription.schedule_cancellation(wanted.at, context, wanted.reason)


async def undo_cancellation(subscriptions: PlanSubscriptionRepository, id: str, context: CommandContext) -> PlanSubscription:
    """Let it go on, though its end was scheduled.

    Raises:
        NotFound: there is no such plan subscription.
        InvalidState: it is canceled already.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.unschedule_cancellation())
