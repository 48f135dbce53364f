"""Writes off what is left of expired grants, in each tenant's own time."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic

from subgraphs.customer.commands.change_wallet import expire_grants
from subgraphs.customer.documents import WalletDocument
from subgraphs.customer.queries import DueCustomerStep, wallets_to_expire
from subgraphs.customer.services import CustomerServices
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.left_alone import LeftAlone
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import bind_request, get_logger

__all__ = ["ExpiryTimer"]

ACTOR = "system:expiry"
# Nothing depends on it: an expired grant is not spent even before it is written off.
IDLE_SECONDS = 30.0
BATCH = 200
# One that cannot be changed is left alone this long, so that it does not fill the log.
RETRY_SECONDS = 600.0


class ExpiryTimer:
    """Looks for wallets with an expired grant. Any number of processes may: whoever comes second finds it written off."""

    def __init__(self, services: CustomerServices, seconds: Callable[[], float] = monotonic) -> None:
        self._services = services
        self._left_alone = LeftAlone(RETRY_SECONDS, seconds)
        self._log = get_logger("expiry")

    async def run(self, stop: asyncio.Event) -> None:
        """Write off until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                await self.expire_due()
            except DATABASE_UNREACHABLE as error:
                self._log.warning("the database is unreachable, expiries wait", error=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
            except TimeoutError:
                pass

    async def expire_due(self) -> int:
        """Write off what has expired by the machine's time, for tenants that live by it; return in how many wallets."""
        now, skipped = self._services.clock.now(), self._left_alone.ids()
        frozen: dict[str, bool] = {}
        count, after = 0, ""
        while wallets := await self._due({"_id": {"$gt": after}}, now):
            for wallet in wallets:
                if wallet.tenant not in frozen:
                    frozen[wallet.tenant] = await self._services.stores.clocks.frozen_at(wallet.tenant) is not None
                if not frozen[wallet.tenant] and wallet.id not in skipped:
                    count += await self._expire(wallet.tenant, wallet.id, now)
            after = wallets[-1].id
        return count

    async def due_by_clock(self, tenant: str, until: datetime, limit: int) -> Sequence[DueCustomerStep]:
        """Return up to `limit` wallets with a grant that expires before `until` by the tenant's own clock, the first first."""
        return await wallets_to_expire(tenant, until, limit, self._left_alone.ids())

    async def take(self, tenant: str, step: DueCustomerStep) -> None:
        """Write off what expires then."""
        await self._expire(tenant, step.id, step.at)

    async def _due(self, where: dict[str, object], now: datetime) -> list[WalletDocument]:
        # `$gt` keeps out what does not expire: null is of another type, and sorts before every date.
        expired = {**where, "next_expiry_at": {"$gt": datetime.min, "$lte": now}}
        return await WalletDocument.find(expired).sort("_id").limit(BATCH).to_list()

    async def _expire(self, tenant: str, id: str, now: datetime) -> bool:
        context = CommandContext(tenant=tenant, actor=ACTOR, request_id=new_id("req", now), at=now)
        bind_request(context.request_id, tenant=context.tenant)
        try:
            await expire_grants(self._services.wallets, id, context)
        except DATABASE_UNREACHABLE:
            raise
        except ConcurrentChange:  # whoever changes it writes off what has expired, too
            return False
        except Exception:  # one wallet's trouble must not keep the others waiting
            self._left_alone.add(id)
            self._log.exception("not written off, will be tried again", wallet=id)
            return False
        return True
