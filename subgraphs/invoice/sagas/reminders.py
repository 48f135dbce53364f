"""Notes that invoices that were sent are overdue, and goes on with their campaigns, in each tenant's own time."""

import asyncio
from datetime import datetime

from subgraphs.invoice.commands.remind_customer import remind_customer
from subgraphs.invoice.queries import invoices_to_remind
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import bind_request, get_logger

__all__ = ["ReminderTimer"]

ACTOR = "system:reminders"
IDLE_SECONDS = 5.0
BATCH = 100


class ReminderTimer:
    """Looks for invoices that are not paid in time. Any number of processes may: a step that another one took is found taken."""

    def __init__(self, services: InvoiceServices) -> None:
        self._services = services
        self._log = get_logger("reminders")

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                await self.remind_due()
            except DATABASE_UNREACHABLE as error:
                self._log.warning("the database is unreachable, reminders wait", error=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
            except TimeoutError:
                pass

    async def remind_due(self) -> int:
        """Take what is due by the machine's time, for tenants that live by it; return how many invoices were looked at."""
        now, count = self._services.clock.now(), 0
        frozen: dict[str, bool] = {}
        after = ""
        while found := await invoices_to_remind(now, BATCH, after=after):
            for invoice in found:
                if invoice.tenant not in frozen:
                    frozen[invoice.tenant] = await self._services.stores.clocks.frozen_at(invoice.tenant) is not None
                if not frozen[invoice.tenant]:
                    await self.remind(invoice.tenant, invoice.id, now)
                    count += 1
            after = found[-1].id
        return count

    async def remind(self, tenant: str, id: str, at: datetime) -> None:
        """Take the step that is due at `at`. What keeps it from being taken is logged: it stays due, and is looked at again."""
        context = CommandContext(tenant=tenant, actor=ACTOR, request_id=new_id("req", at), at=at)
        bind_request(context.request_id, tenant=context.tenant)
        try:
            await remind_customer(self._services, id, context)
        except DATABASE_UNREACHABLE:
            raise
        except ConcurrentChange:
            self._log.info("a reminder waits for the next look", invoice=id)
        except Exception:  # one invoice's trouble must not keep the others waiting
            self._log.exception("a reminder failed, will be tried again", invoice=id)
