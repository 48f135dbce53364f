"""What is kept of customers: whatever order their events come in, and however often, it ends the same."""

from itertools import permutations
from typing import Any

import pytest

from subgraphs.invoice.documents import CustomerReplica
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.messaging.consumer import Received
from tests.testkit.invoicing import canceled, customer_events, deliver
from tests.testkit.received import received


def told(type: str, sequence: int, **data: Any) -> Received:
    return received(type, {"customerId": "cus_1", **data}, aggregate_id="cus_1", sequence=sequence)


EVENTS = [
    *customer_events("sandbox_success"),  # sequences 1 to 3
    told("customer-updated.v1", 4, name="Hooli SE", email="pay@hooli.test"),
    told("payment-method-detached.v1", 5, paymentMethodId="pm_sandbox_success"),
    told("default-payment-method-changed.v1", 6, paymentMethodId=None),
]


async def customer(services: InvoiceServices, tenant: str = "acme") -> CustomerReplica:
    found = await services.customers.find(tenant, "cus_1")
    assert found is not None
    return found


@pytest.mark.parametrize("order", [tuple(range(6)), *list(permutations(range(6)))[::60]])
async def test_the_order_of_events_does_not_matter(services: InvoiceServices, order: tuple[int, ...]) -> None:
    await deliver(services, *(EVENTS[index] for index in order))
    await deliver(services, EVENTS[order[0]])
    known = await customer(services)
    assert known.profile is not None
    assert (known.profile.name, known.profile.email, known.currency, known.version) == ("Hooli SE", "pay@hooli.test", "EUR", 6)
    assert known.default_payment_method is not None
    assert known.default_payment_method.payment_method_id is None
    assert not known.payment_methods["pm_sandbox_success"].attached
    assert known.payment_methods["pm_sandbox_success"].token == ""


async def test_a_method_carries_what_a_charge_needs(services: InvoiceServices) -> None:
    await deliver(services, *EVENTS[:3])
    method = (await customer(services)).payment_methods["pm_sandbox_success"]
    assert (method.attached, method.provider, method.token, method.label) == (
        True,
        "sandbox",
        "sandbox_success",
        "Visa •••• 4242",
    )


async def test_a_customer_is_archived_until_it_is_unarchived_in_any_order(services: InvoiceServices) -> None:
    archived, unarchived = told("customer-archived.v1", 7), told("customer-unarchived.v1", 8)
    await deliver(services, archived, *EVENTS)
    assert (await customer(services)).archived
    await deliver(services, unarchived, archived)
    assert not (await customer(services)).archived
    await deliver(services, told("customer-archived.v1", 9), unarchived)
    assert (await customer(services)).archived


async def test_tenants_do_not_see_each_others_customers(services: InvoiceServices) -> None:
    await deliver(services, *EVENTS)
    assert await services.customers.find("rival", "cus_1") is None


async def test_a_canceled_subscription_is_noted(services: InvoiceServices) -> None:
    await deliver(services, canceled(ever_active=True), canceled(ever_active=True))
    noted = await services.plan_subscriptions.find("acme", "psub_1")
    assert noted is not None
    assert (noted.customer_id, noted.ever_active) == ("cus_1", True)
