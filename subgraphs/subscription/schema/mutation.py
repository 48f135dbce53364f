"""Changing plan subscriptions."""

from typing import Annotated, Self

import strawberry

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.writes import write
from subgraphs.subscription.commands.cancel_plan_subscription import cancel_plan_subscription, undo_cancellation
from subgraphs.subscription.commands.change_discounts import add_discount, remove_discount
from subgraphs.subscription.commands.change_plan_subscription import change_plan_subscription, undo_change
from subgraphs.subscription.commands.move_tenant_clock import advance_tenant_clock, freeze_tenant_clock
from subgraphs.subscription.commands.pause_plan_subscription import pause_plan_subscription, resume_plan_subscription
from subgraphs.subscription.commands.redeem_coupon import WantedDiscount
from subgraphs.subscription.commands.schedule_phases import schedule_phases
from subgraphs.subscription.commands.sell_fees import add_fee, remove_fee
from subgraphs.subscription.commands.set_collection import set_collection
from subgraphs.subscription.commands.set_trial_end import set_trial_end
from subgraphs.subscription.commands.start_plan_subscription import start_plan_subscription
from subgraphs.subscription.domain.plan_subscription import PlanSubscription as PlanSubscriptionAggregate
from subgraphs.subscription.projections import plan_subscription_document
from subgraphs.subscription.schema.clock import TestClock, TestClockAdvanceInput, TestClockFreezeInput, TestClockPayload
from subgraphs.subscription.schema.context import Info
from subgraphs.subscription.schema.inputs import (
    PlanSubscriptionCancelInput,
    PlanSubscriptionChangeInput,
    PlanSubscriptionCollectionSetInput,
    PlanSubscriptionDiscountAddInput,
    PlanSubscriptionDiscountRemoveInput,
    PlanSubscriptionFeeAddInput,
    PlanSubscriptionFeeRemoveInput,
    PlanSubscriptionPauseInput,
    PlanSubscriptionResumeInput,
    PlanSubscriptionScheduleInput,
    PlanSubscriptionStartInput,
    PlanSubscriptionTrialEndSetInput,
    PlanSubscriptionUndoCancellationInput,
    PlanSubscriptionUndoChangeInput,
)
from subgraphs.subscription.schema.migrations import MigrationMutation
from subgraphs.subscription.schema.types import PlanSubscription
from subgraphs.subscription.schema.usage import UsageMutation

__all__ = ["Mutation"]

WRITE = [["subscriptions:write"]]
WHAT = strawberry.argument(description="What to do.")


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


@strawberry.type(description="Answer of planSubscriptionStart.")
class PlanSubscriptionStartPayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionStart."""


@strawberry.type(description="Answer of planSubscriptionCancel.")
class PlanSubscriptionCancelPayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionCancel."""


@strawberry.type(description="Answer of planSubscriptionUndoCancellation.")
class PlanSubscriptionUndoCancellationPayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionUndoCancellation."""


@strawberry.type(description="Answer of planSubscriptionChange.")
class PlanSubscriptionChangePayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionChange."""


@strawberry.type(description="Answer of planSubscriptionSchedule.")
class PlanSubscriptionSchedulePayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionSchedule."""


@strawberry.type(description="Answer of planSubscriptionUndoChange.")
class PlanSubscriptionUndoChangePayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionUndoChange."""


@strawberry.type(description="Answer of planSubscriptionDiscountAdd.")
class PlanSubscriptionDiscountAddPayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionDiscountAdd."""


@strawberry.type(description="Answer of planSubscriptionDiscountRemove.")
class PlanSubscriptionDiscountRemovePayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionDiscountRemove."""


@strawberry.type(description="Answer of planSubscriptionFeeAdd.")
class PlanSubscriptionFeeAddPayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionFeeAdd."""


@strawberry.type(description="Answer of planSubscriptionFeeRemove.")
class PlanSubscriptionFeeRemovePayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionFeeRemove."""


@strawberry.type(description="Answer of planSubscriptionCollectionSet.")
class PlanSubscriptionCollectionSetPayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionCollectionSet."""


@strawberry.type(description="Answer of planSubscriptionPause.")
class PlanSubscriptionPausePayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionPause."""


@strawberry.type(description="Answer of planSubscriptionResume.")
class PlanSubscriptionResumePayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionResume."""


@strawberry.type(description="Answer of planSubscriptionTrialEndSet.")
class PlanSubscriptionTrialEndSetPayload(PlanSubscriptionPayload):
    """Answer of planSubscriptionTrialEndSet."""


@strawberry.type
class Mutation(UsageMutation, MigrationMutation):
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Subscribe a customer to a price from now on. With a trial it is TRIALING, else PENDING until the first invoice is "
            "paid, moments later; with SEND_INVOICE it is ACTIVE at once. With paidThrough it is taken over from another billing "
            "system: ACTIVE, and billed from then."
        ),
    )
    @write(PlanSubscriptionStartPayload)
    async def plan_subscription_start(
        self, info: Info, input: Annotated[PlanSubscriptionStartInput, WHAT]
    ) -> PlanSubscriptionStartPayload:
        services = info.context.deps
        subscription = await start_plan_subscription(
            services.subscriptions,
            services.known,
            input.wanted(),
            await _command(info),
            coupons=services.coupons,
            redemptions=services.redemptions,
            claims=services.claims,
        )
        return PlanSubscriptionStartPayload.done(subscription)

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Change price, quantity or add-ons of a plan subscription, now or with its period. What is so already stays.",
    )
    @write(PlanSubscriptionChangePayload)
    async def plan_subscription_change(
        self, info: Info, input: Annotated[PlanSubscriptionChangeInput, WHAT]
    ) -> PlanSubscriptionChangePayload:
        services = info.context.deps
        changed = await change_plan_subscription(
            services.subscriptions, services.known, services.metered, input.id, input.wanted(), await _command(info)
        )
        return PlanSubscriptionChangePayload.done(changed)

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Let other prices, quantities or add-ons apply one after the other, such as a price that rises twice. It takes the "
            "place of all that is scheduled; planSubscriptionUndoChange undoes it, planSubscriptionUndoCancellation its end."
        ),
    )
    @write(PlanSubscriptionSchedulePayload)
    async def plan_subscription_schedule(
        self, info: Info, input: Annotated[PlanSubscriptionScheduleInput, WHAT]
    ) -> PlanSubscriptionSchedulePayload:
        services = info.context.deps
        return PlanSubscriptionSchedulePayload.done(
            await schedule_phases(services.subscriptions, services.known, input.id, input.wanted(), await _command(info))
        )

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Let a plan subscription go on as it is, whatever changes were scheduled."
    )
    @write(PlanSubscriptionUndoChangePayload)
    async def plan_subscription_undo_change(
        self, info: Info, input: Annotated[PlanSubscriptionUndoChangeInput, WHAT]
    ) -> PlanSubscriptionUndoChangePayload:
        return PlanSubscriptionUndoChangePayload.done(
            await undo_change(info.context.deps.subscriptions, input.id, await _command(info))
        )

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Give a plan subscription a coupon's discount, by coupon or promotion code, from its next billing period on.",
    )
    @write(PlanSubscriptionDiscountAddPayload)
    async def plan_subscription_discount_add(
        self, info: Info, input: Annotated[PlanSubscriptionDiscountAddInput, WHAT]
    ) -> PlanSubscriptionDiscountAddPayload:
        services, wanted = info.context.deps, WantedDiscount(input.coupon_id, input.promotion_code)
        given = await add_discount(
            services.subscriptions, services.coupons, services.redemptions, input.id, wanted, await _command(info)
        )
        return PlanSubscriptionDiscountAddPayload.done(given)

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Take a discount away from the next billing period on. Repeating it changes nothing.",
    )
    @write(PlanSubscriptionDiscountRemovePayload)
    async def plan_subscription_discount_remove(
        self, info: Info, input: Annotated[PlanSubscriptionDiscountRemoveInput, WHAT]
    ) -> PlanSubscriptionDiscountRemovePayload:
        subscriptions, context = info.context.deps.subscriptions, await _command(info)
        return PlanSubscriptionDiscountRemovePayload.done(
            await remove_discount(subscriptions, input.id, input.discount_id, context)
        )

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Bill a plan subscription once with a ONE_TIME price, with its next invoice or at once. When it ends before, the fee "
            "is billed all the same, except where it was never paid for. With an idempotencyKey a repeated request adds it once."
        ),
    )
    @write(PlanSubscriptionFeeAddPayload)
    async def plan_subscription_fee_add(
        self, info: Info, input: Annotated[PlanSubscriptionFeeAddInput, WHAT]
    ) -> PlanSubscriptionFeeAddPayload:
        services, context = info.context.deps, await _command(info)
        added = await add_fee(services.subscriptions, services.known, input.id, input.wanted(), context)
        return PlanSubscriptionFeeAddPayload.done(added)

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Bill a plan subscription without a fee that waits for the next invoice. Repeating it changes nothing.",
    )
    @write(PlanSubscriptionFeeRemovePayload)
    async def plan_subscription_fee_remove(
        self, info: Info, input: Annotated[PlanSubscriptionFeeRemoveInput, WHAT]
    ) -> PlanSubscriptionFeeRemovePayload:
        subscriptions, context = info.context.deps.subscriptions, await _command(info)
        return PlanSubscriptionFeeRemovePayload.done(await remove_fee(subscriptions, input.id, input.fee_id, context))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Charge what a plan subscription is billed from now on, or send it as invoices that the customer pays by a due date. "
            "Invoices that are there stay as they are. Repeating it changes nothing."
        ),
    )
    @write(PlanSubscriptionCollectionSetPayload)
    async def plan_subscription_collection_set(
        self, info: Info, input: Annotated[PlanSubscriptionCollectionSetInput, WHAT]
    ) -> PlanSubscriptionCollectionSetPayload:
        subscriptions, context = info.context.deps.subscriptions, await _command(info)
        return PlanSubscriptionCollectionSetPayload.done(
            await set_collection(subscriptions, input.id, input.collection_method, input.days_until_due, context)
        )

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Bill nothing more until the plan subscription is resumed. The period that is paid for goes on running, and an end "
            "that is scheduled comes all the same. What is paused resumes when this says instead."
        ),
    )
    @write(PlanSubscriptionPausePayload)
    async def plan_subscription_pause(
        self, info: Info, input: Annotated[PlanSubscriptionPauseInput, WHAT]
    ) -> PlanSubscriptionPausePayload:
        paused = await pause_plan_subscription(info.context.deps.subscriptions, input.id, input.resumes_at, await _command(info))
        return PlanSubscriptionPausePayload.done(paused)

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Let a paused plan subscription go on. After the period that was paid for, the rest of the current one is billed in "
            "proportion; the days on which periods begin stay the same."
        ),
    )
    @write(PlanSubscriptionResumePayload)
    async def plan_subscription_resume(
        self, info: Info, input: Annotated[PlanSubscriptionResumeInput, WHAT]
    ) -> PlanSubscriptionResumePayload:
        return PlanSubscriptionResumePayload.done(
            await resume_plan_subscription(
                info.context.deps.subscriptions, info.context.deps.metered, input.id, await _command(info)
            )
        )

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Let a trial end earlier, later or now: what follows happens then as when it ends by itself, the first invoice, or "
            "what was agreed for a customer without a payment method. Only a TRIALING one has a trial to set the end of."
        ),
    )
    @write(PlanSubscriptionTrialEndSetPayload)
    async def plan_subscription_trial_end_set(
        self, info: Info, input: Annotated[PlanSubscriptionTrialEndSetInput, WHAT]
    ) -> PlanSubscriptionTrialEndSetPayload:
        services, context = info.context.deps, await _command(info)
        moved = await set_trial_end(services.subscriptions, services.known, input.id, input.wanted(), context)
        return PlanSubscriptionTrialEndSetPayload.done(moved)

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Let this tenant live by a clock of its own, for tests: for good, and only where it never had a plan subscription."
        ),
    )
    @write(TestClockPayload)
    async def test_clock_freeze(self, info: Info, input: Annotated[TestClockFreezeInput, WHAT]) -> TestClockPayload:
        services = info.context.deps
        clock = await freeze_tenant_clock(services.clocks, services.due, input.now, await _command(info))
        return TestClockPayload(test_clock=TestClock.of(clock))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Move this tenant's own clock. It is on its way while advancingTo is set; ask testClock how far it got.",
    )
    @write(TestClockPayload)
    async def test_clock_advance(self, info: Info, input: Annotated[TestClockAdvanceInput, WHAT]) -> TestClockPayload:
        clock = await advance_tenant_clock(info.context.deps.clocks, input.to, await _command(info))
        return TestClockPayload(test_clock=TestClock.of(clock))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="End a plan subscription, now, with its period or on a date. Repeating it changes nothing.",
    )
    @write(PlanSubscriptionCancelPayload)
    async def plan_subscription_cancel(
        self, info: Info, input: Annotated[PlanSubscriptionCancelInput, WHAT]
    ) -> PlanSubscriptionCancelPayload:
        services, context = info.context.deps, await _command(info)
        canceled = await cancel_plan_subscription(services.subscriptions, services.metered, input.id, input.wanted(), context)
        return PlanSubscriptionCancelPayload.done(canceled)

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Let a plan subscription go on after its period, though its end was scheduled."
    )
    @write(PlanSubscriptionUndoCancellationPayload)
    async def plan_subscription_undo_cancellation(
        self, info: Info, input: Annotated[PlanSubscriptionUndoCancellationInput, WHAT]
    ) -> PlanSubscriptionUndoCancellationPayload:
        subscription = await undo_cancellation(info.context.deps.subscriptions, input.id, await _command(info))
        return PlanSubscriptionUndoCancellationPayload.done(subscription)


async def _command(info: Info) -> CommandContext:
    return await info.context.command()
