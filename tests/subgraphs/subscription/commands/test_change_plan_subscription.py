"""Changing what is subscribed to; a preview tells what then happens."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import DomainError, InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.period import IntervalUnit
from subgraphs.pricing.usage import UsageEvent
from subgraphs.subscription.commands.change_plan_subscription import (
    WantedChange,
    change_plan_subscription,
    undo_change,
)
from subgraphs.subscription.commands.known_facts import WantedItem
from subgraphs.subscription.commands.previews import ChangePreview, Previews
from subgraphs.subscription.commands.renew_plan_subscription import renew_plan_subscription
from subgraphs.subscription.commands.settle_payment import note_period_paid
from subgraphs.subscription.commands.start_plan_subscription import Trial
from subgraphs.subscription.domain.billed import Bill, bill_of
from subgraphs.subscription.domain.usage import MeteredEvent
from subgraphs.subscription.domain.values import ChangeTime, ProrationBehavior, TrialEnding
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import InMemorySubscriptions

LATER = AT + timedelta(days=10)


def shown(bill: Bill) -> list[tuple[str, int]]:
    return [(line.description, line.amount.minor_units) for line in bill.lines]


class Changing:
    """An active subscription to 3 seats at 12.50 EUR, and prices to change to."""

    def __init__(self) -> None:
        self.subscriptions, self.id = InMemorySubscriptions(), ""
        facts = self.subscriptions.facts
        facts.add_plan("plan_2", name="Business")
        facts.add_price("price_big", plan_id="plan_2", plan_name="Business", flat_amount_minor=9900)
        facts.add_price("price_year", interval_unit=IntervalUnit.YEAR, flat_amount_minor=19_000)

    @classmethod
    async def begun(cls) -> "Changing":
        made = cls()
        made.id = (await made.subscriptions.start(price_id="price_seat", quantity=3)).id
        await note_period_paid(made.subscriptions.repository, made.id, 0, context())
        return made

    async def change(self, wanted: WantedChange, tenant: str = "acme", days: int = 10) -> Any:
        circumstances = context(tenant, AT + timedelta(days=days))
        repository, facts = self.subscriptions.repository, self.subscriptions.facts
        return await change_plan_subscription(repository, facts, self.subscriptions.metered, self.id, wanted, circumstances)

    async def preview(self, wanted: WantedChange, tenant: str = "acme", days: int = 10) -> ChangePreview:
        circumstances = context(tenant, AT + timedelta(days=days))
        repository, facts = self.subscriptions.repository, self.subscriptions.facts
        return await Previews(repository, facts, facts, self.subscriptions.metered).change(self.id, wanted, circumstances)


async def test_a_change_names_what_it_leaves_out_of_what_is() -> None:
    changing = await Changing.begun()
    changed = await changing.change(WantedChange(quantity=5))
    assert (changed.terms.price.price_id, changed.terms.quantity) == ("price_seat", 5)
    changed = await changing.change(WantedChange(price_id="price_big"))
    assert (changed.terms.price.plan_name, changed.terms.quantity) == ("Business", 5)


async def test_repeating_a_change_is_saved_once() -> None:
    changing = await Changing.begun()
    first = await changing.change(WantedChange(quantity=5))
    again = await changing.change(WantedChange(quantity=5))
    assert again.version == first.version


async def test_a_price_that_is_kept_may_be_archived_by_now() -> None:
    changing = await Changing.begun()
    changing.subscriptions.facts.add_price("price_seat", archived=True)
    assert (await changing.change(WantedChange(quantity=5))).terms.quantity == 5


@pytest.mark.parametrize(
    ("wanted", "error", "field"),
    [
        (WantedChange(price_id="price_9"), NotFound, ("priceId",)),
        (WantedChange(quantity=0), InvalidInput, ("quantity",)),
        (WantedChange(price_id="price_usd"), InvalidInput, ("priceId",)),
        (WantedChange(price_id="price_share"), InvalidInput, ("priceId",)),
        (WantedChange(price_id="price_old"), InvalidState, ("priceId",)),
    ],
)
@pytest.mark.parametrize("when", [ChangeTime.NOW, ChangeTime.PERIOD_END])
async def test_a_refused_change_and_its_preview_save_nothing(
    wanted: WantedChange, error: type[DomainError], field: tuple[str, ...], when: ChangeTime
) -> None:
    changing = await Changing.begun()
    facts = changing.subscriptions.facts
    facts.add_price("price_usd", currency="USD")
    facts.add_price("price_share", model="PERCENTAGE", flat_amount_minor=None)
    facts.add_price("price_old", archived=True)
    before = dict(changing.subscriptions.store.commits)
    wanted = WantedChange(price_id=wanted.price_id, quantity=wanted.quantity, when=when)
    for attempt in (changing.change, changing.preview):
        with pytest.raises(error) as refused:
            await attempt(wanted)
        assert refused.value.field == field
    assert changing.subscriptions.store.commits == before


async def test_another_tenants_subscription_does_not_exist() -> None:
    changing = await Changing.begun()
    for attempt in (changing.change, changing.preview):
        with pytest.raises(NotFound):
            await attempt(WantedChange(quantity=5), tenant="rival")
    with pytest.raises(NotFound):
        await undo_change(changing.subscriptions.repository, changing.id, context("rival"))


async def test_a_preview_saves_nothing() -> None:
    changing = await Changing.begun()
    before = dict(changing.subscriptions.store.commits)
    preview = await changing.preview(WantedChange(quantity=5, proration=ProrationBehavior.INVOICE_NOW))
    assert changing.subscriptions.store.commits == before
    # 28 days from January 31, 18 of them left: -37.50 * 18/28 = -24.11 and 62.50 * 18/28 = 40.18
    assert preview.now is not None and preview.next is not None
    assert [line.amount.minor_units for line in preview.now.bill.lines] == [-2411, 4018]
    assert (preview.now.bill.total.minor_units, preview.next.bill.total.minor_units) == (1607, 6250)


async def test_a_scheduled_change_can_be_undone() -> None:
    changing = await Changing.begun()
    scheduled = await changing.change(WantedChange(price_id="price_big", when=ChangeTime.PERIOD_END))
    assert (scheduled.scheduled.terms.price.price_id, scheduled.terms.price.price_id) == ("price_big", "price_seat")
    assert (await undo_change(changing.subscriptions.repository, changing.id, context(at=LATER))).scheduled is None


wanted_changes = st.builds(
    WantedChange,
    price_id=st.sampled_from([None, "price_seat", "price_big", "price_year", "price_1"]),
    quantity=st.none() | st.integers(1, 9),
    when=st.sampled_from([ChangeTime.NOW, ChangeTime.PERIOD_END]),
    proration=st.sampled_from(ProrationBehavior),
)


@given(st.lists(st.tuples(wanted_changes, st.integers(0, 27)), min_size=1, max_size=5))
async def test_what_a_preview_shows_is_what_is_billed(taken: list[tuple[WantedChange, int]]) -> None:
    changing = await Changing.begun()
    for wanted, days in sorted(taken, key=lambda step: step[1]):
        already = len(await changing.subscriptions.events(changing.id))
        preview = await changing.preview(wanted, days=days)
        changed = await changing.change(wanted, days=days)
        made = (await changing.subscriptions.events(changing.id))[already:]
        assert [bill for event in made if (bill := bill_of(event)) is not None] == ([preview.now.bill] if preview.now else [])

    end = changed.period.end
    already = len(await changing.subscriptions.events(changing.id))
    repository, facts = changing.subscriptions.repository, changing.subscriptions.facts
    assert await renew_plan_subscription(repository, facts, changing.subscriptions.metered, changing.id, end, context(at=end))
    made = (await changing.subscriptions.events(changing.id))[already:]
    assert [bill for event in made if (bill := bill_of(event)) is not None] == ([preview.next.bill] if preview.next else [None])


async def test_a_preview_bills_with_the_next_period_what_has_been_used_so_far() -> None:
    changing = await Changing.begun()
    facts = changing.subscriptions.facts
    facts.add_meter()
    calls: dict[str, Any] = {"model": "PER_UNIT", "flat_amount_minor": None, "unit_amount": "0.07", "meter_id": "mtr_1"}
    facts.add_plan("plan_3", name="Calls")
    facts.add_price("price_calls", plan_id="plan_3", plan_name="Calls", **calls)
    await changing.change(WantedChange(add_ons=(WantedItem(price_id="price_calls"),)), days=0)
    used = UsageEvent(id="use_1", at=AT + timedelta(days=3), value=Decimal(200), key=None)
    await changing.subscriptions.usage.record(
        context(), [MeteredEvent(plan_subscription_id=changing.id, meter_id="mtr_1", event=used)]
    )
    for when in (ChangeTime.NOW, ChangeTime.PERIOD_END):
        preview = await changing.preview(WantedChange(quantity=4, when=when, proration=ProrationBehavior.NONE))
        # 4 × 12.50, and 200 × 0.07
        assert preview.next is not None and shown(preview.next.bill) == [("Team", 5000), ("Calls", 1400)]


async def test_a_preview_of_a_trial_that_ends_without_a_payment_method_bills_nothing() -> None:
    made = InMemorySubscriptions()
    started = await made.start(trial=Trial(14, TrialEnding.CANCEL))
    wanted = WantedChange(quantity=2)
    previews = Previews(made.repository, made.facts, made.facts, made.metered)
    assert (await previews.change(started.id, wanted, context())).next is None
    made.facts.add_customer(payment_method_id="pm_1")
    assert (await previews.change(started.id, wanted, context())).next is not None


async def test_a_preview_shows_the_invoice_of_a_metered_price_that_goes_before_that_of_the_change() -> None:
    changing = await Changing.begun()
    facts = changing.subscriptions.facts
    facts.add_meter()
    facts.add_price("price_calls", model="PER_UNIT", flat_amount_minor=None, unit_amount="0.10", meter_id="mtr_1")
    await changing.change(WantedChange(add_ons=(WantedItem(price_id="price_calls"),)), days=0)
    used = UsageEvent(id="e1", at=AT + timedelta(days=1), value=Decimal(250))
    event = MeteredEvent(plan_subscription_id=changing.id, meter_id="mtr_1", event=used)
    await changing.subscriptions.usage.record(context(), [event])
    wanted = WantedChange(quantity=5, add_ons=(), proration=ProrationBehavior.INVOICE_NOW)
    before = len(await changing.subscriptions.events(changing.id))
    preview = await changing.preview(wanted)
    await changing.change(wanted)
    made = (await changing.subscriptions.events(changing.id))[before:]
    assert [one.bill for one in preview.at_once] == [bill for event in made if (bill := bill_of(event)) is not None]
    # 250 × 0.10, and 2 × 12.50 × 18/28
    assert [one.bill.total.minor_units for one in preview.at_once] == [2500, 4018 - 2411]
    assert preview.now == preview.at_once[-1]


async def test_add_ons_are_changed_as_the_preview_says_and_a_price_that_is_archived_goes_on_where_it_is() -> None:
    changing = await Changing.begun()
    facts = changing.subscriptions.facts
    each_seven: dict[str, Any] = {"model": "PER_UNIT", "flat_amount_minor": None, "unit_amount": "7"}
    facts.add_price("price_backup", plan_id="plan_3", plan_name="Backups", **each_seven)
    facts.add_plan("plan_3", name="Backups")
    invoiced_now = ProrationBehavior.INVOICE_NOW
    await changing.change(WantedChange(add_ons=(WantedItem(price_id="price_backup"),), proration=invoiced_now), days=0)
    facts.add_price("price_backup", plan_id="plan_3", plan_name="Backups", **each_seven, archived=True)
    twice = WantedChange(add_ons=(WantedItem(price_id="price_backup", quantity=2),), proration=invoiced_now)
    preview = await changing.preview(twice)
    await changing.change(twice)
    *_, billed = [bill for event in await changing.subscriptions.events(changing.id) if (bill := bill_of(event)) is not None]
    assert preview.now is not None and preview.now.bill == billed
    assert preview.next is not None
    # 7.00 × 18/28 goes, and twice as much comes
    assert shown(billed) == [("Unused time of Backups", -450), ("Remaining time of Backups", 900)]
    assert shown(preview.next.bill) == [("Team", 3750), ("Backups", 1400)]
    facts.add_price("price_old", plan_id="plan_3", archived=True)
    with pytest.raises(InvalidState) as refused:
        await changing.change(WantedChange(add_ons=(WantedItem(price_id="price_old"),)))
    assert refused.value.field == ("addOns", "0", "priceId")
