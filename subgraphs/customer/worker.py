"""The customer subgraph's background work: its relay."""

import asyncio

from subgraphs.customer.bootstrap import open_services
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.published import publish
from subgraphs.kit.settings import Settings
from subgraphs.kit.telemetry import configure_logging
from subgraphs.kit.worker import run_until_stopped

__all__ = ["main"]


async def main(stop: asyncio.Event) -> None:
    """Work until `stop` is set."""
    settings = Settings()
    configure_logging("customer-worker", settings.log_level, readable=settings.development)
    async with open_services(settings) as services:
        relay = services.stores.relay(publish, {Customer.kind: services.customers})
        await run_until_stopped(stop, relay.run)
