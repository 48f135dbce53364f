"""The values invoices and payments are made of."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from subgraphs.kit.domain.money import Money, total
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.charge import PriceModel
from subgraphs.pricing.collection import CollectionMethod

__all__ = [
    "Bill",
    "BillToVersion",
    "BroughtForward",
    "Charge",
    "CreditNoteLine",
    "CreditNoteStatus",
    "CreditNoteTerms",
    "InvoiceDraft",
    "InvoiceFacts",
    "InvoiceLine",
    "InvoiceStatus",
    "LineDiscount",
    "LineTax",
    "PaidPart",
    "PaymentMethod",
    "PaymentOperation",
    "PaymentStatus",
    "PaymentSubject",
    "PendingCreditNote",
    "PendingPayment",
    "PriceModel",
    "TaxCategory",
    "ReceivedPayment",
    "RefundPart",
    "TaxExemption",
    "TaxExemptionKind",
]


class InvoiceStatus(StrEnum):
    """Where an invoice is in its life: DRAFT → OPEN → PAID or VOID; OPEN → UNCOLLECTIBLE → PAID or VOID; DRAFT → DELETED."""

    DRAFT = "DRAFT"
    OPEN = "OPEN"
    UNCOLLECTIBLE = "UNCOLLECTIBLE"
    PAID = "PAID"
    VOID = "VOID"
    DELETED = "DELETED"


class PaymentStatus(StrEnum):
    """How far a payment is; SUCCEEDED and FAILED are final."""

    PROCESSING = "PROCESSING"
    ACTION_REQUIRED = "ACTION_REQUIRED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class CreditNoteStatus(StrEnum):
    """How far a credit note is: PENDING while the payment provider is asked for a refund, then ISSUED for good."""

    PENDING = "PENDING"
    ISSUED = "ISSUED"


class PaymentOperation(StrEnum):
    """What is done with a payment: what the provider is asked for, or that it is recorded as received otherwise."""

    RECORD = "RECORD"
    CHARGE = "CHARGE"
    CONFIRM = "CONFIRM"
    CANCEL = "CANCEL"


class TaxCategory(StrEnum):
    """Why a rate is what it is, as e-invoices say it (UNTDID 5305): S, Z, E, G and O. Rates of 0 % have any but STANDARD."""

    STANDARD = "STANDARD"
    ZERO_RATED = "ZERO_RATED"
    EXEMPT = "EXEMPT"
    EXPORT = "EXPORT"
    OUTSIDE_SCOPE = "OUTSIDE_SCOPE"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTax:
    """What one tax rate, as it was at drafting, comes to on a line: within the line's amount when `inclusive`, else on top."""

    rate_id: str
    name: str
    percentage: Decimal
    inclusive: bool
    country: str
    amount: Money
    category: TaxCategory = TaxCategory.STANDARD
    exemption_reason: str | None = None
    region: str | None = None


class TaxExemptionKind(StrEnum):
    """Whether a customer is charged tax, as the customer subgraph names it; nobody is exempt by NONE."""

    NONE = "NONE"
    EXEMPT = "EXEMPT"
    REVERSE_CHARGE = "REVERSE_CHARGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxExemption:
    """Why no tax is charged: `kind` is EXEMPT or REVERSE_CHARGE, `reason` what was noted with the customer."""

    kind: TaxExemptionKind
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDiscount:
    """What a coupon took off a line; `name` as invoices show it: `Launch, 25 %`."""

    coupon_id: str
    name: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One charge: what for, which price, and the amount it comes to after discounts, on which taxes are charged.

    `explanation` shows the arithmetic: `3 × 12.50 EUR`. `usage` is what was used exactly, where it is billed by that.
    `plan_subscription_id` is told on an invoice of several. A line of a one-time price has no period. `tax_rate_ids` or a
    `tax_category` were asked for it in particular, whatever its plan and the customer say.
    """

    description: str
    price_id: str | None
    plan_id: str | None
    period: Period | None
    quantity: int
    model: PriceModel
    unit_amount: Decimal | None
    flat_amount: Money | None
    amount: Money
    explanation: str
    taxes: tuple[LineTax, ...] = ()
    discounts: tuple[LineDiscount, ...] = ()
    usage: Decimal | None = None
    plan_subscription_id: str | None = None
    tax_rate_ids: tuple[str, ...] = ()
    tax_category: str | None = None

    @property
    def tax(self) -> Money:
        """All tax of the line, within its amount or on top."""
        return total([tax.amount for tax in self.taxes], self.amount.currency)

    @property
    def added_tax(self) -> Money:
        """The tax on top of the amount."""
        return total([tax.amount for tax in self.taxes if not tax.inclusive], self.amount.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """That an invoice is charged by itself: to this payment method of the customer, None: to the default one."""

    payment_method_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a plan subscription is billed with for one period, on an invoice of its own or together with others."""

    plan_subscription_id: str
    period_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDraft:
    """What is to be billed. Period 0 is a subscription's first, for which it waits, except `after_trial`.

    `replaces` is the void invoice whose place it takes. One of changes within a period has the `adjustments_number` that the
    subscription gave it.

    A consolidated one has the `bills` of several plan subscriptions, takes further ones until `finalize_at`, and is charged
    then as `charge` says.

    `collection_method` is that of the plan subscription that it bills, None: it bills none, or it was not told.
    """

    customer_id: str
    plan_subscription_id: str | None
    period_number: int | None
    currency: str
    lines: tuple[InvoiceLine, ...]
    tax_exemption: TaxExemption | None = None
    days_until_due: int = 0
    replaces: str | None = None
    after_trial: bool = False
    bills: tuple[Bill, ...] = ()
    finalize_at: datetime | None = None
    charge: Charge | None = None
    adjustments_number: int | None = None
    collection_method: CollectionMethod | None = None

    @property
    def is_sent(self) -> bool:
        """Whether a plan subscription's customer pays it until it is due, and nothing is charged by itself."""
        return self.collection_method is CollectionMethod.SEND_INVOICE

    @property
    def is_of_fees(self) -> bool:
        """Whether it bills one-time prices alone, and no period: that is owed whatever becomes of the plan subscription."""
        of_fees = all(line.price_id is not None and line.period is None for line in self.lines)
        return self.period_number is None and len(self.lines) > 0 and of_fees


@dataclass(frozen=True, slots=True, kw_only=True)
class BillToVersion:
    """Which versions of a customer's billing details an invoice bears: they are kept elsewhere, so that they can be erased.

    `profile` is name, e-mail, language and address; `tax_status` the tax ids, None: none were known.
    """

    profile: int
    tax_status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtForward:
    """What the customer owed before, and an invoice collects beside its total: `invoice_id`, of that number, left it unpaid.

    Both are None for what is owed otherwise.
    """

    invoice_id: str | None
    number: str | None
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    """What every event of an invoice's life tells about it, so that nobody has to look it up."""

    customer_id: str
    plan_subscription_id: str | None
    period_number: int | None
    number: str | None
    total: Money
    amount_due: Money
    bills: tuple[Bill, ...] = ()
    adjustments_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod:
    """A customer's way to pay: `token` is its name at the provider, never card data."""

    id: str
    provider: str
    token: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedPayment:
    """A payment that came without a provider, such as a bank transfer: what it is called there, and when it arrived."""

    reference: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSubject:
    """What a payment is for."""

    invoice_id: str
    customer_id: str
    plan_subscription_id: str | None
    period_number: int | None
    amount: Money
    bills: tuple[Bill, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPayment:
    """The one payment of an invoice that is not settled. `operation` is under way; None: the customer must act."""

    payment_id: str
    method: PaymentMethod | None
    amount: Money
    operation: PaymentOperation | None
    received: ReceivedPayment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidPart:
    """What one payment paid of an invoice, and what became of that.

    `refunded` went back to where it came from; `returned_in_all` of it did so at the provider by itself, and credit notes account
    for `returned_credited` of that. `lost` was taken back by disputes; while one of `disputes` is open nothing can be refunded.
    """

    payment_id: str
    through_provider: bool
    amount: Money
    refunded: Money
    returned_in_all: Money
    returned_credited: Money
    lost: Money
    disputes: tuple[str, ...] = ()

    @property
    def kept(self) -> Money:
        """What is still there of it."""
        return self.amount - self.refunded - self.lost

    @property
    def returned(self) -> Money:
        """What went back at the provider by itself, and no credit note accounts for yet."""
        return self.returned_in_all - self.returned_credited

    @property
    def refundable(self) -> Money:
        """What can still go back the way it came: nothing of what came without a provider, or is disputed."""
        return self.kept if self.through_provider and not self.disputes else Money.zero(self.amount.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPart:
    """What of a credit note goes back of one payment.

    `made`: it went back before, at the provider by itself. `out_of_band`: people give it back themselves, no provider is asked.
    """

    payment_id: str
    amount: Money
    made: bool = False
    out_of_band: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteLine:
    """What is taken back of one line of an invoice; lines are numbered from 1.

    `tax` is all tax in it, `added_tax` the part that comes on top of `amount`, as on the invoice. `period` is the time that the
    line billed, None: none, or an older note; `is_usage`: what was used. `plan_subscription_id` is told as on the invoice.
    """

    line_number: int
    description: str
    amount: Money
    tax: Money
    added_tax: Money
    period: Period | None = None
    is_usage: bool = False
    plan_subscription_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteTerms:
    """What a credit note takes back, and where it goes: `amount` = `from_due` + `refund` + `balance`.

    `amount` has the lines' taxes in it. `from_due` is no longer owed, `refund` goes back, of the payments of `refund_parts`, and
    `balance` goes to the customer's balance. `ends_period`: the time that its lines bill ends with it. `period_number`,
    `adjustments_number` and `bills` are those of the invoice, None and () on older notes.
    """

    invoice_id: str
    invoice_number: str
    customer_id: str
    plan_subscription_id: str | None
    reason: str
    lines: tuple[CreditNoteLine, ...]
    amount: Money
    from_due: Money
    refund: Money
    balance: Money
    payment_id: str | None
    refunds: tuple[RefundPart, ...] = ()
    ends_period: bool = False
    period_number: int | None = None
    adjustments_number: int | None = None
    bills: tuple[Bill, ...] = ()

    @property
    def out_of_band(self) -> Money:
        """What of the refund people give back themselves."""
        return total([part.amount for part in self.refunds if part.out_of_band], self.amount.currency)

    @property
    def refund_parts(self) -> tuple[RefundPart, ...]:
        """What goes back through which payment; the oldest notes know of one payment only."""
        if not self.refunds and self.payment_id is not None:
            return (RefundPart(payment_id=self.payment_id, amount=self.refund),)
        return self.refunds


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingCreditNote:
    """The one credit note of an invoice that is not issued yet."""

    credit_note_id: str
    terms: CreditNoteTerms
