"""From payments' events to ACTIVE or INCOMPLETE, in whatever order they come."""

from datetime import timedelta
from itertools import permutations
from types import SimpleNamespace
from typing import Any, cast

import pytest

from subgraphs.kit.messaging.consumer import Received
from subgraphs.subscription.domain.values import PlanSubscriptionStatus
from subgraphs.subscription.sagas.activation import ActivationSaga
from subgraphs.subscription.worker import event_handlers
from tests.testkit.memory import AT, context
from tests.testkit.received import received
from tests.testkit.subscribing import InMemorySubscriptions

ACTIVE, INCOMPLETE = PlanSubscriptionStatus.ACTIVE, PlanSubscriptionStatus.INCOMPLETE
PENDING, CANCELED = PlanSubscriptionStatus.PENDING, PlanSubscriptionStatus.CANCELED


def told(type: str, id: str | None, period: int | None = 0, **more: Any) -> Received:
    data = {
        "invoiceId": "inv_1",
        "planSubscriptionId": id,
        "periodNumber": period,
        "code": None,
        "totalMinor": 1900,
        "amountDueMinor": 0,
        **more,
    }
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


VOIDED, UNCOLLECTIBLE, DELETED = "invoice-voided.v1", "invoice-marked-uncollectible.v1", "invoice-deleted.v1"
PAST_DUE, UNPAID = PlanSubscriptionStatus.PAST_DUE, PlanSubscriptionStatus.UNPAID


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
    for action in ("CANCEL", "MARK_UNPAID"):  # told of late, or once more: it is paid
        await saga.dunning_exhausted(consolidated("dunning-exhausted.v1", *bills, action=action, retries=4))
    assert await statuses() == [ACTIVE] * 2
    for id in ids:
        end = (await subscriptions.repository.get("acme", id)).period.end
        await subscriptions.renew(id, end, context(at=end))
    for _ in range(2):
        await saga.dunning_exhausted(consolidated("dunning-exhausted.v1", *((id, 2) for id in ids), action="CANCEL", retries=4))
    assert await statuses() == [CANCELED] * 2


@pytest.mark.parametrize("settled", ["invoice-paid.v1", "invoice-voided.v1", "invoice-marked-uncollectible.v1"])
async def test_an_end_of_retries_that_is_told_of_after_the_invoice_was_settled_does_nothing(settled: str) -> None:
    subscriptions = InMemorySubscriptions()
    saga = ActivationSaga(subscriptions.repository, subscriptions.facts, subscriptions.metered, subscriptions)
    id = (await subscriptions.start()).id
    await deliver(subscriptions, told("invoice-paid.v1", id))
    for _ in range(2):
        end = (await subscriptions.repository.get("acme", id)).period.end
        await subscriptions.renew(id, end, context(at=end))
    await deliver(subscriptions, told("payment-failed.v1", id, 1, code="card_declined"), told("invoice-paid.v1", id, 2))
    handle = {
        "invoice-paid.v1": saga.invoice_paid,
        "invoice-voided.v1": saga.invoice_voided,
        "invoice-marked-uncollectible.v1": saga.invoice_marked_uncollectible,
    }
    await handle[settled](told(settled, id, 1))
    for action in ("CANCEL", "MARK_UNPAID"):
        await saga.dunning_exhausted(told("dunning-exhausted.v1", id, 1, action=action, retries=4))
    assert (await subscriptions.repository.get("acme", id)).status is ACTIVE


async def test_what_is_owed_of_an_earlier_period_counts_although_a_later_one_is_paid() -> None:
    subscriptions = InMemorySubscriptions()
    saga = ActivationSaga(subscriptions.repository, subscriptions.facts, subscriptions.metered, subscriptions)
    id = (await subscriptions.start()).id
    await deliver(subscriptions, told("invoice-paid.v1", id))
    for _ in range(2):
        end = (await subscriptions.repository.get("acme", id)).period.end
        await subscriptions.renew(id, end, context(at=end))
    await deliver(subscriptions, told("payment-failed.v1", id, 1, code="card_declined"), told("invoice-paid.v1", id, 2))
    await saga.dunning_exhausted(told("dunning-exhausted.v1", id, 1, action="MARK_UNPAID", retries=4))
    assert (await subscriptions.repository.get("acme", id)).status is UNPAID


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


@pytest.mark.parametrize(
    ("unpaid", "events", "status"),
    [
        (False, [(VOIDED, "inv_1", None)], ACTIVE),
        (True, [(VOIDED, "inv_1", None)], ACTIVE),
        (False, [(UNCOLLECTIBLE, "inv_1", None)], ACTIVE),
        (True, [(UNCOLLECTIBLE, "inv_1", None)], UNPAID),
        (True, [(UNCOLLECTIBLE, "inv_1", None), (VOIDED, "inv_1", None)], ACTIVE),
        (False, [(VOIDED, "inv_1", "inv_2")], PAST_DUE),
        (True, [(VOIDED, "inv_1", "inv_2")], UNPAID),
        (False, [(VOIDED, "inv_1", "inv_2"), (DELETED, "inv_2", None)], ACTIVE),
        (True, [(VOIDED, "inv_1", "inv_2"), (DELETED, "inv_2", None)], ACTIVE),
        (True, [(VOIDED, "inv_1", "inv_2"), ("invoice-paid.v1", "inv_2", None)], ACTIVE),
    ],
)
async def test_nobody_waits_for_an_invoice_that_is_void_or_uncollectible(
    unpaid: bool, events: list[tuple[str, str, str | None]], status: PlanSubscriptionStatus
) -> None:
    subscriptions = InMemorySubscriptions()
    services = SimpleNamespace(
        subscriptions=subscriptions.repository,
        known=subscriptions.facts,
        metered=subscriptions.metered,
        stores=SimpleNamespace(clocks=subscriptions),
        followers=None,
    )
    handlers = event_handlers(cast(Any, services))
    id = (await subscriptions.start()).id
    await deliver(subscriptions, told("invoice-paid.v1", id))
    end = (await subscriptions.repository.get("acme", id)).period.end
    await subscriptions.renew(id, end, context(at=end))
    await deliver(subscriptions, told("payment-failed.v1", id, 1, code="card_declined"))
    exhausted = [("dunning-exhausted.v1", "inv_1", None)] if unpaid else []
    for _ in range(2):
        for type, invoice_id, replaced_by in exhausted + events:
            more = {"invoiceId": invoice_id, "replacedBy": replaced_by, "action": "MARK_UNPAID", "retries": 4}
            for handler in handlers[type]:
                await handler(told(type, id, 1, **more))
        exhausted = []
    assert (await subscriptions.repository.get("acme", id)).status is status


async def test_a_first_invoice_that_is_void_or_uncollectible_activates_nothing() -> None:
    subscriptions = InMemorySubscriptions()
    saga = ActivationSaga(subscriptions.repository, subscriptions.facts, subscriptions.metered, subscriptions)
    id = (await subscriptions.start()).id
    await deliver(subscriptions, told("payment-failed.v1", id, code="card_declined"))
    await saga.invoice_voided(told(VOIDED, id))
    await saga.invoice_marked_uncollectible(told(UNCOLLECTIBLE, id))
    assert (await subscriptions.repository.get("acme", id)).status is INCOMPLETE
