"""Lines bear the name that a plan has when they are drafted; what was billed keeps its own."""

from datetime import datetime, timedelta
from decimal import Decimal

from subgraphs.pricing.usage import UsageEvent
from subgraphs.subscription.commands.cancel_plan_subscription import WantedCancellation, cancel_plan_subscription
from subgraphs.subscription.commands.change_plan_subscription import WantedChange, change_plan_subscription
from subgraphs.subscription.commands.previews import Previews
from subgraphs.subscription.commands.sell_fees import WantedFee, add_fee
from subgraphs.subscription.commands.settle_payment import note_period_paid
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.events import PlansRenamed
from subgraphs.subscription.domain.fees import FeeTime
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.usage import MeteredEvent
from subgraphs.subscription.domain.values import ChangeTime
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import InMemorySubscriptions

# Periods run from January 31 to February 28 and to March 31.
FEBRUARY, MARCH = (datetime.fromisoformat(f"2026-{day}T12:00:00.123+00:00") for day in ("02-28", "03-31"))
HALF = AT + timedelta(days=14)


class Renaming:
    """Somebody who subscribes to the plan Team."""

    def __init__(self, id: str, made: InMemorySubscriptions) -> None:
        self.id, self.made = id, made

    @classmethod
    async def begun(cls, price_id: str = "price_1") -> "Renaming":
        made = InMemorySubscriptions()
        made.facts.add_meter(name="API calls")
        made.facts.add_price("price_calls", model="PER_UNIT", flat_amount_minor=None, unit_amount="0.01", meter_id="mtr_1")
        made.facts.add_price("price_dear", flat_amount_minor=3800)
        made.facts.add_price("price_setup", interval_unit=None, interval_count=None, flat_amount_minor=500)
        id = (await made.start(price_id=price_id)).id
        await note_period_paid(made.repository, id, 0, context())
        return cls(id, made)

    def rename(self, name: str = "Crew") -> None:
        self.made.facts.add_plan(name=name)

    async def renew(self, at: datetime) -> None:
        await self.made.renew(self.id, at, context(at=at))

    async def lines(self) -> list[tuple[str, int]]:
        """Return what each line of each bill is called and comes to, in minor units."""
        bills = [bill for event in await self.made.events(self.id) if (bill := bill_of(event)) is not None]
        return [(line.description, line.amount.minor_units) for bill in bills for line in bill.lines]

    async def renamed(self) -> list[dict[str, str]]:
        return [event.names for event in await self.made.events(self.id) if isinstance(event, PlansRenamed)]


async def test_a_renewal_bears_the_new_name_and_what_was_billed_its_own() -> None:
    renaming = await Renaming.begun()
    renaming.rename()
    await renaming.renew(FEBRUARY)
    await renaming.renew(MARCH)
    assert await renaming.lines() == [("Team", 1900), ("Crew", 1900), ("Crew", 1900)]
    assert await renaming.renamed() == [{"plan_1": "Crew"}]


async def test_previews_show_the_name_that_is_billed() -> None:
    renaming = await Renaming.begun()
    renaming.rename()
    made = renaming.made
    previews = Previews(made.repository, made.facts, made.facts, made.metered)
    [upcoming] = await previews.upcoming(renaming.id, 1, context(at=HALF))
    assert [line.description for line in upcoming.bill.lines] == ["Crew"]
    assert await renaming.renamed() == []  # nothing is saved


async def test_what_was_used_until_a_cancellation_is_called_by_the_new_name() -> None:
    renaming = await Renaming.begun("price_calls")
    made, used = renaming.made, UsageEvent(id="e1", at=AT, value=Decimal(100))
    await made.usage.record(context(), [MeteredEvent(plan_subscription_id=renaming.id, meter_id="mtr_1", event=used)])
    renaming.rename()
    at = context(at=HALF)
    await cancel_plan_subscription(made.repository, made.metered, renaming.id, WantedCancellation(), at)
    assert await renaming.lines() == [("API calls (Crew)", 100)]  # 100 × 0.01


async def test_a_change_and_what_is_scheduled_bear_the_new_name() -> None:
    renaming = await Renaming.begun()
    made = renaming.made
    later = WantedChange(price_id="price_dear", when=ChangeTime.PERIOD_END)
    await change_plan_subscription(made.repository, made.facts, made.metered, renaming.id, later, context(at=HALF))
    renaming.rename()
    await renaming.renew(FEBRUARY)
    assert await renaming.lines() == [("Team", 1900), ("Crew", 3800)]
    renaming.rename("Band")
    # half of March is left: 15.5 of 31 days, which 38.00 − 19.00 are for
    now = WantedChange(price_id="price_1")
    half = context(at=FEBRUARY + timedelta(days=15, hours=12))
    await change_plan_subscription(made.repository, made.facts, made.metered, renaming.id, now, half)
    await renaming.renew(MARCH)
    names = {description for description, _ in (await renaming.lines())[2:]}
    assert "Band" in names
    assert not any("Crew" in name for name in names)


async def test_subscribing_to_the_same_price_by_its_new_name_changes_nothing() -> None:
    renaming = await Renaming.begun()
    renaming.rename()
    made = renaming.made
    again = WantedChange(price_id="price_1")
    changed = await change_plan_subscription(made.repository, made.facts, made.metered, renaming.id, again, context(at=HALF))
    assert changed.terms.price.plan_name == "Crew"
    assert await renaming.lines() == [("Team", 1900)]
    recorded = [type(event).__name__ for event in await made.events(renaming.id)]
    assert recorded[-1] == "PlansRenamed"


async def test_a_fee_that_waits_is_billed_by_the_new_name() -> None:
    renaming = await Renaming.begun()
    made = renaming.made
    fee = WantedFee(price_id="price_setup", quantity=1, when=FeeTime.NEXT_INVOICE)
    await add_fee(made.repository, made.facts, renaming.id, fee, context(at=HALF))
    renaming.rename()
    await renaming.renew(FEBRUARY)
    assert sorted(await renaming.lines()) == [("Crew", 500), ("Crew", 1900), ("Team", 1900)]


async def test_who_subscribes_after_it_was_renamed_never_sees_the_old_name() -> None:
    renaming = await Renaming.begun()
    renaming.rename()
    started: PlanSubscription = await renaming.made.start()
    assert started.terms.price.plan_name == "Crew"
    found = await renaming.made.events(started.id)
    assert not any(isinstance(event, PlansRenamed) for event in found)
