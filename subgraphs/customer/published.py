"""The only translator from what happens to a customer to what other subgraphs and partners are told."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import msgspec

from subgraphs.customer.domain import events
from subgraphs.customer.domain.customer import Customer
from subgraphs.kit.domain.event import Event
from subgraphs.kit.messaging.envelope import PublicEvent
from subgraphs.kit.messaging.published import Contract, json_schemas_of, public_event
from subgraphs.kit.persistence.commit import Commit

__all__ = ["json_schemas", "publish"]


class PublishedAddress(msgspec.Struct, frozen=True, rename="camel"):
    """A postal address; country is ISO 3166-1 alpha-2."""

    line1: str
    city: str
    country: str
    line2: str | None = None
    postal_code: str | None = None
    region: str | None = None


class CustomerCreated(Contract, frozen=True):
    """A customer exists from now on."""

    event_type = "customer-created.v1"

    customer_id: str
    name: str
    email: str | None
    currency: str
    time_zone: str
    language: str
    address: PublishedAddress | None
    external_id: str | None


class CustomerUpdated(Contract, frozen=True):
    """A customer's profile changed: this is all of it."""

    event_type = "customer-updated.v1"

    customer_id: str
    name: str
    email: str | None
    time_zone: str
    language: str
    address: PublishedAddress | None


class CustomerArchived(Contract, frozen=True):
    """A customer is not billed any more."""

    event_type = "customer-archived.v1"

    customer_id: str


class PaymentMethodAttached(Contract, frozen=True):
    """A customer has a further way to pay; `token` is its name at the payment provider."""

    event_type = "payment-method-attached.v1"

    customer_id: str
    payment_method_id: str
    provider: str
    token: str
    label: str


class PaymentMethodDetached(Contract, frozen=True):
    """A way to pay is gone."""

    event_type = "payment-method-detached.v1"

    customer_id: str
    payment_method_id: str


class DefaultPaymentMethodChanged(Contract, frozen=True):
    """Invoices are charged to this payment method from now on; null: to none."""

    event_type = "default-payment-method-changed.v1"

    customer_id: str
    payment_method_id: str | None


_CONTRACTS: tuple[type[Contract], ...] = (
    CustomerCreated,
    CustomerUpdated,
    CustomerArchived,
    PaymentMethodAttached,
    PaymentMethodDetached,
    DefaultPaymentMethodChanged,
)


def publish(commit: Commit) -> Sequence[PublicEvent]:
    """Return the public events of one commit."""
    contracts = (
        contract
        for stored in commit.events
        for contract in _translate(commit.aggregate_id, Customer.codec.decode(stored.type, stored.data))
    )
    return [public_event(commit, number, contract) for number, contract in enumerate(contracts)]


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every public event by its type."""
    return json_schemas_of(_CONTRACTS)


def _translate(customer_id: str, event: Event) -> Iterator[Contract]:
    match event:
        case events.CustomerCreated():
            yield CustomerCreated(
                customer_id=customer_id,
                name=event.profile.name,
                email=event.profile.email,
                currency=event.currency,
                time_zone=event.profile.time_zone,
                language=event.profile.language,
                address=PublishedAddress(**asdict(event.profile.address)) if event.profile.address else None,
                external_id=event.external_id,
            )
        case events.CustomerUpdated():
            yield CustomerUpdated(
                customer_id=customer_id,
                name=event.profile.name,
                email=event.profile.email,
                time_zone=event.profile.time_zone,
                language=event.profile.language,
                address=PublishedAddress(**asdict(event.profile.address)) if event.profile.address else None,
            )
        case events.CustomerArchived():
            yield CustomerArchived(customer_id=customer_id)
        case events.PaymentMethodAttached(payment_method=method):
            yield PaymentMethodAttached(
                customer_id=customer_id,
                payment_method_id=method.id,
                provider=method.provider,
                token=method.token,
                label=method.label,
            )
        case events.PaymentMethodDetached():
            yield PaymentMethodDetached(customer_id=customer_id, payment_method_id=event.payment_method_id)
        case events.DefaultPaymentMethodChanged():
            yield DefaultPaymentMethodChanged(customer_id=customer_id, payment_method_id=event.payment_method_id)
