"""How a tenant's own clock and those who follow it talk: the parts of their public events that they share.

test-clock-moved.v1 asks, in rounds; each follower answers every round once it is at rest, by an event of its own.
"""

from datetime import datetime

import msgspec

from subgraphs.kit.domain.clock_answer import ClockAnswered
from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.messaging.published import Contract
from subgraphs.kit.persistence.tenant_clocks import TenantClocks

__all__ = ["AskedByClock", "ClockAnsweredContract", "Due", "Held", "follow_test_clock"]


class Due(msgspec.Struct, frozen=True, rename="camel"):
    """Something that is due for a customer at an instant."""

    customer_id: str
    at: datetime


class Held(msgspec.Struct, frozen=True, rename="camel"):
    """Nothing is to be done for this customer yet, except by `goes`: it has something to do that is due before."""

    customer_id: str
    goes: str


class AskedByClock(msgspec.Struct, frozen=True, rename="camel"):
    """What test-clock-moved.v1 tells; without `round` nobody is asked anything."""

    now: datetime
    round: int | None = None
    until: datetime | None = None
    held: tuple[Held, ...] = ()


class ClockAnsweredContract(Contract, frozen=True, kw_only=True):
    """What every answer to test-clock-moved.v1 tells."""

    round: int
    sent: str
    handled: dict[str, str]
    due: tuple[Due, ...] = ()
    due_until: datetime | None = None

    @classmethod
    def of(cls, answered: ClockAnswered) -> "ClockAnsweredContract":
        """Return the contract of an answer."""
        return cls(
            round=answered.round,
            sent=answered.sent,
            handled=answered.handled,
            due=tuple(Due(customer_id=one.customer_id, at=one.at) for one in answered.due),
            due_until=answered.due_until,
        )


async def follow_test_clock(clocks: TenantClocks, received: Received) -> None:
    """Let the tenant's time be what test-clock-moved.v1 says, which this handles."""
    told = msgspec.convert(received.event.data, AskedByClock)
    await clocks.set(received.tenant, told.now, received.event.sequence)
