"""What other subgraphs are told of customers."""

from dataclasses import asdict
from typing import Any

import pytest

from subgraphs.customer.domain import events
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.values import Address, CustomerProfile, PaymentMethod
from subgraphs.customer.published import json_schemas, publish
from subgraphs.kit.domain.event import Event
from subgraphs.kit.persistence.commit import Commit, StoredEvent
from tests.testkit.memory import AT, context

ADDRESS = Address(line1="Torstr. 1", city="Berlin", country="DE")
PROFILE = CustomerProfile(name="Hooli", email="a@b.example", time_zone="Europe/Berlin", language="de", address=ADDRESS)
TOLD = {
    "customerId": "cus_1",
    "name": "Hooli",
    "email": "a@b.example",
    "timeZone": "Europe/Berlin",
    "language": "de",
}
METHOD = PaymentMethod(id="pm_1", provider="sandbox", token="sandbox_success", label="Visa")


def told(*happened: Event) -> list[tuple[str, dict[str, Any]]]:
    commit = Commit(
        tenant="acme",
        kind="Customer",
        aggregate_id="cus_1",
        version=1,
        events=tuple(StoredEvent(*Customer.codec.encode(event)) for event in happened),
        context=context(),
        recorded_at=AT,
    )
    return [(event.type, event.data) for event in publish(commit)]


def test_a_profile_is_told_with_its_address() -> None:
    created = events.CustomerCreated(profile=PROFILE, currency="EUR", external_id="crm-1", created_by="cli_1", created_at=AT)
    [(first, data), (second, changed)] = told(created, events.CustomerUpdated(profile=PROFILE))
    assert (first, second) == ("customer-created.v1", "customer-updated.v1")
    address = data.pop("address")
    assert {address["line1"], address["city"], address["country"]} == {"Torstr. 1", "Berlin", "DE"}
    assert len(address) == len(asdict(ADDRESS))
    assert data == TOLD | {"currency": "EUR", "externalId": "crm-1"}
    assert changed == TOLD | {"address": address}


@pytest.mark.parametrize(
    ("event", "type", "data"),
    [
        (events.CustomerArchived(archived_at=AT), "customer-archived.v1", {}),
        (
            events.PaymentMethodAttached(payment_method=METHOD),
            "payment-method-attached.v1",
            {"paymentMethodId": "pm_1", "provider": "sandbox", "token": "sandbox_success", "label": "Visa"},
        ),
        (events.PaymentMethodDetached(payment_method_id="pm_1"), "payment-method-detached.v1", {"paymentMethodId": "pm_1"}),
        (
            events.DefaultPaymentMethodChanged(payment_method_id=None),
            "default-payment-method-changed.v1",
            {"paymentMethodId": None},
        ),
    ],
)
def test_each_event_is_told_with_its_contract(event: Event, type: str, data: dict[str, Any]) -> None:
    assert told(event) == [(type, {"customerId": "cus_1", **data})]


def test_every_event_told_has_a_schema_that_requires_what_is_told() -> None:
    created = events.CustomerCreated(profile=PROFILE, currency="EUR", external_id=None, created_by="cli_1", created_at=AT)
    for type, data in told(created, events.CustomerUpdated(profile=PROFILE), events.CustomerArchived(archived_at=AT)):
        assert set(json_schemas()[type]["required"]) <= set(data)
