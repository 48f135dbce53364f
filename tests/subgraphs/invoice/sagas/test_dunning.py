"""Retries in each tenant's own time, on real stores."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from subgraphs.invoice.commands.record_payment import record_payment
from subgraphs.invoice.documents import InvoiceDocument
from subgraphs.invoice.domain.payment_provider import Declined, PaymentOutcome, Succeeded
from subgraphs.invoice.domain.values import InvoiceStatus, ReceivedPayment
from subgraphs.invoice.queries import MongoInvoiceSteps
from subgraphs.invoice.sagas.clock_agenda import InvoiceAgenda
from subgraphs.invoice.sagas.dunning import DunningTimer
from subgraphs.invoice.services import InvoiceServices
from subgraphs.invoice.worker import event_handlers
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.money import Money
from subgraphs.kit.messaging.consumer import Received
from tests.testkit.invoicing import customer_events, deliver, no_credit, period_opened
from tests.testkit.memory import AT, context
from tests.testkit.received import received

DECLINED, PAYS = "sandbox_declined", "sandbox_success"


class Timer:
    """The timer at a time of the test's choice."""

    def __init__(self, services: InvoiceServices) -> None:
        self.clock = FixedClock(AT)
        self.services = replace(services, clock=self.clock)

    async def after(self, days: float) -> int:
        self.clock.at = AT + timedelta(days=days)
        return await DunningTimer(self.services).retry_due()

    async def invoices(self, tenant: str = "acme") -> Sequence[InvoiceDocument]:
        return await self.services.reader.page(tenant, {}, limit=10)


def clock(days: float, sequence: int, tenant: str = "acme") -> Received:
    now = (AT + timedelta(days=days)).isoformat()
    return received("test-clock-moved.v1", {"now": now}, aggregate_id=tenant, sequence=sequence, tenant=tenant)


@pytest.fixture
def timer(services: InvoiceServices) -> Timer:
    return Timer(services)


async def test_a_failed_renewal_is_charged_again_by_the_machines_time(timer: Timer) -> None:
    await deliver(timer.services, *customer_events(DECLINED), period_opened(1))
    [invoice] = await timer.invoices()
    assert (invoice.retry_at, invoice.retries, invoice.in_arrears) == (AT + timedelta(days=1), 0, True)
    assert await timer.after(0.9) == 0
    assert await timer.after(1) == 1
    assert await timer.after(1) == 0
    [invoice] = await timer.invoices()
    assert (invoice.retry_at, invoice.retries) == (AT + timedelta(days=3), 1)
    for days in (3, 5, 7, 30):
        await timer.after(days)
    [invoice] = await timer.invoices()
    assert (invoice.retry_at, invoice.retries, invoice.status.value) == (None, 4, "OPEN")


async def test_on_a_test_clock_that_has_moved_on_a_charge_that_fails_late_is_tried_again_as_if_it_had_been_in_time(
    timer: Timer,
) -> None:
    await deliver(timer.services, clock(4, 1), *customer_events(DECLINED), period_opened(1))
    [invoice] = await timer.invoices()
    assert (invoice.retries, invoice.retry_at) == (2, AT + timedelta(days=5))


async def test_what_remains_after_a_part_was_paid_is_charged_again(timer: Timer) -> None:
    await deliver(timer.services, *customer_events(DECLINED, PAYS), period_opened(1))
    [invoice] = await timer.invoices()
    services = timer.services
    stores, received_at = (services.invoices, services.payments, services.providers), AT + timedelta(hours=1)
    transfer = ReceivedPayment(reference="SEPA 4711", received_at=received_at)
    await record_payment(*stores, invoice.id, Money(2000, "EUR"), transfer, context(at=received_at))
    [invoice] = await timer.invoices()
    assert (invoice.retry_at, invoice.in_arrears, invoice.amount_due_minor) == (AT + timedelta(days=1), True, 3650)
    assert await timer.after(1) == 1
    [retried, transferred, first] = await services.payment_reader.page("acme", {"invoice_id": invoice.id}, limit=10)
    assert [one.amount_minor for one in (retried, transferred, first)] == [3650, 2000, 5650]
    assert (transferred.reference, transferred.received_at, transferred.provider) == ("SEPA 4711", received_at, None)


async def test_on_a_test_clock_retries_happen_when_they_were_due_and_the_machines_time_does_not_count(timer: Timer) -> None:
    await deliver(timer.services, clock(0, 1), *customer_events(DECLINED), period_opened(1))
    assert await timer.after(400) == 0
    agenda = InvoiceAgenda(timer.services, MongoInvoiceSteps())
    due = []
    for _ in range(3):  # each retry is a day of its own: what follows from it may be due before the next
        due += [(one.customer_id, (one.at - AT).days) for one in await agenda.upcoming("acme", 10)]
        await agenda.do("acme", AT + timedelta(days=4), held=())
    assert due == [("cus_1", 1), ("cus_1", 3), ("cus_1", 5)]
    [invoice] = await timer.invoices()
    assert (invoice.retries, invoice.retry_at) == (2, AT + timedelta(days=5))
    payments = await timer.services.payment_reader.page("acme", {"invoice_id": invoice.id}, limit=10)
    assert [(payment.created_at - AT).days for payment in payments] == [3, 1, 0]


async def test_on_a_test_clock_a_customer_that_is_held_and_what_is_due_at_the_end_of_the_time_wait(timer: Timer) -> None:
    await deliver(timer.services, clock(0, 1), *customer_events(DECLINED), period_opened(1))
    agenda = InvoiceAgenda(timer.services, MongoInvoiceSteps())
    await agenda.do("acme", AT + timedelta(days=2), held={"cus_1"})
    await agenda.do("acme", AT + timedelta(days=1), held=())
    assert [(invoice.retries, await agenda.half_done("acme")) for invoice in await timer.invoices()] == [(0, False)]
    await agenda.do("acme", AT + timedelta(days=1, milliseconds=1), held={"cus_2"})
    assert [invoice.retries for invoice in await timer.invoices()] == [1]


async def test_an_invoice_that_waits_for_credit_is_half_done(timer: Timer) -> None:
    handlers = event_handlers(timer.services)
    for event in (*customer_events(PAYS), period_opened(1)):
        for handler in handlers[event.event.type]:
            await handler(event)
    steps = MongoInvoiceSteps()
    assert [await steps.half_done(tenant) for tenant in ("acme", "rival")] == [True, False]
    [invoice] = await timer.invoices()
    asked = {"invoiceId": invoice.id, "customerId": "cus_1", "currency": "EUR"}
    for handler in handlers["invoice-credit-applied.v1"]:
        await handler(no_credit(asked))
    assert not await steps.half_done("acme")


async def test_another_default_payment_method_pays_what_is_in_arrears(timer: Timer) -> None:
    customer = customer_events(DECLINED, PAYS)
    later = period_opened(2, at=AT + timedelta(days=30))
    await deliver(timer.services, *customer, period_opened(1), later)
    changed = received(
        "default-payment-method-changed.v1",
        {"customerId": "cus_1", "paymentMethodId": f"pm_{PAYS}"},
        aggregate_id="cus_1",
        sequence=9,
    )
    await deliver(timer.services, changed, changed)
    assert [(one.status.value, one.retry_at) for one in await timer.invoices()] == [("PAID", None)] * 2
    payments = await timer.services.payment_reader.page("acme", {"status": "SUCCEEDED"}, limit=10)
    assert len(payments) == 2


async def test_one_invoices_trouble_does_not_hold_up_the_others(timer: Timer) -> None:
    await deliver(timer.services, *customer_events(DECLINED), period_opened(1))
    theirs = period_opened(1, customer_id="cus_2", plan_subscription_id="psub_2", tenant="rival")
    await deliver(timer.services, *customer_events(DECLINED, customer_id="cus_2", tenant="rival"), theirs)
    timer.services = replace(timer.services, providers={"sandbox": _Broken()})  # type: ignore[dict-item]
    assert await timer.after(1) == 2


class _Broken:
    async def charge(self, *args: object) -> object:
        raise RuntimeError("the provider is broken")


class _ExpiresOnce:
    """A card that has expired until it is renewed."""

    def __init__(self) -> None:
        self.renewed = False
        self.charges = 0

    async def charge(self, *args: object) -> PaymentOutcome:
        self.charges += 1
        return Succeeded("ref") if self.renewed else Declined("expired_card", "The card has expired.")


def renewed(expires_on: str | None, payment_method_id: str = f"pm_{PAYS}", sequence: int = 9) -> Received:
    data = {"customerId": "cus_1", "paymentMethodId": payment_method_id, "expiresOn": expires_on}
    return received("payment-method-expiry-changed.v1", data, aggregate_id="cus_1", sequence=sequence)


async def test_a_card_that_was_declined_for_good_is_charged_once_when_it_was_renewed(timer: Timer) -> None:
    card = _ExpiresOnce()
    services = replace(timer.services, providers={"sandbox": card})
    await deliver(services, *customer_events(PAYS), period_opened(1))
    for other in (renewed(None), renewed("2026-01-30"), renewed("2029-01-31", "pm_other")):  # still expired, or not that card
        await deliver(services, other)
    assert card.charges == 1
    for _ in range(2):  # the renewal is not known at the provider yet, and told twice
        await deliver(services, renewed("2029-01-31"))
    assert card.charges == 2
    card.renewed = True
    await deliver(services, renewed("2030-01-31", sequence=10))
    [invoice] = await timer.invoices()
    assert (invoice.status, card.charges) == (InvoiceStatus.PAID, 3)
