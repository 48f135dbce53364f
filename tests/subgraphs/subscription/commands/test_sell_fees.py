"""Selling one-time prices: with a start and later, what is refused, what is told, and what previews say."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import DomainError
from subgraphs.subscription.commands.cancel_plan_subscription import WantedCancellation, cancel_plan_subscription
from subgraphs.subscription.commands.change_plan_subscription import WantedChange, change_plan_subscription
from subgraphs.subscription.commands.known_facts import WantedItem, known_price
from subgraphs.subscription.commands.previews import Previews
from subgraphs.subscription.commands.sell_fees import WantedFee, add_fee, remove_fee
from subgraphs.subscription.commands.settle_payment import note_period_paid
from subgraphs.subscription.commands.start_plan_subscription import Trial, WantedStart
from subgraphs.subscription.domain.billed import Bill, bill_of
from subgraphs.subscription.domain.fees import FeeTime
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.published import publish
from tests.testkit.memory import context
from tests.testkit.subscribing import InMemorySubscriptions

APRIL, HALF, MAY = (datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 16, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
ONCE: dict[str, Any] = {"interval_unit": None, "interval_count": None, "plan_id": "plan_2", "plan_name": "Router"}
ROUTER = WantedFee(price_id="price_router", quantity=3)
NOW = replace(ROUTER, when=FeeTime.NOW)


class Shop(InMemorySubscriptions):
    def __init__(self) -> None:
        super().__init__()
        self.facts.add_plan("plan_2", name="Router")
        self.facts.add_price("price_router", model="PER_UNIT", flat_amount_minor=None, unit_amount="49.905", **ONCE)

    async def active(self, **more: Any) -> str:
        id = (await self.start(APRIL, **more)).id
        await note_period_paid(self.repository, id, 0, context(at=APRIL))
        return id

    async def add(self, id: str, wanted: WantedFee, at: CommandContext | None = None) -> PlanSubscription:
        return await add_fee(self.repository, self.facts, id, wanted, at or context(at=HALF))

    async def bills(self, id: str) -> list[Bill]:
        return [bill for event in await self.events(id) if (bill := bill_of(event)) is not None]

    @property
    def previews(self) -> Previews:
        return Previews(self.repository, self.facts, self.facts, self.metered)


async def refusal(selling: Any) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(DomainError) as refused:
        await selling
    return refused.value.code, refused.value.field


async def test_what_is_sold_is_told_and_billed() -> None:
    shop = Shop()
    id = await shop.active(fees=(ROUTER,))
    added = await shop.add(id, NOW)
    told = [event for commit in shop.store.commits.values() for event in publish(commit)]
    price = {"priceId": "price_router", "planId": "plan_2", "quantity": 3}
    fees = [event.data for event in told if event.type == "plan-subscription-fee-added.v1"]
    fee_ids = [data.pop("feeId") for data in fees]
    assert fees == [{"planSubscriptionId": id, "customerId": "cus_1", **price}] * 2
    assert len(set(fee_ids)) == 2 and all(fee_id.startswith("fee_") for fee_id in fee_ids)
    billed = {
        **price,
        "description": "Router",
        "model": "PER_UNIT",
        "flatAmountMinor": None,
        "unitAmount": "49.905",
        "details": None,
    }
    [opened] = [event.data["fees"] for event in told if event.type == "billing-period-opened.v1"]
    [alone] = [event.data for event in told if event.type == "adjustments-billed.v1"]
    assert opened == ({"feeId": fee_ids[0], **billed},)
    assert alone == {
        "planSubscriptionId": id,
        "customerId": "cus_1",
        "number": 1,
        "currency": "EUR",
        "adjustments": (),
        "fees": ({"feeId": fee_ids[1], **billed},),
        "collectionMethod": "CHARGE_AUTOMATICALLY",
        "daysUntilDue": None,
    }
    assert added.fees == ()


async def test_a_write_that_is_repeated_adds_one_fee() -> None:
    shop = Shop()
    id = await shop.active()
    again = replace(context(at=HALF), write="planSubscriptionFeeAdd/k1")
    for _ in range(2):
        subscription = await shop.add(id, ROUTER, again)
    [fee] = subscription.fees
    removed = await remove_fee(shop.repository, id, fee.id, context(at=HALF))
    assert removed.fees == ()
    assert [event.type for commit in shop.store.commits.values() for event in publish(commit)][-1] == (
        "plan-subscription-fee-removed.v1"
    )


async def test_refusals_name_the_field() -> None:
    shop = Shop()
    shop.facts.add_price("price_dollars", currency="USD", **ONCE)
    shop.facts.add_price("price_archived", archived=True, **ONCE)
    id = await shop.active()
    for price_id, code in (
        ("price_seat", "INVALID_INPUT"),
        ("price_dollars", "INVALID_INPUT"),
        ("price_archived", "INVALID_STATE"),
        ("price_none", "NOT_FOUND"),
    ):
        wanted = WantedFee(price_id=price_id)
        assert await refusal(shop.add(id, wanted)) == (code, ("priceId",))
        assert await refusal(shop.start(APRIL, fees=(ROUTER, wanted))) == (code, ("fees", "1", "priceId"))
    assert await refusal(shop.start(APRIL, fees=(replace(ROUTER, quantity=0),))) == ("INVALID_INPUT", ("fees", "0", "quantity"))
    assert await refusal(shop.start(APRIL, fees=(ROUTER,) * 21)) == ("INVALID_INPUT", ("fees",))
    assert await refusal(shop.add("psub_none", ROUTER)) == ("NOT_FOUND", ("id",))
    shop.facts.add_plan("plan_2", archived=True)
    assert await refusal(shop.add(id, ROUTER)) == ("INVALID_STATE", ("priceId",))


async def test_nobody_subscribes_to_what_is_billed_once() -> None:
    shop = Shop()
    id, once = await shop.active(), "price_router"
    assert await refusal(shop.start(APRIL, once)) == ("INVALID_INPUT", ("priceId",))
    added = (WantedItem(price_id=once),)
    assert await refusal(shop.start(APRIL, add_ons=added)) == ("INVALID_INPUT", ("addOns", "0", "priceId"))
    for wanted, field in ((WantedChange(price_id=once), ("priceId",)), (WantedChange(add_ons=added), ("addOns", "0", "priceId"))):
        change = change_plan_subscription(shop.repository, shop.facts, shop.metered, id, wanted, context(at=HALF))
        assert await refusal(change) == ("INVALID_INPUT", field)
    assert await refusal(known_price(shop.facts, "acme", once, ("toPriceId",))) == ("INVALID_INPUT", ("toPriceId",))


@pytest.mark.parametrize("trial", [None, Trial(14)])
async def test_a_start_bills_what_its_preview_said(trial: Trial | None) -> None:
    shop = Shop()
    wanted = WantedStart(customer_id="cus_1", price_id="price_1", fees=(ROUTER, NOW), trial=trial)
    preview = await shop.previews.start(wanted, 2, context(at=APRIL))
    id = (await shop.start(APRIL, fees=(ROUTER, NOW), trial=trial)).id
    due = (await shop.repository.get("acme", id)).due_at
    if trial:
        assert due is not None
        await shop.renew(id, due, context(at=due))
    billed = await shop.bills(id)
    assert [one.bill for one in preview.bills][: len(billed)] == billed
    # 19.00 + 2 × 149.715, each rounded to 149.72; in a trial one of them at once
    assert [bill.total.minor_units for bill in billed] == ([14_972, 16_872] if trial else [31_844])


@pytest.mark.parametrize("wanted", [ROUTER, NOW])
async def test_a_fee_is_billed_as_its_preview_and_the_invoices_to_come_said(wanted: WantedFee) -> None:
    shop = Shop()
    id = await shop.active()
    preview = await shop.previews.fee(id, wanted, context(at=HALF))
    await shop.add(id, wanted)
    [upcoming] = await shop.previews.upcoming(id, 1, context(at=HALF))
    await shop.renew(id, MAY, context(at=MAY))
    _, *billed = await shop.bills(id)
    assert [*(one.bill for one in preview.at_once), preview.next and preview.next.bill] == billed
    assert upcoming.bill == billed[-1]
    assert [bill.total.minor_units for bill in billed] == ([14_972, 1_900] if wanted is NOW else [16_872])


async def test_an_end_bills_the_fee_that_its_preview_said() -> None:
    shop = Shop()
    id = await shop.active()
    await shop.add(id, ROUTER)
    ending = WantedCancellation(bill_usage=False)
    preview = await shop.previews.cancellation(id, ending, context(at=HALF))
    await cancel_plan_subscription(shop.repository, shop.metered, id, ending, context(at=HALF))
    _, *billed = await shop.bills(id)
    assert [one.bill for one in preview.bills] == billed
    assert [bill.total.minor_units for bill in billed] == [14_972]
