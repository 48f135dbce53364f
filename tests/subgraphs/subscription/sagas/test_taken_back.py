"""What credit notes take back of plan subscriptions' bills, and what of them nobody pays."""

from typing import Any

import pytest

from subgraphs.kit.messaging.consumer import Received
from subgraphs.subscription.commands.settle_payment import note_period_paid
from subgraphs.subscription.domain.values import ProrationBehavior, Terms
from subgraphs.subscription.sagas.taken_back import TakenBackSaga
from tests.testkit.memory import AT, context
from tests.testkit.received import received
from tests.testkit.subscribing import InMemorySubscriptions, subscribed_price


def told(type: str, id: str | None, period: int | None = 0, **more: Any) -> Received:
    data = {"invoiceId": "inv_1", "planSubscriptionId": id, "periodNumber": period, **more}
    return received(type, data, aggregate_id="inv_1")


def line(minor: int, id: str | None = None, **more: Any) -> dict[str, Any]:
    period = {"periodStart": "2026-01-31T00:00:00Z", "periodEnd": "2026-02-28T12:00:00Z"}
    return {"lineNumber": 1, "amountMinor": minor, **period} | ({"planSubscriptionId": id} if id else {}) | more


async def test_what_credit_notes_take_back_of_a_bill_is_known_once() -> None:
    subscriptions = InMemorySubscriptions()
    saga = TakenBackSaga(subscriptions.repository)
    id = (await subscriptions.start()).id
    await note_period_paid(subscriptions.repository, id, 0, context())
    note = told("credit-note-issued.v1", id, creditNoteId="cn_1", lines=[line(500), line(300, isUsage=True)])
    for _ in range(2):
        await saga.credit_note_issued(note)
    await saga.credit_note_issued(told("credit-note-issued.v1", id, 7, creditNoteId="cn_2", lines=[line(500)]))
    await saga.credit_note_issued(told("credit-note-issued.v1", id, creditNoteId="cn_3"))  # of before lines were told
    [bill] = (await subscriptions.repository.get("acme", id)).creditable
    assert [(one.credit_note_id, one.amount_minor, one.in_advance_minor) for one in bill.credited] == [("cn_1", 800, 500)]


async def test_of_a_consolidated_invoice_each_subscription_knows_its_own_lines() -> None:
    subscriptions = InMemorySubscriptions()
    saga = TakenBackSaga(subscriptions.repository)
    ids = [(await subscriptions.start()).id for _ in range(2)]
    bills = [{"planSubscriptionId": id, "periodNumber": 0} for id in ids]
    lines = [line(500, ids[0]), line(700, ids[1])]
    await saga.credit_note_issued(told("credit-note-issued.v1", None, None, creditNoteId="cn_1", bills=bills, lines=lines))
    left = [[one.left_minor for one in (await subscriptions.repository.get("acme", id)).creditable] for id in ids]
    assert left == [[1400], [1200]]  # 19.00 each


@pytest.mark.parametrize("number", [None, 0])
async def test_what_nobody_expects_to_be_paid_is_known_until_it_is_paid(number: int | None) -> None:
    subscriptions = InMemorySubscriptions()
    saga = TakenBackSaga(subscriptions.repository)
    id = (await subscriptions.start(AT, "price_1")).id
    await note_period_paid(subscriptions.repository, id, 0, context())
    if number is None:  # 38.00 less 19.00 for the whole period: 19.00 again
        upgraded = Terms(price=subscribed_price(price_id="price_2", flat_amount_minor=3_800), quantity=1)
        await subscriptions.repository.update(
            id, context(), lambda one: one.change(upgraded, ProrationBehavior.INVOICE_NOW, context())
        )
    name = {"adjustmentsNumber": 1} if number is None else {}

    async def left() -> int:
        found = (await subscriptions.repository.get("acme", id)).creditable
        return found[-1].left_minor

    amounts = []
    for type, due in (("lost", 1000), ("lost", 1000), ("paid", 0), ("void", 0), ("paid", 0)):
        event = told(type, id, number, totalMinor=2261, amountDueMinor=due, **name)  # with taxes of 19 %
        match type:
            case "lost":
                await saga.invoice_uncollectible(event)
            case "void":
                await saga.invoice_voided(event)
            case _:
                await saga.invoice_paid(event)
                if number is not None:
                    await note_period_paid(subscriptions.repository, id, number, context())
        amounts.append(await left())
    # 19.00 × 10.00/22.61 is 8.40, rounded up: 8.41
    assert amounts == [1059, 1059, 1900, 0, 1900]
