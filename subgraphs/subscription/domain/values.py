"""Values of plan subscriptions."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money, total
from subgraphs.kit.domain.period import Interval, Period
from subgraphs.pricing.charge import NO_DETAILS, Charge, ChargeDetails, PriceModel
from subgraphs.pricing.discount import Reduction
from subgraphs.pricing.proration import Share
from subgraphs.pricing.rating import Quantity, rate
from subgraphs.pricing.thresholds import has_thresholds

__all__ = [
    "LARGEST_QUANTITY",
    "LONGEST_LIST",
    "Adjustment",
    "BilledItem",
    "CommitmentTerm",
    "Discount",
    "CancellationTime",
    "ChangeTime",
    "Item",
    "Pause",
    "PlanSubscriptionStatus",
    "PriceVersion",
    "ProrationBehavior",
    "ScheduledChange",
    "SubscribedPrice",
    "Terms",
    "TrialEnding",
    "UnusedCredit",
    "UnusedTime",
    "UsageProgress",
    "UsageWanted",
    "UsageWindow",
    "checked_quantity",
]

LARGEST_QUANTITY = 1_000_000
# Add-ons of one subscription.
LONGEST_LIST = 19


class PlanSubscriptionStatus(StrEnum):
    """Where a plan subscription stands.

    SCHEDULED → PENDING                        it begins
    SCHEDULED, none → ACTIVE                   it begins, and its invoices are sent
    PENDING → ACTIVE | INCOMPLETE              the first invoice is paid, or its payment fails
    INCOMPLETE → ACTIVE | INCOMPLETE_EXPIRED   it is paid after all, or not within 23 hours
    TRIALING → ACTIVE | PAUSED | CANCELED      the trial ends
    ACTIVE ↔ PAST_DUE                          a renewal's payment fails, and is made after all, or its invoice is void
                                               what was sent is not paid when due, and is after all, or is void
    PAST_DUE, ACTIVE ↔ UNPAID                  it was not paid by the last retry, and is after all, or its invoice is void
    ACTIVE, TRIALING ↔ PAUSED                  paused and resumed
    any of them → CANCELED                     CANCELED and INCOMPLETE_EXPIRED are final
    """

    SCHEDULED = "SCHEDULED"
    PENDING = "PENDING"
    TRIALING = "TRIALING"
    ACTIVE = "ACTIVE"
    PAST_DUE = "PAST_DUE"
    UNPAID = "UNPAID"
    INCOMPLETE = "INCOMPLETE"
    INCOMPLETE_EXPIRED = "INCOMPLETE_EXPIRED"
    PAUSED = "PAUSED"
    CANCELED = "CANCELED"

    @property
    def is_final(self) -> bool:
        """Whether nothing can change it any more."""
        return self in {PlanSubscriptionStatus.CANCELED, PlanSubscriptionStatus.INCOMPLETE_EXPIRED}


class TrialEnding(StrEnum):
    """What happens at the end of a trial whose customer has no payment method."""

    CREATE_INVOICE = "CREATE_INVOICE"
    PAUSE = "PAUSE"
    CANCEL = "CANCEL"


class ChangeTime(StrEnum):
    """When a change takes effect."""

    NOW = "NOW"
    PERIOD_END = "PERIOD_END"
    DATE = "DATE"


class CancellationTime(StrEnum):
    """When a cancellation takes effect."""

    NOW = "NOW"
    PERIOD_END = "PERIOD_END"
    DATE = "DATE"


class ProrationBehavior(StrEnum):
    """What is billed for the rest of a period in which something changes.

    CREATE       the difference, with the next invoice
    INVOICE_NOW  the difference, with an invoice of its own; a credit is kept for the next invoice
    NONE         nothing
    """

    CREATE = "CREATE"
    INVOICE_NOW = "INVOICE_NOW"
    NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceVersion:
    """A price version as it was when it was sold. Amounts: minor units flat, exact major units per unit."""

    price_id: str
    plan_id: str
    # What the plan is called may change: it is the same price.
    plan_name: str = field(compare=False)
    currency: str
    model: str
    flat_amount_minor: int | None
    unit_amount: Decimal | None
    details: ChargeDetails = NO_DETAILS

    @property
    def charge(self) -> Charge:
        """What it asks for: per interval, or once."""
        return Charge(
            currency=self.currency,
            model=PriceModel(self.model),
            flat_amount_minor=self.flat_amount_minor,
            unit_amount=self.unit_amount,
            details=self.details,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribedPrice(PriceVersion):
    """The price version a customer subscribes to."""

    interval: Interval
    meter_id: str | None = None
    # The meter tells it, and has one name for ever: a price that was noted without it is the same one.
    meter_name: str | None = field(default=None, compare=False)

    @property
    def line_name(self) -> str:
        """What lines call it: the plan, or what is used of it, as `API calls (Pro)`."""
        if self.meter_name is None or self.meter_name.casefold() == self.plan_name.casefold():
            return self.plan_name
        return f"{self.meter_name} ({self.plan_name})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A price and how many units of it."""

    price: SubscribedPrice
    quantity: int

    @property
    def is_metered(self) -> bool:
        """Whether it is billed by what was used, when a period has ended."""
        return self.price.meter_id is not None

    @property
    def is_in_arrears(self) -> bool:
        """Whether its quantity is billed when a period has ended."""
        return self.price.details.in_arrears and not self.is_metered

    @property
    def is_in_advance(self) -> bool:
        """Whether its quantity is billed when a period begins."""
        return not (self.is_in_arrears or self.is_metered)

    @property
    def amount(self) -> Money:
        """What a whole billing period of the quantity comes to: nothing where it is billed by what was used."""
        if self.is_metered:
            return Money.zero(self.price.currency)
        return rate(self.price.charge, self.quantity).amount


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledItem:
    """An item and what part of a whole period of it is billed, None: all of it; or what was `used` of it in a past `period`.

    With a `period` and nothing `used`, it is billed in arrears. `whole` is the billing period that a period of use is a part of,
    None: it is all of it; `after` are the parts of that in which its meter was billed before. Without `share` and `after` such a
    part was billed as if it were all of a period, as it once was.
    """

    item: Item
    share: Share | None = None
    used: Quantity | None = None
    period: Period | None = None
    whole: Period | None = None
    after: tuple[Period, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LateUsage:
    """What was used in a period in all, as it is known now: the difference to what was billed for it is an adjustment."""

    price_id: str
    period: Period
    used: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageWanted:
    """Of which price, by which meter, it is to be known what was used in which period.

    `transactions_by` is a PERCENTAGE price, which takes each transaction by itself; None: it takes one quantity. `whole` is the
    billing period that the period is a part of, None: it is all of it; `share` is what the price is asked for, `after` are the
    parts of it in which the meter was billed before, as in `BilledItem`. The part goes on `until` then, None: it ends with the
    period. `with_end`: what happened in the instant at which the period ends is part of it, as nothing comes after.
    """

    price_id: str
    meter_id: str
    period: Period
    transactions_by: Charge | None = None
    whole: Period | None = None
    with_end: bool = False
    share: Share | None = None
    after: tuple[Period, ...] | None = None
    until: datetime | None = None

    @classmethod
    def of(
        cls,
        price: SubscribedPrice,
        meter_id: str,
        period: Period,
        whole: Period | None = None,
        *,
        share: Share | None = None,
        after: tuple[Period, ...] | None = None,
        until: datetime | None = None,
        with_end: bool = False,
    ) -> "UsageWanted":
        return cls(
            price_id=price.price_id,
            meter_id=meter_id,
            period=period,
            transactions_by=price.charge.part(share) if price.model == PriceModel.PERCENTAGE.value else None,
            whole=whole,
            with_end=with_end,
            share=share,
            after=after,
            until=until,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is subscribed to: a price and how many units of it, and what is added on, all billed at the same interval."""

    price: SubscribedPrice
    quantity: int
    add_ons: tuple[Item, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """All that is subscribed to, the plan itself first."""
        return (Item(price=self.price, quantity=self.quantity), *self.add_ons)

    @property
    def amount(self) -> Money:
        """What a whole billing period comes to."""
        return total([item.amount for item in self.items], self.price.currency)

    @property
    def has_thresholds(self) -> bool:
        """Whether what is used can be billed before its period has ended."""
        return any(item.is_metered and has_thresholds(item.price.details) for item in self.items)

    def check(self, within: tuple[str, ...] = ()) -> None:
        """Check that it can be billed together.

        Raises:
            InvalidInput: a quantity is out of range, there are too many add-ons, one price is there twice, or one is in another
                currency or billed at another interval than the first.
        """
        checked_quantity(self.quantity, (*within, "quantity"))
        if len(self.add_ons) > LONGEST_LIST:
            raise InvalidInput(f"a subscription has at most {LONGEST_LIST} add-ons", field=(*within, "addOns"))
        ids = {self.price.price_id}
        for number, item in enumerate(self.add_ons):
            field, price = (*within, "addOns", str(number)), item.price
            checked_quantity(item.quantity, (*field, "quantity"))
            if price.price_id in ids:
                raise InvalidInput(f"price {price.price_id!r} is there twice: give its whole quantity once", field=field)
            ids.add(price.price_id)
            if price.details.commitment_minor is not None:
                raise InvalidInput(
                    f"price {price.price_id!r} has a minimum commitment, which only the first price of a subscription can have",
                    field=field,
                )
            if price.currency != self.price.currency:
                raise InvalidInput(
                    f"price {price.price_id!r} is in {price.currency}, the first in {self.price.currency}", field=field
                )
            if price.interval != self.price.interval:
                raise InvalidInput(
                    f"price {price.price_id!r} is billed every {_told(price.interval)}, "
                    f"the first every {_told(self.price.interval)}",
                    field=field,
                )


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is billed until `resumes_at`; None: until somebody says so."""

    resumes_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledChange:
    """Terms that apply from `change_at`: the end of a period, or a date, with this proration where that is within a period."""

    terms: Terms
    change_at: datetime
    proration: ProrationBehavior


class UnusedTime(StrEnum):
    """What becomes of time that was billed in advance and is not used after a cancellation."""

    KEEP = "KEEP"
    CREDIT = "CREDIT"
    REFUND = "REFUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditPart:
    """What is given back of one invoice, in minor units before taxes on top: that of a period, or of changes, by its number.

    The lines that billed time after `after` give it first.
    """

    amount_minor: int
    after: datetime
    period_number: int | None = None
    adjustments_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditedLine:
    """What a credit note took back of one line, in minor units before taxes on top, and when the time ends that it billed.

    None: it billed no time, or what was used.
    """

    amount_minor: int
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedCredit:
    """What is given back when it ends in period `period_number`, in minor units before taxes: by refund, or to the balance.

    `parts` say of which invoices and come to the amount; without them it is of the period's own.
    """

    period_number: int
    amount_minor: int
    refund: bool
    parts: tuple[CreditPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """What a coupon takes off, as it was when the subscription was given it: `percent_off` (25 for 25 %) or `amount_off`.

    `periods` is for how many billing periods, None: for all; without `plan_ids` it is off every plan.
    """

    id: str
    coupon_id: str
    promotion_code_id: str | None
    name: str
    percent_off: Decimal | None
    amount_off: Money | None
    periods: int | None
    plan_ids: tuple[str, ...]
    added_at: datetime

    @property
    def reduction(self) -> Reduction:
        """Its arithmetic."""
        return Reduction(percent_off=self.percent_off, amount_off=self.amount_off, plan_ids=self.plan_ids)

    def __str__(self) -> str:
        """As invoices explain it: `Launch, 25 %`."""
        return f"{self.name}, {self.reduction}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledUsage:
    """What was billed as used of an item in a period, a part of a `whole` one or, None, all of it, and with which discounts.

    `share` and `after` are those of `BilledItem`.
    """

    item: Item
    discounts: tuple[Discount, ...]
    used: Quantity
    whole: Period | None = None
    share: Share | None = None
    after: tuple[Period, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageWindow:
    """When what a meter counts is billed: from `start` up to but not including `end`, None: it goes on."""

    meter_id: str
    start: datetime
    end: datetime | None


NO_PERIODS = Share(0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentTerm:
    """A term of so many `periods` in which `amount_minor` is committed to, and how far it has come.

    So many periods were `opened` since its `start`, which are `elapsed` natural ones. `billed_minor` was billed, and
    `pending_minor` of changes will be with the next invoice, all before discounts and tax.
    """

    price_id: str
    plan_id: str
    plan_name: str
    currency: str
    interval: Interval
    amount_minor: int
    periods: int
    in_full: bool
    start: datetime
    opened: int = 0
    elapsed: Share = NO_PERIODS
    billed_minor: int = 0
    pending_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageProgress:
    """How far the usage of a price in the running period has been billed: that it was `used` so far, and for how much.

    `reached` is how many thresholds that was, `billed_minor` with percentages off, by so many `invoices`.
    """

    price_id: str
    used: Quantity
    reached: int = 0
    billed_minor: int = 0
    invoices: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """An amount, negative for a credit, that is billed besides whole periods: for the time from `start` to `end`.

    Where it is for time that has elapsed and is billed whatever comes, `elapsed_minor` is the amount before discounts.
    """

    description: str
    price_id: str
    plan_id: str
    quantity: int
    start: datetime
    end: datetime
    amount_minor: int
    explanation: str
    elapsed_minor: int | None = None


def _told(interval: Interval) -> str:
    return f"{interval.count} {interval.unit.value}"


def checked_quantity(quantity: int, field: tuple[str, ...] = ("quantity",)) -> int:
    """Return the quantity; `field` is the input field named in the error.

    Raises:
        InvalidInput: it is not 1 to LARGEST_QUANTITY.
    """
    if not 1 <= quantity <= LARGEST_QUANTITY:
        raise InvalidInput(f"a quantity is 1 to {LARGEST_QUANTITY}, not {quantity}", field=field)
    return quantity
