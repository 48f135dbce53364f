"""Renewals of one customer on one invoice: which, how long, and what becomes of it, on real stores."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.commands.follow_dispute import follow_dispute
from subgraphs.invoice.commands.replace_invoice import replace_invoice
from subgraphs.invoice.commands.set_invoice_grouping import remove_invoice_grouping, set_invoice_grouping
from subgraphs.invoice.documents import InvoiceDocument
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.invoice_grouping import Grouping
from subgraphs.invoice.domain.one_off import MOST_LINES
from subgraphs.invoice.domain.payment_provider import DisputeState
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.invoice.projections import invoice_projection
from subgraphs.invoice.published import publish
from subgraphs.invoice.queries import MongoInvoiceSteps
from subgraphs.invoice.sagas.clock_agenda import InvoiceAgenda
from subgraphs.invoice.sagas.consolidation import ConsolidationTimer
from subgraphs.invoice.services import InvoiceServices
from subgraphs.invoice.worker import event_handlers
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.errors import InvalidInput, NotReady
from subgraphs.kit.domain.money import Money
from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.persistence.event_store import MongoEventStore
from subgraphs.kit.persistence.repository import AggregateRepository
from tests.testkit.billing_flow import Crashing
from tests.testkit.invoicing import FLAT_ITEM, customer_events, deliver, no_credit, period_opened
from tests.testkit.memory import AT, context
from tests.testkit.payments import Crash, InMemoryProvider
from tests.testkit.received import received

HOUR = timedelta(hours=1)
CONSOLIDATED = Grouping(consolidate=True)


def eur(minor_units: int) -> Money:
    return Money(minor_units, "EUR")


def renewal(id: str, number: int = 1, at: datetime = AT, **more: Any) -> Received:
    """Return the event that a period of 19.00 EUR has begun."""
    return period_opened(number, plan_subscription_id=id, items=[FLAT_ITEM], at=at, **more)


def moved(now: datetime, sequence: int = 1) -> Received:
    return received("test-clock-moved.v1", {"now": now.isoformat()}, aggregate_id="acme", sequence=sequence)


async def consolidating(services: InvoiceServices, *, time_zone: str = "UTC", token: str = "sandbox_success") -> None:
    """Consolidate the renewals of a customer who pays like this."""
    await set_invoice_grouping(services.invoice_groupings, None, CONSOLIDATED, context())
    profile = {"customerId": "cus_1", "name": "Hooli", "email": None, "language": "en", "timeZone": time_zone}
    updated = received("customer-updated.v1", profile, aggregate_id="cus_1", sequence=9)
    await deliver(services, *customer_events(token), updated)


async def handle(services: InvoiceServices, *events: Received) -> None:
    """Hand the events to their handlers, as the worker does."""
    for event in events:
        for handler in event_handlers(services)[event.event.type]:
            await handler(event)


async def finalize(services: InvoiceServices, after: timedelta = 2 * HOUR) -> None:
    """Let the worker look for drafts some time after all else, and the customer's credit answer, again where it has."""
    later = replace(services, clock=FixedClock(services.clock.now() + after))
    await ConsolidationTimer(later).finalize_due()
    for invoice in await services.reader.page("acme", {"status": InvoiceStatus.OPEN}, limit=100):
        asked = {"invoiceId": invoice.id, "customerId": invoice.customer_id, "currency": invoice.currency}
        await handle(services, no_credit(asked))


async def shown(services: InvoiceServices) -> list[tuple[InvoiceStatus, int, list[str]]]:
    """Return status, total and plan subscriptions of every invoice, the oldest first."""
    found = await services.reader.page("acme", {}, limit=100)
    return [(one.status, one.total_minor, one.plan_subscription_ids) for one in reversed(found)]


async def only(services: InvoiceServices) -> InvoiceDocument:
    [invoice] = await services.reader.page("acme", {}, limit=2)
    return invoice


async def test_renewals_of_a_day_share_a_draft_that_is_charged_once_when_its_time_is_over(services: InvoiceServices) -> None:
    await consolidating(services)
    await handle(services, renewal("psub_1"), renewal("psub_2", 7, AT + timedelta(minutes=5)))
    draft = await only(services)
    assert (draft.status, draft.number, draft.total_minor) == (InvoiceStatus.DRAFT, None, 3800)  # 2 * 19.00
    # a minute after the first renewal, when it was handled, and an hour
    assert draft.finalize_at == AT + timedelta(minutes=1) + HOUR
    await finalize(services, after=timedelta(minutes=59))
    assert (await only(services)).status is InvoiceStatus.DRAFT
    await finalize(services)
    invoice = await only(services)
    assert (invoice.status, invoice.number, invoice.amount_paid_minor) == (InvoiceStatus.PAID, "INV-000001", 3800)
    assert (invoice.plan_subscription_id, invoice.period_number, invoice.finalize_at) == (None, None, None)
    assert [line.plan_subscription_id for line in invoice.lines] == ["psub_1", "psub_2"]
    assert len(await services.payment_reader.page("acme", {}, limit=10)) == 1


async def test_first_periods_have_invoices_of_their_own(services: InvoiceServices) -> None:
    await consolidating(services)
    await deliver(services, renewal("psub_1", 0), renewal("psub_2", 0))
    assert sorted(await shown(services)) == [(InvoiceStatus.PAID, 1900, ["psub_1"]), (InvoiceStatus.PAID, 1900, ["psub_2"])]


@pytest.mark.parametrize(
    "other",
    [
        renewal("psub_2", at=AT + timedelta(days=1)),
        renewal("psub_2", customer_id="cus_2"),
        renewal("psub_2", payment_method_id="pm_sandbox_success"),
    ],
)
async def test_another_day_customer_or_payment_method_is_another_draft(services: InvoiceServices, other: Received) -> None:
    await consolidating(services)
    await deliver(services, *customer_events("sandbox_success", customer_id="cus_2"))
    await handle(services, renewal("psub_1"), other, renewal("psub_3"))
    totals = {tuple(ids): total for _, total, ids in await shown(services)}
    assert totals == {("psub_1", "psub_3"): 3800, ("psub_2",): 1900}


async def test_what_is_sent_is_apart_from_what_is_charged_and_from_what_is_due_at_another_time(services: InvoiceServices) -> None:
    await consolidating(services)
    sent = [{"collectionMethod": "SEND_INVOICE", "daysUntilDue": days} for days in (30, 14)]
    await handle(services, renewal("psub_1"), *(renewal(f"psub_{number}", **more) for number, more in enumerate(sent, 2)))
    await handle(services, renewal("psub_4", **sent[0]), renewal("psub_5"))
    await finalize(services)
    found = {tuple(one.plan_subscription_ids): one for one in await services.reader.page("acme", {}, limit=10)}
    days = {ids: (one.status, one.due_at - one.finalized_at) for ids, one in found.items() if one.due_at and one.finalized_at}
    assert days == {
        ("psub_1", "psub_5"): (InvoiceStatus.PAID, timedelta(0)),
        ("psub_2", "psub_4"): (InvoiceStatus.OPEN, timedelta(days=30)),
        ("psub_3",): (InvoiceStatus.OPEN, timedelta(days=14)),
    }
    assert [payment.amount_minor for payment in await services.payment_reader.page("acme", {}, limit=10)] == [3800]  # 2 * 19.00


@pytest.mark.parametrize(
    ("time_zone", "drafts"),
    [
        ("UTC", 2),  # 23:30 and 00:30 are two days
        ("Europe/Berlin", 1),  # 00:30 and 01:30 of the later one
    ],
)
async def test_the_day_is_that_of_the_customer(services: InvoiceServices, time_zone: str, drafts: int) -> None:
    await consolidating(services, time_zone=time_zone)
    evening = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    await handle(services, renewal("psub_1", at=evening), renewal("psub_2", at=evening + HOUR))
    assert len(await shown(services)) == drafts


async def test_what_comes_after_the_draft_was_finalised_is_on_the_next_one(services: InvoiceServices) -> None:
    await consolidating(services)
    await handle(services, renewal("psub_1"))
    await finalize(services)
    await handle(services, renewal("psub_2"), renewal("psub_1"), renewal("psub_3"), renewal("psub_2"))
    await finalize(services)
    assert sorted(await shown(services), key=lambda one: one[1]) == [
        (InvoiceStatus.PAID, 1900, ["psub_1"]),
        (InvoiceStatus.PAID, 3800, ["psub_2", "psub_3"]),
    ]


async def test_a_full_draft_is_followed_by_another_one(services: InvoiceServices) -> None:
    await consolidating(services)
    many = [FLAT_ITEM] * (MOST_LINES - 1)
    await handle(services, period_opened(1, items=many, plan_subscription_id="psub_1"))
    two = [FLAT_ITEM] * 2
    await handle(services, *(period_opened(1, items=two, plan_subscription_id=id) for id in ("psub_2", "psub_2", "psub_3")))
    await handle(services, renewal("psub_4"))
    assert sorted(len(one.lines) for one in await services.reader.page("acme", {}, limit=9)) == [4, MOST_LINES]


async def test_what_was_decided_for_a_bill_stands_whatever_is_set_meanwhile(services: InvoiceServices) -> None:
    await consolidating(services)
    await handle(services, renewal("psub_1"))
    await set_invoice_grouping(services.invoice_groupings, None, Grouping(consolidate=False), context())
    await deliver(services, renewal("psub_1"), renewal("psub_2"))
    await set_invoice_grouping(services.invoice_groupings, None, CONSOLIDATED, context())
    await deliver(services, renewal("psub_2"), renewal("psub_3"))
    assert sorted(await shown(services)) == [
        (InvoiceStatus.DRAFT, 3800, ["psub_1", "psub_3"]),
        (InvoiceStatus.PAID, 1900, ["psub_2"]),
    ]


async def test_an_invoice_from_before_decisions_were_noted_stays_the_only_one(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_success"), renewal("psub_1"))
    await services.stores.database["claims"].delete_many({})
    await consolidating(services)
    await deliver(services, renewal("psub_1"))
    assert await shown(services) == [(InvoiceStatus.PAID, 1900, ["psub_1"])]


async def test_a_move_of_the_customer_to_another_time_zone_moves_no_bill(services: InvoiceServices) -> None:
    await consolidating(services, time_zone="UTC")
    at = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    await handle(services, renewal("psub_1", at=at))
    profile = {"customerId": "cus_1", "name": "Hooli", "email": None, "timeZone": "Asia/Tokyo"}
    await deliver(services, received("customer-updated.v1", profile, aggregate_id="cus_1", sequence=10))
    await handle(services, renewal("psub_1", at=at))
    assert len(await shown(services)) == 1


async def test_a_customers_own_setting_comes_before_the_tenants(services: InvoiceServices) -> None:
    await consolidating(services)
    await set_invoice_grouping(services.invoice_groupings, "cus_1", Grouping(consolidate=False), context())
    assert (await services.groupings.of("acme", "cus_1")).consolidate is False
    assert (await services.groupings.of("acme", "cus_2")).consolidate is True
    await remove_invoice_grouping(services.invoice_groupings, "cus_1", context())
    assert (await services.groupings.of("acme", "cus_1")).consolidate is True
    await remove_invoice_grouping(services.invoice_groupings, None, context())
    assert (await services.groupings.of("acme", "cus_1")).consolidate is False
    assert (await services.groupings.of("rival", "cus_1")).consolidate is False
    for minutes in (0, 1441):
        with pytest.raises(InvalidInput):
            grouping = Grouping(consolidate=True, draft_minutes=minutes)
            await set_invoice_grouping(services.invoice_groupings, None, grouping, context())


async def test_a_customer_that_is_not_known_yet_is_waited_for(services: InvoiceServices) -> None:
    await set_invoice_grouping(services.invoice_groupings, None, CONSOLIDATED, context())
    with pytest.raises(NotReady):
        await handle(services, renewal("psub_1"))
    await deliver(services, *customer_events("sandbox_success"))
    await handle(services, renewal("psub_1"))
    assert await shown(services) == [(InvoiceStatus.DRAFT, 1900, ["psub_1"])]


async def test_bills_that_come_at_the_same_time_and_again_are_each_on_it_once(services: InvoiceServices) -> None:
    await consolidating(services)
    events = [renewal(f"psub_{number}") for number in range(6)]
    await asyncio.gather(*(handle(services, event) for event in events * 2))
    [(status, total, ids)] = await shown(services)
    assert (status, total, sorted(ids)) == (InvoiceStatus.DRAFT, 6 * 1900, [f"psub_{number}" for number in range(6)])


async def test_a_bill_that_comes_while_the_draft_is_finalised_is_on_one_invoice(services: InvoiceServices) -> None:
    await consolidating(services)
    await handle(services, renewal("psub_0"))
    others = [renewal(f"psub_{number}") for number in range(1, 5)]
    await asyncio.gather(
        *(handle(services, event) for event in others), finalize(services), *(handle(services, e) for e in others)
    )
    await finalize(services)
    found = await shown(services)
    assert {status for status, _, _ in found} == {InvoiceStatus.PAID}
    assert sorted(id for _, _, ids in found for id in ids) == [f"psub_{number}" for number in range(5)]
    assert sum(total for _, total, _ in found) == 5 * 1900


@pytest.mark.parametrize("stored_first", [False, True])
# claim → draft, bill added twice, finalised, credit applied, payment started, (payment), paid
@pytest.mark.parametrize("commit", range(1, 8))
async def test_a_crash_at_any_commit_leaves_each_bill_on_one_invoice_that_is_charged_once(
    services: InvoiceServices, commit: int, stored_first: bool
) -> None:
    await consolidating(services)
    assert isinstance(services.stores.events, MongoEventStore)
    store = Crashing(services.stores.events)

    async def committed() -> None: ...

    crashing = replace(services, invoices=AggregateRepository(Invoice, store, invoice_projection(), committed))
    store.countdown, store.stored_first = commit, stored_first
    events = [renewal("psub_1"), renewal("psub_2"), renewal("psub_3")]
    for _ in range(2):
        for event in events:
            try:
                await handle(crashing, event)
            except Crash:
                await handle(crashing, event)
        for _ in range(2):
            try:
                await finalize(crashing)
            except Crash:
                pass
            for kept_behind in await services.stores.events.undispatched(1000):
                if kept_behind.kind == Invoice.kind:
                    await services.invoices.catch_up(kept_behind)
    await finalize(services)
    assert [(status, total, sorted(ids)) for status, total, ids in await shown(services)] == [
        (InvoiceStatus.PAID, 5700, ["psub_1", "psub_2", "psub_3"])
    ]
    assert await services.stores.database["sandbox_charges"].count_documents({}) == 1
    assert await services.stores.database["invoice_numbers"].count_documents({}) == 1


async def told(services: InvoiceServices, type: str) -> Sequence[dict[str, Any]]:
    commits = await services.stores.events.undispatched(1000)
    told = (msgspec.json.encode(event.data) for commit in commits for event in publish(commit) if event.type == type)
    return [msgspec.json.decode(data) for data in told]


async def test_every_event_of_it_names_all_that_it_bills(services: InvoiceServices) -> None:
    await consolidating(services, token="sandbox_declined")
    await handle(services, renewal("psub_1"), renewal("psub_2", 7))
    await finalize(services)
    bills = [{"planSubscriptionId": "psub_1", "periodNumber": 1}, {"planSubscriptionId": "psub_2", "periodNumber": 7}]
    for type in ("invoice-bill-added.v1", "invoice-finalized.v1", "payment-failed.v1", "invoice-retry-scheduled.v1"):
        [data] = await told(services, type)
        assert (data["bills"], data["planSubscriptionId"], data["periodNumber"]) == (bills, None, None), type
    [drafted] = await told(services, "invoice-drafted.v1")
    assert drafted["bills"] == bills[:1]


async def test_a_dispute_of_it_names_all_that_it_bills(services: InvoiceServices) -> None:
    await consolidating(services)
    await handle(services, renewal("psub_1"), renewal("psub_2", 7))
    await finalize(services)
    [payment] = await services.payment_reader.page("acme", {}, limit=2)
    facts = InMemoryProvider().facts(payment.id, DisputeState.LOST, eur(3800))
    await follow_dispute(services, payment.id, facts, context())
    bills = [{"planSubscriptionId": "psub_1", "periodNumber": 1}, {"planSubscriptionId": "psub_2", "periodNumber": 7}]
    for type in ("dispute-opened.v1", "dispute-lost.v1", "invoice-marked-uncollectible.v1"):
        [data] = await told(services, type)
        assert (data["bills"], data["planSubscriptionId"]) == (bills, None), type


def ended(id: str, unused: int) -> Received:
    data = {
        "planSubscriptionId": id,
        "customerId": "cus_1",
        "canceledAt": "2026-02-02T00:00:00Z",
        "everActive": True,
        "creditMinor": unused,
        "creditPeriodNumber": 1,
        "creditRefund": True,
    }
    return received("plan-subscription-canceled.v1", data, aggregate_id=id, sequence=9)


async def test_unused_time_of_one_comes_back_from_its_own_lines(services: InvoiceServices) -> None:
    await consolidating(services)
    await handle(services, renewal("psub_1"), renewal("psub_2"))
    await finalize(services)
    await handle(services, ended("psub_2", 1200), ended("psub_2", 1200))
    invoice = await only(services)
    assert [(line.plan_subscription_id, line.credited_minor) for line in invoice.lines] == [("psub_1", 0), ("psub_2", 1200)]
    assert (invoice.amount_credited_minor, invoice.amount_refunded_minor) == (1200, 1200)
    await handle(services, ended("psub_1", 99_999))  # no more than what it was billed
    assert [line.credited_minor for line in (await only(services)).lines] == [1900, 1200]


async def test_unused_time_does_not_wait_for_the_draft(services: InvoiceServices) -> None:
    await consolidating(services)
    await handle(services, renewal("psub_1"), renewal("psub_2"))
    with pytest.raises(NotReady):  # it is finalised, and the customer's credit is asked first
        await handle(services, ended("psub_2", 1200))
    await finalize(services)
    await handle(services, ended("psub_2", 1200))
    invoice = await only(services)
    assert (invoice.status, invoice.amount_credited_minor) == (InvoiceStatus.PAID, 1200)


@pytest.mark.parametrize("id", ["psub_1", "psub_2", "psub_3", "psub_4"])  # ids of one moment are in no order
async def test_unused_time_of_what_was_replaced_comes_back_from_the_replacement(services: InvoiceServices, id: str) -> None:
    await deliver(services, *customer_events("sandbox_declined"), renewal(id))
    void = await services.invoices.update((await only(services)).id, context(), lambda it: it.void("wrong", context()))
    draft = await replace_invoice(services.invoices, services.taxes, void.id, context())
    with pytest.raises(NotReady, match="is a draft"):  # it is for its author to finalise
        await handle(services, ended(id, 1200))
    await finalize_invoice(services.invoices, services.numbers, services.billing_details, draft.id, context())
    await services.invoices.update(draft.id, context(), lambda it: it.apply_credit(eur(0), eur(0), context()))
    await handle(services, ended(id, 1200), ended(id, 1200))
    found = await services.invoices.get("acme", draft.id)
    assert (found.amount_credited, found.amount_due) == (eur(1200), eur(700))


async def test_on_a_clock_of_its_own_a_tenants_draft_waits_for_that(services: InvoiceServices) -> None:
    await consolidating(services)
    await handle(services, moved(AT), renewal("psub_1"), renewal("psub_2"))
    assert (await only(services)).finalize_at == AT + HOUR
    await finalize(services, after=timedelta(days=9))  # the machine's time does not count
    assert (await only(services)).status is InvoiceStatus.DRAFT

    agenda = InvoiceAgenda(services, MongoInvoiceSteps())
    assert [(one.customer_id, one.at) for one in await agenda.upcoming("acme", 10)] == [("cus_1", AT + HOUR)]
    await agenda.do("acme", AT + timedelta(minutes=30), held=())
    assert (await only(services)).status is InvoiceStatus.DRAFT
    # The clock asks for it when it is at rest, so that no further bill is on its way.
    await agenda.do("acme", AT + 2 * HOUR, held=())
    invoice = await only(services)
    assert (invoice.status, invoice.finalized_at) == (InvoiceStatus.OPEN, AT + HOUR)


async def test_a_bill_that_comes_after_the_clock_has_passed_it_does_not_wait_for_the_next_move(services: InvoiceServices) -> None:
    await consolidating(services)
    await handle(services, moved(AT + timedelta(days=40)))
    for id in ("psub_1", "psub_2", "psub_1"):
        with pytest.raises(NotReady):  # it is placed, and handled again when further ones had time to come
            await handle(services, renewal(id))
    draft = await services.invoices.get("acme", (await only(services)).id)
    assert (draft.drafted.draft.finalize_at, draft.total.minor_units) == (AT + HOUR, 3800)
    assert draft.recorded_at is not None
    await ConsolidationTimer(services, FixedClock(draft.recorded_at + timedelta(seconds=3))).bill_placed(draft)
    invoice = await only(services)
    assert (invoice.status, invoice.finalized_at, invoice.total_minor) == (InvoiceStatus.OPEN, AT + HOUR, 3800)
    await handle(services, renewal("psub_1"), renewal("psub_2"))
    assert (await only(services)).version == invoice.version
