"""Plan subscriptions in memory and what is known of customers and prices, for tests of commands and sagas."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.period import Interval, IntervalUnit, Period
from subgraphs.kit.persistence.claims import InMemoryClaims
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from subgraphs.kit.persistence.places import InMemoryPlaces
from subgraphs.pricing.charge import Charge
from subgraphs.pricing.transactions import NO_TRANSACTIONS, Transacted, transact
from subgraphs.pricing.usage import Aggregation, UsageEvent, aggregated, rolled_up
from subgraphs.subscription.commands.metered import Metered
from subgraphs.subscription.commands.record_usage import Recorded
from subgraphs.subscription.commands.renew_plan_subscription import renew_plan_subscription
from subgraphs.subscription.commands.start_plan_subscription import WantedStart, start_plan_subscription
from subgraphs.subscription.documents import (
    CouponReplica,
    CustomerReplica,
    MeterReplica,
    PlanReplica,
    PriceReplica,
    PromotionCodeReplica,
)
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.usage import KeptEvent, MeteredEvent, Told
from subgraphs.subscription.domain.values import SubscribedPrice
from tests.testkit.memory import AT, context, events_of, repository

__all__ = ["MONTH", "TEAM", "InMemoryFacts", "InMemorySubscriptions", "subscribed_price"]

MONTH = Interval(IntervalUnit.MONTH)


def subscribed_price(**more: Any) -> SubscribedPrice:
    """Return a price of 19.00 EUR a month, whatever the quantity."""
    terms: dict[str, Any] = {
        "price_id": "price_1",
        "plan_id": "plan_1",
        "plan_name": "Team",
        "currency": "EUR",
        "model": "FLAT",
        "flat_amount_minor": 1900,
        "unit_amount": None,
        "interval": MONTH,
    }
    return SubscribedPrice(**(terms | more))


TEAM = subscribed_price()


@dataclass
class InMemoryFacts:
    """What other subgraphs have told, as dictionaries by id; `wait` is never needed."""

    customers: dict[str, CustomerReplica] = field(default_factory=dict)
    plans: dict[str, PlanReplica] = field(default_factory=dict)
    prices: dict[str, PriceReplica] = field(default_factory=dict)
    coupons: dict[str, CouponReplica] = field(default_factory=dict)
    codes: dict[str, PromotionCodeReplica] = field(default_factory=dict)
    meters: dict[str, MeterReplica] = field(default_factory=dict)
    clocks: set[str] = field(default_factory=set)

    def add_customer(self, id: str = "cus_1", **more: Any) -> None:
        fields = {
            "id": id,
            "tenant": "acme",
            "version": 1,
            "currency": "EUR",
            "time_zone": "UTC",
            "archived": False,
            "payment_method_id": None,
            **more,
        }
        self.customers[id] = CustomerReplica.model_construct(**fields)

    def add_plan(self, id: str = "plan_1", **more: Any) -> None:
        self.plans[id] = PlanReplica.model_construct(id=id, tenant="acme", version=1, **({"name": "Team"} | more))

    def add_price(self, id: str = "price_1", **more: Any) -> None:
        fields = {
            "id": id,
            "tenant": "acme",
            "version": 1,
            "plan_id": "plan_1",
            "plan_name": "Team",
            "currency": "EUR",
            "model": "FLAT",
            "flat_amount_minor": 1900,
            "interval_unit": IntervalUnit.MONTH,
            "interval_count": 1,
            **more,
        }
        self.prices[id] = PriceReplica.model_construct(**fields)

    def add_coupon(self, id: str = "cou_1", **more: Any) -> None:
        """Add a coupon of 25 percent for ever."""
        fields: dict[str, Any] = {"id": id, "tenant": "acme", "version": 1, "name": "Launch", "percent_off": "25", **more}
        self.coupons[id] = CouponReplica.model_construct(**fields)

    def add_promotion_code(self, code: str = "SAVE", **more: Any) -> None:
        fields = {"id": f"promo_{code}", "tenant": "acme", "version": 1, "coupon_id": "cou_1", "code": code, **more}
        self.codes[code] = PromotionCodeReplica.model_construct(**fields)

    async def coupon(self, tenant: str, id: str) -> CouponReplica | None:
        found = self.coupons.get(id)
        return found if found is not None and found.tenant == tenant else None

    async def promotion_code(self, tenant: str, code: str) -> PromotionCodeReplica | None:
        found = self.codes.get(code.upper())
        return found if found is not None and found.tenant == tenant else None

    def add_meter(self, id: str = "mtr_1", **more: Any) -> None:
        fields = {"id": id, "tenant": "acme", "version": 1, "code": "calls", "aggregation": Aggregation.SUM, **more}
        self.meters[id] = MeterReplica.model_construct(**fields)

    async def meter(self, tenant: str, id: str) -> MeterReplica | None:
        found = self.meters.get(id)
        return found if found is not None and found.tenant == tenant else None

    async def meter_coded(self, tenant: str, code: str) -> MeterReplica | None:
        return next((one for one in self.meters.values() if one.tenant == tenant and one.code == code), None)

    async def on_test_clock(self, tenant: str) -> bool:
        return tenant in self.clocks

    async def customer(self, tenant: str, id: str) -> CustomerReplica | None:
        found = self.customers.get(id)
        return found if found is not None and found.tenant == tenant else None

    async def plan(self, tenant: str, id: str) -> PlanReplica | None:
        found = self.plans.get(id)
        return found if found is not None and found.tenant == tenant else None

    async def plan_names(self, tenant: str, ids: Sequence[str]) -> dict[str, str]:
        found = {id: await self.plan(tenant, id) for id in ids}
        return {id: plan.name for id, plan in found.items() if plan is not None and plan.name is not None}

    async def price(self, tenant: str, id: str) -> PriceReplica | None:
        found = self.prices.get(id)
        return found if found is not None and found.tenant == tenant else None


class InMemoryUsage:
    """Usage events in a dictionary, with the promises of the real store."""

    def __init__(self) -> None:
        self.events: dict[tuple[str, str], MeteredEvent] = {}
        self._of: dict[tuple[str, str, str], dict[tuple[str, str], MeteredEvent]] = defaultdict(dict)
        self.recorded: dict[tuple[str, str], Told] = {}
        self.withdrawn: dict[tuple[str, str], Told] = {}

    async def record(self, context: CommandContext, events: Sequence[MeteredEvent]) -> list[Recorded]:
        found, tenant = [], context.tenant
        for one in events:
            known = self.events.setdefault((tenant, one.event.id), one)
            self._of[tenant, known.plan_subscription_id, known.meter_id][tenant, known.event.id] = known
            found.append(Recorded.NEW if known is one else Recorded.KNOWN if known.is_one_with(one) else Recorded.REUSED)
            if known is one:
                self.recorded[tenant, one.event.id] = Told.of(context)
        return found

    async def withdraw(self, context: CommandContext, id: str) -> KeptEvent | None:
        key = context.tenant, id
        if key not in self.events:
            return None
        self.withdrawn.setdefault(key, Told.of(context))
        return (await self.kept(context.tenant, [id]))[id]

    async def kept(self, tenant: str, ids: Collection[str]) -> dict[str, KeptEvent]:
        found = {}
        for key in {(tenant, id) for id in ids} & self.events.keys():
            withdrawal = self.withdrawn.get(key)
            found[key[1]] = KeptEvent(
                metered=self.events[key],
                recorded=self.recorded[key],
                withdrawn=withdrawal is not None,
                withdrawal=withdrawal,
            )
        return found

    async def quantity(
        self,
        tenant: str,
        plan_subscription_id: str,
        meter_id: str,
        aggregation: Aggregation,
        period: Period,
        *,
        after: Sequence[Period] = (),
    ) -> Decimal:
        found = self._events(tenant, plan_subscription_id, meter_id)
        before = sum((event.value for event in found if event.at < period.start), Decimal(0))
        within = [event for event in found if period.start <= event.at < period.end]
        earlier = [event for event in found if any(event.at in part for part in after)]
        unique = len({event.key for event in within} - {event.key for event in earlier} - {None})
        return aggregated(aggregation, rolled_up(within), period, before=before, unique=unique, earlier=rolled_up(earlier))

    async def transacted(
        self, tenant: str, plan_subscription_id: str, meter_id: str, charge: Charge, period: Period
    ) -> Transacted:
        found = self._events(tenant, plan_subscription_id, meter_id)
        within = sorted((event.at, event.id, event.value) for event in found if period.start <= event.at < period.end)
        return transact(charge, NO_TRANSACTIONS, [value for _, _, value in within])

    def _events(self, tenant: str, plan_subscription_id: str, meter_id: str) -> list[UsageEvent]:
        of_meter = self._of[tenant, plan_subscription_id, meter_id]
        return [one.event for key, one in of_meter.items() if key not in self.withdrawn]


class InMemoryWatched:
    """Marks of plan subscriptions whose usage is to be looked at."""

    def __init__(self) -> None:
        self.marked: list[str] = []

    async def mark(self, tenant: str, plan_subscription_ids: Collection[str]) -> None:
        self.marked += plan_subscription_ids


class InMemorySubscriptions:
    """What the commands need, and what they left behind."""

    def __init__(self, store: InMemoryEventStore | None = None) -> None:
        self.store = store or InMemoryEventStore()
        self.repository = repository(PlanSubscription, self.store)
        self.facts = InMemoryFacts()
        self.redemptions = InMemoryPlaces()
        self.claims = InMemoryClaims()
        self.usage = InMemoryUsage()
        self.watched = InMemoryWatched()
        self.metered = Metered(self.usage, self.facts)
        self.facts.add_customer()
        self.facts.add_plan()
        self.facts.add_price()
        self.facts.add_price("price_seat", model="PER_UNIT", flat_amount_minor=None, unit_amount=str(Decimal("12.50")))

    async def start(self, at: datetime = AT, price_id: str = "price_1", quantity: int = 1, **more: Any) -> PlanSubscription:
        """Start a subscription, of cus_1 unless told otherwise."""
        wanted = WantedStart(**{"customer_id": "cus_1", "price_id": price_id, "quantity": quantity, **more})
        return await start_plan_subscription(
            self.repository,
            self.facts,
            wanted,
            context(at=at),
            coupons=self.facts,
            redemptions=self.redemptions,
            claims=self.claims,
        )

    async def now(self, tenant: str) -> datetime:
        """Return the time of a tenant's own clock."""
        return AT

    async def renew(self, id: str, now: datetime, context: CommandContext) -> PlanSubscription | None:
        """Take the one step that is due by `now`."""
        return await renew_plan_subscription(self.repository, self.facts, self.metered, id, now, context)

    async def events(self, id: str) -> Sequence[Event]:
        """Return everything that happened to one subscription."""
        return await events_of(self.store, PlanSubscription, id)
