"""Movements of MRR on real stores: one per commit that moves it, told twice or late, and charts that add up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.kit.persistence.backfill import Backfill
from subgraphs.subscription.domain.mrr import mrr
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import ProrationBehavior, Terms
from subgraphs.subscription.schema import schema
from subgraphs.subscription.services import SubscriptionServices
from tests.testkit.memory import AT, context
from tests.testkit.querying import asking
from tests.testkit.subscribing import subscribed_price

SERIES = """
query($from: DateTime!, $to: DateTime!, $interval: SeriesInterval!) {
  mrrSeries(from: $from, to: $to, interval: $interval, currency: "EUR") {
    period { start } opening { minorUnits } new { minorUnits } reactivation { minorUnits } expansion { minorUnits }
    contraction { minorUnits } churn { minorUnits } closing { minorUnits } subscriptions
  }
}"""
MOVEMENTS = """
query($where: MrrMovementWhereInput, $first: Int, $after: String) {
  mrrMovements(where: $where, first: $first, after: $after) {
    nodes { kind reason at amount { amount } before { amount } after { amount } customer { id } plan { id }
            planSubscription { id status } }
    pageInfo { hasNextPage endCursor }
  }
}"""


async def active(
    services: SubscriptionServices, id: str = "psub_1", at: datetime = AT, tenant: str = "acme", **more: Any
) -> PlanSubscription:
    price = subscribed_price(**{"flat_amount_minor": 1000, **more})
    command = context(tenant, at)
    made = PlanSubscription.start(id, "cus_1", Terms(price=price, quantity=1), "UTC", command)
    await services.subscriptions.create(made, command)
    return await services.subscriptions.update(id, command, lambda it: it.period_paid(0, command))


async def change(services: SubscriptionServices, id: str, minor: int, at: datetime) -> None:
    terms = Terms(price=subscribed_price(flat_amount_minor=minor, price_id=f"price_{minor}"), quantity=1)
    await services.subscriptions.update(id, context(at=at), lambda it: it.change(terms, ProrationBehavior.NONE, context(at=at)))


async def tell(services: SubscriptionServices, *, mark: bool = True) -> None:
    """Do as the relay does with what is in the outbox; without `mark`, as one that ends before it notes what it sent."""
    commits = await services.stores.events.undispatched(1000)
    for commit in commits:
        await services.mrr.catch_up(commit)
    if mark:
        await services.stores.events.mark_dispatched([commit.dispatched("0") for commit in commits])


async def stored(services: SubscriptionServices) -> Sequence[dict[str, Any]]:
    return await services.stores.database["mrr_movements"].find().sort("_id", 1).to_list()


async def test_each_commit_that_moves_the_mrr_gives_one_movement_however_often_it_is_told(services: SubscriptionServices) -> None:
    await active(services)
    await tell(services, mark=False)
    await change(services, "psub_1", 1500, AT + timedelta(days=1))
    await change(services, "psub_1", 700, AT + timedelta(days=1))
    first = await stored(services)
    for _ in range(2):
        await tell(services, mark=False)
    for commit in reversed(await services.stores.events.load("acme", PlanSubscription.kind, "psub_1")):
        await services.mrr.catch_up(commit)
    found = await stored(services)
    assert [(one["kind"], one["version"], one["after_minor"] - one["before_minor"]) for one in found] == [
        ("NEW", 2, 1000),
        ("EXPANSION", 3, 500),
        ("CONTRACTION", 4, -800),
    ]
    assert list(found[:1]) == list(first)


async def test_movements_of_before_are_derived_by_the_backfill(services: SubscriptionServices) -> None:
    await active(services)
    await active(services, "psub_2")
    backfill = Backfill(services.stores.database, "mrr", PlanSubscription.kind, services.mrr.follow)
    assert (await backfill.run_once(), len(await stored(services))) == (2, 2)
    await tell(services)
    assert len(await stored(services)) == 2


async def test_a_chart_opens_with_what_was_before_and_closes_with_what_the_subscriptions_come_to(
    services: SubscriptionServices,
) -> None:
    ask = asking(schema, services, "subscriptions:read")
    await active(services, "psub_1")  # January 31: 10.00
    await active(services, "psub_2", interval=Interval(IntervalUnit.YEAR), flat_amount_minor=9999)  # 99.99 / 12 = 8.3325
    await active(services, "psub_3", at=AT + timedelta(days=10), currency="USD")
    await active(services, "psub_1_of_rival", tenant="rival")
    await change(services, "psub_1", 1500, AT + timedelta(days=10))  # February 10
    await services.subscriptions.update(
        "psub_2", context(at=AT + timedelta(days=40)), lambda it: it.cancel(None, context(at=AT + timedelta(days=40)))
    )  # March 12
    await tell(services)
    found = (await ask(SERIES, {"from": "2026-02-01T00:00:00Z", "to": "2026-03-31T00:00:00Z", "interval": "MONTH"}))["mrrSeries"]
    shown = [
        {
            name: int(value["minorUnits"]) if isinstance(value, dict) else value
            for name, value in point.items()
            if name != "period"
        }
        for point in found
    ]
    assert [point["period"]["start"] for point in found] == ["2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"]
    nothing = {"new": 0, "reactivation": 0, "expansion": 0, "contraction": 0, "churn": 0}
    assert shown == [
        {**nothing, "opening": 1833, "expansion": 500, "closing": 2333, "subscriptions": 2},
        {**nothing, "opening": 2333, "churn": 833, "closing": 1500, "subscriptions": 1},
    ]
    current = [await services.subscriptions.get("acme", id) for id in ("psub_1", "psub_2")]
    assert sum(mrr(one).minor_units for one in current) == shown[-1]["closing"]

    days = (await ask(SERIES, {"from": "2026-02-09T00:00:00Z", "to": "2026-02-12T00:00:00Z", "interval": "DAY"}))["mrrSeries"]
    assert [(one["opening"]["minorUnits"], one["closing"]["minorUnits"]) for one in days] == [
        ("1833", "1833"),
        ("1833", "2333"),
        ("2333", "2333"),
    ]


async def test_movements_are_listed_by_page_and_condition(services: SubscriptionServices) -> None:
    ask = asking(schema, services, "subscriptions:read")
    await active(services)
    for day, minor in ((1, 1500), (2, 700), (3, 900)):
        await change(services, "psub_1", minor, AT + timedelta(days=day))
    await active(services, "psub_2", at=AT + timedelta(days=9))
    await active(services, "psub_of_rival", tenant="rival")
    await tell(services)

    async def amounts(**where: Any) -> list[str]:
        return [one["amount"]["amount"] for one in (await ask(MOVEMENTS, {"where": where}))["mrrMovements"]["nodes"]]

    assert await amounts() == ["10.00", "2.00", "-8.00", "5.00", "10.00"]
    assert await amounts(kind="NEW") == ["10.00", "10.00"]
    assert await amounts(planSubscriptionId="psub_2") == ["10.00"]
    assert (await amounts(customerId="cus_2"), await amounts(currency="USD")) == ([], [])
    second = (AT + timedelta(days=2)).isoformat()
    assert await amounts(**{"from": second}) == ["10.00", "2.00", "-8.00"]
    assert await amounts(to=second) == ["5.00", "10.00"]

    seen, after = [], None
    while True:
        page = (await ask(MOVEMENTS, {"first": 2, "after": after, "where": {"from": AT.isoformat()}}))["mrrMovements"]
        seen += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert [one["amount"]["amount"] for one in seen] == await amounts()
    assert seen[2] == {
        "kind": "CONTRACTION",
        "reason": "CHANGED",
        "at": "2026-02-02T12:00:00.123Z",
        "amount": {"amount": "-8.00"},
        "before": {"amount": "15.00"},
        "after": {"amount": "7.00"},
        "customer": {"id": "cus_1"},
        "plan": {"id": "plan_1"},
        "planSubscription": {"id": "psub_1", "status": "ACTIVE"},
    }


async def test_mrr_needs_the_scope_of_subscriptions(services: SubscriptionServices) -> None:
    ask = asking(schema, services, "invoices:read")
    series = {"from": "2026-02-01T00:00:00Z", "to": "2026-03-01T00:00:00Z", "interval": "DAY"}
    assert await ask(SERIES, series, errors=["UNAUTHORIZED_FIELD_OR_TYPE"]) == {"mrrSeries": None}
    assert await ask(MOVEMENTS, {}, errors=["UNAUTHORIZED_FIELD_OR_TYPE"]) == {"mrrMovements": None}
