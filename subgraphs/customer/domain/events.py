"""What happens to a customer."""

from dataclasses import dataclass
from datetime import datetime

from subgraphs.customer.domain.values import CustomerProfile, PaymentMethod
from subgraphs.kit.domain.event import Event

__all__ = [
    "CustomerArchived",
    "CustomerCreated",
    "CustomerUpdated",
    "DefaultPaymentMethodChanged",
    "PaymentMethodAttached",
    "PaymentMethodDetached",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCreated(Event):
    profile: CustomerProfile
    currency: str
    external_id: str | None
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerUpdated(Event):
    """The whole profile as it is from now on."""

    profile: CustomerProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerArchived(Event):
    archived_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethodAttached(Event):
    payment_method: PaymentMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethodDetached(Event):
    payment_method_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultPaymentMethodChanged(Event):
    payment_method_id: str | None
