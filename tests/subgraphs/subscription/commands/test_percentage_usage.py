"""Percentages of the transactions that a meter counts, from the events to the bills."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.pricing.transactions import Transacted
from subgraphs.pricing.usage import Aggregation
from subgraphs.subscription.commands.current_usage import current_usage
from subgraphs.subscription.commands.record_usage import WantedEvent, withdraw_usage
from subgraphs.subscription.commands.settle_payment import note_period_paid
from subgraphs.subscription.published import publish
from tests.subgraphs.subscription.commands.test_usage import APRIL, FEBRUARY, MARCH, Metering
from tests.testkit.memory import AT, context

LAGO: dict[str, Any] = {
    "ratePercent": "1.2",
    "transactionFeeMinor": 10,
    "freeTransactions": 3,
    "freeAmountMinor": 50_000,
}
GRADUATED: dict[str, Any] = {
    "tiers": [
        {"upTo": "1000", "unitAmount": "1", "flatAmountMinor": 20_000},
        {"upTo": "10000", "unitAmount": "2", "flatAmountMinor": 30_000},
        {"unitAmount": "3", "flatAmountMinor": 40_000},
    ],
    "firstTierAtZero": False,
}


async def selling(details: dict[str, Any], model: str = "PERCENTAGE") -> Metering:
    """Return a subscription to a price by the transactions of a meter."""
    made = Metering(Aggregation.TRANSACTIONS)
    facts = made.subscriptions.facts
    terms = {"model": model, "flat_amount_minor": None, "meter_id": "mtr_1", "details": details}
    facts.add_price("price_payments", **terms)
    made.id = (await made.subscriptions.start(price_id="price_payments")).id
    await note_period_paid(made.subscriptions.repository, made.id, 0, context())
    return made


def made_at(metering: Metering, hours: int, value: str, id: str | None = None) -> WantedEvent:
    return metering.event(id or f"at-{hours}", AT + timedelta(hours=hours), value)


async def so_far(metering: Metering) -> tuple[Decimal, int | None, int]:
    at = AT + timedelta(days=20)
    [used] = await current_usage(metering.subscriptions.repository, metering.subscriptions.metered, metering.id, context(at=at))
    return used.quantity, used.transactions, used.amount.minor_units


async def test_w11_by_meter_whatever_the_order_in_which_events_arrive() -> None:
    metering = await selling(LAGO)
    later = AT + timedelta(days=1)
    seen = []
    for hours, value in ((1, "200"), (2, "100"), (3, "100"), (4, "50")):
        await metering.record(made_at(metering, hours, value), now=later)
        seen.append((await so_far(metering))[2])
    assert seen == [0, 0, 0, 70]  # 50 × 1.2 % + 0.10
    assert await so_far(metering) == (450, 4, 70)
    again = await selling(LAGO)
    for hours, value in ((4, "50"), (2, "100"), (1, "200"), (3, "100")):
        await again.record(made_at(again, hours, value), now=later)
    for one in (metering, again):
        await one.renew(FEBRUARY)
        assert await one.totals() == [0, 70]


async def test_of_the_same_instant_the_lesser_id_comes_first() -> None:
    metering = await selling({"ratePercent": "10", "freeTransactions": 1})
    await metering.record(made_at(metering, 1, "5", "b"), made_at(metering, 1, "200", "a"), now=AT + timedelta(days=1))
    assert (await so_far(metering))[2] == 50  # a is free, b is 5 × 10 %


async def test_w13_by_meter() -> None:
    metering = await selling(GRADUATED, "GRADUATED_PERCENTAGE")
    seen = [0]
    for hours, value in ((1, "500"), (2, "550"), (3, "4000")):
        await metering.record(made_at(metering, hours, value), now=AT + timedelta(days=1))
        seen.append((await so_far(metering))[2])
    assert [after - before for before, after in pairwise(seen)] == [20_500, 30_600, 8_000]
    await metering.renew(FEBRUARY)
    assert await metering.totals() == [0, 59_100]


async def test_a_late_transaction_moves_what_is_free_and_the_exact_difference_is_billed() -> None:
    metering = await selling(LAGO)
    for hours, value in ((1, "200"), (2, "100"), (3, "100"), (4, "50")):
        await metering.record(made_at(metering, hours, value), now=AT + timedelta(days=1))
    await metering.renew(FEBRUARY)
    await metering.record(made_at(metering, 0, "10", "early"), now=FEBRUARY + timedelta(days=1))
    await metering.renew(MARCH)
    # Free are 10, 200 and 100 now; 100 × 1.2 % + 0.10 = 1.30 and 0.70: 2.00 where 0.70 was billed
    assert await metering.totals() == [0, 70, 130]
    line = (await metering.bills())[-1].lines[-1]
    assert line.description == "Late usage of Team"
    assert line.explanation == "1.2 % of 460.00 EUR and 0.10 EUR each in 5 transactions, 3 of them free − 0.70 EUR billed"


async def test_a_withdrawal_that_leaves_the_sum_as_it_was_is_credited_as_well() -> None:
    metering = await selling({"ratePercent": "0", "transactionFeeMinor": 10})
    await metering.record(made_at(metering, 1, "100"), made_at(metering, 2, "0"), now=AT + timedelta(days=1))
    await metering.renew(FEBRUARY)
    await withdraw_usage(metering.subscriptions.usage, "at-2", context())
    await metering.record(metering.event("march", FEBRUARY, "1"), now=FEBRUARY)
    await metering.renew(MARCH)
    assert await metering.totals() == [0, 20, 0]  # 0.10 for March, 0.10 of February back


async def test_the_least_and_the_most_of_a_transaction() -> None:
    metering = await selling({"ratePercent": "1", "transactionMinimumMinor": 100, "transactionMaximumMinor": 500})
    for hours, value in ((1, "10"), (2, "200"), (3, "1000")):
        await metering.record(made_at(metering, hours, value), now=AT + timedelta(days=1))
    await metering.renew(FEBRUARY)
    assert await metering.totals() == [0, 800]  # 1.00 + 2.00 + 5.00


async def test_a_transaction_below_zero_is_refused() -> None:
    metering = await selling(LAGO)
    [refused] = await metering.record(made_at(metering, 0, "-1"))
    assert isinstance(refused, InvalidInput) and refused.field == ("value",)


@pytest.mark.parametrize("model", ["PERCENTAGE", "GRADUATED_PERCENTAGE"])
async def test_what_is_told_makes_the_same_invoice(model: str) -> None:
    metering = await selling(LAGO if model == "PERCENTAGE" else GRADUATED, model)
    for hours, value in ((1, "200"), (2, "100"), (3, "100"), (4, "50")):
        await metering.record(made_at(metering, hours, value), now=AT + timedelta(days=1))
    await metering.renew(FEBRUARY)
    commits = metering.subscriptions.store.commits.values()
    [_, told] = [one for commit in commits for one in publish(commit) if one.type == "billing-period-opened.v1"]
    [item] = told.data["items"]
    assert item["usage"] == "450"
    transactions = {"count": 4, "free": 3, "price": "0.70"}
    assert item["transactions"] == (transactions if model == "PERCENTAGE" else None)
    replayed = await metering.subscriptions.repository.get("acme", metering.id)
    [billed] = replayed.billed_usage.values()
    priced = Transacted(count=4, amount=Decimal(450), free=3, price=Decimal("0.7"))
    assert billed.used == (priced if model == "PERCENTAGE" else 450)


ROWS = st.lists(
    st.tuples(st.integers(0, 650), st.integers(0, 400), st.integers(0, 30), st.booleans()),
    max_size=10,
    unique_by=lambda row: row[0],
)


@given(ROWS)
async def test_in_the_end_what_stands_is_billed_once(rows: list[tuple[int, int, int, bool]]) -> None:
    metering = await selling(LAGO)
    told = sorted((AT + timedelta(hours=hours, days=late), hours, value, stays) for hours, value, late, stays in rows)
    renewals = [FEBRUARY, MARCH, APRIL]
    for at, hours, value, stays in told:
        while renewals and renewals[0] <= at:
            await metering.renew(renewals.pop(0))
        await metering.record(made_at(metering, hours, str(value)), now=at)
        if not stays:
            await withdraw_usage(metering.subscriptions.usage, f"at-{hours}", context(at=at))
    for at in renewals:
        await metering.renew(at)
    expected, count, amount = 0, 0, 0
    for _, value in sorted((hours, value) for hours, value, _, stays in rows if stays):
        if count >= 3 or amount + value > 500:
            expected += min(value, max(amount + value - 500, 0) if count < 3 else value) * 12 + 100  # in tenths of a cent
        count, amount = count + 1, amount + value
    assert sum(await metering.totals()) == (expected + 5) // 10
