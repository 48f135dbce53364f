"""What is kept of other subgraphs' facts, from events that come twice and in any order, on real stores."""

import asyncio
from itertools import permutations

import pytest

from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.persistence.documents import merge_forward
from subgraphs.subscription.commands.known_facts import sold_price
from subgraphs.subscription.documents import CustomerReplica, PlanReplica, PriceReplica
from subgraphs.subscription.replicas import replica_handlers
from subgraphs.subscription.services import SubscriptionServices
from tests.testkit.received import received

CUSTOMER = [
    received("customer-created.v1", {"customerId": "cus_1", "currency": "EUR", "timeZone": "UTC"}, aggregate_id="cus_1"),
    received("customer-updated.v1", {"customerId": "cus_1", "timeZone": "Asia/Tokyo"}, aggregate_id="cus_1", sequence=2),
    received("customer-updated.v1", {"customerId": "cus_1", "timeZone": "Europe/Rome"}, aggregate_id="cus_1", sequence=3),
    received("customer-archived.v1", {"customerId": "cus_1"}, aggregate_id="cus_1", sequence=4),
]
PRICE = [
    received(
        "price-created.v1",
        {
            "priceId": "price_1",
            "planId": "plan_1",
            "planName": "Team",
            "currency": "EUR",
            "model": "PER_UNIT",
            "flatAmountMinor": None,
            "unitAmount": "0.000000000001",
            "intervalUnit": "MONTH",
            "intervalCount": 3,
        },
        aggregate_id="price_1",
    ),
    received("price-archived.v1", {"priceId": "price_1"}, aggregate_id="price_1", sequence=2),
]


async def deliver(*events: Received) -> None:
    handlers = replica_handlers()
    for event in events:
        await handlers[event.event.type](event)


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_a_customer_ends_the_same_in_any_order(services: SubscriptionServices, order: tuple[int, ...]) -> None:
    await deliver(*(CUSTOMER[index] for index in order), *CUSTOMER)
    found = await services.known.customer("acme", "cus_1")
    assert isinstance(found, CustomerReplica)
    assert (found.currency, found.time_zone, found.archived, found.version) == ("EUR", "Europe/Rome", True, 4)


async def test_a_customer_is_known_when_its_time_zone_is(services: SubscriptionServices) -> None:
    await merge_forward(CustomerReplica, "acme", "cus_1", "created", 1, {"currency": "EUR"})
    asking = asyncio.create_task(services.known.customer("acme", "cus_1"))
    await asyncio.sleep(0.01)
    await deliver(CUSTOMER[1])
    found = await asking
    assert found is not None and found.time_zone == "Asia/Tokyo"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_a_price_ends_the_same_in_any_order(services: SubscriptionServices, order: tuple[int, ...]) -> None:
    await deliver(*(PRICE[index] for index in order), *PRICE)
    found = await services.known.price("acme", "price_1")
    assert isinstance(found, PriceReplica)
    assert (found.unit_amount, found.flat_amount_minor, found.interval_count, found.archived) == ("0.000000000001", None, 3, True)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_a_one_time_price_has_no_interval(services: SubscriptionServices, order: tuple[int, ...]) -> None:
    told = {name: value for name, value in PRICE[0].event.data.items() if not name.startswith("interval")}
    once = [received("one-time-price-created.v1", told, aggregate_id="price_1"), PRICE[1]]
    await deliver(*(once[index] for index in order), *once)
    found = await services.known.price("acme", "price_1")
    assert isinstance(found, PriceReplica)
    assert (found.plan_name, found.interval_unit, found.interval_count, found.archived) == ("Team", None, None, True)


async def test_a_plan_is_known_by_name_and_whether_it_is_sold(services: SubscriptionServices) -> None:
    await deliver(received("plan-created.v1", {"planId": "plan_1", "name": "Team"}, aggregate_id="plan_1"))
    found = await services.known.plan("acme", "plan_1")
    assert isinstance(found, PlanReplica)
    assert (found.name, found.archived) == ("Team", False)
    await deliver(received("plan-archived.v1", {"planId": "plan_1"}, aggregate_id="plan_1", sequence=2))
    found = await services.known.plan("acme", "plan_1")
    assert found is not None and found.archived


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_renamed_plan_is_called_by_its_last_name_in_any_order(
    services: SubscriptionServices, order: tuple[int, ...]
) -> None:
    plan = [
        received("plan-created.v1", {"planId": "plan_1", "name": "Taem"}, aggregate_id="plan_1"),
        received("plan-updated.v1", {"planId": "plan_1", "name": "Team"}, aggregate_id="plan_1", sequence=2),
        received("plan-updated.v1", {"planId": "plan_1", "name": "Crew"}, aggregate_id="plan_1", sequence=3),
    ]
    await deliver(PRICE[0], *(plan[index] for index in order), *plan)
    assert await services.known.plan_names("acme", ["plan_1", "plan_2"]) == {"plan_1": "Crew"}
    assert (await sold_price(services.known, "acme", "price_1")).plan_name == "Crew"


async def test_a_customer_that_was_unarchived_can_subscribe_in_any_order(services: SubscriptionServices) -> None:
    unarchived = received("customer-unarchived.v1", {"customerId": "cus_1"}, aggregate_id="cus_1", sequence=5)
    await deliver(unarchived, *CUSTOMER)
    found = await services.known.customer("acme", "cus_1")
    assert found is not None and not found.archived
    await deliver(received("customer-archived.v1", {"customerId": "cus_1"}, aggregate_id="cus_1", sequence=6), unarchived)
    found = await services.known.customer("acme", "cus_1")
    assert found is not None and found.archived


async def test_another_tenants_facts_are_not_seen(services: SubscriptionServices) -> None:
    await deliver(*CUSTOMER, *PRICE)
    assert await services.known.customer("rival", "cus_1") is None
    assert await services.known.price("rival", "price_1") is None
    assert await services.known.plan("rival", "plan_1") is None


def features(*told: tuple[str, int, int | None]) -> list[Received]:
    return [
        received(
            f"plan-feature-{what}.v1",
            {"planId": "plan_1", "featureId": "feat_1", **({"limit": limit} if what == "set" else {})},
            aggregate_id="plan_1",
            sequence=sequence,
        )
        for what, sequence, limit in told
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_plans_features_end_the_same_in_any_order(services: SubscriptionServices, order: tuple[int, ...]) -> None:
    told = features(("set", 2, 5), ("removed", 3, None), ("set", 4, 9))
    other = received(
        "plan-feature-set.v1", {"planId": "plan_1", "featureId": "feat_2", "limit": None}, aggregate_id="plan_1", sequence=5
    )
    await deliver(*(told[index] for index in order), other, *told)
    found = await services.known.plan("acme", "plan_1")
    assert found is not None
    assert {id: (part.included, part.limit) for id, part in found.features.items()} == {
        "feat_1": (True, 9),
        "feat_2": (True, None),
    }
    await deliver(*features(("removed", 6, None)))
    found = await services.known.plan("acme", "plan_1")
    assert found is not None and not found.features["feat_1"].included


async def test_the_name_of_a_meter_is_that_of_lines_of_its_usage(services: SubscriptionServices) -> None:
    meter = {"meterId": "mtr_1", "code": "calls", "name": "API calls", "aggregation": "SUM"}
    price = received(
        "price-created.v1", {**PRICE[0].event.data, "priceId": "price_2", "meterId": "mtr_1"}, aggregate_id="price_2"
    )
    await deliver(received("meter-created.v1", meter, aggregate_id="mtr_1"), price, PRICE[0])
    assert (await sold_price(services.known, "acme", "price_2")).line_name == "API calls (Team)"
    assert (await sold_price(services.known, "acme", "price_1")).line_name == "Team"
