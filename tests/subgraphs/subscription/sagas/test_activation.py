"""From payments' events to ACTIVE or INCOMPLETE, in whatever order they come."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from subgraphs.kit.messaging.consumer import Received
from subgraphs.subscription.domain.values import PlanSubscriptionStatus
from subgraphs.subscription.sagas.activation import ActivationSaga
from tests.testkit.memory import AT, context
from tests.testkit.received import received
from tests.testkit.subscribing import InMemorySubscriptions

ACTIVE, INCOMPLETE = PlanSubscriptionStatus.ACTIVE, PlanSubscriptionStatus.INCOMPLETE
PENDING, CANCELED = PlanSubscriptionStatus.PENDING, PlanSubscriptionStatus.CANCELED


def told(type: str, id: str | None, period: int | None = 0, **more: Any) -> Received:
    data = {"invoiceId": "inv_1", "planSubscriptionId": id, "periodNumber": period, "code": None, **more}
    return received(type, data, aggregate_id="inv_1")


async def deliver(subscriptions: InMemorySubscriptions, *events: Received) -> None:
    saga = ActivationSaga(subscriptions.repository, subscriptions.facts, subscriptions.metered, subscriptions)
    for event in events:
        handler = saga.invoice_paid if event.event.type == "invoice-paid.v1" else saga.payment_not_made
        await handler(event)


@pytest.mark.parametrize(
    ("type", "code", "status", "reason"),
    [
        ("invoice-paid.v1", None, ACTIVE, None),
        ("payment-failed.v1", "card_declined", INCOMPLETE, "card_declined"),
        ("payment-action-required.v1", "action_required", INCOMPLETE, "action_required"),
        ("payment-failed.v1", None, INCOMPLETE, "payment_failed"),
    ],
)
async def test_the_first_payment_decides(type: str, code: str | None, status: PlanSubscriptionStatus, reason: str | None) -> None:
    subscriptions = InMemorySubscriptions()
    id = (await subscriptions.start()).id
    await deliver(subscriptions, told(type, id, code=code))
    subscription = await subscriptions.repository.get("acme", id)
    assert (subscription.status, subscription.incomplete_reason) == (status, reason)


@pytest.mark.parametrize("order", list(permutations(["payment-action-required.v1", "payment-failed.v1", "invoice-paid.v1"])))
async def test_once_paid_it_is_active_in_whatever_order_events_come(order: tuple[str, ...]) -> None:
    subscriptions = InMemorySubscriptions()
    id = (await subscriptions.start()).id
    await deliver(subscriptions, *(told(type, id, code="card_declined") for type in order * 2))
    subscription = await subscriptions.repository.get("acme", id)
    assert (subscription.status, subscription.incomplete_reason) == (ACTIVE, None)


async def test_an_event_delivered_again_saves_nothing() -> None:
    subscriptions = InMemorySubscriptions()
    id = (await subscriptions.start()).id
    await deliver(subscriptions, told("invoice-paid.v1", id))
    before = dict(subscriptions.store.commits)
    await deliver(subscriptions, told("invoice-paid.v1", id))
    assert subscriptions.store.commits == before


async def test_invoices_without_a_subscription_change_none() -> None:
    subscriptions = InMemorySubscriptions()
    id = (await subscriptions.start()).id
    await deliver(subscriptions, told("invoice-paid.v1", None, None), told("payment-failed.v1", None, None))
    assert (await subscriptions.repository.get("acme", id)).status is PENDING


async def test_a_payment_after_the_end_changes_nothing() -> None:
    subscriptions = InMemorySubscriptions()
    subscription = await subscriptions.start()
    await subscriptions.repository.update(
        subscription.id, told("x", None).context("client_1"), lambda it: it.cancel(None, told("x", None).context("client_1"))
    )
    await deliver(subscriptions, told("invoice-paid.v1", subscription.id))
    assert (await subscriptions.repository.get("acme", subscription.id)).status is CANCELED


async def test_on_a_clock_that_stands_still_a_backdated_subscription_is_caught_up_when_it_is_paid_for() -> None:
    subscriptions = InMemorySubscriptions()
    subscriptions.facts.clocks.add("acme")
    subscription = await subscriptions.start(starts_at=AT - timedelta(days=70))
    await deliver(subscriptions, told("invoice-paid.v1", subscription.id))
    found = await subscriptions.repository.get("acme", subscription.id)
    assert (found.period_number, found.status.value) == (2, "ACTIVE")  # November 22, December 22 and January 22
    # All of them are told now: an invoice is not dated before the one that was numbered before it.
    assert {commit.context.at for commit in subscriptions.store.commits.values()} == {AT}


def consolidated(type: str, *bills: tuple[str, int], **more: Any) -> Received:
    told = [{"planSubscriptionId": id, "periodNumber": number} for id, number in bills]
    data = {"invoiceId": "inv_1", "planSubscriptionId": None, "periodNumber": None, "code": None, "bills": told, **more}
    return received(type, data, aggregate_id="inv_1")


async def test_a_consolidated_invoice_concerns_every_subscription_that_it_bills() -> None:
    subscriptions = InMemorySubscriptions()
    saga = ActivationSaga(subscriptions.repository, subscriptions.facts, subscriptions.metered, subscriptions)
    ids = [(await subscriptions.start()).id for _ in range(2)]
    await deliver(subscriptions, *(told("invoice-paid.v1", id) for id in ids))
    for id in ids:
        end = (await subscriptions.repository.get("acme", id)).period.end
        await subscriptions.renew(id, end, context(at=end))
    bills = [(id, 1) for id in ids]

    async def statuses() -> list[PlanSubscriptionStatus]:
        return [(await subscriptions.repository.get("acme", id)).status for id in ids]

    failed = consolidated("payment-failed.v1", *bills, code="card_declined")
    await deliver(subscriptions, failed, failed)
    assert await statuses() == [PlanSubscriptionStatus.PAST_DUE] * 2
    exhausted = consolidated("dunning-exhausted.v1", *bills, action="MARK_UNPAID", retries=4)
    for _ in range(2):
        await saga.dunning_exhausted(exhausted)
    assert await statuses() == [PlanSubscriptionStatus.UNPAID] * 2
    paid = consolidated("invoice-paid.v1", *bills)
    await deliver(subscriptions, paid, paid)
    assert await statuses() == [ACTIVE] * 2
    for _ in range(2):
        await saga.dunning_exhausted(consolidated("dunning-exhausted.v1", *bills, action="CANCEL", retries=4))
    assert await statuses() == [CANCELED] * 2


async def test_what_is_unpaid_goes_on_when_its_invoice_is_void() -> None:
    subscriptions = InMemorySubscriptions()
    saga = ActivationSaga(subscriptions.repository, subscriptions.facts, subscriptions.metered, subscriptions)
    id = (await subscriptions.start()).id
    await deliver(subscriptions, told("invoice-paid.v1", id))
    end = (await subscriptions.repository.get("acme", id)).period.end
    await subscriptions.renew(id, end, context(at=end))
    await saga.dunning_exhausted(told("dunning-exhausted.v1", id, 1, action="MARK_UNPAID", retries=4))
    statuses = []
    for voided in ("inv_2", "inv_1", "inv_1"):
        await saga.invoice_voided(told("invoice-voided.v1", id, 1, invoiceId=voided, totalMinor=1900))
        statuses.append((await subscriptions.repository.get("acme", id)).status)
    assert statuses == [PlanSubscriptionStatus.UNPAID, ACTIVE, ACTIVE]


def line(minor: int, id: str | None = None, **more: Any) -> dict[str, Any]:
    period = {"periodStart": "2026-01-31T00:00:00Z", "periodEnd": "2026-02-28T12:00:00Z"}
    return {"lineNumber": 1, "amountMinor": minor, **period} | ({"planSubscriptionId": id} if id else {}) | more


async def test_what_credit_notes_take_back_of_a_bill_is_known_once() -> None:
    subscriptions = InMemorySubscriptions()
    saga = ActivationSaga(subscriptions.repository, subscriptions.facts, subscriptions.metered, subscriptions)
    id = (await subscriptions.start()).id
    await deliver(subscriptions, told("invoice-paid.v1", id))
    note = told("credit-note-issued.v1", id, creditNoteId="cn_1", lines=[line(500), line(300, isUsage=True)])
    for _ in range(2):
        await saga.credit_note_issued(note)
    await saga.credit_note_issued(told("credit-note-issued.v1", id, 7, creditNoteId="cn_2", lines=[line(500)]))
    await saga.credit_note_issued(told("credit-note-issued.v1", id, creditNoteId="cn_3"))  # of before lines were told
    [bill] = (await subscriptions.repository.get("acme", id)).creditable
    assert [(one.credit_note_id, one.amount_minor, one.in_advance_minor) for one in bill.credited] == [("cn_1", 800, 500)]


async def test_of_a_consolidated_invoice_each_subscription_knows_its_own_lines() -> None:
    subscriptions = InMemorySubscriptions()
    saga = ActivationSaga(subscriptions.repository, subscriptions.facts, subscriptions.metered, subscriptions)
    ids = [(await subscriptions.start()).id for _ in range(2)]
    bills = [{"planSubscriptionId": id, "periodNumber": 0} for id in ids]
    lines = [line(500, ids[0]), line(700, ids[1])]
    await saga.credit_note_issued(told("credit-note-issued.v1", None, None, creditNoteId="cn_1", bills=bills, lines=lines))
    left = [[one.left_minor for one in (await subscriptions.repository.get("acme", id)).creditable] for id in ids]
    assert left == [[1400], [1200]]  # 19.00 each


async def test_what_nobody_expects_to_be_paid_is_known_until_it_is_paid() -> None:
    subscriptions = InMemorySubscriptions()
    saga = ActivationSaga(subscriptions.repository, subscriptions.facts, subscriptions.metered, subscriptions)
    id = (await subscriptions.start()).id
    await deliver(subscriptions, told("invoice-paid.v1", id))
    lost = told("invoice-marked-uncollectible.v1", id, totalMinor=2261, amountDueMinor=1000)  # with taxes of 19 %
    left = []
    for handle, event in (
        (saga.invoice_uncollectible, lost),
        (saga.invoice_uncollectible, lost),
        (saga.invoice_paid, told("invoice-paid.v1", id)),
        (saga.invoice_voided, told("invoice-voided.v1", id, totalMinor=2261)),
    ):
        await handle(event)
        [bill] = (await subscriptions.repository.get("acme", id)).creditable
        left.append(bill.left_minor)
    # 19.00 × 10.00/22.61 is 8.40, rounded up: 8.41
    assert left == [1059, 1059, 1900, 0]
