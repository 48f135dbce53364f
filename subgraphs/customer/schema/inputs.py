"""What mutations of customers take."""

from typing import Any

import strawberry
from strawberry import UNSET

from subgraphs.customer.domain import values
from subgraphs.customer.schema.write_input import CustomerWriteInput
from subgraphs.kit.graphql.scalars import CurrencyCode
from subgraphs.sandbox import SANDBOX, SandboxToken

__all__ = [
    "AddressInput",
    "CustomerArchiveInput",
    "CustomerCreateInput",
    "CustomerUnarchiveInput",
    "CustomerUpdateInput",
    "PaymentMethodAttachInput",
    "PaymentMethodDetachInput",
    "PaymentMethodMakeDefaultInput",
]


@strawberry.input(description="A postal address.")
class AddressInput:
    """As the API takes it."""

    line1: str = strawberry.field(description="Street and number, or post box, 1 to 200 characters.")
    line2: str | None = strawberry.field(default=None, description="Floor, suite, care of, up to 200 characters.")
    city: str = strawberry.field(description="City or town, 1 to 200 characters.")
    postal_code: str | None = strawberry.field(default=None, description="Postal or ZIP code, up to 200 characters.")
    region: str | None = strawberry.field(
        default=None,
        description="State, province or county, up to 200 characters; where taxes depend on it its ISO 3166-2 code: US-CA, or CA.",
    )
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code, such as DE.")

    def to_domain(self) -> values.Address:
        return values.Address(**vars(self))


@strawberry.input(description="What customerCreate takes.")
class CustomerCreateInput(CustomerWriteInput):
    """Input of customerCreate."""

    name: str = strawberry.field(description="The name on invoices, 1 to 200 characters.")
    currency_code: CurrencyCode = strawberry.field(
        description="The currency of everything this customer is billed; it cannot be changed."
    )
    email: str | None = strawberry.field(default=None, description="Where invoices and reminders are sent, up to 254 characters.")
    time_zone: str = strawberry.field(default="UTC", description="IANA time zone in which billing days begin and end.")
    language: str = strawberry.field(default="en", description="BCP 47 tag of the language of documents, up to 35 characters.")
    address: AddressInput | None = strawberry.field(default=None, description="The billing address.")
    shipping_address: AddressInput | None = strawberry.field(
        default=None, description="Where goods or services go, when that is elsewhere."
    )
    external_id: str | None = strawberry.field(
        default=None, description="Your own id of this customer, 1 to 200 characters, unique in your tenant."
    )

    def profile(self) -> values.CustomerProfile:
        return values.CustomerProfile(
            name=self.name,
            email=self.email,
            time_zone=self.time_zone,
            language=self.language,
            address=self.address.to_domain() if self.address else None,
            shipping_address=self.shipping_address.to_domain() if self.shipping_address else None,
        )


@strawberry.input(description="What is left out stays as it is; null clears.")
class CustomerUpdateInput(CustomerWriteInput):
    """Input of customerUpdate."""

    id: strawberry.ID = strawberry.field(description="The customer to change.")
    name: str | None = strawberry.field(
        default=UNSET, description="The name on invoices, 1 to 200 characters; cannot be cleared."
    )
    email: str | None = strawberry.field(
        default=UNSET, description="Where invoices and reminders are sent, up to 254 characters."
    )
    time_zone: str | None = strawberry.field(default=UNSET, description="IANA time zone; cannot be cleared.")
    language: str | None = strawberry.field(default=UNSET, description="BCP 47 tag, up to 35 characters; cannot be cleared.")
    address: AddressInput | None = strawberry.field(default=UNSET, description="The whole billing address.")
    shipping_address: AddressInput | None = strawberry.field(default=UNSET, description="The whole shipping address.")

    def changes(self) -> dict[str, Any]:
        """Return the given parts of the profile; a null that would clear a required part counts as empty, which is refused."""
        other = {"id", *CustomerWriteInput.__dataclass_fields__}
        given = {name: value for name, value in vars(self).items() if name not in other and value is not UNSET}
        for required in ("name", "time_zone", "language"):
            if required in given and given[required] is None:
                given[required] = ""
        return {name: value.to_domain() if isinstance(value, AddressInput) else value for name, value in given.items()}


@strawberry.input(description="What customerArchive takes.")
class CustomerArchiveInput(CustomerWriteInput):
    """Input of customerArchive."""

    id: strawberry.ID = strawberry.field(description="The customer to archive.")


@strawberry.input(description="What customerUnarchive takes.")
class CustomerUnarchiveInput(CustomerWriteInput):
    """Input of customerUnarchive."""

    id: strawberry.ID = strawberry.field(description="The customer to take back.")


@strawberry.input(description="What paymentMethodAttach takes.")
class PaymentMethodAttachInput(CustomerWriteInput):
    """Input of paymentMethodAttach."""

    customer_id: strawberry.ID = strawberry.field(description="Whose payment method it is.")
    token: str = strawberry.field(
        description=(
            f"The provider's name for it: Stripe's is pm_…. The sandbox knows {', '.join(SandboxToken)}, and refuses others."
        )
    )
    provider: str = strawberry.field(
        default=SANDBOX, description="Which payment provider holds it: sandbox, or stripe where it is set up."
    )
    label: str = strawberry.field(default="Test card", description="What its owner recognises it by.")
    expiry_month: int | None = strawberry.field(
        default=None, description="The month printed on the card, 1 to 12; 30 days before it ends, that is told."
    )
    expiry_year: int | None = strawberry.field(default=None, description="The year printed on the card, such as 2027.")
    make_default: bool = strawberry.field(default=True, description="Whether invoices are charged to it from now on.")


@strawberry.input(description="What paymentMethodDetach takes.")
class PaymentMethodDetachInput(CustomerWriteInput):
    """Input of paymentMethodDetach."""

    customer_id: strawberry.ID = strawberry.field(description="Whose payment method it is.")
    payment_method_id: strawberry.ID = strawberry.field(description="What to remove.")


@strawberry.input(description="What paymentMethodMakeDefault takes.")
class PaymentMethodMakeDefaultInput(CustomerWriteInput):
    """Input of paymentMethodMakeDefault."""

    customer_id: strawberry.ID = strawberry.field(description="Whose payment method it is.")
    payment_method_id: strawberry.ID = strawberry.field(description="What invoices are charged to from now on.")
