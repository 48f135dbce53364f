"""Charges invoices again when their campaign says so, in each tenant's own time, and when the customer changes the way to pay."""

import asyncio
from dataclasses import replace
from datetime import date, datetime

import msgspec

from subgraphs.invoice.commands.dun_invoice import charge_again, retry_invoice
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.invoice.queries import invoices_to_retry
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange, InvalidState, NotReady
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import bind_request, get_logger

__all__ = ["DunningTimer"]

ACTOR = "system:dunning"
IDLE_SECONDS = 5.0
BATCH = 100
# Invoices of one customer in arrears at the same time.
MOST_IN_ARREARS = 100


class _CustomerNamed(msgspec.Struct, frozen=True, rename="camel"):
    customer_id: str


class _ExpiryChanged(msgspec.Struct, frozen=True, rename="camel"):
    customer_id: str
    payment_method_id: str
    expires_on: date | None = None


class DunningTimer:
    """Looks for invoices whose retry is due. Any number of processes may: a retry that another one took is found taken."""

    def __init__(self, services: InvoiceServices) -> None:
        self._services = services
        self._log = get_logger("dunning")

    async def run(self, stop: asyncio.Event) -> None:
        """Charge again until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                await self.retry_due()
            except DATABASE_UNREACHABLE as error:
                self._log.warning("the database is unreachable, retries wait", error=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
            except TimeoutError:
                pass

    async def retry_due(self) -> int:
        """Charge what is due by the machine's time, for tenants that live by it; return how many invoices were looked at."""
        now, count = self._services.clock.now(), 0
        frozen: dict[str, bool] = {}
        after = ""
        while found := await invoices_to_retry(now, BATCH, after=after):
            for invoice in found:
                if invoice.tenant not in frozen:
                    frozen[invoice.tenant] = await self._services.stores.clocks.frozen_at(invoice.tenant) is not None
                if not frozen[invoice.tenant]:
                    await self.retry(invoice.tenant, invoice.id, invoice.customer_id, now)
                    count += 1
            after = found[-1].id
        return count

    async def catch_up_on_clock(self, received: Received) -> None:
        """Charge what was due before the tenant's own clock got where it stands, since its charge failed only now.

        A clock that moves waits for what comes of a charge; it stands still when what had to be tried again was looked at late.
        """
        now = await self._services.stores.clocks.frozen_at(received.tenant)
        if now is not None:
            await self._retry_until(received.tenant, now)

    async def _retry_until(self, tenant: str, now: datetime) -> None:
        tried: set[tuple[str, datetime]] = set()
        while True:
            found = [
                (invoice.retry_at, invoice)
                for invoice in await invoices_to_retry(now, BATCH, tenant=tenant)
                # What is due where it stands is the clock's to ask for, in its order.
                if invoice.retry_at is not None and invoice.retry_at < now and (invoice.id, invoice.retry_at) not in tried
            ]
            if not found:
                return
            at, invoice = min(found, key=lambda pair: (pair[0], pair[1].id))
            tried.add((invoice.id, at))
            await self.retry(tenant, invoice.id, invoice.customer_id, at)

    async def payment_method_changed(self, received: Received) -> None:
        """Charge what the customer is in arrears with by the new way to pay.

        Raises:
            NotReady: the payment method is not known yet.
        """
        customer_id = msgspec.convert(received.event.data, _CustomerNamed).customer_id
        await self._charge_arrears(received, customer_id)

    async def payment_method_renewed(self, received: Received) -> None:
        """Charge what the customer is in arrears with again, where the default payment method was declined for good till now.

        Raises:
            NotReady: the payment method is not known yet.
        """
        told = msgspec.convert(received.event.data, _ExpiryChanged)
        if told.expires_on is not None and told.expires_on >= received.event.occurred_at.date():
            await self._charge_arrears(received, told.customer_id, renewed=told.payment_method_id)

    async def _charge_arrears(self, received: Received, customer_id: str, *, renewed: str | None = None) -> None:
        services, context = self._services, received.context(ACTOR)
        where = {"customer_id": customer_id, "status": InvoiceStatus.OPEN, "in_arrears": True}
        found = await services.reader.page(context.tenant, where, limit=MOST_IN_ARREARS)
        method = await services.payment_methods.find(context.tenant, customer_id, None) if found else None
        for invoice in reversed(found):  # the oldest debt first
            if method is not None and renewed in (None, method.id):
                once = replace(context, write=f"charge-again/{received.event.id}/{invoice.id}")
                await charge_again(services, invoice.id, method, once, renewed=renewed is not None)

    async def retry(self, tenant: str, id: str, customer_id: str, at: datetime) -> None:
        """Make the retry that is due at `at`. What keeps it from being made is logged: it stays due, and is looked at again."""
        services = self._services
        context = CommandContext(tenant=tenant, actor=ACTOR, request_id=new_id("req", at), at=at)
        bind_request(context.request_id, tenant=context.tenant)
        try:
            method = await services.payment_methods.find(tenant, customer_id, None, wait_for_default=False)
            await retry_invoice(services, id, method, context)
        except DATABASE_UNREACHABLE:
            raise
        except (ConcurrentChange, InvalidState, NotReady):
            self._log.info("a retry waits for the next look", invoice=id)
        except Exception:  # one invoice's trouble must not keep the others waiting
            self._log.exception("a retry failed, will be tried again", invoice=id)
