"""Let the trial of a plan subscription end earlier, later or now."""

from datetime import datetime

from subgraphs.kit.domain.command import CommandContext
from subgraphs.subscription.commands.known_facts import KnownFacts
from subgraphs.subscription.commands.renew_plan_subscription import can_pay_after_trial
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["set_trial_end"]


async def set_trial_end(
    subscriptions: PlanSubscriptionRepository, known: KnownFacts, id: str, at: datetime | None, context: CommandContext
) -> PlanSubscription:
    """Let its trial end at `at`, None: now, and what follows happen as when it ends by itself.

    That is its first period, or without a payment method what was agreed at the start. Nothing happens when it ends then already.

    Raises:
        NotFound: there is no such plan subscription.
        InvalidInput: `at` has passed, or is later than the longest trial ends.
        InvalidState: it is in no trial, or its end or a change is scheduled for before then.
    """
    found = await subscriptions.get(context.tenant, id)
    can_pay = await can_pay_after_trial(known, found)
    return await subscriptions.update(
        id, context, lambda current: current.set_trial_end(at, context, can_pay=can_pay), loaded=found
    )
