"""The only translator, with published_credit, from what happens to a customer to what other subgraphs and partners are told."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import msgspec

from subgraphs.customer.domain import events
from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.credit_application import CreditApplication
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.values import ERASED, Address
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.customer.published_credit import CREDIT_CONTRACTS, told_of_credit
from subgraphs.kit.domain.clock_answer import ClockAnswer, ClockAnswered
from subgraphs.kit.domain.event import Event
from subgraphs.kit.messaging.clock_contracts import ClockAnsweredContract
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
    shipping_address: PublishedAddress | None = None


class CustomerUpdated(Contract, frozen=True):
    """A customer's profile changed: this is all of it."""

    event_type = "customer-updated.v1"

    customer_id: str
    name: str
    email: str | None
    time_zone: str
    language: str
    address: PublishedAddress | None
    shipping_address: PublishedAddress | None = None


class PublishedTaxId(msgspec.Struct, frozen=True, rename="camel"):
    """A tax id without separators: type such as eu_vat; country is ISO 3166-1 alpha-2, or EU for numbers of the whole Union."""

    tax_id_id: str
    type: str
    value: str
    country: str


class CustomerTaxStatusChanged(Contract, frozen=True):
    """How a customer is taxed from now on: this is all of it. `exemption` is NONE, EXEMPT or REVERSE_CHARGE."""

    event_type = "customer-tax-status-changed.v1"

    customer_id: str
    exemption: str
    reason: str | None
    tax_ids: tuple[PublishedTaxId, ...]


class CustomerMerged(Contract, frozen=True):
    """A customer is an alias of another one from now on: nothing more is billed to it, and reads of it give the other one."""

    event_type = "customer-merged.v1"

    customer_id: str
    into_customer_id: str


class CustomerErased(Contract, frozen=True):
    """Personal data of a customer is to be forgotten, also wherever else it was kept."""

    event_type = "customer-erased.v1"

    customer_id: str


class CustomerArchived(Contract, frozen=True):
    """A customer is not billed any more."""

    event_type = "customer-archived.v1"

    customer_id: str


class CustomerUnarchived(Contract, frozen=True):
    """A customer that was archived can be billed again."""

    event_type = "customer-unarchived.v1"

    customer_id: str


class PaymentMethodAttached(Contract, frozen=True):
    """A customer has a further way to pay; `token` is its name at the payment provider."""

    event_type = "payment-method-attached.v1"

    customer_id: str
    payment_method_id: str
    provider: str
    token: str
    label: str
    expires_on: date | None = None


class PaymentMethodExpiryChanged(Contract, frozen=True):
    """A card was renewed, or became known to expire: `expiresOn` is the last day on which it can be charged."""

    event_type = "payment-method-expiry-changed.v1"

    customer_id: str
    payment_method_id: str
    expires_on: date | None


class PaymentMethodExpiring(Contract, frozen=True):
    """A way to pay expires in 30 days, or had less than that left when it became known."""

    event_type = "payment-method-expiring.v1"

    customer_id: str
    payment_method_id: str
    expires_on: date


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


class CustomerClockAnswered(ClockAnsweredContract, frozen=True):
    """Answers round `round` of a tenant's own clock: of its customers, all that was due or followed from it has happened.

    `handled` is how far in the streams of others it was when it was at rest, `sent` where in its own its last event of the tenant
    is. `due` is what is due next before `dueUntil`, null: nothing is.
    """

    event_type = "customer-clock-answered.v1"


_CONTRACTS: tuple[type[Contract], ...] = (
    CustomerCreated,
    CustomerUpdated,
    CustomerTaxStatusChanged,
    CustomerArchived,
    CustomerUnarchived,
    CustomerMerged,
    CustomerErased,
    PaymentMethodAttached,
    PaymentMethodDetached,
    PaymentMethodExpiryChanged,
    PaymentMethodExpiring,
    DefaultPaymentMethodChanged,
    *CREDIT_CONTRACTS,
    CustomerClockAnswered,
)
_CODECS = {type_.kind: type_.codec for type_ in (Customer, CustomerBalance, Wallet, CreditApplication, ClockAnswer)}


def publish(commit: Commit) -> Sequence[PublicEvent]:
    """Return the public events of one commit."""
    contracts = (
        contract
        for stored in commit.events
        for contract in _translate(commit.aggregate_id, _CODECS[commit.kind].decode(stored.type, stored.data))
    )
    return [public_event(commit, number, contract) for number, contract in enumerate(contracts)]


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every public event by its type."""
    return json_schemas_of(_CONTRACTS)


def _translate(customer_id: str, event: Event) -> Iterator[Contract]:
    match event:
        case ClockAnswered():
            yield CustomerClockAnswered.of(event)
        case events.CustomerCreated():
            yield CustomerCreated(
                customer_id=customer_id,
                name=event.profile.name,
                email=event.profile.email,
                currency=event.currency,
                time_zone=event.profile.time_zone,
                language=event.profile.language,
                address=_address(event.profile.address),
                external_id=event.external_id,
                shipping_address=_address(event.profile.shipping_address),
            )
        case events.CustomerUpdated():
            yield CustomerUpdated(
                customer_id=customer_id,
                name=event.profile.name,
                email=event.profile.email,
                time_zone=event.profile.time_zone,
                language=event.profile.language,
                address=_address(event.profile.address),
                shipping_address=_address(event.profile.shipping_address),
            )
        case events.TaxStatusChanged(status=status):
            yield CustomerTaxStatusChanged(
                customer_id=customer_id,
                exemption=status.exemption.value,
                reason=status.reason,
                tax_ids=tuple(
                    PublishedTaxId(tax_id_id=held.id, type=held.type.value, value=held.value, country=held.country)
                    for held in status.tax_ids
                ),
            )
        case events.CustomerMerged():
            yield CustomerMerged(customer_id=customer_id, into_customer_id=event.into_id)
            yield CustomerArchived(customer_id=customer_id)
        case events.CustomerErased():
            yield from _forgotten(customer_id, event)
        case events.CustomerArchived():
            yield CustomerArchived(customer_id=customer_id)
        case events.CustomerUnarchived():
            yield CustomerUnarchived(customer_id=customer_id)
        case events.PaymentMethodAttached(payment_method=method):
            yield PaymentMethodAttached(
                customer_id=customer_id,
                payment_method_id=method.id,
                provider=method.provider,
                token=method.token,
                label=method.label,
                expires_on=method.expires_on,
            )
        case events.PaymentMethodExpiryChanged():
            yield PaymentMethodExpiryChanged(
                customer_id=customer_id, payment_method_id=event.payment_method_id, expires_on=event.expires_on
            )
        case events.PaymentMethodExpiring():
            yield PaymentMethodExpiring(
                customer_id=customer_id, payment_method_id=event.payment_method_id, expires_on=event.expires_on
            )
        case events.PaymentMethodDetached():
            yield PaymentMethodDetached(customer_id=customer_id, payment_method_id=event.payment_method_id)
        case events.DefaultPaymentMethodChanged():
            yield DefaultPaymentMethodChanged(customer_id=customer_id, payment_method_id=event.payment_method_id)
        case _:
            yield from told_of_credit(customer_id, event)


def _forgotten(customer_id: str, event: events.CustomerErased) -> Iterator[Contract]:
    """Yield, before the erasure itself, what makes everybody who keeps a replica overwrite it by the events known already."""
    yield CustomerUpdated(
        customer_id=customer_id,
        name=ERASED,
        email=None,
        time_zone=event.time_zone,
        language=event.language,
        address=None,
    )
    yield CustomerTaxStatusChanged(customer_id=customer_id, exemption=event.tax_exemption.value, reason=None, tax_ids=())
    for payment_method_id in event.payment_method_ids:
        yield PaymentMethodDetached(customer_id=customer_id, payment_method_id=payment_method_id)
    yield DefaultPaymentMethodChanged(customer_id=customer_id, payment_method_id=None)
    yield CustomerArchived(customer_id=customer_id)
    yield CustomerErased(customer_id=customer_id)


def _address(address: Address | None) -> PublishedAddress | None:
    return PublishedAddress(**asdict(address)) if address else None
