"""Give a tenant a clock of its own, and move it."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidState
from subgraphs.subscription.domain.tenant_clock import TenantClock
from subgraphs.subscription.repository import TenantClockRepository

__all__ = ["Subscribers", "advance_tenant_clock", "freeze_tenant_clock"]


class Subscribers(Protocol):
    """Knows who subscribes."""

    async def any(self, tenant: str) -> bool:
        """Tell whether the tenant ever had a plan subscription."""
        ...


async def freeze_tenant_clock(
    clocks: TenantClockRepository, subscribers: Subscribers, now: datetime, context: CommandContext
) -> TenantClock:
    """Let the tenant's time stand at `now` from here on; asking again for the same changes nothing.

    Raises:
        InvalidInput: `now` is out of range.
        InvalidState: the tenant has a clock already, or subscriptions that live by real time.
    """
    clock = TenantClock.freeze(now, replace(context, at=now))
    known = await clocks.find(context.tenant, clock.id)
    if known is None and await subscribers.any(context.tenant):
        raise InvalidState("this tenant has subscriptions in real time; a test clock needs a tenant that had none")
    saved = known or await clocks.create(clock, replace(context, at=now))
    if saved is not clock and (saved.now != now or saved.target is not None):
        raise InvalidState(f"this tenant's test clock stands at {saved.now.isoformat()}; advance it", field=("now",))
    return saved


async def advance_tenant_clock(clocks: TenantClockRepository, to: datetime, context: CommandContext) -> TenantClock:
    """Begin to move the tenant's clock: everything due on the way happens in its order, each at its own time.

    Raises:
        NotFound: the tenant has no clock.
        InvalidInput: `to` lies back, or more than two years ahead.
        InvalidState: it is on its way to another time.
    """
    return await clocks.update(context.tenant, context, lambda clock: clock.advance(to))
