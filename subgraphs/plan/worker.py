"""The plan subgraph's background work: its relay, and the clocks of tenants that have their own."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial

from subgraphs.kit.messaging.clock_contracts import follow_test_clock
from subgraphs.kit.messaging.consumer import Consumer, EventHandler
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.messaging.relay import CatchUp
from subgraphs.kit.settings import Settings
from subgraphs.kit.stores import process_name
from subgraphs.kit.telemetry import configure_logging
from subgraphs.kit.worker import run_until_stopped
from subgraphs.plan.bootstrap import open_services
from subgraphs.plan.domain.coupon import Coupon
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.domain.meter import Meter
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.price import Price
from subgraphs.plan.domain.product import Product
from subgraphs.plan.domain.promotion_code import PromotionCode
from subgraphs.plan.published import publish
from subgraphs.plan.services import PlanServices

__all__ = ["SOURCES", "event_handlers", "main"]

SOURCES = ("subscription",)


async def main(stop: asyncio.Event) -> None:
    """Work until `stop` is set."""
    settings = Settings()
    configure_logging("plan-worker", settings.log_level, readable=settings.development)
    async with open_services(settings) as services, connect_redis(settings) as redis:
        read_models: dict[str, CatchUp] = {
            Product.kind: services.products,
            Feature.kind: services.features,
            Plan.kind: services.plans,
            Price.kind: services.prices,
            Meter.kind: services.meters,
            Coupon.kind: services.coupons,
            PromotionCode.kind: services.promotion_codes,
        }
        relay, database = services.stores.relay(publish, read_models), services.stores.database
        consumer = Consumer("plan", process_name(), redis, database, sources=SOURCES, handlers=event_handlers(services))
        await consumer.ensure_indexes()
        await run_until_stopped(stop, relay.run, consumer.run)


def event_handlers(services: PlanServices) -> Mapping[str, Iterable[EventHandler]]:
    """Return what is done about each public event of other subgraphs."""
    return {"test-clock-moved.v1": [partial(follow_test_clock, services.stores.clocks)]}
