"""What waits for a tenant's own clock: grants that expire, and cards to tell of, each at its own time."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from subgraphs.customer.queries import DueCustomerStep
from subgraphs.customer.sagas.card_expiry import CardExpiryTimer
from subgraphs.customer.sagas.expiry import ExpiryTimer
from subgraphs.kit.domain.clock_answer import DueForCustomer

__all__ = ["CustomerAgenda"]

EVER = datetime(9999, 1, 1, tzinfo=UTC)
BATCH = 200


class CustomerAgenda:
    """An `Agenda` of customers. Those that cannot be read hold up no clock: nothing else depends on what is done here."""

    def __init__(self, expiry: ExpiryTimer, cards: CardExpiryTimer) -> None:
        self._expiry, self._cards = expiry, cards

    async def upcoming(self, tenant: str, limit: int) -> Sequence[DueForCustomer]:
        due = [step for _, step in await self._due(tenant, EVER, limit)]
        return [DueForCustomer(customer_id=step.customer_id, at=step.at) for step in due]

    async def do(self, tenant: str, until: datetime, held: Collection[str]) -> None:
        first: dict[str, datetime] = {}
        for timer, step in await self._due(tenant, until, BATCH):
            if step.customer_id not in held and first.setdefault(step.customer_id, step.at) == step.at:
                await timer.take(tenant, step)

    async def half_done(self, tenant: str) -> bool:
        return False

    async def _due(self, tenant: str, until: datetime, limit: int) -> list[tuple[ExpiryTimer | CardExpiryTimer, DueCustomerStep]]:
        found = [
            (timer, step) for timer in (self._expiry, self._cards) for step in await timer.due_by_clock(tenant, until, limit)
        ]
        return sorted(found, key=lambda pair: (pair[1].at, pair[1].id))[:limit]
