"""Tells of cards that are about to expire, in each tenant's own time."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from time import monotonic

import msgspec

from subgraphs.customer.commands.tell_expiring_cards import tell_expiring_cards
from subgraphs.customer.documents import CustomerDocument
from subgraphs.customer.services import CustomerServices
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import bind_request, get_logger

__all__ = ["CardExpiryTimer"]

ACTOR = "system:card-expiry"
# Nobody waits for it: it tells of what happens in a month.
IDLE_SECONDS = 300.0
BATCH = 200
# One that cannot be told of is left alone this long, so that it does not fill the log.
RETRY_SECONDS = 3600.0


class _ClockMoved(msgspec.Struct, frozen=True):
    now: datetime


class CardExpiryTimer:
    """Looks for customers with a card to tell of. Any number of processes may: whoever comes second finds it told."""

    def __init__(self, services: CustomerServices, seconds: Callable[[], float] = monotonic) -> None:
        self._services, self._seconds = services, seconds
        self._left_alone: dict[str, float] = {}
        self._log = get_logger("card_expiry")

    async def run(self, stop: asyncio.Event) -> None:
        """Tell until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                await self.tell_due()
            except DATABASE_UNREACHABLE as error:
                self._log.warning("the database is unreachable, expiring cards wait", error=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
            except TimeoutError:
                pass

    async def tell_due(self) -> int:
        """Tell what is due by the machine's time, for tenants that live by it; return of how many customers."""
        now, seconds = self._services.clock.now(), self._seconds()
        self._left_alone = {id: until for id, until in self._left_alone.items() if until > seconds}
        frozen: dict[str, bool] = {}
        count, after = 0, ""
        while found := await self._due({"_id": {"$gt": after}}, now):
            for customer in found:
                if customer.tenant not in frozen:
                    frozen[customer.tenant] = await self._services.stores.clocks.frozen_at(customer.tenant) is not None
                if not frozen[customer.tenant] and customer.id not in self._left_alone:
                    count += await self._tell(customer, now)
            after = found[-1].id
        return count

    async def clock_moved(self, received: Received) -> None:
        """Tell what is due by the tenant's own clock, each at the time it was."""
        now = msgspec.convert(received.event.data, _ClockMoved).now
        after = ""
        while found := await self._due({"tenant": received.tenant, "_id": {"$gt": after}}, now):
            for customer in found:
                # Each of its cards at its own time, the earliest first; the document shows the next one then.
                due: CustomerDocument | None = customer
                while due is not None and due.expiry_notice_at is not None and due.expiry_notice_at <= now:
                    if not await self._tell(due, due.expiry_notice_at):
                        break
                    due = await self._services.reader.find(due.tenant, due.id)
            after = found[-1].id

    async def _due(self, where: dict[str, object], now: datetime) -> list[CustomerDocument]:
        # `$gt` keeps out who has no card to tell of: null is of another type, and sorts before every date.
        due = {**where, "expiry_notice_at": {"$gt": datetime.min, "$lte": now}}
        return await CustomerDocument.find(due).sort("_id").limit(BATCH).to_list()

    async def _tell(self, customer: CustomerDocument, at: datetime) -> bool:
        context = CommandContext(tenant=customer.tenant, actor=ACTOR, request_id=new_id("req", at), at=at)
        bind_request(context.request_id, tenant=context.tenant)
        try:
            await tell_expiring_cards(self._services.customers, customer.id, context)
        except DATABASE_UNREACHABLE:
            raise
        except ConcurrentChange:  # the next look finds it
            return False
        except Exception:  # one customer's trouble must not keep the others waiting
            self._left_alone[customer.id] = self._seconds() + RETRY_SECONDS
            self._log.exception("not told of an expiring card, will be tried again", customer=customer.id)
            return False
        return True
