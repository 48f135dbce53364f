"""What is read about customers."""

from datetime import datetime

from pydantic import BaseModel
from pymongo import ASCENDING, IndexModel

from subgraphs.customer.domain.balance_events import BalanceEntryKind
from subgraphs.customer.domain.tax_ids import TaxIdType
from subgraphs.customer.domain.tax_status import TaxExemption
from subgraphs.customer.domain.values import CustomerStatus
from subgraphs.customer.domain.wallet_events import GrantSource, WalletEntryKind
from subgraphs.kit.persistence.documents import TenantDocument

__all__ = [
    "AddressValue",
    "BalanceDocument",
    "BalanceEntryDocument",
    "CreditApplicationDocument",
    "CustomerDocument",
    "GrantPartValue",
    "GrantValue",
    "LedgerDocument",
    "LedgerEntryDocument",
    "OpenItemDocument",
    "PaymentMethodValue",
    "TaxIdValue",
    "WalletDocument",
    "WalletEntryDocument",
]


class AddressValue(BaseModel):
    line1: str
    line2: str | None
    city: str
    postal_code: str | None
    region: str | None
    country: str


class PaymentMethodValue(BaseModel):
    """`expires_on` is an ISO 8601 date."""

    id: str
    provider: str
    label: str
    expires_on: str | None = None


class TaxIdValue(BaseModel):
    id: str
    type: TaxIdType
    value: str
    country: str


class CustomerDocument(TenantDocument):
    """One customer as it is now. The provider's token of a payment method stays in the events."""

    name: str
    name_lower: str
    email: str | None
    currency: str
    time_zone: str
    language: str
    address: AddressValue | None
    shipping_address: AddressValue | None = None
    tax_ids: list[TaxIdValue] = []
    tax_exemption: TaxExemption = TaxExemption.NONE
    tax_exemption_reason: str | None = None
    external_id: str | None
    status: CustomerStatus
    payment_methods: list[PaymentMethodValue]
    default_payment_method_id: str | None
    expiry_notice_at: datetime | None = None
    merged_into_id: str | None = None
    merged_customer_ids: list[str] = []
    created_by: str
    created_at: datetime

    class Settings:
        name = "customers"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("external_id", ASCENDING)], name="by_external_id"),
            IndexModel([("tenant", ASCENDING), ("email", ASCENDING)], name="by_email"),
            IndexModel([("tenant", ASCENDING), ("status", ASCENDING), ("_id", ASCENDING)], name="by_status"),
            IndexModel([("expiry_notice_at", ASCENDING), ("_id", ASCENDING)], name="expiry_notices"),
            IndexModel([("tenant", ASCENDING), ("expiry_notice_at", ASCENDING)], name="expiry_notices_by_tenant"),
        ]


class LedgerDocument(TenantDocument):
    """Base of what has a ledger. `balance` is in minor units, `entry_count` how many entries are written as documents."""

    customer_id: str
    currency: str
    balance: int
    entry_count: int


class LedgerEntryDocument(TenantDocument):
    """Base of one line of a ledger; `id` is `<ledger id>/<number, ten digits>`, which sorts. Amounts are minor units."""

    ledger_id: str
    customer_id: str
    number: int
    entry_id: str
    currency: str
    amount: int
    balance_after: int
    reference: str | None
    recorded_at: datetime
    recorded_by: str


class BalanceDocument(LedgerDocument):
    """A customer's balance in one currency."""

    class Settings:
        name = "balances"
        indexes = [IndexModel([("tenant", ASCENDING), ("customer_id", ASCENDING), ("_id", ASCENDING)], name="by_customer")]


class BalanceEntryDocument(LedgerEntryDocument):
    """One line of a balance."""

    kind: BalanceEntryKind
    description: str | None

    class Settings:
        name = "balance_entries"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("ledger_id", ASCENDING), ("_id", ASCENDING)], name="by_ledger"),
            IndexModel([("tenant", ASCENDING), ("customer_id", ASCENDING)], name="by_customer"),
        ]


class GrantPartValue(BaseModel):
    grant_id: str
    amount: int


class GrantValue(BaseModel):
    id: str
    amount: int
    left: int
    source: GrantSource
    expires_at: datetime | None
    description: str | None
    granted_at: datetime


class WalletDocument(LedgerDocument):
    """A wallet with the grants that have something left. `next_expiry_at` is when the first of them expires."""

    name: str
    priority: int
    expires_at: datetime | None
    grants: list[GrantValue]
    next_expiry_at: datetime | None
    opened_at: datetime

    class Settings:
        name = "wallets"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("customer_id", ASCENDING), ("_id", ASCENDING)], name="by_customer"),
            IndexModel([("next_expiry_at", ASCENDING)], name="by_expiry"),
            IndexModel([("tenant", ASCENDING), ("next_expiry_at", ASCENDING)], name="by_expiry_of_tenant"),
        ]


class WalletEntryDocument(LedgerEntryDocument):
    """One line of a wallet."""

    kind: WalletEntryKind
    parts: list[GrantPartValue]

    class Settings:
        name = "wallet_entries"
        indexes = [IndexModel([("tenant", ASCENDING), ("ledger_id", ASCENDING), ("_id", ASCENDING)], name="by_ledger")]


class CreditApplicationDocument(TenantDocument):
    """What of a customer's credit was used for an invoice, whose id it has."""

    customer_id: str
    currency: str
    amount: int
    returned: bool

    class Settings:
        name = "credit_applications"


class OpenItemDocument(TenantDocument):
    """A subscription or invoice of a customer, and whether it is open: `version` is that of the event that said so.

    `voided`: an invoice that is not to be paid, so that no credit stays with it.
    """

    customer_id: str
    open: bool
    voided: bool = False

    class Settings:
        name = "open_items"
        indexes = [IndexModel([("tenant", ASCENDING), ("customer_id", ASCENDING), ("open", ASCENDING)], name="open")]
