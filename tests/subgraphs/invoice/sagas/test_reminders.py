"""Invoices that are sent, in each tenant's own time, on real stores."""

from dataclasses import replace
from datetime import timedelta

from subgraphs.invoice.documents import InvoiceDocument
from subgraphs.invoice.queries import DueInvoiceStep, MongoInvoiceSteps, StepKind
from subgraphs.invoice.sagas.clock_agenda import InvoiceAgenda
from subgraphs.invoice.sagas.reminders import ReminderTimer
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.clock import FixedClock
from tests.testkit.invoicing import customer_events, deliver, period_opened
from tests.testkit.memory import AT
from tests.testkit.received import received

DAY = timedelta(days=1)
SENT = {"collectionMethod": "SEND_INVOICE", "daysUntilDue": 14}


async def only(services: InvoiceServices, tenant: str = "acme") -> InvoiceDocument:
    [invoice] = await services.reader.page(tenant, {}, limit=2)
    return invoice


async def test_it_is_sent_on_the_customers_calendar_and_overdue_by_the_machines_time(services: InvoiceServices) -> None:
    profile = {"customerId": "cus_1", "name": "Hooli", "email": None, "language": "en", "timeZone": "Europe/Berlin"}
    updated = received("customer-updated.v1", profile, aggregate_id="cus_1", sequence=9)
    await deliver(services, *customer_events("sandbox_success"), updated, period_opened(**SENT), period_opened(**SENT))
    invoice = await only(services)
    assert (invoice.status.value, invoice.amount_due_minor, invoice.charging_since) == ("OPEN", 5650, None)
    assert (invoice.due_at, invoice.remind_at, invoice.days_until_due) == (AT + 14 * DAY, AT + 14 * DAY, 14)
    assert await services.payment_reader.page("acme", {}, limit=10) == []

    async def looked_at(days: float) -> int:
        return await ReminderTimer(replace(services, clock=FixedClock(AT + days * DAY))).remind_due()

    assert [await looked_at(days) for days in (13.9, 14, 14, 15, 16, 17, 19, 21, 60)] == [0, 1, 0, 1, 0, 1, 1, 1, 0]
    assert (await only(services)).remind_at is None


async def test_a_clock_of_the_tenants_own_is_waited_for(services: InvoiceServices) -> None:
    moved = received("test-clock-moved.v1", {"now": AT.isoformat()}, aggregate_id="acme", sequence=1)
    await deliver(services, moved, *customer_events("sandbox_success"), period_opened(**SENT))
    assert await ReminderTimer(replace(services, clock=FixedClock(AT + 99 * DAY))).remind_due() == 0
    invoice, agenda = await only(services), InvoiceAgenda(services, MongoInvoiceSteps())
    due = DueInvoiceStep(at=AT + 14 * DAY, kind=StepKind.REMIND, id=invoice.id, customer_id="cus_1")
    assert await MongoInvoiceSteps().due("acme", AT + 15 * DAY, 10) == [due]
    await agenda.do("acme", AT + 15 * DAY, held=())
    assert (await only(services)).remind_at == AT + 15 * DAY
