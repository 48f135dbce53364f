"""Moves subscribers of one price version to another, some at a time."""

import asyncio
from dataclasses import replace

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import bind_request, get_logger
from subgraphs.subscription.commands.migrate_price import move_subscriber
from subgraphs.subscription.domain.plan_subscription import RenewalDue
from subgraphs.subscription.domain.price_migration import MigrationStatus, PriceMigration, Refusal
from subgraphs.subscription.queries import RunningMigration
from subgraphs.subscription.services import SubscriptionServices

__all__ = ["PriceMigrationWalk"]

ACTOR = "system:price-migration"
IDLE_SECONDS = 1.0
BATCH = 100
CONCURRENCY = 8
# One that is changed by others all the time, or is about to be renewed, is waited for.
RETRY_SECONDS = 0.2
ATTEMPTS = 25


class PriceMigrationWalk:
    """Walks every migration that is running. Any number of processes may: what another one did is found done."""

    def __init__(self, services: SubscriptionServices) -> None:
        self._services = services
        self._log = get_logger("price-migration")

    async def run(self, stop: asyncio.Event) -> None:
        """Walk until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                await self.walk_all(stop)
            except* DATABASE_UNREACHABLE as group:
                self._log.warning("the database is unreachable, migrations wait", error=type(group.exceptions[0]).__name__)
            try:
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
            except TimeoutError:
                pass

    async def walk_all(self, stop: asyncio.Event | None = None) -> None:
        """Walk every migration that is running. One that cannot go on does not hold up the others."""
        for found in await self._services.subscribers.running_migrations(BATCH):
            try:
                await self.walk(found, stop)
            except* DATABASE_UNREACHABLE:
                raise
            except* Exception:
                self._log.exception("a price migration cannot go on, will be tried again", price_migration=found.id)

    async def walk(self, found: RunningMigration, stop: asyncio.Event | None = None) -> None:
        """Move everybody who is left, or until `stop`."""
        services = self._services
        while not (stop is not None and stop.is_set()):
            migration = await services.migrations.get(found.tenant, found.id)
            if migration.status is not MigrationStatus.RUNNING:
                return
            context = await self._context(found.tenant)
            if not migration.taken:
                ids = await services.subscribers.of_price(
                    found.tenant, migration.started.from_price_id, BATCH, after=migration.walked_to
                )
                migration = await services.migrations.update(
                    found.id,
                    context,
                    lambda current, ids=ids, context=context: current.take(ids, context),  # type: ignore[misc]
                )
            if taken := migration.taken:
                refused = await self._move(migration, context)
                await services.migrations.update(
                    found.id,
                    context,
                    lambda current, taken=taken, refused=refused: current.note_moved(taken, refused),  # type: ignore[misc]
                )

    async def _move(self, migration: PriceMigration, context: CommandContext) -> list[Refusal]:
        services, limit = self._services, asyncio.Semaphore(CONCURRENCY)

        async def move(id: str) -> Refusal | None:
            async with limit:
                for attempt in range(ATTEMPTS):
                    if attempt:
                        await asyncio.sleep(RETRY_SECONDS)
                    try:
                        circumstances = replace(context, at=await services.stores.clocks.now(context.tenant))
                        return await move_subscriber(
                            services.subscriptions, services.metered, id, migration.started, circumstances
                        )
                    except ConcurrentChange:
                        if attempt == ATTEMPTS - 1:
                            raise
                    except RenewalDue as due:
                        if attempt == ATTEMPTS - 1:
                            return Refusal(id, due.code, due.message)
            raise AssertionError("the last attempt answers or raises")

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(move(id)) for id in migration.taken]
        return [refusal for task in tasks if (refusal := task.result()) is not None]

    async def _context(self, tenant: str) -> CommandContext:
        now = await self._services.stores.clocks.now(tenant)
        context = CommandContext(tenant=tenant, actor=ACTOR, request_id=new_id("req", now), at=now)
        bind_request(context.request_id, tenant=tenant)
        return context
