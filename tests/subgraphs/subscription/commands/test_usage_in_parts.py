"""What meters count in the parts of a billing period: levels for their time, keys once, whatever comes late or is withdrawn."""

from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subgraphs.invoice.commands.draft_bill import draft_of_bill
from subgraphs.pricing.rating import rate_usage
from subgraphs.pricing.share import Share
from subgraphs.pricing.usage import Aggregation
from subgraphs.subscription.commands.cancel_plan_subscription import WantedCancellation, cancel_plan_subscription
from subgraphs.subscription.commands.change_plan_subscription import WantedChange, change_plan_subscription
from subgraphs.subscription.commands.current_usage import current_usage
from subgraphs.subscription.commands.pause_plan_subscription import pause_plan_subscription, resume_plan_subscription
from subgraphs.subscription.commands.previews import Previews
from subgraphs.subscription.commands.reach_thresholds import reach_thresholds
from subgraphs.subscription.commands.record_usage import withdraw_usage
from subgraphs.subscription.commands.settle_payment import note_period_paid
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.values import CancellationTime, ChangeTime
from subgraphs.subscription.published import bill_of_event
from tests.subgraphs.subscription.commands.test_usage import AT, FEBRUARY, MARCH, Metering
from tests.testkit.memory import context

DAY = timedelta(days=1)
HALF = AT + 14 * DAY  # of the 28 days of the first period


class Changing(Metering):
    """Prices `price_a`, `price_b` and so on, each at 1.00 EUR per unit by the same meter, with these details."""

    @classmethod
    async def subscribed(cls, aggregation: Aggregation, details: dict[str, Any] | None = None, **more: Any) -> "Changing":
        made = cls(aggregation)
        terms = {"model": "PER_UNIT", "flat_amount_minor": None, "unit_amount": "1", "meter_id": "mtr_1"} | more
        for name in "abc":
            made.subscriptions.facts.add_price(f"price_{name}", details=details, **terms)
        made.subscriptions.facts.add_price("price_none", flat_amount_minor=0)
        made.id = (await made.subscriptions.start(price_id="price_a")).id
        await note_period_paid(made.subscriptions.repository, made.id, 0, context())
        return made

    async def change(self, price: str, at: datetime) -> None:
        made = self.subscriptions
        wanted = WantedChange(price_id=f"price_{price}")
        await change_plan_subscription(made.repository, made.facts, made.metered, self.id, wanted, context(at=at))

    async def use(self, id: str, at: datetime, value: str = "1", key: str | None = None, now: datetime | None = None) -> None:
        await self.record(self.event(id, at, value, key=key), now=now or at)

    async def lines(self) -> list[tuple[str, int]]:
        return [(line.explanation, line.amount.minor_units) for bill in await self.bills() for line in bill.lines]


@pytest.mark.parametrize("aggregation", [Aggregation.MAX, Aggregation.LAST])
async def test_a_level_counts_for_the_time_of_its_part(aggregation: Aggregation) -> None:
    changing = await Changing.subscribed(aggregation)
    await changing.use("e1", AT + DAY, "10")
    await changing.change("b", HALF)
    await changing.use("e2", HALF + DAY, "10")
    await changing.renew(FEBRUARY)
    # 10 for half of the period each, not twice 10
    assert await changing.lines() == [("5 × 1.00 EUR", 500), ("5 × 1.00 EUR", 500)]


@pytest.mark.parametrize("aggregation", [Aggregation.MAX, Aggregation.LAST])
async def test_a_level_goes_on_when_its_price_changes(aggregation: Aggregation) -> None:
    changing = await Changing.subscribed(aggregation)
    await changing.use("e1", AT + DAY, "12")
    await changing.use("e2", AT + 2 * DAY, "10")
    await changing.change("b", AT + 7 * DAY)
    await changing.renew(FEBRUARY)
    first = 300 if aggregation is Aggregation.MAX else 250
    # 12 at most, 10 at last, for 7 of 28 days; 10 for 21, of which nothing more was told
    assert await changing.totals() == [0, first, 750]
    await changing.renew(MARCH)
    assert (await changing.totals())[-1] == 0  # in a period of which nothing was told there is no level


async def test_a_meter_that_no_price_billed_before_begins_with_what_is_told_then() -> None:
    changing = await Changing.subscribed(Aggregation.LAST)
    await changing.change("none", AT + 7 * DAY)
    await changing.use("e1", AT + 8 * DAY, "10")
    await changing.change("b", HALF)
    await changing.renew(FEBRUARY)
    assert sum(await changing.totals()) == 0


async def test_a_key_counts_in_the_part_in_which_it_is_first_seen() -> None:
    changing = await Changing.subscribed(Aggregation.UNIQUE_COUNT)
    for id, day, key in (("e1", 1, "ann"), ("e2", 2, "bob"), ("e3", 3, "ann")):
        await changing.use(id, AT + day * DAY, key=key)
    await changing.change("b", HALF)
    for id, day, key in (("e4", 15, "ann"), ("e5", 16, "cid")):
        await changing.use(id, AT + day * DAY, key=key)
    await changing.change("a", AT + 20 * DAY)  # to and fro
    for id, day, key in (("e6", 21, "cid"), ("e7", 22, "bob"), ("e8", 23, "dot")):
        await changing.use(id, AT + day * DAY, key=key)
    await changing.renew(FEBRUARY)
    assert await changing.totals() == [0, 200, 100, 100]
    await changing.use("e9", FEBRUARY + DAY, key="ann")
    await changing.renew(MARCH)
    assert (await changing.totals())[-1] == 100  # another period


async def test_a_key_that_comes_late_in_an_earlier_part_moves_there() -> None:
    changing = await Changing.subscribed(Aggregation.UNIQUE_COUNT)
    await changing.change("b", HALF)
    await changing.use("e1", HALF + DAY, key="ann")
    await changing.use("e2", AT + DAY, key="ann", now=FEBRUARY)
    await changing.renew(FEBRUARY)
    # one in the first half, which is late, and so none in the second
    assert await changing.lines() == [("0 × 1.00 EUR", 0), ("1 × 1.00 EUR − 0.00 EUR billed", 100)]


async def test_a_key_that_is_withdrawn_in_an_earlier_part_counts_in_the_next() -> None:
    changing = await Changing.subscribed(Aggregation.UNIQUE_COUNT)
    await changing.use("e1", AT + DAY, key="ann")
    await changing.change("b", HALF)
    await changing.use("e2", HALF + DAY, key="ann")
    await changing.renew(FEBRUARY)
    assert await changing.totals() == [0, 100, 0]
    await withdraw_usage(changing.subscriptions.usage, "e1", context())
    await changing.renew(MARCH)
    assert [amount for _, amount in (await changing.lines())[-2:]] == [-100, 100]
    assert sum(await changing.totals()) == 100


async def test_a_part_is_looked_at_as_long_as_those_that_come_after_it() -> None:
    changing = await Changing.subscribed(Aggregation.UNIQUE_COUNT)
    await changing.use("e1", AT + DAY, key="ann")
    await changing.change("b", AT + 2 * DAY)  # 36 days before the end of the next period
    await changing.use("e2", HALF, key="ann")
    await changing.renew(FEBRUARY)
    await changing.renew(MARCH)
    await withdraw_usage(changing.subscriptions.usage, "e1", context())
    await changing.renew(datetime.fromisoformat("2026-04-30T12:00:00.123+00:00"))
    assert sum(await changing.totals()) == 100


@pytest.mark.parametrize(
    ("aggregation", "key", "in_parts"),
    [(Aggregation.MAX, None, [500, 500]), (Aggregation.LAST, None, [500, 500]), (Aggregation.UNIQUE_COUNT, "ann", [100, 0])],
)
async def test_it_is_previewed_and_invoiced_as_it_is_billed(
    aggregation: Aggregation, key: str | None, in_parts: list[int]
) -> None:
    changing = await Changing.subscribed(aggregation, {"minimumMinor": 0, "maximumMinor": 2000})
    made = changing.subscriptions
    await changing.use("e1", AT + DAY, "10", key=key)
    previews = Previews(made.repository, made.facts, made.facts, made.metered)
    preview = await previews.change(changing.id, WantedChange(price_id="price_b"), context(at=HALF))
    await changing.change("b", HALF)
    await changing.use("e2", HALF + DAY, "10", key=key)
    upcoming = await previews.upcoming(changing.id, 1, context(at=HALF + 2 * DAY))
    await changing.renew(FEBRUARY)
    assert [one.bill for one in (*preview.at_once, *upcoming)] == (await changing.bills())[1:]
    assert await changing.totals() == [0, *in_parts]


async def test_the_invoice_of_a_part_is_its_bill() -> None:
    changing = await Changing.subscribed(Aggregation.SUM, {"minimumMinor": 3000, "freeUnits": 3, "allowancesProrated": True})
    await changing.use("e1", AT + DAY, "2")
    await changing.change("b", HALF)
    await changing.use("e2", HALF + DAY, "50")
    await changing.renew(FEBRUARY)
    made = [event for event in await changing.subscriptions.events(changing.id) if bill_of(event) is not None]
    drafts = [draft_of_bill(urlsafe_b64encode(msgspec.json.encode(bill_of_event(changing.id, event))).decode()) for event in made]
    lines = [(line.explanation, line.amount.minor_units) for draft in drafts for line in draft.lines]
    assert lines == await changing.lines()
    assert lines == [
        # 2 − 1.5, and 30.00 × 14/28
        ("0.5 × 1.00 EUR (3 × 14/28 of 2 free), raised to the minimum of 30.00 EUR × 14/28", 1500),
        ("48.5 × 1.00 EUR (3 × 14/28 of 50 free)", 4850),
    ]


async def test_an_invoice_of_usage_that_was_told_without_a_share_is_what_it_was() -> None:
    """An event of before, drafted again: the usage of a part has no share, whatever the share of what is billed in advance."""
    changing = await Changing.subscribed(Aggregation.SUM, {"minimumMinor": 3000})
    await changing.renew(FEBRUARY)
    [*_, opened] = await changing.subscriptions.events(changing.id)
    told = bill_of_event(changing.id, opened)
    told["data"]["share"] = {"numerator": 1, "denominator": 28}
    draft = draft_of_bill(urlsafe_b64encode(msgspec.json.encode(told)).decode())
    assert [line.explanation for line in draft.lines] == ["0 × 1.00 EUR, raised to the minimum of 30.00 EUR"]


async def test_a_part_after_a_pause_begins_anew() -> None:
    changing = await Changing.subscribed(Aggregation.UNIQUE_COUNT, {"minimumMinor": 3100})
    made = changing.subscriptions
    await changing.use("e1", AT + DAY, key="ann")
    await pause_plan_subscription(made.repository, changing.id, None, context(at=AT + 2 * DAY))
    await changing.use("e2", FEBRUARY + DAY, key="bob")  # in the pause: free
    at = FEBRUARY + 11 * DAY  # March 11; the period ends on March 31
    await resume_plan_subscription(made.repository, made.metered, changing.id, context(at=at))
    for id, key in (("e3", "bob"), ("e4", "cid")):
        await changing.use(id, at + DAY, key=key)
    await changing.renew(MARCH)
    assert await changing.lines() == [
        ("1 × 1.00 EUR, raised to the minimum of 31.00 EUR", 3100),
        # bob and cid; 20 of the 31 days from February 28 to March 31
        ("2 × 1.00 EUR, raised to the minimum of 31.00 EUR × 20/31", 2000),
    ]


async def test_what_is_used_so_far_is_told_as_if_its_price_went_on() -> None:
    changing = await Changing.subscribed(Aggregation.MAX, {"minimumMinor": 2800})
    await changing.use("e1", AT + DAY, "10")
    made = changing.subscriptions
    [used] = await current_usage(made.repository, made.metered, changing.id, context(at=AT + 2 * DAY))
    assert (used.quantity, used.amount.minor_units) == (10, 2800)
    await changing.change("b", AT + 7 * DAY)
    [used] = await current_usage(made.repository, made.metered, changing.id, context(at=AT + 8 * DAY))
    assert (used.quantity, used.amount.minor_units) == (Decimal("7.5"), 2100)  # 10 × 21/28, and 28.00 × 21/28
    await changing.renew(FEBRUARY)
    assert await changing.totals() == [0, 700, 2100]  # 28.00 × 7/28


async def test_thresholds_of_a_part_are_of_its_share() -> None:
    details = {"usageThresholdsMinor": [500, 1000], "maximumMinor": 2000}
    changing = await Changing.subscribed(Aggregation.SUM, details)
    made = changing.subscriptions
    await changing.change("b", HALF)
    await changing.use("e1", HALF + DAY, "50")
    await reach_thresholds(made.repository, made.metered, changing.id, context(at=HALF + DAY))
    await changing.renew(FEBRUARY)
    assert await changing.lines() == [
        ("50 × 1.00 EUR, limited to the maximum of 20.00 EUR", 2000),
        ("50 × 1.00 EUR, limited to the maximum of 20.00 EUR", 2000),
        ("−20.00 EUR billed at thresholds", -2000),
    ]


@pytest.mark.parametrize("scheduled", ["end", "change"])
async def test_thresholds_reckon_with_the_end_that_is_scheduled(scheduled: str) -> None:
    details = {"usageThresholdsMinor": [500], "tiers": [{"unitAmount": "0", "flatAmountMinor": 2000}]}
    changing = await Changing.subscribed(Aggregation.SUM, details, model="GRADUATED", unit_amount=None)
    made = changing.subscriptions
    at = context(at=AT + DAY)
    if scheduled == "end":
        wanted = WantedCancellation(when=CancellationTime.DATE, at=HALF)
        await cancel_plan_subscription(made.repository, made.metered, changing.id, wanted, at)
    else:
        change = WantedChange(price_id="price_b", when=ChangeTime.DATE, at=HALF)
        await change_plan_subscription(made.repository, made.facts, made.metered, changing.id, change, at)
    await changing.use("e1", AT + 2 * DAY, "50")
    await reach_thresholds(made.repository, made.metered, changing.id, context(at=AT + 2 * DAY))
    [reached] = [one for one in await made.events(changing.id) if isinstance(one, events.UsageThresholdsReached)]
    assert reached.adjustments[0].amount_minor == 1000  # 20.00 × 14/28
    await changing.renew(HALF)
    assert sum(await changing.totals()) == 1000


STEPS = st.lists(
    st.tuples(
        st.integers(0, 27), st.sampled_from(["a", "b", "c", "none", "use", "use", "use", "late", "withdraw"]), st.integers(0, 5)
    ),
    max_size=12,
)


@settings(deadline=None)
@given(STEPS)
async def test_keys_of_parts_are_those_of_the_period_whatever_comes_late_or_is_withdrawn(
    steps: list[tuple[int, str, int]],
) -> None:
    changing = await Changing.subscribed(Aggregation.UNIQUE_COUNT)
    price, seen, number = "a", {}, 0
    priced: list[tuple[datetime, str]] = [(AT, "a")]
    for day, what, which in sorted(steps):
        at, number = AT + day * DAY + timedelta(minutes=number), number + 1
        if what == "withdraw":
            if seen:
                id = sorted(seen)[which % len(seen)]
                del seen[id]
                await withdraw_usage(changing.subscriptions.usage, id, context())
        elif what in {"use", "late"}:
            when = AT + (at - AT) / 2 if what == "late" else at
            await changing.use(f"e{number}", when, key=f"k{which}", now=at)
            seen[f"e{number}"] = when, f"k{which}"
        elif what != price:
            await changing.change(what, at)
            price = what
            priced.append((at, what))
    for end in (FEBRUARY, MARCH):
        await changing.renew(end)
    free = [(start, end) for (start, of), (end, _) in zip(priced, [*priced[1:], (FEBRUARY, "")], strict=True) if of == "none"]
    keys = {key for when, key in seen.values() if not any(start <= when < end for start, end in free)}
    left = (await changing.subscriptions.repository.get("acme", changing.id)).pending  # credit for the next invoice
    assert sum(await changing.totals()) + sum(one.amount_minor for one in left) == 100 * len(keys)


BOUNDED: dict[str, Any] = {
    "tiers": [{"upTo": "40", "unitAmount": "1", "flatAmountMinor": 1400}, {"unitAmount": "0.5", "flatAmountMinor": 700}],
    "usageThresholdsMinor": [500],
    "recurringThresholdMinor": 900,
    "minimumMinor": 2801,
    "maximumMinor": 9_003,
    "freeUnits": 5,
}
USES = st.lists(st.tuples(st.integers(0, 27), st.integers(0, 60), st.booleans()), max_size=8)


@settings(deadline=None)
@given(USES, st.integers(1, 27), st.booleans(), st.booleans())
async def test_invoices_at_thresholds_and_the_last_one_are_the_parts_rated_once(
    uses: list[tuple[int, int, bool]], changed: int, scheduled: bool, prorated: bool
) -> None:
    details = BOUNDED | {"allowancesProrated": prorated}
    changing = await Changing.subscribed(Aggregation.SUM, details, model="GRADUATED", unit_amount=None)
    made, cut = changing.subscriptions, AT + changed * DAY
    if scheduled:  # thresholds know then that the price goes
        wanted = WantedChange(price_id="price_b", when=ChangeTime.DATE, at=cut)
        await change_plan_subscription(made.repository, made.facts, made.metered, changing.id, wanted, context(at=AT))
    for number, (day, value, is_looked_at) in enumerate(sorted(uses)):
        at = AT + day * DAY + timedelta(minutes=number)
        if at >= cut and (await made.repository.get("acme", changing.id)).terms.price.price_id == "price_a":
            await (changing.renew(cut) if scheduled else changing.change("b", cut))
        await changing.use(f"e{number}", at, str(value))
        if is_looked_at:
            await reach_thresholds(made.repository, made.metered, changing.id, context(at=at))
    if (await made.repository.get("acme", changing.id)).terms.price.price_id == "price_a":
        await (changing.renew(cut) if scheduled else changing.change("b", cut))
    await changing.renew(FEBRUARY)
    subscription = await made.repository.get("acme", changing.id)
    charge = subscription.terms.price.charge
    used = [sum(value for day, value, _ in uses if (day < changed) is first) for first in (True, False)]
    first = rate_usage(charge, Decimal(used[0]), Share(changed, 28)).amount.minor_units
    left = replace(charge, details=msgspec.structs.replace(charge.details, maximum_minor=BOUNDED["maximumMinor"] - first))
    once = first + rate_usage(left, Decimal(used[1]), Share(28 - changed, 28)).amount.minor_units
    assert sum(await changing.totals()) + sum(one.amount_minor for one in subscription.pending) == once
