"""What is imported, whatever system it comes from, and what can be said against it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from subgraphs.kit.domain.period import Interval

__all__ = [
    "Address",
    "CustomerRecord",
    "Entry",
    "Kind",
    "Outcome",
    "PlanRecord",
    "PriceRecord",
    "PriceTier",
    "Problem",
    "ProductRecord",
    "Record",
    "SubscribedItem",
    "SubscriptionRecord",
    "TrialEnd",
    "refused",
    "skipped",
]


class Kind(StrEnum):
    """What a row is, in the order in which rows are written: each kind refers only to those before it."""

    CUSTOMER = "customer"
    PRODUCT = "product"
    PLAN = "plan"
    PRICE = "price"
    SUBSCRIPTION = "subscription"


class Outcome(StrEnum):
    """What is reported of a row.

    REFUSED  it cannot be imported as it is, and somebody has to do something
    SKIPPED  it is left out on purpose: it is over, or not ours to bill
    NOTED    it is imported, and something that it had is not
    """

    REFUSED = "refused"
    SKIPPED = "skipped"
    NOTED = "noted"


class Problem(Exception):
    """A row is refused or skipped. `code` is stable; the message says what to do."""

    def __init__(self, code: str, message: str, outcome: Outcome = Outcome.REFUSED) -> None:
        super().__init__(message)
        self.code, self.message, self.outcome = code, message, outcome


def refused(code: str, message: str) -> Problem:
    """Return the reason why a row cannot be imported as it is."""
    return Problem(code, message)


def skipped(code: str, message: str) -> Problem:
    """Return the reason why a row is left out on purpose."""
    return Problem(code, message, Outcome.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address, `country` as ISO 3166-1 alpha-2."""

    line1: str
    city: str
    country: str
    line2: str | None = None
    postal_code: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRecord:
    """A customer. `balance_minor` above zero is credit; `tax_ids` are the API's types and values.

    `payment` is a provider, its token and a label. `notes` are codes and messages of what it had and is not imported.
    """

    id: str
    name: str
    currency: str
    email: str | None = None
    time_zone: str = "UTC"
    language: str = "en"
    address: Address | None = None
    shipping_address: Address | None = None
    tax_ids: tuple[tuple[str, str], ...] = ()
    tax_exemption: str = "NONE"
    tax_exemption_reason: str | None = None
    balance_minor: int = 0
    payment: tuple[str, str, str] | None = None
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRecord:
    """Something sold."""

    id: str
    name: str
    description: str | None = None
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """A way to buy product `product_id`; `id` is the source's name of it, `code` ours."""

    id: str
    code: str
    product_id: str
    name: str
    description: str | None = None
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTier:
    """Units up to `up_to`, None: all further ones; `unit_amount` in major units, `flat_amount_minor` in minor ones."""

    up_to: Decimal | None
    unit_amount: Decimal
    flat_amount_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRecord:
    """What plan `plan_id` costs, every `interval` or, None, once. `active` false: who has it keeps it, nobody else is sold it."""

    id: str
    plan_id: str
    model: str
    currency: str
    interval: Interval | None
    flat_amount_minor: int | None = None
    unit_amount: Decimal | None = None
    package_size: int | None = None
    tiers: tuple[PriceTier, ...] = ()
    prorated_by: str = "DAY"
    active: bool = True
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SubscribedItem:
    """A price, by the source's id, and how many units of it."""

    price_id: str
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class TrialEnd:
    """When a trial ends, and what happens then to a customer without a payment method."""

    at: datetime
    ending: str = "CREATE_INVOICE"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRecord:
    """What customer `customer_id` subscribes to, the plan first; ids are the source's, `coupon_id` is ours.

    Its invoices are sent and due `days_until_due` later, None: they are charged automatically.
    """

    id: str
    customer_id: str
    items: tuple[SubscribedItem, ...]
    starts_at: datetime | None = None
    billing_anchor: datetime | None = None
    paid_through: datetime | None = None
    trial: TrialEnd | None = None
    cancel_at: datetime | None = None
    paused: bool = False
    resumes_at: datetime | None = None
    coupon_id: str | None = None
    days_until_due: int | None = None
    notes: tuple[tuple[str, str], ...] = ()


Record: TypeAlias = CustomerRecord | ProductRecord | PlanRecord | PriceRecord | SubscriptionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of a file: what it says, or why it cannot be taken. `kind` None: it is not even known what it is."""

    file: str
    line: int
    kind: Kind | None
    source_id: str
    record: Record | None = None
    problem: Problem | None = None
