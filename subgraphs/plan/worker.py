"""The plan subgraph's background work: its relay."""

import asyncio

from subgraphs.kit.messaging.relay import CatchUp
from subgraphs.kit.settings import Settings
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

__all__ = ["main"]


async def main(stop: asyncio.Event) -> None:
    """Work until `stop` is set."""
    settings = Settings()
    configure_logging("plan-worker", settings.log_level, readable=settings.development)
    async with open_services(settings) as services:
        read_models: dict[str, CatchUp] = {
            Product.kind: services.products,
            Feature.kind: services.features,
            Plan.kind: services.plans,
            Price.kind: services.prices,
            Meter.kind: services.meters,
            Coupon.kind: services.coupons,
            PromotionCode.kind: services.promotion_codes,
        }
        await run_until_stopped(stop, services.stores.relay(publish, read_models).run)
