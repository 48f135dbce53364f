"""Plan subscriptions in memory and what is known of customers and prices, for tests of commands and sagas."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from subgraphs.kit.persistence.numbers import InMemoryNumbers
from subgraphs.subscription.commands.start_plan_subscription import WantedStart, start_plan_subscription
from subgraphs.subscription.documents import CouponReplica, CustomerReplica, PlanReplica, PriceReplica, PromotionCodeReplica
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
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

    async def on_test_clock(self, tenant: str) -> bool:
        return tenant in self.clocks

    async def customer(self, tenant: str, id: str) -> CustomerReplica | None:
        found = self.customers.get(id)
        return found if found is not None and found.tenant == tenant else None

    async def plan(self, tenant: str, id: str) -> PlanReplica | None:
        found = self.plans.get(id)
        return found if found is not None and found.tenant == tenant else None

    async def price(self, tenant: str, id: str) -> PriceReplica | None:
        found = self.prices.get(id)
        return found if found is not None and found.tenant == tenant else None


class InMemorySubscriptions:
    """What the commands need, and what they left behind."""

    def __init__(self, store: InMemoryEventStore | None = None) -> None:
        self.store = store or InMemoryEventStore()
        self.repository = repository(PlanSubscription, self.store)
        self.facts = InMemoryFacts()
        self.redemptions = InMemoryNumbers()
        self.facts.add_customer()
        self.facts.add_plan()
        self.facts.add_price()
        self.facts.add_price("price_seat", model="PER_UNIT", flat_amount_minor=None, unit_amount=str(Decimal("12.50")))

    async def start(self, at: datetime = AT, price_id: str = "price_1", quantity: int = 1, **more: Any) -> PlanSubscription:
        """Start a subscription of cus_1."""
        wanted = WantedStart(customer_id="cus_1", price_id=price_id, quantity=quantity, **more)
        return await start_plan_subscription(
            self.repository, self.facts, wanted, context(at=at), coupons=self.facts, redemptions=self.redemptions
        )

    async def events(self, id: str) -> Sequence[Event]:
        """Return everything that happened to one subscription."""
        return await events_of(self.store, PlanSubscription, id)
