"""What happens to a customer."""

from dataclasses import dataclass
from datetime import date, datetime

from subgraphs.customer.domain.tax_status import TaxExemption, TaxStatus
from subgraphs.customer.domain.values import CustomerProfile, PaymentMethod
from subgraphs.kit.domain.event import Event

__all__ = [
    "CustomerAbsorbed",
    "CustomerArchived",
    "CustomerUnarchived",
    "CustomerCreated",
    "CustomerErased",
    "CustomerMerged",
    "CustomerUpdated",
    "DefaultPaymentMethodChanged",
    "PaymentMethodAttached",
    "PaymentMethodDetached",
    "PaymentMethodExpiring",
    "PaymentMethodExpiryChanged",
    "TaxStatusChanged",
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
class TaxStatusChanged(Event):
    """The whole tax status as it is from now on."""

    status: TaxStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerArchived(Event):
    archived_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerUnarchived(Event):
    unarchived_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerMerged(Event):
    """This customer is an alias of another one from now on."""

    into_id: str
    merged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAbsorbed(Event):
    """Another customer became an alias of this one."""

    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerErased(Event):
    """Personal data is gone. What is here names nobody: what others must forget or may keep."""

    erased_at: datetime
    payment_method_ids: tuple[str, ...]
    tax_exemption: TaxExemption
    time_zone: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethodAttached(Event):
    payment_method: PaymentMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethodDetached(Event):
    payment_method_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethodExpiryChanged(Event):
    """The provider's card behind it was renewed, or its expiry became known."""

    payment_method_id: str
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethodExpiring(Event):
    """It cannot be charged after `expires_on`, which is soon."""

    payment_method_id: str
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultPaymentMethodChanged(Event):
    payment_method_id: str | None
