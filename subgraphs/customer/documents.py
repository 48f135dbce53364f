"""What is read about customers."""

from datetime import datetime

from pydantic import BaseModel
from pymongo import ASCENDING, IndexModel

from subgraphs.customer.domain.tax_ids import TaxIdType
from subgraphs.customer.domain.tax_status import TaxExemption
from subgraphs.customer.domain.values import CustomerStatus
from subgraphs.kit.persistence.documents import TenantDocument

__all__ = ["AddressValue", "CustomerDocument", "PaymentMethodValue", "TaxIdValue"]


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
        ]
