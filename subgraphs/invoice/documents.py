"""What is read about invoices, payments and credit notes, and what is kept of other subgraphs' facts."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from pymongo import ASCENDING, DESCENDING, IndexModel

from subgraphs.invoice.domain.dispute import DisputeStatus
from subgraphs.invoice.domain.dunning import DunningAction
from subgraphs.invoice.domain.values import (
    CreditNoteStatus,
    InvoiceStatus,
    PaymentStatus,
    PriceModel,
    TaxCategory,
    TaxExemptionKind,
)
from subgraphs.kit.persistence.documents import TenantDocument
from subgraphs.kit.persistence.ledger import BUCKET_INDEX, LedgerDocument
from subgraphs.pricing.collection import CollectionMethod
from subgraphs.pricing.tax import RoundingMode, TaxRounding

__all__ = [
    "BillingDetailsDocument",
    "BillingEntryDocument",
    "BroughtForwardValue",
    "CreditNoteDocument",
    "CreditNoteLineValue",
    "CustomerReplica",
    "CustomerTaxRatesDocument",
    "DefaultPaymentMethodPart",
    "DisputeDocument",
    "InvoiceDocument",
    "InvoiceGroupingDocument",
    "InvoiceLineValue",
    "LineTaxValue",
    "OneTimePricePart",
    "PaymentDocument",
    "PaymentMethodPart",
    "PlanReplica",
    "PlanSubscriptionReplica",
    "PriceReplica",
    "ProfilePart",
    "RevenueEntryDocument",
    "TaxConfigurationDocument",
    "TaxRateValue",
    "TaxStatusPart",
]


class LineTaxValue(BaseModel):
    """`percentage` is decimal text."""

    rate_id: str
    name: str
    percentage: str
    inclusive: bool
    country: str
    amount_minor: int
    region: str | None = None


class BroughtForwardValue(BaseModel):
    """What was owed before; without an invoice, by an adjustment."""

    invoice_id: str | None
    number: str | None
    amount_minor: int


class LineDiscountValue(BaseModel):
    coupon_id: str
    name: str
    amount_minor: int


class InvoiceLineValue(BaseModel):
    """Amounts are minor units of the invoice's currency; `unit_amount` is decimal text in major units."""

    description: str
    price_id: str | None
    plan_id: str | None
    period_start: datetime | None
    period_end: datetime | None
    quantity: int
    model: PriceModel
    unit_amount: str | None
    flat_amount_minor: int | None
    amount_minor: int
    credited_minor: int = 0
    explanation: str
    taxes: list[LineTaxValue] = []
    discounts: list[LineDiscountValue] = []
    usage: str | None = None
    plan_subscription_id: str | None = None

    @property
    def net_minor(self) -> int:
        """The amount without the taxes within it: what taxes are charged on."""
        return self.amount_minor - sum(tax.amount_minor for tax in self.taxes if tax.inclusive)


class InvoiceDocument(TenantDocument):
    """One invoice as it is now.

    `plan_subscription_ids` is every plan subscription that it bills, `plan_subscription_id` the only one. `finalize_at` is set
    while it is a consolidated draft, `charging_since` while the provider works on a payment, a credit note is not issued, or the
    next retry is not planned: what a crash left is found by it. `remind_at` is when it matters next that it was sent and is not
    paid.
    """

    customer_id: str
    plan_subscription_id: str | None
    plan_subscription_ids: list[str] = []
    period_number: int | None
    status: InvoiceStatus
    number: str | None
    currency: str
    lines: list[InvoiceLineValue]
    total_minor: int
    tax_minor: int = 0
    tax_exemption: TaxExemptionKind | None = None
    tax_exemption_reason: str | None = None
    amount_due_minor: int
    amount_paid_minor: int
    credit_applied_minor: int = 0
    credit_from_wallets_minor: int = 0
    brought_forward: list[BroughtForwardValue] = []
    carried_forward_minor: int = 0
    awaits_credit: bool = False
    amount_credited_minor: int = 0
    amount_refunded_minor: int = 0
    replaces: str | None = None
    finalize_at: datetime | None = None
    bill_to_profile: int | None = None
    bill_to_tax_status: int | None = None
    retry_at: datetime | None = None
    retries: int = 0
    in_arrears: bool = False
    collection_method: CollectionMethod | None = None
    days_until_due: int = 0
    remind_at: datetime | None = None
    pending_payment_id: str | None
    charging_since: datetime | None
    created_by: str
    created_at: datetime
    finalized_at: datetime | None
    due_at: datetime | None
    paid_at: datetime | None
    uncollectible_at: datetime | None = None
    uncollectible_reason: str | None = None
    voided_at: datetime | None
    void_reason: str | None
    deleted_at: datetime | None = None
    deletion_reason: str | None = None

    class Settings:
        name = "invoices"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", DESCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("customer_id", ASCENDING), ("_id", DESCENDING)], name="by_customer"),
            IndexModel(
                [("tenant", ASCENDING), ("plan_subscription_ids", ASCENDING), ("_id", DESCENDING)], name="by_plan_subscriptions"
            ),
            IndexModel([("tenant", ASCENDING), ("status", ASCENDING), ("_id", DESCENDING)], name="by_status"),
            IndexModel([("tenant", ASCENDING), ("number", ASCENDING)], name="by_number"),
            IndexModel([("tenant", ASCENDING), ("finalized_at", ASCENDING)], name="by_finalization"),
            IndexModel([("charging_since", ASCENDING)], name="charging"),
            IndexModel([("tenant", ASCENDING), ("awaits_credit", ASCENDING)], name="awaiting_credit"),
            IndexModel([("finalize_at", ASCENDING), ("_id", ASCENDING)], name="consolidated_drafts"),
            IndexModel([("tenant", ASCENDING), ("finalize_at", ASCENDING)], name="consolidated_drafts_by_tenant"),
            IndexModel([("tenant", ASCENDING), ("replaces", ASCENDING)], name="by_replaced", sparse=True),
            IndexModel([("retry_at", ASCENDING), ("_id", ASCENDING)], name="retries"),
            IndexModel([("tenant", ASCENDING), ("retry_at", ASCENDING)], name="retries_by_tenant"),
            IndexModel([("remind_at", ASCENDING), ("_id", ASCENDING)], name="reminders"),
            IndexModel([("tenant", ASCENDING), ("remind_at", ASCENDING)], name="reminders_by_tenant"),
        ]


class PaymentDocument(TenantDocument):
    """One payment as it is now. The provider's token of the payment method stays in the events."""

    invoice_id: str
    customer_id: str
    status: PaymentStatus
    amount_minor: int
    currency: str
    payment_method_id: str | None
    payment_method_label: str | None
    failure_code: str | None
    failure_message: str | None
    provider: str | None = None
    reference: str | None = None
    received_at: datetime | None = None
    amount_refunded_minor: int = 0
    amount_lost_minor: int = 0
    created_at: datetime
    settled_at: datetime | None

    class Settings:
        name = "payments"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", DESCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("customer_id", ASCENDING), ("_id", DESCENDING)], name="by_customer"),
            IndexModel([("tenant", ASCENDING), ("status", ASCENDING), ("_id", DESCENDING)], name="by_status"),
            IndexModel([("tenant", ASCENDING), ("settled_at", ASCENDING)], name="by_settlement"),
            IndexModel([("tenant", ASCENDING), ("invoice_id", ASCENDING), ("_id", DESCENDING)], name="by_invoice"),
        ]


class BillingEntryDocument(LedgerDocument):
    """What one commit of an invoice changes of what is billed, paid and owed; `version` is that of the commit.

    Its bucket is the day. Its sums are those of `BillingTotals` that change, by their names.
    """

    at: datetime
    invoice_id: str
    customer_id: str
    plan_subscription_id: str | None

    class Settings:
        name = "billing_entries"
        indexes = [BUCKET_INDEX]


class RevenueEntryDocument(LedgerDocument):
    """What one commit of an invoice changes of one month, in minor units without tax; `version` is that of the commit.

    Its bucket is the month. Its sums are `recognised` by day and, on the day of the commit, `invoiced` and `credited`.
    """

    at: datetime
    invoice_id: str
    customer_id: str
    plan_subscription_id: str | None

    class Settings:
        name = "revenue_entries"
        indexes = [
            BUCKET_INDEX,
            IndexModel([("tenant", ASCENDING), ("bucket", ASCENDING), ("_id", DESCENDING)], name="by_month"),
        ]


class DisputeDocument(TenantDocument):
    """One dispute as it is now. `look_at` is when its time for evidence is over and the provider is asked how it stands.

    On a tenant's own clock `looked_at` is set to it then, in place: the document of a later version is without it.
    """

    payment_id: str
    invoice_id: str
    customer_id: str
    provider: str
    reference: str
    status: DisputeStatus
    reason: str
    amount_minor: int
    currency: str
    evidence_due_at: datetime | None
    look_at: datetime | None
    submitted_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None

    class Settings:
        name = "disputes"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", DESCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("payment_id", ASCENDING), ("_id", DESCENDING)], name="by_payment"),
            IndexModel([("tenant", ASCENDING), ("customer_id", ASCENDING), ("_id", DESCENDING)], name="by_customer"),
            IndexModel([("tenant", ASCENDING), ("invoice_id", ASCENDING), ("_id", DESCENDING)], name="by_invoice"),
            IndexModel([("tenant", ASCENDING), ("status", ASCENDING), ("_id", DESCENDING)], name="by_status"),
            IndexModel([("look_at", ASCENDING), ("_id", ASCENDING)], name="to_look_at"),
        ]


class CreditNoteLineValue(BaseModel):
    line_number: int
    description: str
    amount_minor: int
    tax_minor: int = 0


class CreditNoteDocument(TenantDocument):
    """One credit note as it is now. Refunded and balance are what was asked for until it is issued, then what was done."""

    invoice_id: str
    invoice_number: str
    customer_id: str
    status: CreditNoteStatus
    number: str | None
    currency: str
    reason: str
    lines: list[CreditNoteLineValue]
    amount_minor: int
    from_due_minor: int
    refund_minor: int
    out_of_band_minor: int = 0
    balance_minor: int
    refund_failure_code: str | None
    refund_failure_message: str | None
    created_by: str
    created_at: datetime
    issued_at: datetime | None

    class Settings:
        name = "credit_notes"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("issued_at", ASCENDING)], name="by_issue"),
            IndexModel([("tenant", ASCENDING), ("number", ASCENDING)], name="by_number"),
            IndexModel([("tenant", ASCENDING), ("_id", DESCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("invoice_id", ASCENDING), ("_id", DESCENDING)], name="by_invoice"),
            IndexModel([("tenant", ASCENDING), ("customer_id", ASCENDING), ("_id", DESCENDING)], name="by_customer"),
        ]


class TaxRateValue(BaseModel):
    """`percentage` is decimal text."""

    id: str
    name: str
    percentage: str
    inclusive: bool
    country: str
    category: TaxCategory = TaxCategory.STANDARD
    exemption_reason: str | None = None
    region: str | None = None
    tax_category: str | None = None


class TaxConfigurationDocument(TenantDocument):
    """Which taxes a tenant charges, and how they are rounded."""

    rounding: TaxRounding
    mode: RoundingMode
    rates: list[TaxRateValue]

    class Settings:
        name = "tax_configurations"


class AddressPart(BaseModel):
    """`country` is ISO 3166-1 alpha-2."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


class TaxStatusPart(BaseModel):
    """`exemption` is NONE, EXEMPT or REVERSE_CHARGE; `vat_id` the first of the tax ids that is a VAT number with its country."""

    version: int
    exemption: str
    reason: str | None
    tax_ids: list[str] = []
    vat_id: str | None = None


class ProfilePart(BaseModel):
    """`country` is the address's, ISO 3166-1 alpha-2."""

    version: int
    name: str
    email: str | None
    country: str | None = None
    language: str | None = None
    time_zone: str | None = None
    address: AddressPart | None = None


class DefaultPaymentMethodPart(BaseModel):
    version: int
    payment_method_id: str | None


class PaymentMethodPart(BaseModel):
    """A payment method, or the mark that one was detached: what a late event about it must not undo."""

    version: int
    attached: bool
    provider: str = ""
    token: str = ""
    label: str = ""


class CustomerReplica(TenantDocument):
    """What is known of a customer. Events tell one part each, so each part carries the version of the event it comes from."""

    profile: ProfilePart | None = None
    currency: str | None = None
    archived: bool = False
    archived_version: int = 0
    default_payment_method: DefaultPaymentMethodPart | None = None
    tax_status: TaxStatusPart | None = None
    payment_methods: dict[str, PaymentMethodPart] = {}
    erased: bool = False

    class Settings:
        name = "customer_replicas"


class OneTimePricePart(BaseModel):
    """What a one-time price asks for. `unit_amount` is decimal text in major units, `details` those of the charge."""

    plan_id: str
    plan_name: str
    currency: str
    model: str
    flat_amount_minor: int | None
    unit_amount: str | None
    details: dict[str, Any] | None


class PriceReplica(TenantDocument):
    """What is known of a price version: the terms of one that is billed once, and of others that they recur."""

    terms: OneTimePricePart | None = None
    recurs: bool = False
    archived: bool = False
    created_version: int = 0
    archived_version: int = 0

    class Settings:
        name = "price_replicas"


class PlanReplica(TenantDocument):
    """Whether a plan is sold, how it is taxed, and what it is called since it was renamed; None: as its prices told."""

    name: str | None = None
    named_version: int = 0
    archived: bool = False
    archived_version: int = 0
    tax_category: str | None = None
    tax_category_version: int = 0

    class Settings:
        name = "plan_replicas"


class BillingDetailsDocument(TenantDocument):
    """One version of a part of a customer's billing details, for the invoices that were finalised while it was the current one.

    Its id names customer, part and version. It stands until the customer is erased.
    """

    customer_id: str
    profile: ProfilePart | None = None
    tax_status: TaxStatusPart | None = None

    class Settings:
        name = "billing_details"
        indexes = [IndexModel([("tenant", ASCENDING), ("customer_id", ASCENDING)], name="by_customer")]


class PlanSubscriptionReplica(TenantDocument):
    """Exists once a subscription is canceled; `ever_active` tells whether it had been paid for before.

    `credit_refund`: what is given back is refunded, as far as a payment paid it.
    """

    customer_id: str
    canceled_at: datetime
    ever_active: bool
    credit_refund: bool = False

    class Settings:
        name = "plan_subscription_replicas"


class DunningCampaignValue(BaseModel):
    """`currency` is empty for all that have no campaign of their own."""

    currency: str
    retry_after_days: list[int]
    action: DunningAction


class DunningConfigurationDocument(TenantDocument):
    """How a tenant tries again what could not be charged, and its own minimum charges in minor units by currency."""

    campaigns: list[DunningCampaignValue]
    minimum_charges: dict[str, int] = {}

    class Settings:
        name = "dunning_configurations"


class SellerProfileDocument(TenantDocument):
    """Who bills, as it stands on invoices."""

    name: str
    address: AddressPart
    tax_id: str | None
    registration_number: str | None = None
    email: str | None
    footer: str | None

    class Settings:
        name = "seller_profiles"


class CustomerTaxRatesDocument(TenantDocument):
    """Which tax rates a customer bears, whatever is charged where it is; none: those of where it is."""

    customer_id: str
    rate_ids: list[str]

    class Settings:
        name = "customer_tax_rates"


class InvoiceGroupingDocument(TenantDocument):
    """Whether renewals come on one invoice, for a customer or for all others; `consolidate` is None where it was removed."""

    customer_id: str | None
    consolidate: bool | None
    draft_minutes: int

    class Settings:
        name = "invoice_groupings"
