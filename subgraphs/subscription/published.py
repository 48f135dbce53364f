"""The only translator, with published_migrations, from what happens here to what other subgraphs and partners are told."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypedDict

import msgspec

from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.period import Period
from subgraphs.kit.messaging.clock_contracts import Held
from subgraphs.kit.messaging.envelope import PublicEvent
from subgraphs.kit.messaging.published import Contract, json_schemas_of, public_event
from subgraphs.kit.persistence.commit import Commit
from subgraphs.pricing.charge import NO_DETAILS, ChargeDetails
from subgraphs.pricing.collection import CollectionMethod, collection_method
from subgraphs.pricing.proration import Share
from subgraphs.pricing.rating import Quantity, amount_used
from subgraphs.pricing.transactions import Transacted
from subgraphs.subscription.domain import events, values
from subgraphs.subscription.domain.billed import charges
from subgraphs.subscription.domain.discounts import TakenOff
from subgraphs.subscription.domain.fees import Fee
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.price_migration import PriceMigration
from subgraphs.subscription.domain.tenant_clock import (
    TenantClock,
    TenantClockArrived,
    TenantClockAsked,
    TenantClockFrozen,
    TenantClockMoved,
)
from subgraphs.subscription.domain.values import Adjustment
from subgraphs.subscription.published_migrations import MIGRATION_CONTRACTS, told_of_migration

__all__ = ["bill_of_event", "json_schemas", "publish"]


class PublishedAddOn(msgspec.Struct, frozen=True, rename="camel"):
    """A price that is added on, and how many units of it."""

    price_id: str
    plan_id: str
    quantity: int


class PlanSubscriptionStarted(Contract, frozen=True):
    """A customer subscribes to a price, and to what is added on; whether it stands is known once its first invoice is paid.

    Until `paidThrough` another billing system has billed it. `externalId` is the tenant's own id of it. `collectionMethod` is
    CHARGE_AUTOMATICALLY or SEND_INVOICE: then it is active at once, and its invoices are due `daysUntilDue` after their number.
    """

    event_type = "plan-subscription-started.v1"

    plan_subscription_id: str
    customer_id: str
    plan_id: str
    price_id: str
    quantity: int
    started_at: datetime
    trial_ends_at: datetime | None = None
    add_ons: tuple[PublishedAddOn, ...] = ()
    paid_through: datetime | None = None
    external_id: str | None = None
    collection_method: str = CollectionMethod.CHARGE_AUTOMATICALLY.value
    days_until_due: int | None = None


class BilledShare(msgspec.Struct, frozen=True, rename="camel"):
    """`numerator` of `denominator` days or seconds of a whole period."""

    numerator: int
    denominator: int


class BilledDiscount(msgspec.Struct, frozen=True, rename="camel"):
    """What a coupon takes off an item: `amountMinor` in minor units."""

    coupon_id: str
    name: str
    amount_minor: int


class BilledTransactions(msgspec.Struct, frozen=True, rename="camel"):
    """How many transactions were made, how many of them were free, and what the others cost: decimal text, major units."""

    count: int
    free: int
    price: str


class BilledItem(msgspec.Struct, frozen=True, rename="camel"):
    """What is billed: `flatAmountMinor` in minor units, or `unitAmount` as decimal text in major units, per `quantity`.

    `details` are the numbers of models other than FLAT and PER_UNIT, and what bounds the amount; null where there are none.
    `share` is the part of a whole period that is billed, null: that of the event. `discounts` are to be taken off the amount.
    With `usage`, decimal text, it is what was used from `periodStart` up to `periodEnd` that is billed, whatever the quantity;
    with model PERCENTAGE that is an amount of money in major units, that of `transactions`. `share` is then the part of a period
    for which the price's minimum, maximum and flat amounts are asked, null: all of one.
    """

    price_id: str
    plan_id: str
    description: str
    quantity: int
    model: str
    flat_amount_minor: int | None
    unit_amount: str | None
    details: ChargeDetails | None = None
    share: BilledShare | None = None
    discounts: tuple[BilledDiscount, ...] = ()
    usage: str | None = None
    period_start: datetime | None = None
    period_end: datetime | None = None
    transactions: BilledTransactions | None = None


class BilledAdjustment(msgspec.Struct, frozen=True, rename="camel"):
    """An amount in minor units, negative for a credit, for the time from start up to but not including end.

    Of what was used it tells `usage`, as decimal text, and the `discounts` that are off the amount already.
    """

    price_id: str
    plan_id: str
    description: str
    quantity: int
    start: datetime
    end: datetime
    amount_minor: int
    explanation: str
    usage: str | None = None
    discounts: tuple[BilledDiscount, ...] = ()


class BilledFee(msgspec.Struct, frozen=True, rename="camel"):
    """A one-time price that is billed once: for no time, all of it, and without discounts. Its numbers are those of an item."""

    fee_id: str
    price_id: str
    plan_id: str
    description: str
    quantity: int
    model: str
    flat_amount_minor: int | None
    unit_amount: str | None
    details: ChargeDetails | None = None


class BillingPeriodOpened(Contract, frozen=True):
    """A period begins and is to be billed now. Number 0 is the first; it runs from start up to but not including end.

    Items are billed for `share` of a period, null: for all of it; `fees` and `adjustments` besides, so that the sum is never
    negative.
    `after_trial`: it is the first one, and the subscription is active before it is paid. So it is with the `collectionMethod`
    SEND_INVOICE: nothing is charged, the invoice is due `daysUntilDue` after it is finalised.
    """

    event_type = "billing-period-opened.v1"

    plan_subscription_id: str
    customer_id: str
    period_number: int
    period_start: datetime
    period_end: datetime
    currency: str
    payment_method_id: str | None
    items: tuple[BilledItem, ...]
    share: BilledShare | None = None
    adjustments: tuple[BilledAdjustment, ...] = ()
    after_trial: bool = False
    fees: tuple[BilledFee, ...] = ()
    collection_method: str = CollectionMethod.CHARGE_AUTOMATICALLY.value
    days_until_due: int | None = None


class AdjustmentsBilled(Contract, frozen=True):
    """What changes within a period, and `fees`, come to is to be billed now, as its invoice `number` of this kind.

    `collectionMethod` and `daysUntilDue` are those of billing-period-opened.v1.
    """

    event_type = "adjustments-billed.v1"

    plan_subscription_id: str
    customer_id: str
    number: int
    currency: str
    adjustments: tuple[BilledAdjustment, ...]
    fees: tuple[BilledFee, ...] = ()
    collection_method: str = CollectionMethod.CHARGE_AUTOMATICALLY.value
    days_until_due: int | None = None


class UsageThresholdReached(Contract, frozen=True):
    """Usage of a price in the running period came to a threshold, and is to be billed now as adjustments-billed.v1 tells.

    `billedMinor` is what was billed of the period's usage in all, in minor units before taxes.
    """

    event_type = "usage-threshold-reached.v1"

    plan_subscription_id: str
    customer_id: str
    price_id: str
    reached: int
    currency: str
    billed_minor: int


class PlanSubscriptionActivated(Contract, frozen=True):
    """The first invoice is paid, or was by another billing system; or the first one that is, where those before are void.

    One whose invoices are sent is active before that, when its first period begins.
    """

    event_type = "plan-subscription-activated.v1"

    plan_subscription_id: str
    customer_id: str


class PlanSubscriptionCollectionSet(Contract, frozen=True):
    """What is billed from now on is charged (CHARGE_AUTOMATICALLY), or sent and due `daysUntilDue` later (SEND_INVOICE)."""

    event_type = "plan-subscription-collection-set.v1"

    plan_subscription_id: str
    customer_id: str
    collection_method: str
    days_until_due: int | None


class PlanSubscriptionIncomplete(Contract, frozen=True):
    """The first payment failed; `reason` is the payment's code."""

    event_type = "plan-subscription-incomplete.v1"

    plan_subscription_id: str
    customer_id: str
    reason: str


class PlanSubscriptionExpired(Contract, frozen=True):
    """Its first invoice was not paid in time. It has ended: plan-subscription-canceled.v1 tells so too."""

    event_type = "plan-subscription-expired.v1"

    plan_subscription_id: str
    customer_id: str


class PlanSubscriptionTrialEndSet(Contract, frozen=True):
    """Its trial ends at `trialEndsAt` instead of when was told before: earlier, later, or at this moment."""

    event_type = "plan-subscription-trial-end-set.v1"

    plan_subscription_id: str
    customer_id: str
    trial_ends_at: datetime


class PlanSubscriptionTrialEnded(Contract, frozen=True):
    """Its trial is over and its first period begins."""

    event_type = "plan-subscription-trial-ended.v1"

    plan_subscription_id: str
    customer_id: str


class PlanSubscriptionPastDue(Contract, frozen=True):
    """The payment of a period after the first failed, and `reason` is the payment's code.

    Or the invoice of any period was sent and not paid when due: `reason` is overdue.
    """

    event_type = "plan-subscription-past-due.v1"

    plan_subscription_id: str
    customer_id: str
    period_number: int
    reason: str


class PlanSubscriptionPeriodPaid(Contract, frozen=True):
    """A period after the first is paid."""

    event_type = "plan-subscription-period-paid.v1"

    plan_subscription_id: str
    customer_id: str
    period_number: int


class PlanSubscriptionPeriodSettled(Contract, frozen=True):
    """The invoice of a period is void or uncollectible, and nobody waits for it: one that was past due for it is active again."""

    event_type = "plan-subscription-period-settled.v1"

    plan_subscription_id: str
    customer_id: str
    period_number: int


class PlanSubscriptionUnpaid(Contract, frozen=True):
    """An invoice was not paid by its last retry: nothing more is billed until it is, and what is subscribed to is not had.

    Told again, another invoice has taken the place of that one.
    """

    event_type = "plan-subscription-unpaid.v1"

    plan_subscription_id: str
    customer_id: str
    invoice_id: str


class PlanSubscriptionChanged(Contract, frozen=True):
    """Another price or quantity applies from now on."""

    event_type = "plan-subscription-changed.v1"

    plan_subscription_id: str
    customer_id: str
    plan_id: str
    price_id: str
    quantity: int
    changed_at: datetime
    add_ons: tuple[PublishedAddOn, ...] = ()


class PlanSubscriptionChangeScheduled(Contract, frozen=True):
    """Another price or quantity will apply."""

    event_type = "plan-subscription-change-scheduled.v1"

    plan_subscription_id: str
    customer_id: str
    plan_id: str
    price_id: str
    quantity: int
    change_at: datetime
    add_ons: tuple[PublishedAddOn, ...] = ()


class ScheduledPhase(msgspec.Struct, frozen=True, rename="camel"):
    """A price and quantity that will apply from `starts_at`."""

    plan_id: str
    price_id: str
    quantity: int
    starts_at: datetime
    add_ons: tuple[PublishedAddOn, ...] = ()


class PlanSubscriptionPhasesScheduled(Contract, frozen=True):
    """Other prices or quantities will apply one after the other; nothing else is scheduled any more."""

    event_type = "plan-subscription-phases-scheduled.v1"

    plan_subscription_id: str
    customer_id: str
    phases: tuple[ScheduledPhase, ...]


class PlanSubscriptionDiscountAdded(Contract, frozen=True):
    """It is billed with a coupon's discount from the next period on, for `periods` of them; null: for all."""

    event_type = "plan-subscription-discount-added.v1"

    plan_subscription_id: str
    customer_id: str
    discount_id: str
    coupon_id: str
    promotion_code_id: str | None
    periods: int | None


class PlanSubscriptionDiscountRemoved(Contract, frozen=True):
    """It is billed without a discount from the next period on."""

    event_type = "plan-subscription-discount-removed.v1"

    plan_subscription_id: str
    customer_id: str
    discount_id: str


class PlanSubscriptionFeeAdded(Contract, frozen=True):
    """It is to be billed once with a one-time price: by adjustments-billed.v1 or billing-period-opened.v1 that has the fee."""

    event_type = "plan-subscription-fee-added.v1"

    plan_subscription_id: str
    customer_id: str
    fee_id: str
    price_id: str
    plan_id: str
    quantity: int


class PlanSubscriptionFeeRemoved(Contract, frozen=True):
    """It is not billed with a fee after all."""

    event_type = "plan-subscription-fee-removed.v1"

    plan_subscription_id: str
    customer_id: str
    fee_id: str


class PlanSubscriptionChangeUnscheduled(Contract, frozen=True):
    """It goes on with the price and quantity it has."""

    event_type = "plan-subscription-change-unscheduled.v1"

    plan_subscription_id: str
    customer_id: str


class PlanSubscriptionPaused(Contract, frozen=True):
    """Nothing is billed until it is resumed; null: until somebody does so. Told again, it resumes then instead."""

    event_type = "plan-subscription-paused.v1"

    plan_subscription_id: str
    customer_id: str
    paused_at: datetime
    resumes_at: datetime | None


class PlanSubscriptionResumed(Contract, frozen=True):
    """It goes on."""

    event_type = "plan-subscription-resumed.v1"

    plan_subscription_id: str
    customer_id: str
    resumed_at: datetime


class PlanSubscriptionCancellationScheduled(Contract, frozen=True):
    """It ends at `cancelAt`, such as with its current period."""

    event_type = "plan-subscription-cancellation-scheduled.v1"

    plan_subscription_id: str
    customer_id: str
    cancel_at: datetime


class PlanSubscriptionCancellationUnscheduled(Contract, frozen=True):
    """It goes on after all."""

    event_type = "plan-subscription-cancellation-unscheduled.v1"

    plan_subscription_id: str
    customer_id: str


class CreditPart(msgspec.Struct, frozen=True, rename="camel"):
    """`amountMinor`, before taxes on top, is to be given back of one invoice: that of a period, or of adjustments-billed.v1.

    Each is named by its number, the other is null. The lines that billed time after `after` give it first.
    """

    amount_minor: int
    after: datetime
    period_number: int | None = None
    adjustments_number: int | None = None


class PlanSubscriptionCanceled(Contract, frozen=True):
    """It has ended. `everActive` tells whether its first invoice was ever paid.

    `creditMinor`, before taxes, is to be given back, of the invoices that `credits` name or, without them, of that of
    `creditPeriodNumber`: by refund, as far as a payment paid it, or to the customer's balance.
    """

    event_type = "plan-subscription-canceled.v1"

    plan_subscription_id: str
    customer_id: str
    canceled_at: datetime
    ever_active: bool
    credit_minor: int = 0
    credit_period_number: int | None = None
    credit_refund: bool = False
    credits: tuple[CreditPart, ...] = ()


class TestClockMoved(Contract, frozen=True, omit_defaults=True):
    """What time it is from now on for this tenant, which has a clock of its own.

    With `round`, the clock is on its way, and those who follow it are asked to answer this round: once they have handled what
    was sent before, have done what is due before `until`, null: nothing more, except for customers who are `held`, and have sent
    what follows. Everything due before `now` has happened.
    """

    event_type = "test-clock-moved.v1"

    now: datetime
    round: int | None = None
    until: datetime | None = None
    held: tuple[Held, ...] = ()


_CONTRACTS: tuple[type[Contract], ...] = (
    PlanSubscriptionStarted,
    BillingPeriodOpened,
    AdjustmentsBilled,
    UsageThresholdReached,
    PlanSubscriptionActivated,
    PlanSubscriptionCollectionSet,
    PlanSubscriptionIncomplete,
    PlanSubscriptionExpired,
    PlanSubscriptionTrialEndSet,
    PlanSubscriptionTrialEnded,
    PlanSubscriptionPastDue,
    PlanSubscriptionPeriodPaid,
    PlanSubscriptionPeriodSettled,
    PlanSubscriptionUnpaid,
    PlanSubscriptionChanged,
    PlanSubscriptionChangeScheduled,
    PlanSubscriptionDiscountAdded,
    PlanSubscriptionDiscountRemoved,
    PlanSubscriptionFeeAdded,
    PlanSubscriptionFeeRemoved,
    PlanSubscriptionChangeUnscheduled,
    PlanSubscriptionPhasesScheduled,
    PlanSubscriptionPaused,
    PlanSubscriptionResumed,
    PlanSubscriptionCancellationScheduled,
    PlanSubscriptionCancellationUnscheduled,
    PlanSubscriptionCanceled,
    TestClockMoved,
    *MIGRATION_CONTRACTS,
)
_CODECS = {kind.kind: kind.codec for kind in (PlanSubscription, TenantClock, PriceMigration)}


def publish(commit: Commit) -> Sequence[PublicEvent]:
    """Return the public events of one commit."""
    codec = _CODECS[commit.kind]
    contracts = (
        contract
        for stored in commit.events
        for contract in _translate(commit.aggregate_id, codec.decode(stored.type, stored.data))
    )
    return [public_event(commit, number, contract) for number, contract in enumerate(contracts)]


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every public event by its type."""
    return json_schemas_of(_CONTRACTS)


def bill_of_event(id: str, event: Event) -> dict[str, Any]:
    """Return type and data of the public event by which `event` of subscription `id` is billed, as they are told."""
    [contract] = _translate(id, event)
    return {"type": contract.event_type, "data": msgspec.to_builtins(contract, str_keys=True)}


def _translate(id: str, event: Event) -> Iterator[Contract]:
    match event:
        case events.PlanSubscriptionStarted():
            yield PlanSubscriptionStarted(
                plan_subscription_id=id,
                **_collection(event.days_until_due),
                customer_id=event.customer_id,
                plan_id=event.price.plan_id,
                price_id=event.price.price_id,
                quantity=event.quantity,
                started_at=event.starts_at or event.trial_start or event.anchor,
                trial_ends_at=(event.trial_end or event.anchor) if event.trial_start else None,
                add_ons=_add_ons(event.add_ons),
                paid_through=event.paid_through,
                external_id=event.external_id,
            )
        case events.BillingPeriodOpened():
            yield BillingPeriodOpened(
                plan_subscription_id=id,
                **_collection(event.days_until_due),
                customer_id=event.customer_id,
                period_number=event.number,
                period_start=event.start,
                period_end=event.end,
                currency=event.price.currency,
                payment_method_id=None,
                items=_items(event),
                share=_share(event.share),
                adjustments=_adjustments(event.adjustments),
                after_trial=event.after_trial,
                fees=_fees(event.fees),
            )
        case events.AdjustmentsBilled():
            yield AdjustmentsBilled(
                plan_subscription_id=id,
                **_collection(event.days_until_due),
                customer_id=event.customer_id,
                number=event.number,
                currency=event.currency,
                adjustments=_adjustments(event.adjustments),
                fees=_fees(event.fees),
            )
        case events.FeesBilled():
            yield AdjustmentsBilled(
                plan_subscription_id=id,
                **_collection(event.days_until_due),
                customer_id=event.customer_id,
                number=event.number,
                currency=event.currency,
                adjustments=(),
                fees=_fees(event.fees),
            )
        case events.FeeAdded(fee=fee):
            yield PlanSubscriptionFeeAdded(
                plan_subscription_id=id,
                customer_id=event.customer_id,
                fee_id=fee.id,
                price_id=fee.price.price_id,
                plan_id=fee.price.plan_id,
                quantity=fee.quantity,
            )
        case events.FeeRemoved():
            yield PlanSubscriptionFeeRemoved(plan_subscription_id=id, customer_id=event.customer_id, fee_id=event.fee_id)
        case events.PlanSubscriptionActivated():
            yield PlanSubscriptionActivated(plan_subscription_id=id, customer_id=event.customer_id)
        case events.CollectionSet():
            yield PlanSubscriptionCollectionSet(
                plan_subscription_id=id, customer_id=event.customer_id, **_collection(event.days_until_due)
            )
        case events.PlanSubscriptionIncomplete():
            yield PlanSubscriptionIncomplete(plan_subscription_id=id, customer_id=event.customer_id, reason=event.reason)
        case events.PlanSubscriptionExpired():
            yield PlanSubscriptionExpired(plan_subscription_id=id, customer_id=event.customer_id)
            yield PlanSubscriptionCanceled(
                plan_subscription_id=id, customer_id=event.customer_id, canceled_at=event.expired_at, ever_active=False
            )
        case events.TrialEndSet():
            yield PlanSubscriptionTrialEndSet(
                plan_subscription_id=id, customer_id=event.customer_id, trial_ends_at=event.trial_end
            )
        case events.TrialEnded():
            yield PlanSubscriptionTrialEnded(plan_subscription_id=id, customer_id=event.customer_id)
        case events.PlanSubscriptionPastDue():
            yield PlanSubscriptionPastDue(
                plan_subscription_id=id, customer_id=event.customer_id, period_number=event.number, reason=event.reason
            )
        case events.BillingPeriodPaid():
            yield PlanSubscriptionPeriodPaid(plan_subscription_id=id, customer_id=event.customer_id, period_number=event.number)
        case events.BillingPeriodSettled():
            yield PlanSubscriptionPeriodSettled(
                plan_subscription_id=id, customer_id=event.customer_id, period_number=event.number
            )
        case events.PlanSubscriptionChanged(terms=terms):
            yield PlanSubscriptionChanged(
                plan_subscription_id=id,
                customer_id=event.customer_id,
                plan_id=terms.price.plan_id,
                price_id=terms.price.price_id,
                quantity=terms.quantity,
                changed_at=event.changed_at,
                add_ons=_add_ons(terms.add_ons),
            )
        case events.UsageBilled():
            yield AdjustmentsBilled(
                plan_subscription_id=id,
                **_collection(event.days_until_due),
                customer_id=event.customer_id,
                number=event.number,
                currency=event.currency,
                adjustments=(*_usage_adjustments(event), *_adjustments(event.adjustments)),
                fees=_fees(event.fees),
            )
        case events.UsageThresholdsReached():
            yield AdjustmentsBilled(
                plan_subscription_id=id,
                **_collection(event.days_until_due),
                customer_id=event.customer_id,
                number=event.number,
                currency=event.currency,
                adjustments=_adjustments(event.adjustments),
            )
            for one in event.progress:
                yield UsageThresholdReached(
                    plan_subscription_id=id,
                    customer_id=event.customer_id,
                    price_id=one.price_id,
                    reached=one.reached,
                    currency=event.currency,
                    billed_minor=one.billed_minor,
                )
        case events.PlanSubscriptionUnpaid():
            yield PlanSubscriptionUnpaid(plan_subscription_id=id, customer_id=event.customer_id, invoice_id=event.invoice_id)
        case events.ChangeScheduled(terms=terms):
            yield PlanSubscriptionChangeScheduled(
                plan_subscription_id=id,
                customer_id=event.customer_id,
                plan_id=terms.price.plan_id,
                price_id=terms.price.price_id,
                quantity=terms.quantity,
                change_at=event.change_at,
                add_ons=_add_ons(terms.add_ons),
            )
        case events.PhasesScheduled():
            phases = tuple(
                ScheduledPhase(
                    plan_id=change.terms.price.plan_id,
                    price_id=change.terms.price.price_id,
                    quantity=change.terms.quantity,
                    starts_at=change.change_at,
                    add_ons=_add_ons(change.terms.add_ons),
                )
                for change in event.changes
            )
            yield PlanSubscriptionPhasesScheduled(plan_subscription_id=id, customer_id=event.customer_id, phases=phases)
        case events.DiscountAdded(discount=discount):
            yield PlanSubscriptionDiscountAdded(
                plan_subscription_id=id,
                customer_id=event.customer_id,
                discount_id=discount.id,
                coupon_id=discount.coupon_id,
                promotion_code_id=discount.promotion_code_id,
                periods=discount.periods,
            )
        case events.DiscountRemoved():
            yield PlanSubscriptionDiscountRemoved(
                plan_subscription_id=id, customer_id=event.customer_id, discount_id=event.discount_id
            )
        case events.ChangeUnscheduled():
            yield PlanSubscriptionChangeUnscheduled(plan_subscription_id=id, customer_id=event.customer_id)
        case events.PlanSubscriptionPaused():
            yield PlanSubscriptionPaused(
                plan_subscription_id=id,
                customer_id=event.customer_id,
                paused_at=event.paused_at,
                resumes_at=event.resumes_at,
            )
        case events.PlanSubscriptionResumed():
            yield PlanSubscriptionResumed(plan_subscription_id=id, customer_id=event.customer_id, resumed_at=event.resumed_at)
        case events.CancellationScheduled():
            yield PlanSubscriptionCancellationScheduled(
                plan_subscription_id=id, customer_id=event.customer_id, cancel_at=event.cancel_at
            )
        case events.CancellationUnscheduled():
            yield PlanSubscriptionCancellationUnscheduled(plan_subscription_id=id, customer_id=event.customer_id)
        case events.PlanSubscriptionCanceled(credit=credit):
            yield PlanSubscriptionCanceled(
                plan_subscription_id=id,
                customer_id=event.customer_id,
                canceled_at=event.canceled_at,
                ever_active=event.ever_active,
                credit_minor=credit.amount_minor if credit else 0,
                credit_period_number=credit.period_number if credit else None,
                credit_refund=credit.refund if credit else False,
                credits=_credit_parts(credit.parts) if credit else (),
            )
        case TenantClockFrozen() | TenantClockMoved() | TenantClockArrived():
            yield TestClockMoved(now=event.now)
        case TenantClockAsked():
            held = tuple(Held(customer_id=one.customer_id, goes=one.goes) for one in event.held)
            yield TestClockMoved(now=event.now, round=event.round, until=event.until, held=held)
        case events.PlansRenamed():
            return  # plan-updated.v1 told it
        case _:
            yield from told_of_migration(id, event)


def _credit_parts(parts: Sequence[values.CreditPart]) -> tuple[CreditPart, ...]:
    return tuple(
        CreditPart(
            amount_minor=part.amount_minor,
            after=part.after,
            period_number=part.period_number,
            adjustments_number=part.adjustments_number,
        )
        for part in parts
    )


class _Collection(TypedDict):
    collection_method: str
    days_until_due: int | None


def _collection(days_until_due: int | None) -> _Collection:
    return _Collection(collection_method=collection_method(days_until_due).value, days_until_due=days_until_due)


def _add_ons(items: Sequence[values.Item]) -> tuple[PublishedAddOn, ...]:
    return tuple(
        PublishedAddOn(price_id=item.price.price_id, plan_id=item.price.plan_id, quantity=item.quantity) for item in items
    )


def _share(share: Share | None) -> BilledShare | None:
    return BilledShare(share.numerator, share.denominator) if share else None


def _items(event: events.BillingPeriodOpened) -> tuple[BilledItem, ...]:
    lines = charges(event.billed, event.discounts, Period(event.start, event.end))
    return tuple(_item(billed, line.discounts) for billed, line in zip(event.billed, lines, strict=True))


def _item(billed: values.BilledItem, taken: Sequence[TakenOff]) -> BilledItem:
    price = billed.item.price
    return BilledItem(
        price_id=price.price_id,
        plan_id=price.plan_id,
        description=price.line_name,
        quantity=billed.item.quantity,
        model=price.model,
        flat_amount_minor=price.flat_amount_minor,
        unit_amount=None if price.unit_amount is None else format(price.unit_amount, "f"),
        details=price.details if price.details != NO_DETAILS else None,
        share=_share(billed.share),
        discounts=_discounts(taken),
        usage=None if billed.used is None else format(amount_used(billed.used), "f"),
        transactions=_transactions(billed.used),
        period_start=billed.period.start if billed.period else None,
        period_end=billed.period.end if billed.period else None,
    )


def _transactions(used: Quantity | None) -> BilledTransactions | None:
    if not isinstance(used, Transacted):
        return None
    return BilledTransactions(count=used.count, free=used.free, price=format(used.price, "f"))


def _discounts(taken: Sequence[TakenOff]) -> tuple[BilledDiscount, ...]:
    return tuple(
        BilledDiscount(coupon_id=off.discount.coupon_id, name=str(off.discount), amount_minor=off.amount.minor_units)
        for off in taken
    )


def _fees(fees: Sequence[Fee]) -> tuple[BilledFee, ...]:
    return tuple(
        BilledFee(
            fee_id=fee.id,
            price_id=fee.price.price_id,
            plan_id=fee.price.plan_id,
            description=fee.price.plan_name,
            quantity=fee.quantity,
            model=fee.price.model,
            flat_amount_minor=fee.price.flat_amount_minor,
            unit_amount=None if fee.price.unit_amount is None else format(fee.price.unit_amount, "f"),
            details=fee.price.details if fee.price.details != NO_DETAILS else None,
        )
        for fee in fees
    )


def _usage_adjustments(event: events.UsageBilled) -> tuple[BilledAdjustment, ...]:
    lines = charges(event.usage, event.discounts)
    return tuple(
        BilledAdjustment(
            price_id=billed.item.price.price_id,
            plan_id=billed.item.price.plan_id,
            description=line.description,
            quantity=1 if billed.used is not None else billed.item.quantity,
            start=line.period.start,
            end=line.period.end,
            amount_minor=line.amount.minor_units,
            explanation=line.explanation,
            usage=None if billed.used is None else format(amount_used(billed.used), "f"),
            discounts=_discounts(line.discounts),
        )
        for billed, line in zip(event.usage, lines, strict=True)
        if line.period is not None
    )


def _adjustments(adjustments: Sequence[Adjustment]) -> tuple[BilledAdjustment, ...]:
    return tuple(
        BilledAdjustment(
            price_id=adjustment.price_id,
            plan_id=adjustment.plan_id,
            description=adjustment.description,
            quantity=adjustment.quantity,
            start=adjustment.start,
            end=adjustment.end,
            amount_minor=adjustment.amount_minor,
            explanation=adjustment.explanation,
        )
        for adjustment in adjustments
    )
