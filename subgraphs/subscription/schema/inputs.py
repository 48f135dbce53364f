"""What mutations and previews of plan subscriptions take."""

from datetime import datetime

import strawberry

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.graphql.writes import KEPT_FOR_GOOD, WriteInput
from subgraphs.subscription.commands.cancel_plan_subscription import WantedCancellation
from subgraphs.subscription.commands.change_plan_subscription import WantedChange
from subgraphs.subscription.commands.known_facts import WantedItem
from subgraphs.subscription.commands.redeem_coupon import WantedDiscount
from subgraphs.subscription.commands.schedule_phases import WantedPhase, WantedSchedule
from subgraphs.subscription.commands.sell_fees import WantedFee
from subgraphs.subscription.commands.start_plan_subscription import Trial, WantedStart
from subgraphs.subscription.domain.values import Pause
from subgraphs.subscription.schema.enums import (
    CancellationTime,
    ChangeTime,
    CollectionMethod,
    FeeTime,
    ProrationBehavior,
    ScheduleEnding,
    TrialEnding,
    UnusedTime,
)

__all__ = [
    "PauseInput",
    "PlanSubscriptionCancelInput",
    "PlanSubscriptionCancelPreviewInput",
    "PlanSubscriptionChangeInput",
    "PlanSubscriptionChangePreviewInput",
    "PlanSubscriptionCollectionSetInput",
    "PlanSubscriptionDiscountAddInput",
    "PlanSubscriptionDiscountRemoveInput",
    "PlanSubscriptionFeeAddInput",
    "PlanSubscriptionFeeAddPreviewInput",
    "PlanSubscriptionFeeInput",
    "PlanSubscriptionFeeRemoveInput",
    "PlanSubscriptionItemInput",
    "PlanSubscriptionPauseInput",
    "PlanSubscriptionPhaseInput",
    "PlanSubscriptionResumeInput",
    "PlanSubscriptionScheduleInput",
    "PlanSubscriptionStartInput",
    "PlanSubscriptionStartPreviewInput",
    "PlanSubscriptionTrialEndSetInput",
    "PlanSubscriptionUndoCancellationInput",
    "PlanSubscriptionUndoChangeInput",
    "TrialInput",
]


@strawberry.input(description="A time at the beginning that is free.")
class TrialInput:
    """As the API takes it."""

    days: int | None = strawberry.field(
        default=None, description="How long it is, 1 to 730 days of the customer's calendar; not with endsAt."
    )
    ends_at: datetime | None = strawberry.field(
        default=None, description="The instant at which it ends, within 730 days of its start; not with days."
    )
    ending: TrialEnding = strawberry.field(
        default=TrialEnding.CREATE_INVOICE, description="What happens at its end when the customer has no payment method."
    )


@strawberry.input(description="A pause from the beginning.")
class PauseInput:
    """As the API takes it."""

    resumes_at: datetime | None = strawberry.field(default=None, description="When it goes on by itself; null: when you say so.")


@strawberry.input(description="A price that is added on, and how many units of it.")
class PlanSubscriptionItemInput:
    """As the API takes it."""

    price_id: strawberry.ID = strawberry.field(
        description="The price version, in the currency and with the interval of the plan's price. Each is given once."
    )
    quantity: int = strawberry.field(default=1, description="How many units or seats, 1 to 1000000.")


def _wanted_items(items: list[PlanSubscriptionItemInput]) -> tuple[WantedItem, ...]:
    return tuple(WantedItem(price_id=item.price_id, quantity=item.quantity) for item in items)


@strawberry.input(description="A one-time price that is billed once, such as a set-up fee, and how many units of it.")
class PlanSubscriptionFeeInput:
    """As the API takes it."""

    price_id: strawberry.ID = strawberry.field(description="The ONE_TIME price version, in the currency of the plan's price.")
    quantity: int = strawberry.field(default=1, description="How many units, 1 to 1000000.")
    when: FeeTime = strawberry.field(
        default=FeeTime.NEXT_INVOICE,
        description=(
            "With the first invoice, which comes after a trial and when a later start has come, or at once. Without either it is "
            "the same."
        ),
    )

    def wanted(self) -> WantedFee:
        return WantedFee(price_id=self.price_id, quantity=self.quantity, when=self.when)


@strawberry.input(description="What somebody would subscribe to.")
class PlanSubscriptionStartPreviewInput:
    """Input of planSubscriptionStartPreview."""

    customer_id: strawberry.ID = strawberry.field(description="Who subscribes.")
    price_id: strawberry.ID = strawberry.field(description="The price version to pay, in the customer's currency.")
    quantity: int = strawberry.field(default=1, description="How many units or seats, 1 to 1000000.")
    add_ons: list[PlanSubscriptionItemInput] = strawberry.field(
        default_factory=list, description="What is billed together with it, at most 19 prices."
    )
    fees: list[PlanSubscriptionFeeInput] = strawberry.field(
        default_factory=list,
        description=(
            "What is billed once, at most 20: never in proportion, without discounts, with the taxes of anything else. What "
            "waits for the first invoice is not billed when a trial ends without one."
        ),
    )
    trial: TrialInput | None = strawberry.field(
        default=None, description="A free time first; the billing periods are counted from its end."
    )

    coupon_id: strawberry.ID | None = strawberry.field(
        default=None, description="A coupon whose discount it is given; not with promotionCode."
    )
    promotion_code: str | None = strawberry.field(
        default=None, description="What the customer typed in to be given a discount, whatever the case."
    )

    starts_at: datetime | None = strawberry.field(
        default=None,
        description=(
            "When it begins: up to 366 days ago, billed period by period up to now, or within 5 years, SCHEDULED until then; "
            "null: now."
        ),
    )
    billing_day: int | None = strawberry.field(
        default=None,
        description=(
            "On which day billing periods begin, at midnight of the customer's time zone: 1 to 31 of the month (the last one "
            "where it is shorter), or 1 to 7 from Monday with weeks. The first period is billed in proportion. "
            "Null: counted from the start, or the end of the trial."
        ),
    )
    billing_anchor: datetime | None = strawberry.field(
        default=None,
        description=(
            "An instant at which a billing period begins, long ago or later; all are counted from it on the customer's calendar: "
            "from January 31, the last day of February follows, and then March 31. Not with billingDay."
        ),
    )
    paid_through: datetime | None = strawberry.field(
        default=None,
        description=(
            "Until when another billing system has billed it: at most the end of the current period, and, unless it begins "
            "paused, up to 366 days ago. It is ACTIVE at once, without an invoice; the next period is billed from this instant "
            "on, up to where periods begin. startsAt may lie further back then. Not in a trial."
        ),
    )
    cancel_at: datetime | None = strawberry.field(
        default=None, description="When it ends, as planSubscriptionCancel with DATE would have it."
    )
    pause: PauseInput | None = strawberry.field(
        default=None, description="Begin paused: nothing is billed until it goes on. With paidThrough, or in a trial."
    )
    external_id: str | None = strawberry.field(
        default=None, description=f"Your own id of it, 1 to 200 characters, unique in your tenant. {KEPT_FOR_GOOD}"
    )
    collection_method: CollectionMethod = strawberry.field(
        default=CollectionMethod.CHARGE_AUTOMATICALLY,
        description=(
            "How what it is billed is collected. With SEND_INVOICE nothing is charged: it is ACTIVE at once, without a payment "
            "method, and PAST_DUE when an invoice is not paid by its due date."
        ),
    )
    days_until_due: int | None = strawberry.field(
        default=None,
        description="With SEND_INVOICE, and only then: how many days after it is finalised an invoice is due, 0 to 365.",
    )

    def wanted(self) -> WantedStart:
        given = self.coupon_id is not None or self.promotion_code is not None
        return WantedStart(
            customer_id=self.customer_id,
            price_id=self.price_id,
            quantity=self.quantity,
            add_ons=_wanted_items(self.add_ons),
            trial=Trial(self.trial.days, self.trial.ending, self.trial.ends_at) if self.trial else None,
            discount=WantedDiscount(self.coupon_id, self.promotion_code) if given else None,
            starts_at=self.starts_at,
            billing_day=self.billing_day,
            billing_anchor=self.billing_anchor,
            paid_through=self.paid_through,
            cancel_at=self.cancel_at,
            pause=Pause(self.pause.resumes_at) if self.pause else None,
            external_id=self.external_id,
            fees=tuple(fee.wanted() for fee in self.fees),
            collection_method=self.collection_method,
            days_until_due=self.days_until_due,
        )


@strawberry.input(description="What planSubscriptionStart takes.")
class PlanSubscriptionStartInput(PlanSubscriptionStartPreviewInput, WriteInput):
    """Input of planSubscriptionStart."""


@strawberry.input(description="Another price, another quantity, other add-ons; what is left out stays as it is.")
class PlanSubscriptionChangePreviewInput:
    """Input of planSubscriptionChangePreview."""

    id: strawberry.ID = strawberry.field(description="What changes.")
    price_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "The price version to pay, in the same currency; null: it stays. With another interval, a new period begins with "
            "the change."
        ),
    )
    quantity: int | None = strawberry.field(default=None, description="How many units or seats, 1 to 1000000; null: as before.")
    add_ons: list[PlanSubscriptionItemInput] | None = strawberry.field(
        default=None,
        description="All that is added on from then, at most 19 prices: what is not in the list is removed; null: as before.",
    )
    when: ChangeTime = strawberry.field(default=ChangeTime.NOW, description="Now, when the current period ends, or on a date.")
    at: datetime | None = strawberry.field(default=None, description="With DATE, when it changes.")
    proration: ProrationBehavior = strawberry.field(
        default=ProrationBehavior.CREATE, description="What is billed for the rest of the period; with NOW and DATE."
    )

    def wanted(self) -> WantedChange:
        return WantedChange(
            price_id=self.price_id,
            quantity=self.quantity,
            add_ons=None if self.add_ons is None else _wanted_items(self.add_ons),
            when=self.when,
            at=self.at,
            proration=self.proration,
        )


@strawberry.input(description="Another price, another quantity, other add-ons; what is left out stays as it is.")
class PlanSubscriptionChangeInput(PlanSubscriptionChangePreviewInput, WriteInput):
    """Input of planSubscriptionChange."""


@strawberry.input(description="What applies for a time; what is left out stays as in the phase before.")
class PlanSubscriptionPhaseInput:
    """As the API takes it."""

    price_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The price version to pay, in the same currency; null: as before. Another interval begins a new period.",
    )
    quantity: int | None = strawberry.field(default=None, description="How many units or seats, 1 to 1000000; null: as before.")
    add_ons: list[PlanSubscriptionItemInput] | None = strawberry.field(
        default=None, description="All that is added on, at most 19 prices: what is not in the list is removed; null: as before."
    )
    periods: int | None = strawberry.field(
        default=None,
        description="For how many billing periods it applies, 1 to 1000; a phase that begins within one counts the rest of it.",
    )
    until: datetime | None = strawberry.field(
        default=None, description="Until when it applies, instead of periods. The last phase has neither, except with CANCEL."
    )
    proration: ProrationBehavior = strawberry.field(
        default=ProrationBehavior.CREATE, description="What is billed for the rest of a period that the phase begins in."
    )

    def wanted(self) -> WantedPhase:
        return WantedPhase(
            price_id=self.price_id,
            quantity=self.quantity,
            add_ons=None if self.add_ons is None else _wanted_items(self.add_ons),
            periods=self.periods,
            until=self.until,
            proration=self.proration,
        )


@strawberry.input(description="What planSubscriptionSchedule takes.")
class PlanSubscriptionScheduleInput(WriteInput):
    """Input of planSubscriptionSchedule."""

    id: strawberry.ID = strawberry.field(description="What changes.")
    phases: list[PlanSubscriptionPhaseInput] = strawberry.field(description="One after the other, 1 to 20.")
    starts_at: datetime | None = strawberry.field(
        default=None, description="When the first phase begins; null: when the current period or trial ends."
    )
    ending: ScheduleEnding = strawberry.field(default=ScheduleEnding.RELEASE, description="What happens after the last phase.")

    def wanted(self) -> WantedSchedule:
        phases = tuple(phase.wanted() for phase in self.phases)
        return WantedSchedule(phases=phases, starts_at=self.starts_at, ending=self.ending)


@strawberry.input(description="What planSubscriptionUndoChange takes.")
class PlanSubscriptionUndoChangeInput(WriteInput):
    """Input of planSubscriptionUndoChange."""

    id: strawberry.ID = strawberry.field(description="What goes on as it is.")


@strawberry.input(description="What planSubscriptionDiscountAdd takes: either couponId or promotionCode.")
class PlanSubscriptionDiscountAddInput(WriteInput):
    """Input of planSubscriptionDiscountAdd."""

    id: strawberry.ID = strawberry.field(description="Who is given the discount.")
    coupon_id: strawberry.ID | None = strawberry.field(default=None, description="The coupon.")
    promotion_code: str | None = strawberry.field(default=None, description="What the customer typed in, whatever the case.")


@strawberry.input(description="What planSubscriptionDiscountRemove takes.")
class PlanSubscriptionDiscountRemoveInput(WriteInput):
    """Input of planSubscriptionDiscountRemove."""

    id: strawberry.ID = strawberry.field(description="Whose discount it is.")
    discount_id: strawberry.ID = strawberry.field(description="The discount, `dis_…`.")


@strawberry.input(description="What would be billed once.")
class PlanSubscriptionFeeAddPreviewInput:
    """Input of planSubscriptionFeeAddPreview."""

    id: strawberry.ID = strawberry.field(description="What is billed.")
    price_id: strawberry.ID = strawberry.field(description="The ONE_TIME price version, in the same currency.")
    quantity: int = strawberry.field(default=1, description="How many units, 1 to 1000000.")
    when: FeeTime = strawberry.field(default=FeeTime.NEXT_INVOICE, description="With the next invoice, or at once.")

    def wanted(self) -> WantedFee:
        return WantedFee(price_id=self.price_id, quantity=self.quantity, when=self.when)


@strawberry.input(description="What planSubscriptionFeeAdd takes.")
class PlanSubscriptionFeeAddInput(PlanSubscriptionFeeAddPreviewInput, WriteInput):
    """Input of planSubscriptionFeeAdd."""


@strawberry.input(description="What planSubscriptionFeeRemove takes.")
class PlanSubscriptionFeeRemoveInput(WriteInput):
    """Input of planSubscriptionFeeRemove."""

    id: strawberry.ID = strawberry.field(description="Whose fee it is.")
    fee_id: strawberry.ID = strawberry.field(description="The fee, `fee_…`.")


@strawberry.input(description="What planSubscriptionCollectionSet takes.")
class PlanSubscriptionCollectionSetInput(WriteInput):
    """Input of planSubscriptionCollectionSet."""

    id: strawberry.ID = strawberry.field(description="What is billed.")
    collection_method: CollectionMethod = strawberry.field(description="How what it is billed from now on is collected.")
    days_until_due: int | None = strawberry.field(
        default=None,
        description="With SEND_INVOICE, and only then: how many days after it is finalised an invoice is due, 0 to 365.",
    )


@strawberry.input(description="What planSubscriptionPause takes.")
class PlanSubscriptionPauseInput(WriteInput):
    """Input of planSubscriptionPause."""

    id: strawberry.ID = strawberry.field(description="What to pause.")
    resumes_at: datetime | None = strawberry.field(
        default=None,
        description="When it goes on by itself; null: when you say so. Of what is paused, it takes the place of resumesAt.",
    )


@strawberry.input(description="What planSubscriptionResume takes.")
class PlanSubscriptionResumeInput(WriteInput):
    """Input of planSubscriptionResume."""

    id: strawberry.ID = strawberry.field(description="What goes on.")


@strawberry.input(description="What planSubscriptionTrialEndSet takes.")
class PlanSubscriptionTrialEndSetInput(WriteInput):
    """Input of planSubscriptionTrialEndSet."""

    id: strawberry.ID = strawberry.field(description="Whose trial it is.")
    trial_ends_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "When the trial ends, within 730 days of its start; null, or now: at once. It must be given, also as null. What is "
            "scheduled for the end of the trial comes with it."
        ),
    )

    def wanted(self) -> datetime | None:
        if self.trial_ends_at is strawberry.UNSET:
            raise InvalidInput("say when the trial ends; null: now", field=("trialEndsAt",))
        return self.trial_ends_at


@strawberry.input(description="How a plan subscription would end.")
class PlanSubscriptionCancelPreviewInput:
    """Input of planSubscriptionCancelPreview."""

    id: strawberry.ID = strawberry.field(description="What to cancel.")
    when: CancellationTime = strawberry.field(
        default=CancellationTime.PERIOD_END, description="Now, when the current period or trial ends, or on a date."
    )
    at: datetime | None = strawberry.field(
        default=None, description="With DATE, when it ends. What is paid for beyond that is not given back."
    )
    reason: str | None = strawberry.field(
        default=None,
        description=f"Why, up to 500 characters: kept with the change, and as cancellationReason. {KEPT_FOR_GOOD}",
    )
    unused_time: UnusedTime = strawberry.field(
        default=UnusedTime.KEEP,
        description="With NOW, what becomes of the rest of the period that was billed: credit notes give it back. What is "
        "pending of changes is set off, and where it comes to more, billed; with KEEP it is dropped.",
    )
    bill_usage: bool = strawberry.field(
        default=True, description="With NOW, whether what was used and not billed yet is billed by a last invoice."
    )

    def wanted(self) -> WantedCancellation:
        return WantedCancellation(
            when=self.when, at=self.at, reason=self.reason, unused_time=self.unused_time, bill_usage=self.bill_usage
        )


@strawberry.input(description="What planSubscriptionCancel takes.")
class PlanSubscriptionCancelInput(PlanSubscriptionCancelPreviewInput, WriteInput):
    """Input of planSubscriptionCancel."""


@strawberry.input(description="What planSubscriptionUndoCancellation takes.")
class PlanSubscriptionUndoCancellationInput(WriteInput):
    """Input of planSubscriptionUndoCancellation."""

    id: strawberry.ID = strawberry.field(description="What goes on after all.")
