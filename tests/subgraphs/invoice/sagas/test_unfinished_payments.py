"""Payments, credit notes and plans of retries that a crash left half done, on real stores."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.invoice.commands.create_credit_note import create_credit_note
from subgraphs.invoice.domain.crediting import CreditRequest
from subgraphs.invoice.domain.dunning import DunningCampaign
from subgraphs.invoice.domain.values import CreditNoteStatus, InvoiceStatus, PaymentStatus
from subgraphs.invoice.sagas import unfinished_payments
from subgraphs.invoice.sagas.unfinished_payments import UnfinishedPayments
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.money import Money
from subgraphs.kit.persistence.lease import Lease
from tests.testkit.invoicing import customer_events, deliver, period_opened
from tests.testkit.memory import AT, context
from tests.testkit.payments import Crash, InMemoryProvider


class Unfinished:
    """The background work, some time after a crash."""

    def __init__(self, services: InvoiceServices, provider: InMemoryProvider) -> None:
        self.provider = provider
        self.services = replace(services, providers={"sandbox": provider})

    async def crash(self, tenant: str = "acme") -> None:
        self.provider.crashes = 1
        await deliver(self.services, *customer_events("sandbox_success", tenant=tenant, customer_id=f"cus_{tenant}"))
        opened = period_opened(tenant=tenant, customer_id=f"cus_{tenant}", plan_subscription_id=f"psub_{tenant}")
        with pytest.raises(Crash):
            await deliver(self.services, opened)
        self.provider.crashes = 0

    async def finish(self, after: timedelta) -> int:
        lease = Lease(self.services.stores.database, "unfinished-payments", "worker")
        return await UnfinishedPayments(self.services, lease, FixedClock(datetime.now(UTC) + after)).finish()


@pytest.fixture
def unfinished(services: InvoiceServices) -> Unfinished:
    return Unfinished(services, InMemoryProvider())


async def test_an_abandoned_payment_is_finished_once(unfinished: Unfinished, services: InvoiceServices) -> None:
    await unfinished.crash()
    assert [await unfinished.finish(timedelta(seconds=35)) for _ in range(2)] == [1, 0]
    [invoice] = await services.reader.page("acme", {}, limit=10)
    [payment] = await services.payment_reader.page("acme", {}, limit=10)
    assert (invoice.status, payment.status) == (InvoiceStatus.PAID, PaymentStatus.SUCCEEDED)
    assert [id for id, _ in unfinished.provider.moved] == [payment.id]
    commits = await services.stores.events.load("acme", "Invoice", invoice.id)
    assert commits[-1].context.actor == "system:unfinished-payments"


async def test_a_payment_that_a_live_process_works_on_is_left_to_it(unfinished: Unfinished) -> None:
    await unfinished.crash()
    assert await unfinished.finish(timedelta(seconds=20)) == 0


async def test_a_payment_that_waits_for_the_customer_is_not_unfinished(unfinished: Unfinished, services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_requires_action"), period_opened())
    assert await unfinished.finish(timedelta(days=1)) == 0


async def test_one_providers_trouble_does_not_hold_up_the_others(unfinished: Unfinished, services: InvoiceServices) -> None:
    await unfinished.crash("acme")
    await unfinished.crash("rival")
    unfinished.provider.crashes = 1
    assert await unfinished.finish(timedelta(minutes=1)) == 2
    statuses = [(await services.reader.page(tenant, {}, limit=1))[0].status for tenant in ("acme", "rival")]
    assert statuses == [InvoiceStatus.OPEN, InvoiceStatus.PAID]
    assert await unfinished.finish(timedelta(minutes=1)) == 1


async def test_a_batch_is_bounded(unfinished: Unfinished, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished_payments, "BATCH", 1)
    await unfinished.crash("acme")
    await unfinished.crash("rival")
    assert [await unfinished.finish(timedelta(minutes=1)) for _ in range(3)] == [1, 1, 0]


async def test_those_that_cannot_be_finished_do_not_hide_the_others(
    unfinished: Unfinished, services: InvoiceServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished_payments, "BATCH", 1)
    await unfinished.crash("acme")
    await unfinished.crash("rival")
    seconds, clock = 0.0, FixedClock(datetime.now(UTC) + timedelta(minutes=1))
    lease = Lease(services.stores.database, "unfinished-payments", "worker")
    work = UnfinishedPayments(unfinished.services, lease, clock, lambda: seconds)
    unfinished.provider.crashes = 1
    assert [await work.finish() for _ in range(3)] == [1, 1, 0]
    statuses = [(await services.reader.page(tenant, {}, limit=1))[0].status for tenant in ("acme", "rival")]
    assert statuses == [InvoiceStatus.OPEN, InvoiceStatus.PAID]
    seconds = unfinished_payments.RETRY_SECONDS
    assert [await work.finish() for _ in range(2)] == [1, 0]
    assert (await services.reader.page("acme", {}, limit=1))[0].status is InvoiceStatus.PAID


async def test_an_abandoned_credit_note_is_refunded_once_and_issued(unfinished: Unfinished, services: InvoiceServices) -> None:
    await deliver(unfinished.services, *customer_events("sandbox_success"), period_opened())
    [invoice] = await services.reader.page("acme", {}, limit=10)
    unfinished.provider.crashes = 1
    request = CreditRequest(reason="canceled", refund=Money(5650, "EUR"))
    with pytest.raises(Crash):
        await create_credit_note(unfinished.services, invoice.id, request, context())
    assert [await unfinished.finish(timedelta(seconds=after)) for after in (20, 35, 35)] == [0, 1, 0]
    [note] = await services.credit_note_reader.page("acme", {}, limit=10)
    assert (note.status, note.number, note.refund_minor) == (CreditNoteStatus.ISSUED, "CN-000001", 5650)
    [invoice] = await services.reader.page("acme", {}, limit=10)
    assert (invoice.amount_refunded_minor, invoice.charging_since) == (5650, None)
    assert len(unfinished.provider.refunded) == 1


class CrashingCampaigns:
    """Ends the process before a retry is planned."""

    async def of(self, tenant: str, currency: str) -> DunningCampaign:
        raise Crash


async def test_a_retry_that_was_not_planned_is_planned_once(unfinished: Unfinished, services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_declined"))
    with pytest.raises(Crash):
        await deliver(replace(services, campaigns=CrashingCampaigns()), period_opened(1))
    [invoice] = await services.reader.page("acme", {}, limit=10)
    assert (invoice.in_arrears, invoice.retry_at) == (True, None)
    assert [await unfinished.finish(timedelta(seconds=after)) for after in (20, 35, 35)] == [0, 1, 0]
    [invoice] = await services.reader.page("acme", {}, limit=10)
    assert (invoice.retry_at, invoice.charging_since) == (AT + timedelta(days=1), None)
