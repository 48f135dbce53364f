"""Disputes in each tenant's own time, on real stores with the sandbox."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from subgraphs.invoice.commands.answer_dispute import submit_evidence
from subgraphs.invoice.documents import DisputeDocument
from subgraphs.invoice.domain.dispute import DisputeStatus
from subgraphs.invoice.queries import MongoInvoiceSteps, note_dispute_looked_at
from subgraphs.invoice.sagas.clock_agenda import InvoiceAgenda
from subgraphs.invoice.sagas.disputes import DisputeTimer
from subgraphs.invoice.sagas.provider_events import ProviderEvents
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.persistence.lease import Lease
from tests.testkit.invoicing import customer_events, deliver, period_opened
from tests.testkit.memory import AT, context
from tests.testkit.received import received


class Disputing:
    """A customer whose bank questions payments, the worker's look into the inbox, and the timer."""

    def __init__(self, services: InvoiceServices) -> None:
        self.clock = FixedClock(AT)
        self.services = replace(services, clock=self.clock)
        self.events = ProviderEvents(services, Lease(services.stores.database, "test", "one"), FixedClock(AT.replace(year=2100)))

    async def billed(self, tenant: str = "acme") -> None:
        customer_id, subscription_id = ("cus_1", "psub_1") if tenant == "acme" else ("cus_2", "psub_2")
        customer = customer_events("sandbox_disputed", customer_id=customer_id, tenant=tenant)
        opened = period_opened(customer_id=customer_id, plan_subscription_id=subscription_id, tenant=tenant)
        await deliver(self.services, *customer, opened)

    async def after(self, days: float) -> int:
        self.clock.at = AT + timedelta(days=days)
        return await DisputeTimer(self.services).look()

    async def disputes(self, tenant: str = "acme") -> Sequence[DisputeDocument]:
        return await self.services.dispute_reader.page(tenant, {}, limit=10)

    async def invoice(self) -> tuple[str, int]:
        [invoice] = await self.services.reader.page("acme", {}, limit=10)
        return invoice.status.value, invoice.amount_due_minor


def clock(days: float, sequence: int) -> Received:
    now = (AT + timedelta(days=days)).isoformat()
    return received("test-clock-moved.v1", {"now": now}, aggregate_id="acme", sequence=sequence)


@pytest.fixture
def disputing(services: InvoiceServices) -> Disputing:
    return Disputing(services)


async def test_a_dispute_is_told_by_the_provider_and_won_by_evidence(disputing: Disputing) -> None:
    await disputing.billed()
    assert [await disputing.events.work() for _ in range(2)] == [1, 0]
    [dispute] = await disputing.disputes()
    assert (dispute.status, dispute.amount_minor, dispute.reason) == (DisputeStatus.NEEDS_EVIDENCE, 5650, "fraudulent")
    await submit_evidence(disputing.services, dispute.id, "winning_evidence", context(at=AT + timedelta(hours=1)))
    assert await disputing.events.work() == 1
    [dispute] = await disputing.disputes()
    assert (dispute.status, dispute.look_at, await disputing.invoice()) == (DisputeStatus.WON, None, ("PAID", 0))


async def test_without_evidence_it_is_lost_when_its_time_is_over(disputing: Disputing) -> None:
    await disputing.billed()
    await disputing.events.work()
    [dispute] = await disputing.disputes()
    assert dispute.evidence_due_at is not None
    days = (dispute.evidence_due_at - AT) / timedelta(days=1)
    assert [await disputing.after(days - 0.01), await disputing.after(days), await disputing.after(days)] == [0, 1, 0]
    assert await disputing.invoice() == ("UNCOLLECTIBLE", 5650)


async def test_on_a_test_clock_its_time_is_that_clocks(disputing: Disputing) -> None:
    await deliver(disputing.services, clock(0, 1))
    await disputing.billed()
    await disputing.events.work()
    assert await disputing.after(400) == 0
    agenda = InvoiceAgenda(disputing.services, MongoInvoiceSteps())
    await agenda.do("acme", AT + timedelta(days=6), held=())
    assert [dispute.status for dispute in await disputing.disputes()] == [DisputeStatus.NEEDS_EVIDENCE]
    assert [(one.customer_id, one.at - AT) for one in await agenda.upcoming("acme", 10)] == [("cus_1", timedelta(days=7))]
    for _ in range(2):
        await agenda.do("acme", AT + timedelta(days=8), held=())
    assert await agenda.upcoming("acme", 10) == []
    [dispute] = await disputing.disputes()
    assert (dispute.status, dispute.closed_at) == (DisputeStatus.LOST, AT + timedelta(days=7))


async def test_on_a_test_clock_a_dispute_that_stays_open_is_looked_at_once_and_holds_up_nobody(disputing: Disputing) -> None:
    await deliver(disputing.services, clock(0, 1))
    await disputing.billed()
    await disputing.events.work()
    [dispute] = await disputing.disputes()
    timer, steps = DisputeTimer(disputing.services), MongoInvoiceSteps()
    await timer.look_once("acme", "dp_unknown", AT)  # is logged, and would be looked at again
    assert dispute.look_at is not None
    await note_dispute_looked_at("acme", dispute.id, dispute.look_at)
    assert await steps.due("acme", AT + timedelta(days=30), 10) == []


async def test_one_disputes_trouble_does_not_hold_up_the_others(disputing: Disputing) -> None:
    await disputing.billed()
    await disputing.billed("rival")
    await disputing.events.work()
    disputing.services = replace(disputing.services, providers={})
    assert await disputing.after(400) == 2
