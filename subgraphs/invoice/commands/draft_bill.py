"""From what a subscription is billed with, as its events tell it, to the invoice's draft: for invoices and their previews."""

from base64 import urlsafe_b64decode
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from subgraphs.invoice.domain.rating import rate_line, whole_units, with_discounts
from subgraphs.invoice.domain.values import InvoiceDraft, InvoiceLine, LineDiscount, PriceModel
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.charge import NO_DETAILS, ChargeDetails
from subgraphs.pricing.collection import CollectionMethod
from subgraphs.pricing.proration import Share
from subgraphs.pricing.rating import Quantity
from subgraphs.pricing.transactions import Transacted

__all__ = ["AdjustmentsBilled", "BillingPeriodOpened", "adjustments_draft", "draft_of_bill", "period_draft"]

# The longest bill that is previewed, as text.
LONGEST_BILL = 200_000


class BilledShare(msgspec.Struct, frozen=True, rename="camel"):
    """What part of a whole period is billed."""

    numerator: int
    denominator: int


class BilledDiscount(msgspec.Struct, frozen=True, rename="camel"):
    """What a coupon takes off an item."""

    coupon_id: str
    name: str
    amount_minor: int


class BilledTransactions(msgspec.Struct, frozen=True, rename="camel"):
    """How many transactions were made, how many of them were free, and what the others cost, in major units."""

    count: int
    free: int
    price: Decimal


class BilledItem(msgspec.Struct, frozen=True, rename="camel"):
    """One item of a subscription, priced as it was when the period opened."""

    price_id: str
    plan_id: str
    description: str
    quantity: int
    model: PriceModel
    flat_amount_minor: int | None = None
    unit_amount: Decimal | None = None
    details: ChargeDetails | None = None
    share: BilledShare | None = None
    discounts: tuple[BilledDiscount, ...] = ()
    usage: Decimal | None = None
    period_start: datetime | None = None
    period_end: datetime | None = None
    transactions: BilledTransactions | None = None

    @property
    def used(self) -> Quantity | None:
        """What was used, where that is billed."""
        told = self.transactions
        if told is None or self.usage is None:
            return self.usage
        return Transacted(count=told.count, amount=self.usage, free=told.free, price=told.price)


class BilledAdjustment(msgspec.Struct, frozen=True, rename="camel"):
    """An amount that a change within a period, or what was used, comes to; negative for a credit. Discounts are off it."""

    price_id: str
    plan_id: str
    description: str
    quantity: int
    start: datetime
    end: datetime
    amount_minor: int
    explanation: str
    usage: Decimal | None = None
    discounts: tuple[BilledDiscount, ...] = ()


class BilledFee(msgspec.Struct, frozen=True, rename="camel"):
    """A one-time price, which is billed once: for no time, all of it, and without discounts."""

    price_id: str
    plan_id: str
    description: str
    quantity: int
    model: PriceModel
    flat_amount_minor: int | None = None
    unit_amount: Decimal | None = None
    details: ChargeDetails | None = None


class BillingPeriodOpened(msgspec.Struct, frozen=True, rename="camel"):
    """What billing-period-opened.v1 tells."""

    plan_subscription_id: str
    customer_id: str
    period_number: int
    period_start: datetime
    period_end: datetime
    currency: str
    items: tuple[BilledItem, ...]
    payment_method_id: str | None = None
    share: BilledShare | None = None
    adjustments: tuple[BilledAdjustment, ...] = ()
    after_trial: bool = False
    fees: tuple[BilledFee, ...] = ()
    collection_method: CollectionMethod = CollectionMethod.CHARGE_AUTOMATICALLY
    days_until_due: int | None = None


class AdjustmentsBilled(msgspec.Struct, frozen=True, rename="camel"):
    """What adjustments-billed.v1 tells."""

    plan_subscription_id: str
    customer_id: str
    number: int
    currency: str
    adjustments: tuple[BilledAdjustment, ...]
    fees: tuple[BilledFee, ...] = ()
    collection_method: CollectionMethod = CollectionMethod.CHARGE_AUTOMATICALLY
    days_until_due: int | None = None


class _Bill(msgspec.Struct, frozen=True):
    type: str
    data: msgspec.Raw


def draft_of_bill(bill: str) -> InvoiceDraft:
    """Return the draft of a bill in base64url, which names its event and has its data.

    Raises:
        InvalidInput: it is none.
    """
    try:
        told = msgspec.json.decode(urlsafe_b64decode(bill), type=_Bill) if len(bill) <= LONGEST_BILL else None
        if told is not None and told.type == "billing-period-opened.v1":
            return period_draft(msgspec.json.decode(told.data, type=BillingPeriodOpened))
        if told is not None and told.type == "adjustments-billed.v1":
            return adjustments_draft(msgspec.json.decode(told.data, type=AdjustmentsBilled))
    except ValueError as error:  # of base64, JSON or the shape
        raise InvalidInput(f"the bill cannot be read: {error}", field=("bill",)) from error
    raise InvalidInput("the bill is of another kind", field=("bill",))


def period_draft(opened: BillingPeriodOpened) -> InvoiceDraft:
    """Return the invoice of a period, before taxes."""
    period = Period(opened.period_start, opened.period_end)
    items = tuple(
        with_discounts(
            rate_line(
                description=item.description,
                price_id=item.price_id,
                plan_id=item.plan_id,
                period=Period(item.period_start or period.start, item.period_end or period.end),
                quantity=item.quantity,
                usage=item.used,
                model=item.model,
                currency=opened.currency,
                unit_amount=item.unit_amount,
                flat_amount_minor=item.flat_amount_minor,
                details=item.details or NO_DETAILS,
                share=_share(item.share if item.period_start else item.share or opened.share),
            ),
            _discounts(item.discounts, opened.currency),
        )
        for item in opened.items
    )
    return InvoiceDraft(
        customer_id=opened.customer_id,
        plan_subscription_id=opened.plan_subscription_id,
        period_number=opened.period_number,
        currency=opened.currency,
        lines=(
            *items,
            *(_fee_line(fee, opened.currency) for fee in opened.fees),
            *(_line(adjustment, opened.currency) for adjustment in opened.adjustments),
        ),
        after_trial=opened.after_trial,
        collection_method=opened.collection_method,
        days_until_due=opened.days_until_due or 0,
    )


def _share(told: BilledShare | None) -> Share | None:
    return Share(told.numerator, told.denominator) if told else None


def _discounts(told: Sequence[BilledDiscount], currency: str) -> tuple[LineDiscount, ...]:
    return tuple(LineDiscount(coupon_id=off.coupon_id, name=off.name, amount=Money(off.amount_minor, currency)) for off in told)


def adjustments_draft(billed: AdjustmentsBilled) -> InvoiceDraft:
    """Return the invoice of changes within a period and of fees, before taxes."""
    return InvoiceDraft(
        customer_id=billed.customer_id,
        plan_subscription_id=billed.plan_subscription_id,
        period_number=None,
        adjustments_number=billed.number,
        currency=billed.currency,
        lines=(
            *(_fee_line(fee, billed.currency) for fee in billed.fees),
            *(_line(adjustment, billed.currency) for adjustment in billed.adjustments),
        ),
        collection_method=billed.collection_method,
        days_until_due=billed.days_until_due or 0,
    )


def _fee_line(fee: BilledFee, currency: str) -> InvoiceLine:
    return rate_line(
        description=fee.description,
        price_id=fee.price_id,
        plan_id=fee.plan_id,
        period=None,
        quantity=fee.quantity,
        model=fee.model,
        currency=currency,
        unit_amount=fee.unit_amount,
        flat_amount_minor=fee.flat_amount_minor,
        details=fee.details or NO_DETAILS,
    )


def _line(adjustment: BilledAdjustment, currency: str) -> InvoiceLine:
    amount = Money(adjustment.amount_minor, currency)
    return InvoiceLine(
        description=adjustment.description,
        price_id=adjustment.price_id,
        plan_id=adjustment.plan_id,
        period=Period(adjustment.start, adjustment.end),
        quantity=adjustment.quantity if adjustment.usage is None else whole_units(adjustment.usage),
        model=PriceModel.FLAT,
        unit_amount=None,
        flat_amount=amount,
        amount=amount,
        explanation=adjustment.explanation,
        usage=adjustment.usage,
        discounts=_discounts(adjustment.discounts, currency),
    )
