"""Finalises consolidated drafts when they have taken bills for long enough, in each tenant's own time."""

import asyncio
from datetime import datetime, timedelta

from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.invoice.queries import drafts_to_finalize
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.clock import Clock, SystemClock
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange, NotReady
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import bind_request, get_logger

__all__ = ["ConsolidationTimer"]

ACTOR = "system:consolidation"
IDLE_SECONDS = 5.0
BATCH = 100
# Bills that are told long after their time, to a tenant whose clock has passed it, come one after the other.
QUIET = timedelta(seconds=2)


class ConsolidationTimer:
    """Looks for drafts whose time is over. Any number of processes may: a draft that another one finalised is found so.

    `clock` tells how long ago a bill was added: that is real time, even where business time is set.
    """

    def __init__(self, services: InvoiceServices, clock: Clock | None = None) -> None:
        self._services, self._clock = services, clock or SystemClock()
        self._log = get_logger("consolidation")

    async def run(self, stop: asyncio.Event) -> None:
        """Finalise until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                await self.finalize_due()
            except DATABASE_UNREACHABLE as error:
                self._log.warning("the database is unreachable, drafts wait", error=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
            except TimeoutError:
                pass

    async def finalize_due(self) -> int:
        """Finalise what is due by the machine's time, for tenants that live by it; return how many drafts were looked at."""
        now, count = self._services.clock.now(), 0
        frozen: dict[str, bool] = {}
        after = ""
        while found := await drafts_to_finalize(now, BATCH, after=after):
            for draft in found:
                if draft.tenant not in frozen:
                    frozen[draft.tenant] = await self._services.stores.clocks.frozen_at(draft.tenant) is not None
                if not frozen[draft.tenant]:
                    await self.finalize(draft.tenant, draft.id, now)
                    count += 1
            after = found[-1].id
        return count

    async def finalize(self, tenant: str, id: str, at: datetime) -> None:
        """Finalise a draft whose time is over at `at`; one that cannot be is logged, and looked at again."""
        try:
            await self._finalize(tenant, id, at)
        except DATABASE_UNREACHABLE:
            raise
        except (ConcurrentChange, NotReady):
            self._log.info("a draft waits for the next look", invoice=id)
        except Exception:  # one draft's trouble must not keep the others waiting
            self._log.exception("a draft was not finalised, will be tried again", invoice=id)

    async def bill_placed(self, invoice: Invoice) -> None:
        """Finalise the draft that a bill is on where the tenant's own clock has passed its time already; else nothing happens.

        A clock that moves asks for drafts in their turn: it never passes the time of one while bills of it are on their way. A
        bill that was told late is of a time that nobody will ask for again before the clock moves on.

        Raises:
            NotReady: further bills may still be on their way to it.
        """
        now = await self._services.stores.clocks.frozen_at(invoice.tenant)
        finalize_at = invoice.drafted.draft.finalize_at
        if now is not None and finalize_at is not None and finalize_at < now:
            await self._finalize_quiet(invoice)

    async def _finalize_quiet(self, invoice: Invoice) -> None:
        if invoice.status is not InvoiceStatus.DRAFT:
            return
        if invoice.recorded_at is not None and self._clock.now() - invoice.recorded_at < QUIET:
            raise NotReady(f"draft {invoice.id!r} may still take bills that are on their way")
        await self._finalize(invoice.tenant, invoice.id, invoice.drafted.draft.finalize_at or invoice.drafted.created_at)

    async def _finalize(self, tenant: str, id: str, at: datetime) -> None:
        services = self._services
        context = CommandContext(tenant=tenant, actor=ACTOR, request_id=new_id("req", at), at=at)
        bind_request(context.request_id, tenant=context.tenant)
        await finalize_invoice(services.invoices, services.numbers, services.billing_details, id, context)
