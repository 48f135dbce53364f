"""What is charged, by what is known of the customer."""

import asyncio

import pytest

from subgraphs.invoice.payment_methods import PaymentMethods
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.errors import InvalidState, NotFound, NotReady
from subgraphs.kit.messaging.consumer import Received
from tests.testkit.billing import method
from tests.testkit.invoicing import customer_events, deliver
from tests.testkit.received import received

FIRST, SECOND = method("sandbox_success"), method("sandbox_declined")
CUSTOMER = customer_events("sandbox_success", "sandbox_declined")


def told(type: str, payment_method_id: str | None) -> Received:
    data = {"customerId": "cus_1", "paymentMethodId": payment_method_id}
    return received(type, data, aggregate_id="cus_1", sequence=9)


DETACHED = told("payment-method-detached.v1", FIRST.id)
NO_DEFAULT = told("default-payment-method-changed.v1", None)


async def test_the_named_method_comes_before_the_default(services: InvoiceServices) -> None:
    methods = services.payment_methods
    await deliver(services, *CUSTOMER)
    for find in (methods.choose, methods.find):
        assert await find("acme", "cus_1", None) == FIRST
        assert await find("acme", "cus_1", SECOND.id) == SECOND


async def test_a_detached_or_unknown_method_is_refused(services: InvoiceServices) -> None:
    await deliver(services, *CUSTOMER, DETACHED)
    for id in (FIRST.id, "pm_none"):
        with pytest.raises(NotFound, match=id) as refused:
            await services.payment_methods.choose("acme", "cus_1", id)
        assert refused.value.field == ("paymentMethodId",)


async def test_a_customer_without_a_default_must_name_a_method(services: InvoiceServices) -> None:
    await deliver(services, *CUSTOMER, NO_DEFAULT)
    with pytest.raises(InvalidState, match="no payment method") as refused:
        await services.payment_methods.choose("acme", "cus_1", None)
    assert refused.value.field == ("paymentMethodId",)


async def test_nothing_is_charged_where_it_is_known_that_there_is_nothing(services: InvoiceServices) -> None:
    await deliver(services, CUSTOMER[0])
    assert await services.payment_methods.find("acme", "cus_1", None) is None
    await deliver(services, *CUSTOMER[1:], DETACHED)
    assert await services.payment_methods.find("acme", "cus_1", FIRST.id) is None


async def test_whoever_never_told_how_to_pay_holds_up_no_retry(services: InvoiceServices) -> None:
    await deliver(services, CUSTOMER[0])
    async with asyncio.timeout(10):
        patient = PaymentMethods(services.customers, wait_seconds=60)
        assert await patient.find("acme", "cus_1", None, wait_for_default=False) is None
        assert await patient.find("acme", "cus_1", None) is None  # a moment later


async def test_it_is_known_at_once_that_there_is_no_default(services: InvoiceServices) -> None:
    await deliver(services, *CUSTOMER, NO_DEFAULT)
    async with asyncio.timeout(5):
        assert await PaymentMethods(services.customers, wait_seconds=60).find("acme", "cus_1", None) is None


async def test_what_has_not_arrived_is_asked_for_later(services: InvoiceServices) -> None:
    with pytest.raises(NotReady, match="customer 'cus_1'"):
        await services.payment_methods.find("acme", "cus_1", None)
    await deliver(services, CUSTOMER[0])
    with pytest.raises(NotReady, match=f"payment method '{FIRST.id}'"):
        await services.payment_methods.find("acme", "cus_1", FIRST.id)


async def test_a_method_just_attached_is_waited_for(services: InvoiceServices) -> None:
    await deliver(services, CUSTOMER[0])
    choosing = asyncio.create_task(PaymentMethods(services.customers, wait_seconds=5).choose("acme", "cus_1", SECOND.id))
    await asyncio.sleep(0.05)
    await deliver(services, *CUSTOMER[1:])
    assert await choosing == SECOND


async def test_another_tenants_methods_are_not_found(services: InvoiceServices) -> None:
    await deliver(services, *CUSTOMER)
    with pytest.raises(NotFound):
        await services.payment_methods.choose("rival", "cus_1", FIRST.id)
