"""What is read about customers."""

from datetime import datetime

from pydantic import BaseModel
from pymongo import ASCENDING, IndexModel

from subgraphs.customer.domain.values import CustomerStatus
from subgraphs.kit.persistence.documents import TenantDocument

__all__ = ["AddressValue", "CustomerDocument", "PaymentMethodValue"]


class AddressValue(BaseModel):
    line1: str
    line2: str | None
    city: str
    postal_code: str | None
    region: str | None
    country: str


class PaymentMethodValue(BaseModel):
    id: str
    provider: str
    label: str


class CustomerDocument(TenantDocument):
    """One customer as it is now. The provider's token of a payment method stays in the events."""

    name: str
    name_lower: str
    email: str | None
    currency: str
    time_zone: str
    language: str
    address: AddressValue | None
    external_id: str | None
    status: CustomerStatus
    payment_methods: list[PaymentMethodValue]
    default_payment_method_id: str | None
    created_by: str
    created_at: datetime

    class Settings:
        name = "customers"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("external_id", ASCENDING)], name="by_external_id"),
            IndexModel([("tenant", ASCENDING), ("email", ASCENDING)], name="by_email"),
            IndexModel([("tenant", ASCENDING), ("status", ASCENDING), ("_id", ASCENDING)], name="by_status"),
        ]
