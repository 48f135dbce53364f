"""Looks how a dispute stands when its time for evidence is over, in each tenant's own time: no event may have told."""

import asyncio
from datetime import datetime

from subgraphs.invoice.commands.answer_dispute import look_at_dispute
from subgraphs.invoice.queries import disputes_to_look_at, note_dispute_looked_at
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import bind_request, get_logger

__all__ = ["DisputeTimer"]

ACTOR = "system:disputes"
# Disputes take weeks, and the provider tells most of what happens by itself.
IDLE_SECONDS = 300.0
BATCH = 100


class DisputeTimer:
    """Any number of processes may look: taking over the same twice changes nothing."""

    def __init__(self, services: InvoiceServices) -> None:
        self._services = services
        self._log = get_logger("disputes")

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                await self.look()
            except DATABASE_UNREACHABLE as error:
                self._log.warning("the database is unreachable, disputes wait", error=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
            except TimeoutError:
                pass

    async def look(self) -> int:
        """Look at what is due by the machine's time, for tenants that live by it; return how many disputes that were."""
        now, count, after = self._services.clock.now(), 0, ""
        while found := await disputes_to_look_at(now, BATCH, after=after):
            for dispute in found:
                if await self._services.stores.clocks.frozen_at(dispute.tenant) is None:
                    await self._look_at(dispute.tenant, dispute.id, now)
                    count += 1
            after = found[-1].id
        return count

    async def look_once(self, tenant: str, id: str, at: datetime) -> None:
        """Look at the dispute whose time for evidence is over at `at` by the tenant's own clock: once, whatever came of it."""
        if await self._look_at(tenant, id, at):
            await note_dispute_looked_at(tenant, id, at)

    async def _look_at(self, tenant: str, id: str, at: datetime) -> bool:
        context = CommandContext(tenant=tenant, actor=ACTOR, request_id=new_id("req", at), at=at)
        bind_request(context.request_id, tenant=context.tenant)
        try:
            await look_at_dispute(self._services, id, context)
        except DATABASE_UNREACHABLE:
            raise
        except Exception:  # one dispute's trouble must not keep the others waiting
            self._log.exception("a dispute could not be looked at, will be again", dispute=id)
            return False
        return True
