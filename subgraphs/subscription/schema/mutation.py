"""Changing plan subscriptions."""

from typing import Annotated, Self

import strawberry

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.writes import WriteInput, write
from subgraphs.subscription.commands.cancel_plan_subscription import cancel_now, cancel_with_period, undo_cancellation
from subgraphs.subscription.commands.start_plan_subscription import start_plan_subscription
from subgraphs.subscription.domain.plan_subscription import PlanSubscription as PlanSubscriptionAggregate
from subgraphs.subscription.projections import plan_subscription_document
from subgraphs.subscription.schema.context import Info
from subgraphs.subscription.schema.enums import CancellationTime
from subgraphs.subscription.schema.types import PlanSubscription

__all__ = ["Mutation"]

WRITE = [["subscriptions:write"]]
WHAT = strawberry.argument(description="What to do.")


@strawberry.input
class PlanSubscriptionStartInput(WriteInput):
    """Input of planSubscriptionStart."""

    customer_id: strawberry.ID = strawberry.field(description="Who subscribes.")
    price_id: strawberry.ID = strawberry.field(description="The price version to pay, in the customer's currency.")
    quantity: int = strawberry.field(default=1, description="How many units or seats, 1 to 1000000.")


@strawberry.input
class PlanSubscriptionCancelInput(WriteInput):
    """Input of planSubscriptionCancel."""

    id: strawberry.ID = strawberry.field(description="What to cancel.")
    when: CancellationTime = strawberry.field(
        default=CancellationTime.PERIOD_END, description="Now, or when the current period ends."
    )
    reason: str | None = strawberry.field(default=None, description="Why, up to 500 characters; with NOW.")


@strawberry.input
class PlanSubscriptionUndoCancellationInput(WriteInput):
    """Input of planSubscriptionUndoCancellation."""

    id: strawberry.ID = strawberry.field(description="What goes on after all.")


@strawberry.type
class PlanSubscriptionPayload:
    """Base of every payload with a plan subscription."""

    plan_subscription: PlanSubscription | None = strawberry.field(
        default=None, description="The plan subscription afterwards, null when refused."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )

    @classmethod
    def done(cls, subscription: PlanSubscriptionAggregate) -> Self:
        return cls(plan_subscription=PlanSubscription.of(plan_subscription_document(subscription)))


@strawberry.type
class PlanSubscriptionStartPayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionStart."""


@strawberry.type
class PlanSubscriptionCancelPayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionCancel."""


@strawberry.type
class PlanSubscriptionUndoCancellationPayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionUndoCancellation."""


@strawberry.type
class Mutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Subscribe a customer to a price from now on. It is PENDING until the first invoice is paid, moments later.",
    )
    @write(PlanSubscriptionStartPayload)
    async def plan_subscription_start(
        self, info: Info, input: Annotated[PlanSubscriptionStartInput, WHAT]
    ) -> PlanSubscriptionStartPayload:
        services = info.context.deps
        subscription = await start_plan_subscription(
            services.subscriptions, services.known, input.customer_id, input.price_id, input.quantity, _command(info)
        )
        return PlanSubscriptionStartPayload.done(subscription)

    @strawberry.federation.field(
        requires_scopes=WRITE, description="End a plan subscription, now or with its period. Repeating it changes nothing."
    )
    @write(PlanSubscriptionCancelPayload)
    async def plan_subscription_cancel(
        self, info: Info, input: Annotated[PlanSubscriptionCancelInput, WHAT]
    ) -> PlanSubscriptionCancelPayload:
        subscriptions = info.context.deps.subscriptions
        if input.when is CancellationTime.NOW:
            canceled = await cancel_now(subscriptions, input.id, input.reason, _command(info, input.reason))
        else:
            canceled = await cancel_with_period(subscriptions, input.id, _command(info, input.reason))
        return PlanSubscriptionCancelPayload.done(canceled)

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Let a plan subscription go on after its period, though its end was scheduled."
    )
    @write(PlanSubscriptionUndoCancellationPayload)
    async def plan_subscription_undo_cancellation(
        self, info: Info, input: Annotated[PlanSubscriptionUndoCancellationInput, WHAT]
    ) -> PlanSubscriptionUndoCancellationPayload:
        subscription = await undo_cancellation(info.context.deps.subscriptions, input.id, _command(info))
        return PlanSubscriptionUndoCancellationPayload.done(subscription)


def _command(info: Info, reason: str | None = None) -> CommandContext:
    return info.context.command(info.context.deps.clock.now(), reason)
