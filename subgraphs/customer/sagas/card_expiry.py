"""Tells of cards that are about to expire, in each tenant's own time."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic

from subgraphs.customer.commands.tell_expiring_cards import tell_expiring_cards
from subgraphs.customer.documents import CustomerDocument
from subgraphs.customer.queries import DueCustomerStep, cards_to_tell_of
from subgraphs.customer.services import CustomerServices
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.left_alone import LeftAlone
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import bind_request, get_logger

__all__ = ["CardExpiryTimer"]

ACTOR = "system:card-expiry"
# Nobody waits for it: it tells of what happens in a month.
IDLE_SECONDS = 300.0
BATCH = 200
# One that cannot be told of is left alone this long, so that it does not fill the log.
RETRY_SECONDS = 3600.0


class CardExpiryTimer:
    """Looks for customers with a card to tell of. Any number of processes may: whoever comes second finds it told."""

    def __init__(self, services: CustomerServices, seconds: Callable[[], float] = monotonic) -> None:
        self._services = services
        self._left_alone = LeftAlone(RETRY_SECONDS, seconds)
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
        now, skipped = self._services.clock.now(), self._left_alone.ids()
        frozen: dict[str, bool] = {}
        count, after = 0, ""
        while found := await self._due({"_id": {"$gt": after}}, now):
            for customer in found:
                if customer.tenant not in frozen:
                    frozen[customer.tenant] = await self._services.stores.clocks.frozen_at(customer.tenant) is not None
                if not frozen[customer.tenant] and customer.id not in skipped:
                    count += await self._tell(customer.tenant, customer.id, now)
            after = found[-1].id
        return count

    async def due_by_clock(self, tenant: str, until: datetime, limit: int) -> Sequence[DueCustomerStep]:
        """Return up to `limit` customers with a card to tell of before `until` by the tenant's own clock, the first first."""
        return await cards_to_tell_of(tenant, until, limit, self._left_alone.ids())

    async def take(self, tenant: str, step: DueCustomerStep) -> None:
        """Tell of the cards that are to be told of then."""
        await self._tell(tenant, step.id, step.at)

    async def _due(self, where: dict[str, object], now: datetime) -> list[CustomerDocument]:
        # `$gt` keeps out who has no card to tell of: null is of another type, and sorts before every date.
        due = {**where, "expiry_notice_at": {"$gt": datetime.min, "$lte": now}}
        return await CustomerDocument.find(due).sort("_id").limit(BATCH).to_list()

    async def _tell(self, tenant: str, id: str, at: datetime) -> bool:
        context = CommandContext(tenant=tenant, actor=ACTOR, request_id=new_id("req", at), at=at)
        bind_request(context.request_id, tenant=context.tenant)
        try:
            await tell_expiring_cards(self._services.customers, id, context)
        except DATABASE_UNREACHABLE:
            raise
        except ConcurrentChange:  # the next look finds it
            return False
        except Exception:  # one customer's trouble must not keep the others waiting
            self._left_alone.add(id)
            self._log.exception("not told of an expiring card, will be tried again", customer=id)
            return False
        return True
