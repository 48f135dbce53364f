"""Usage that reaches a threshold is billed at once, and in the end the period has been billed once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.pricing.charge import Charge, ChargeDetails, PriceModel
from subgraphs.pricing.rating import rate
from subgraphs.subscription.commands.cancel_plan_subscription import WantedCancellation, cancel_plan_subscription
from subgraphs.subscription.commands.change_plan_subscription import WantedChange, change_plan_subscription
from subgraphs.subscription.commands.current_usage import current_usage
from subgraphs.subscription.commands.pause_plan_subscription import pause_plan_subscription, resume_plan_subscription
from subgraphs.subscription.commands.previews import Previews
from subgraphs.subscription.commands.reach_thresholds import reach_thresholds
from subgraphs.subscription.commands.record_usage import withdraw_usage
from subgraphs.subscription.commands.redeem_coupon import WantedDiscount
from subgraphs.subscription.commands.settle_payment import note_payment_failed, note_period_paid
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.progress import MOST_INVOICES
from subgraphs.subscription.published import publish
from tests.subgraphs.subscription.commands.test_usage import APRIL, FEBRUARY, MARCH, Metering
from tests.testkit.memory import AT, context

AT_TEN_AND_THIRTY: dict[str, Any] = {"usageThresholdsMinor": [1000, 3000], "recurringThresholdMinor": 5000}


class Watching(Metering):
    """Calls at 0.01 EUR, billed at 10.00 EUR, at 30.00 EUR, and every 50.00 EUR after that."""

    def __init__(self, details: dict[str, Any] | None = None, **more: Any) -> None:
        super().__init__()
        terms = {"model": "PER_UNIT", "flat_amount_minor": None, "unit_amount": "0.01", "meter_id": "mtr_1"} | more
        self.subscriptions.facts.add_price("price_watched", details=details or AT_TEN_AND_THIRTY, **terms)

    @classmethod
    async def watched(cls, details: dict[str, Any] | None = None, **more: Any) -> "Watching":
        made = cls(details, **more)
        made.id = (await made.subscriptions.start(price_id="price_watched")).id
        await note_period_paid(made.subscriptions.repository, made.id, 0, context())
        return made

    async def use(self, id: str, day: int, value: int) -> None:
        at = AT + timedelta(days=day)
        await self.record(self.event(id, at, str(value)), now=at)

    async def look(self, day: float) -> None:
        subscriptions, at = self.subscriptions, AT + timedelta(days=day)
        await reach_thresholds(subscriptions.repository, subscriptions.metered, self.id, context(at=at))

    async def shown(self) -> list[list[tuple[str, int]]]:
        return [[(line.description, line.amount.minor_units) for line in bill.lines] for bill in await self.bills()]


async def test_what_is_not_billed_yet_is_billed_at_each_threshold_and_the_rest_in_the_end() -> None:
    watching = await Watching.watched()
    for day, value in ((1, 900), (2, 400), (3, 1600), (4, 200), (5, 100)):
        await watching.use(f"e{day}", day, value)
        await watching.look(day)
    await watching.renew(FEBRUARY)
    assert (await watching.shown())[1:] == [
        [("Usage of Team that reached 10.00 EUR", 1300)],  # 900 + 400
        [("Usage of Team that reached 30.00 EUR", 1800)],  # 900 + 400 + 1600 + 200, less 13.00
        [("Team", 3200), ("Usage of Team billed before", -3100)],
    ]
    second = (await watching.bills())[2].lines[0]
    assert second.explanation == "3100 × 0.01 EUR − 13.00 EUR billed"
    assert watching.subscriptions.watched.marked == [watching.id] * 5


async def test_usage_that_leaps_over_thresholds_makes_one_invoice() -> None:
    watching = await Watching.watched()
    await watching.use("e1", 1, 9000)
    for _ in range(3):
        await watching.look(1)
    assert await watching.totals() == [0, 9000]
    [used] = await current_usage(
        watching.subscriptions.repository, watching.subscriptions.metered, watching.id, context(at=AT + timedelta(days=2))
    )
    # 10, 30 and 80 were reached
    assert (used.billed.minor_units, used.next_threshold and used.next_threshold.minor_units) == (9000, 13_000)


async def test_a_threshold_is_of_one_period() -> None:
    watching = await Watching.watched()
    await watching.use("e1", 1, 1000)
    await watching.look(1)
    await watching.renew(FEBRUARY)
    await watching.use("e2", 29, 1100)
    await watching.look(29)
    await watching.renew(MARCH)
    assert await watching.totals() == [0, 1000, 0, 1100, 0]


async def test_a_withdrawal_below_a_threshold_bills_it_no_second_time_and_is_credited() -> None:
    watching = await Watching.watched()
    await watching.use("e1", 1, 1200)
    await watching.look(1)
    await withdraw_usage(watching.subscriptions.usage, "e1", context())
    await watching.use("e2", 2, 1100)
    await watching.look(2)
    await watching.renew(FEBRUARY)
    await watching.use("e3", 29, 300)
    await watching.renew(MARCH)
    # 11.00 less 12.00 leaves a credit of 1.00, which the 3.00 of March use up
    assert await watching.totals() == [0, 1200, 0, 200]


async def test_what_comes_late_after_the_period_is_the_difference_to_all_of_it() -> None:
    watching = await Watching.watched()
    await watching.use("e1", 1, 1500)
    await watching.look(1)
    await watching.renew(FEBRUARY)
    await watching.record(watching.event("late", AT + timedelta(days=3), "50"), now=FEBRUARY + timedelta(days=1))
    await watching.look(29)
    await watching.renew(MARCH)
    assert await watching.totals() == [0, 1500, 0, 50]


async def test_w14_a_minimum_is_made_up_for_in_the_end_alone() -> None:
    watching = await Watching.watched({"usageThresholdsMinor": [2000], "minimumMinor": 10_000})
    await watching.use("e1", 1, 1000)
    await watching.look(1)
    assert await watching.totals() == [0]  # 10.00 were used, whatever the minimum is
    await watching.use("e2", 2, 4000)
    await watching.look(2)
    await watching.renew(FEBRUARY)
    # 50.00 used and billed; 100.00 in the end
    assert await watching.totals() == [0, 5000, 5000]


async def test_percentages_are_off_at_once_and_amounts_in_the_end() -> None:
    bills = []
    for off in ({"percent_off": "25"}, {"percent_off": None, "amount_off_minor": 100, "currency": "EUR"}):
        watching = Watching()
        watching.subscriptions.facts.add_coupon(**off)
        wanted = WantedDiscount(coupon_id="cou_1")
        watching.id = (await watching.subscriptions.start(price_id="price_watched", discount=wanted)).id
        await note_period_paid(watching.subscriptions.repository, watching.id, 0, context())
        await watching.use("e1", 1, 2000)
        await watching.look(1)
        await watching.use("e2", 2, 400)
        await watching.renew(FEBRUARY)
        bills.append(await watching.totals())
    # 75 % of 20.00, of 4.00; 20.00, 4.00 less 1.00
    assert bills == [[0, 1500, 300], [0, 2000, 300]]


async def test_a_cancellation_bills_the_rest() -> None:
    watching = await Watching.watched()
    await watching.use("e1", 1, 1500)
    await watching.look(1)
    await watching.use("e2", 2, 70)
    subscriptions, at = watching.subscriptions, AT + timedelta(days=3)
    metered, wanted = subscriptions.metered, WantedCancellation()
    await cancel_plan_subscription(subscriptions.repository, metered, watching.id, wanted, context(at=at))
    await watching.look(4)
    assert await watching.totals() == [0, 1500, 70]


async def test_a_price_that_goes_is_billed_less_what_was_and_a_credit_is_kept() -> None:
    watching = await Watching.watched()
    await watching.use("e1", 1, 1500)
    await watching.look(1)
    await withdraw_usage(watching.subscriptions.usage, "e1", context())
    subscriptions = watching.subscriptions
    change = WantedChange(price_id="price_1")
    at = context(at=AT + timedelta(days=14))
    await change_plan_subscription(subscriptions.repository, subscriptions.facts, subscriptions.metered, watching.id, change, at)
    await watching.renew(FEBRUARY)
    # Half of 19.00 and all of it, less the 15.00 of which nothing was used in the end
    assert await watching.totals() == [0, 1500, 0, 950 + 1900 - 1500]


async def test_a_preview_of_the_next_period_takes_off_nothing_that_was_used() -> None:
    watching = await Watching.watched()
    await watching.use("e1", 1, 1500)
    await watching.look(1)
    subscriptions = watching.subscriptions
    previews = Previews(subscriptions.repository, subscriptions.facts, subscriptions.facts, subscriptions.metered)
    found = await previews.change(watching.id, WantedChange(quantity=2), context(at=AT + timedelta(days=2)))
    assert found.next is not None and found.next.bill.total.minor_units == 0


async def test_a_pause_beyond_the_period_keeps_what_was_billed() -> None:
    watching = await Watching.watched()
    await watching.use("e1", 1, 1500)
    await watching.look(1)
    subscriptions = watching.subscriptions
    await pause_plan_subscription(subscriptions.repository, watching.id, None, context(at=AT + timedelta(days=2)))
    await watching.look(3)
    await resume_plan_subscription(
        subscriptions.repository, subscriptions.metered, watching.id, context(at=FEBRUARY + timedelta(days=3))
    )
    assert (await watching.totals())[1:] == [1500, 0]


async def test_only_what_is_active_reaches_thresholds() -> None:
    watching = Watching()
    watching.id = (await watching.subscriptions.start(price_id="price_watched")).id
    await watching.use("e1", 1, 1500)
    await watching.look(1)
    await note_payment_failed(watching.subscriptions.repository, watching.id, 0, "declined", context())
    await watching.look(1)
    assert await watching.totals() == [0]
    await note_period_paid(watching.subscriptions.repository, watching.id, 0, context())
    await watching.look(1)
    assert await watching.totals() == [0, 1500]


async def test_what_is_used_at_this_very_instant_counts() -> None:
    watching = await Watching.watched()
    await watching.use("e1", 0, 1500)
    await watching.look(0)
    assert await watching.totals() == [0, 1500]


async def test_a_program_running_wild_is_billed_in_the_end() -> None:
    watching = await Watching.watched({"recurringThresholdMinor": 1})
    for number in range(MOST_INVOICES + 5):
        await watching.use(f"e{number}", 1, 1)
        await watching.look(1)
    assert await watching.totals() == [0, *([1] * MOST_INVOICES)]
    await watching.renew(FEBRUARY)
    assert (await watching.totals())[-1] == 5


async def test_others_are_told_what_to_bill_and_why() -> None:
    watching = await Watching.watched()
    await watching.use("e1", 1, 1500)
    await watching.look(1)
    commits = watching.subscriptions.store.commits.values()
    told = [one for commit in commits for one in publish(commit)][-2:]
    assert [one.type for one in told] == ["adjustments-billed.v1", "usage-threshold-reached.v1"]
    assert told[1].data == {
        "planSubscriptionId": watching.id,
        "customerId": "cus_1",
        "priceId": "price_watched",
        "reached": 1,
        "currency": "EUR",
        "billedMinor": 1500,
    }


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("use"), st.integers(0, 3000), st.integers(0, 3)),
        st.tuples(st.just("again"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("withdraw"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("look"), st.integers(1, 3), st.just(0)),
    ),
    max_size=18,
)
MODELS: list[tuple[PriceModel, dict[str, Any]]] = [
    (PriceModel.PER_UNIT, {"unit_amount": "0.013"}),
    (PriceModel.PACKAGE, {"unit_amount": "1.5", "details": {"packageSize": 100, "freeUnits": 30}}),
    (
        PriceModel.VOLUME,
        {"unit_amount": None, "details": {"tiers": [{"upTo": "1000", "unitAmount": "0.02"}, {"unitAmount": "0.005"}]}},
    ),
    (PriceModel.PER_UNIT, {"unit_amount": "0.01", "details": {"minimumMinor": 2500, "maximumMinor": 4000}}),
]


@pytest.mark.parametrize(("model", "terms"), MODELS)
@given(STEPS, st.booleans())
async def test_the_invoices_at_thresholds_and_the_last_one_are_the_period_rated_once(
    model: PriceModel, terms: dict[str, Any], steps: list[tuple[str, int, int]], late: bool
) -> None:
    details = AT_TEN_AND_THIRTY | terms.get("details", {})
    watching = await Watching.watched(details, model=model.value, unit_amount=terms["unit_amount"])
    values: dict[str, int] = {}
    day = 1.0
    for what, number, days in steps:
        if what == "use":
            id = f"e{len(values)}"
            values[id] = number
            at = AT + timedelta(days=max(day - days, 0))  # it may tell of the days before
            await watching.record(watching.event(id, at, str(number)), now=AT + timedelta(days=day))
            day += 1
        elif what == "look":
            for _ in range(number):  # by several workers, or again after a crash
                await watching.look(day)
        elif f"e{number}" in values and what == "withdraw":
            await withdraw_usage(watching.subscriptions.usage, f"e{number}", context())
            values[f"e{number}"] = 0
    await watching.renew(FEBRUARY)
    if late and values:
        await watching.record(watching.event("late", AT + timedelta(hours=1), "77"), now=FEBRUARY + timedelta(days=1))
        values["late"] = 77
    # A credit is used up by what is bought meanwhile
    for at, number in ((MARCH, 0), (APRIL, 1)):
        bought = at - timedelta(days=1)
        await watching.record(watching.event(f"bought-{number}", bought, "200000"), now=bought)
        await watching.renew(at)
    charge = Charge(
        currency="EUR",
        model=model,
        unit_amount=None if terms["unit_amount"] is None else Decimal(terms["unit_amount"]),
        details=(await watching.subscriptions.repository.get("acme", watching.id)).terms.price.details,
    )
    assert isinstance(charge.details, ChargeDetails)
    rated = [rate(charge, quantity).amount.minor_units for quantity in (sum(values.values()), 200_000, 200_000)]
    assert sum(await watching.totals()) == sum(rated)
    assert all(total >= 0 for total in await watching.totals())


async def test_replaying_its_events_gives_the_same_progress() -> None:
    watching = await Watching.watched()
    await watching.use("e1", 1, 1500)
    await watching.look(1)
    subscription = await watching.subscriptions.repository.get("acme", watching.id)
    [progress] = subscription.progress.values()
    assert (progress.reached, progress.billed_minor, progress.invoices, progress.used) == (1, 1500, 1, 1500)
    recorded = await watching.subscriptions.events(watching.id)
    assert bill_of(recorded[-1]) is not None and isinstance(recorded[-1], events.UsageThresholdsReached)
