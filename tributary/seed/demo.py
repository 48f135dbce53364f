"""The demo data: three tenants, each with a catalogue and customers whose history reaches up to now.

A tenant is stored whole or not at all. What is there already is kept, so that a run that was interrupted is simply done again.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from subgraphs.auth.commands.create_oauth_client import ClientCredentials, create_oauth_client
from subgraphs.auth.commands.create_tenant import create_tenant
from subgraphs.auth.domain.scopes import OPERATOR_TENANT, SCOPES, TENANT_SCOPES
from subgraphs.auth.settings import AuthSettings
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.persistence.claims import claim_id
from tributary.demo_clients import DemoClient, read_demo_clients, write_demo_clients
from tributary.seed.catalogue import TENANTS, DemoTenant
from tributary.seed.history import live_through
from tributary.seed.installation import Installation, NewTenant, open_installation
from tributary.seed.people import demo_customers
from tributary.seed.stock import create_catalogue

__all__ = ["DemoResult", "OnProgress", "seed_demo"]

OnProgress = Callable[[str, int, int], None]
"""Called with a step's title, how much of it is done, and how much there is."""

CLIENT_NAME = "Demo client"
TENANT_CLAIM = "demo_tenant"
# More than there is.
MOST_COUNTED = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """What the demo tenants have, however it came there."""

    tenants: int
    customers: int
    plan_subscriptions: int
    invoices: int


async def seed_demo(
    settings: AuthSettings, data: Path, on_progress: OnProgress, tenants: Sequence[DemoTenant] = TENANTS
) -> DemoResult:
    """Make what is missing, and leave a client of each tenant in the data folder (`tributary token`)."""
    async with open_installation(settings) as installation:
        ids, living = list[str](), list[asyncio.Task[NewTenant]]()
        # All at once: while one waits for the database, another computes.
        async with asyncio.TaskGroup() as group:
            for tenant in tenants:
                id = await _ensure_tenant(installation, tenant)
                client_id = await _ensure_client(installation, id, tenant, data)
                if not await _has_customers(installation, id):
                    living.append(group.create_task(_live(installation, id, client_id, tenant, on_progress)))
                ids.append(id)
        # One after the other, and when nobody else writes: a large transaction slows down all writes beside it.
        for task in living:
            shop = task.result()
            await shop.store(partial(on_progress, f"{shop.name}: storing"))
        customer, invoice, subscription = installation.customer, installation.invoice, installation.subscription
        return DemoResult(
            tenants=len(ids),
            customers=sum([await customer.reader.count(id, {}, at_most=MOST_COUNTED) for id in ids]),
            plan_subscriptions=sum([await subscription.reader.count(id, {}, at_most=MOST_COUNTED) for id in ids]),
            invoices=sum([await invoice.reader.count(id, {}, at_most=MOST_COUNTED) for id in ids]),
        )


async def _ensure_tenant(installation: Installation, tenant: DemoTenant) -> str:
    """Return the id of the tenant; a claim on its name tells later runs of it."""
    auth = installation.auth
    found = await auth.stores.database["claims"].find_one({"_id": claim_id(OPERATOR_TENANT, TENANT_CLAIM, tenant.name)})
    if found is not None:
        return str(found["owner"])
    context = _operator(installation, OPERATOR_TENANT)
    created, _ = await create_tenant(
        auth.tenants, auth.clients, tenant.name, f"{tenant.name} API", TENANT_SCOPES, frozenset(SCOPES), context
    )
    return await auth.stores.claims.claim(OPERATOR_TENANT, TENANT_CLAIM, tenant.name, created.id)


async def _ensure_client(installation: Installation, tenant_id: str, tenant: DemoTenant, data: Path) -> str:
    """Return the id of a client of the tenant whose secret is in the data folder."""
    clients = installation.auth.clients
    for known in read_demo_clients(data):
        if known.tenant == tenant.slug and await clients.find(tenant_id, known.client_id) is not None:
            return known.client_id
    credentials: ClientCredentials = await create_oauth_client(
        clients, CLIENT_NAME, TENANT_SCOPES, frozenset(SCOPES), _operator(installation, tenant_id)
    )
    write_demo_clients(data, [DemoClient(tenant.slug, credentials.client.id, credentials.secret)])
    return credentials.client.id


async def _has_customers(installation: Installation, tenant_id: str) -> bool:
    return bool(await installation.customer.reader.page(tenant_id, {"external_id": "demo-0001"}, limit=1))


async def _live(
    installation: Installation, tenant_id: str, client_id: str, tenant: DemoTenant, on_progress: OnProgress
) -> NewTenant:
    """Return the tenant with everything its customers have done, not stored yet."""
    now = installation.auth.clock.now()
    shop = NewTenant(installation, tenant_id, client_id, tenant.name)
    customers = list(demo_customers(tenant, now))
    prices = await create_catalogue(shop, tenant, customers[0].created_at)
    done = 0

    def on_customer() -> None:
        nonlocal done
        done += 1
        on_progress(tenant.name, done, len(customers))

    await live_through(shop, tenant, customers, prices, now, on_customer)
    return shop


def _operator(installation: Installation, tenant: str) -> CommandContext:
    at = installation.auth.clock.now()
    actor = installation.auth.settings.bootstrap_client_id
    return CommandContext(tenant=tenant, actor=actor, request_id=new_id("req", at), at=at)
