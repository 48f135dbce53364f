"""Usage events as they are kept, with who told of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from subgraphs.kit.domain.errors import NotFound
from subgraphs.kit.graphql.pagination import Connection, Edge, InvalidCursor, PageArguments, connection
from subgraphs.subscription.domain.usage import KeptEvent, Told
from subgraphs.subscription.schema.context import Context

__all__ = ["Meter", "Since", "Until", "UsageEventConnection", "usage_events_of"]

Meter = Annotated[str | None, strawberry.argument(description="Only those of the meter with this code.")]
Since = Annotated[datetime | None, strawberry.argument(description="Only those of this instant or later ones.")]
Until = Annotated[datetime | None, strawberry.argument(description="Only those of before this instant.")]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@strawberry.enum(description="Whether a usage event counts.")
class UsageEventStatus(Enum):
    """As the API shows it."""

    COUNTED = strawberry.enum_value("COUNTED", description="It counts for what the subscription used.")
    WITHDRAWN = strawberry.enum_value("WITHDRAWN", description="It was taken back and counts for nothing.")


@strawberry.type(description="Who withdrew a usage event, when and why.")
class UsageEventWithdrawal:
    """As the API shows it."""

    at: datetime = strawberry.field(description="When it was withdrawn.")
    actor: str = strawberry.field(description="The OAuth client id of who withdrew it.")
    request_id: str = strawberry.field(description="The X-Request-ID of the request that did.")
    reason: str | None = strawberry.field(description="Why, as that request said.")

    @classmethod
    def of(cls, told: Told) -> "UsageEventWithdrawal":
        return cls(at=told.at, actor=told.actor, request_id=told.request_id, reason=told.reason)


@strawberry.type(description="Something that a plan subscription used, as it was told, and who told of it.")
class UsageEvent:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="Your own id of the event.")
    meter: str = strawberry.field(description="The code of the meter that counts it.")
    value: Decimal = strawberry.field(description="How much, exactly.")
    key: str | None = strawberry.field(description="What is counted with UNIQUE_COUNT; null where none was told.")
    at: datetime = strawberry.field(description="When it was used, to the millisecond.")
    status: UsageEventStatus = strawberry.field(description="Whether it counts.")
    recorded_at: datetime | None = strawberry.field(
        description="When it was recorded first; null, as actor and requestId are, where that was before it was kept."
    )
    actor: str | None = strawberry.field(description="The OAuth client id of who recorded it.")
    request_id: str | None = strawberry.field(description="The X-Request-ID of the request that recorded it.")
    reason: str | None = strawberry.field(description="Why, as that request said.")
    withdrawal: UsageEventWithdrawal | None = strawberry.field(
        description="Who withdrew it; null unless WITHDRAWN, and where that was before it was kept."
    )

    @classmethod
    def of(cls, kept: KeptEvent, meter: str) -> "UsageEvent":
        event, told = kept.metered.event, kept.recorded
        return cls(
            id=strawberry.ID(event.id),
            meter=meter,
            value=event.value,
            key=event.key,
            at=event.at,
            status=UsageEventStatus.WITHDRAWN if kept.withdrawn else UsageEventStatus.COUNTED,
            recorded_at=told.at if told else None,
            actor=told.actor if told else None,
            request_id=told.request_id if told else None,
            reason=told.reason if told else None,
            withdrawal=UsageEventWithdrawal.of(kept.withdrawal) if kept.withdrawal else None,
        )


@strawberry.type(description="One usage event of a list and its place in it.")
class UsageEventEdge(Edge[UsageEvent]):
    """Edge of UsageEvent."""


@strawberry.type(description="A page of usage events, the latest instant first.")
class UsageEventConnection(Connection[UsageEvent]):
    """Connection of UsageEvent."""


@dataclass(frozen=True, slots=True)
class _Row:
    """An event under its place in the list."""

    event: KeptEvent

    @property
    def id(self) -> str:
        return f"{(self.event.at - _EPOCH) // _MILLISECOND}/{self.event.id}"


async def usage_events_of(
    context: Context,
    plan_subscription_id: str,
    page: PageArguments,
    meter: str | None,
    since: datetime | None,
    until: datetime | None,
) -> UsageEventConnection:
    """Return a page of the tenant's usage events of a plan subscription.

    Raises:
        NotFound: there is no meter with this code.
        InvalidCursor: a cursor is none of this list.
    """
    deps, tenant = context.deps, context.tenant
    known = await deps.meters.meter_coded(tenant, meter) if meter is not None else None
    if meter is not None and known is None:
        raise NotFound("Meter", meter, field=("meter",))
    found = await deps.usage.page(
        tenant,
        plan_subscription_id,
        limit=page.limit,
        meter_id=known.id if known else None,
        since=since,
        until=until,
        after=_place(page.after),
        before=_place(page.before),
        backwards=page.backwards,
    )
    codes = await _codes(context, {one.metered.meter_id for one in found})

    def node(row: _Row) -> UsageEvent:
        return UsageEvent.of(row.event, codes[row.event.metered.meter_id])

    return connection(UsageEventConnection, UsageEventEdge, page, [_Row(one) for one in found], node)


async def _codes(context: Context, ids: set[str]) -> Mapping[str, str]:
    meters = {id: await context.deps.meters.meter(context.tenant, id) for id in sorted(ids)}
    return {id: (meter.code if meter else None) or id for id, meter in meters.items()}


def _place(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    milliseconds, _, id = cursor.partition("/")
    try:
        return _EPOCH + int(milliseconds) * _MILLISECOND, id
    except (ValueError, OverflowError):
        raise InvalidCursor("it is no cursor of a list of usage events; use endCursor or startCursor of a page") from None
