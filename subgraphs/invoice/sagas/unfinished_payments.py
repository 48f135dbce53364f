"""Finishes what a crash left half done: payments, refunds and plans of retries.

The money may have moved, and the invoice must learn of it; without the plan of its next retry it would never be charged again.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from pymongo.errors import PyMongoError

from subgraphs.invoice.commands.dun_invoice import plan_retry
from subgraphs.invoice.commands.settle_credit_note import settle_credit_note
from subgraphs.invoice.commands.settle_payment import settle_payment
from subgraphs.invoice.queries import UnfinishedPayment, find_unfinished_payments
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.clock import Clock, SystemClock
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.left_alone import LeftAlone
from subgraphs.kit.persistence.lease import Lease
from subgraphs.kit.telemetry import bind_request, get_logger

__all__ = ["UnfinishedPayments"]

ACTOR = "system:unfinished-payments"
INTERVAL_SECONDS = 5.0
# Longer than any live process works on a payment: the provider's time limit plus two writes.
ABANDONED_AFTER = timedelta(seconds=30)
BATCH = 100
# What could not be finished is left alone for this long.
RETRY_SECONDS = 60.0


class UnfinishedPayments:
    """Looks regularly for invoices whose payment, credit note or plan has been under way for too long; one process at a time.

    `clock` tells how long: that is real time, even where business time is set.
    """

    def __init__(
        self,
        services: InvoiceServices,
        lease: Lease,
        clock: Clock | None = None,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._services, self._lease = services, lease
        self._clock = clock or SystemClock()
        self._left_alone = LeftAlone(RETRY_SECONDS, seconds)
        """Invoices that could not be finished."""
        self._log = get_logger("unfinished_payments")

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        while not stop.is_set():
            try:
                if await self._lease.hold():
                    await self.finish()
            except PyMongoError as error:
                self._log.warning("the database is unreachable, payments wait", error=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), INTERVAL_SECONDS)
            except TimeoutError:
                continue
        await self._lease.release()

    async def finish(self) -> int:
        """Finish one batch; return how many were taken up."""
        found = await find_unfinished_payments(self._clock.now() - ABANDONED_AFTER, BATCH, self._left_alone.ids())
        for unfinished in found:
            await self._settle(unfinished)
        return len(found)

    async def _settle(self, unfinished: UnfinishedPayment) -> None:
        services = self._services
        at = await services.stores.clocks.now(unfinished.tenant)
        context = CommandContext(tenant=unfinished.tenant, actor=ACTOR, request_id=new_id("req", at), at=at)
        bind_request(context.request_id, tenant=context.tenant)
        try:
            await settle_payment(services.invoices, services.payments, services.providers, unfinished.invoice_id, context)
            await plan_retry(services, unfinished.invoice_id, context)
            await settle_credit_note(services, unfinished.invoice_id, context)
        except PyMongoError:
            raise
        except Exception:  # one provider's trouble must not keep the others' payments waiting
            self._left_alone.add(unfinished.invoice_id)
            self._log.exception("payment not finished, will be tried again", invoice=unfinished.invoice_id)
