"""Builds the customer subgraph's adapters; nothing else does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from subgraphs.customer.documents import CustomerDocument
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.projections import customer_projection
from subgraphs.customer.services import CustomerServices
from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.settings import Settings
from subgraphs.kit.stores import open_stores

__all__ = ["open_services"]


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncIterator[CustomerServices]:
    """Open the stores and return what commands, queries and the worker use."""
    async with open_stores(settings, "customer", [CustomerDocument], clock) as stores:
        yield CustomerServices(
            stores=stores,
            customers=stores.repository(Customer, customer_projection()),
            claims=stores.claims,
            reader=TenantReader(CustomerDocument),
            clock=stores.clock,
        )
