"""What happens to a plan subscription.

`days_until_due` of what is billed is the payment term of an invoice that is sent to be paid; None: it is charged automatically.
"""

from dataclasses import dataclass
from datetime import datetime

from subgraphs.kit.domain.event import Event
from subgraphs.pricing.proration import Share
from subgraphs.subscription.domain.fees import Fee
from subgraphs.subscription.domain.values import (
    Adjustment,
    BilledItem,
    CommitmentTerm,
    Discount,
    Item,
    LateUsage,
    ProrationBehavior,
    ScheduledChange,
    SubscribedPrice,
    Terms,
    TrialEnding,
    UnusedCredit,
    UsageProgress,
)

__all__ = [
    "AdjustmentsBilled",
    "BillCredited",
    "BillUnpaid",
    "BillingPeriodOpened",
    "BillingPeriodPaid",
    "BillingPeriodSettled",
    "BillingPeriodTakenOver",
    "CancellationScheduled",
    "CancellationUnscheduled",
    "ChangeScheduled",
    "ChangeUnscheduled",
    "CollectionSet",
    "DiscountAdded",
    "DiscountRemoved",
    "FeeAdded",
    "FeeRemoved",
    "FeesBilled",
    "PhasesScheduled",
    "PlanSubscriptionActivated",
    "PlanSubscriptionCanceled",
    "PlanSubscriptionChanged",
    "PlanSubscriptionExpired",
    "PlanSubscriptionIncomplete",
    "PlanSubscriptionPastDue",
    "PlanSubscriptionPaused",
    "PlanSubscriptionResumed",
    "PlanSubscriptionStarted",
    "PlanSubscriptionUnpaid",
    "TrialEndSet",
    "PlansRenamed",
    "TrialEnded",
    "UsageBilled",
    "UsageThresholdsReached",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubscriptionStarted(Event):
    """`anchor` is the instant from which all billing periods are counted, on the calendar of `time_zone`.

    It begins at `starts_at`, None: at the anchor or, with a trial, at `trial_start`. A trial ends at `trial_end`, None: at the
    anchor. `told_at` is when it was asked for, where that is not when it begins. `on_test_clock`: time is that of the tenant's
    own clock. Until `paid_through` another billing system has billed it. `external_id` is the tenant's own id of it.
    """

    customer_id: str
    price: SubscribedPrice
    quantity: int
    time_zone: str
    anchor: datetime
    trial_start: datetime | None = None
    trial_ending: TrialEnding = TrialEnding.CREATE_INVOICE
    on_test_clock: bool = False
    add_ons: tuple[Item, ...] = ()
    starts_at: datetime | None = None
    trial_end: datetime | None = None
    told_at: datetime | None = None
    paid_through: datetime | None = None
    external_id: str | None = None
    days_until_due: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPeriodOpened(Event):
    """Period `number` (0 is the first) runs from `start` up to but not including `end`; it is billed in advance.

    It repeats what is billed, so that the event alone makes the invoice: `share` of the price (None: all of it), the `add_ons`,
    the `adjustments`, and `fees`. `index` counts from the anchor (None: as `number`); a new `anchor` applies from this period on.
    `carried` is what is left for the next invoice; `discounts` are off the items and the `usage` of the period before, not off
    the adjustments and fees, and fees are never in proportion either. `after_trial`: it is the first, but the subscription does
    not wait for its payment. `commitment` is the term that it belongs to, with what was billed of it.
    """

    customer_id: str
    price: SubscribedPrice
    quantity: int
    number: int
    start: datetime
    end: datetime
    adjustments: tuple[Adjustment, ...] = ()
    carried: tuple[Adjustment, ...] = ()
    share: Share | None = None
    index: int | None = None
    anchor: datetime | None = None
    add_ons: tuple[BilledItem, ...] = ()
    discounts: tuple[Discount, ...] = ()
    usage: tuple[BilledItem, ...] = ()
    late_usage: tuple[LateUsage, ...] = ()
    after_trial: bool = False
    commitment: CommitmentTerm | None = None
    fees: tuple[Fee, ...] = ()
    days_until_due: int | None = None

    @property
    def billed(self) -> tuple[BilledItem, ...]:
        """All that is billed but fees and adjustments: in advance, the plan first, and then in arrears, also what was used."""
        plan = BilledItem(item=Item(price=self.price, quantity=self.quantity), share=self.share)
        return (*(one for one in (plan, *self.add_ons) if one.item.is_in_advance), *self.usage)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPeriodTakenOver(Event):
    """Period 0 runs from `start` up to but not including `end`, and was billed by another system; `index` counts from the anchor.

    It is all of a natural period, or its beginning: period 1 is billed from `end`.
    """

    customer_id: str
    start: datetime
    end: datetime
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubscriptionActivated(Event):
    """It is active: its first invoice is paid, or `before_payment`, as it is sent and may be paid later."""

    customer_id: str
    activated_at: datetime
    before_payment: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionSet(Event):
    """What is billed from now on is charged automatically, or sent with a payment term of `days_until_due`."""

    customer_id: str
    days_until_due: int | None
    set_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubscriptionIncomplete(Event):
    """The first payment failed; `reason` is the payment's code."""

    customer_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubscriptionExpired(Event):
    """The first invoice was not paid in time."""

    customer_id: str
    expired_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEndSet(Event):
    """Its trial ends at `trial_end` instead; periods that are counted from the end of the trial are counted from there."""

    customer_id: str
    trial_end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEnded(Event):
    """The trial is over and the first period to be paid for begins."""

    customer_id: str
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPeriodPaid(Event):
    """The invoice of a period after the first is paid; where it was past due, it is so no longer."""

    customer_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPeriodSettled(Event):
    """The invoice of a period is void or uncollectible: nobody waits for it, and where it was past due, it is so no longer."""

    customer_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubscriptionPastDue(Event):
    """The payment of period `number` failed, and `reason` is the payment's code; or its sent invoice was not paid when due."""

    customer_id: str
    number: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubscriptionUnpaid(Event):
    """Invoice `invoice_id` was not paid by its last retry: nothing more is billed until it is.

    It bills period `number`, None: it was not told, or bills none. Again, another invoice takes the place of a void one.
    """

    customer_id: str
    invoice_id: str
    unpaid_at: datetime
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubscriptionChanged(Event):
    """Other terms apply from `changed_at`. `adjustments` are for the rest of the period; None: it was not prorated.

    `of_schedule`: it is the change that was scheduled to come next; otherwise it takes the place of all that was scheduled.
    `commitment` is its term where that is another one now. `unbilled` is what was used of prices that go and came to nothing:
    what becomes known of it later is billed then.
    """

    customer_id: str
    terms: Terms
    changed_at: datetime
    adjustments: tuple[Adjustment, ...] | None
    of_schedule: bool = False
    commitment: CommitmentTerm | None = None
    unbilled: tuple[BilledItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentsBilled(Event):
    """What was pending is billed now, by invoice `number` of this kind."""

    customer_id: str
    number: int
    currency: str
    adjustments: tuple[Adjustment, ...]
    fees: tuple[Fee, ...] = ()
    days_until_due: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillCredited(Event):
    """A credit note took back `amount_minor` of a bill, before taxes on top, of which `in_advance_minor` was for time in advance.

    The bill is that of a period or, by its number, of adjustments; the other is None. `revoked` is pending from now on: it takes
    off what is pending as a credit and was given back so.
    """

    customer_id: str
    credit_note_id: str
    period_number: int | None
    adjustments_number: int | None
    amount_minor: int
    in_advance_minor: int
    revoked: tuple[Adjustment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BillUnpaid(Event):
    """Of the `total_minor` of a bill, with taxes, `unpaid_minor` is not paid and nobody expects it; 0: it is paid after all.

    The bill is named as by `BillCredited`.
    """

    customer_id: str
    period_number: int | None
    adjustments_number: int | None
    unpaid_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlansRenamed(Event):
    """What plans that it is billed for are called from now on, by their ids."""

    customer_id: str
    names: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeAdded(Event):
    """It is to be billed once with the fee: with the next invoice, or at once where `FeesBilled` follows."""

    customer_id: str
    fee: Fee


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRemoved(Event):
    """The fee is not billed after all."""

    customer_id: str
    fee_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeesBilled(Event):
    """Fees are billed now, and nothing else, by invoice `number` of the kind that adjustments have."""

    customer_id: str
    number: int
    currency: str
    fees: tuple[Fee, ...]
    days_until_due: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageBilled(Event):
    """What was used of prices that go, or of all when it ends, is billed now, by invoice `number` of this kind.

    `adjustments` are billed besides, such as what was billed before; `carried` is what is left for the next invoice.
    `commitment` is its term where that is another one now. Where it ends, its `fees` are billed with it.
    """

    customer_id: str
    number: int
    currency: str
    usage: tuple[BilledItem, ...]
    discounts: tuple[Discount, ...]
    adjustments: tuple[Adjustment, ...] = ()
    carried: tuple[Adjustment, ...] = ()
    commitment: CommitmentTerm | None = None
    fees: tuple[Fee, ...] = ()
    days_until_due: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageThresholdsReached(Event):
    """What was used of prices so far in the period is billed now, by invoice `number` of this kind: `adjustments`."""

    customer_id: str
    number: int
    currency: str
    progress: tuple[UsageProgress, ...]
    adjustments: tuple[Adjustment, ...]
    days_until_due: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeScheduled(Event):
    """Other terms apply from `change_at`, with this proration where that is within a period."""

    customer_id: str
    terms: Terms
    change_at: datetime
    proration: ProrationBehavior = ProrationBehavior.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class PhasesScheduled(Event):
    """Other terms apply one after the other; it takes the place of all that was scheduled."""

    customer_id: str
    changes: tuple[ScheduledChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUnscheduled(Event):
    """It goes on with the terms it has."""

    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubscriptionPaused(Event):
    """Nothing is billed until it is resumed, at `resumes_at` by itself. What is paused since `paused_at` resumes at another time
    when it happens again."""

    customer_id: str
    paused_at: datetime
    resumes_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubscriptionResumed(Event):
    customer_id: str
    resumed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationScheduled(Event):
    """It ends at `cancel_at`, for this reason."""

    customer_id: str
    cancel_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationUnscheduled(Event):
    """It goes on after all."""

    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubscriptionCanceled(Event):
    """`ever_active` tells whether its first invoice was ever paid; `credit` is what is given back for unused time."""

    customer_id: str
    ever_active: bool
    canceled_at: datetime
    reason: str | None
    credit: UnusedCredit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountAdded(Event):
    """It is billed with the discount from the next period that opens on."""

    customer_id: str
    discount: Discount


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountRemoved(Event):
    customer_id: str
    discount_id: str
