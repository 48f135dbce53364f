"""Take in usage events, each once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import AlreadyExists, DomainError, InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.charge import Charge
from subgraphs.pricing.transactions import Transacted
from subgraphs.pricing.usage import Aggregation, UsageEvent
from subgraphs.subscription.documents import MeterReplica, PlanSubscriptionDocument
from subgraphs.subscription.domain.usage import KeptEvent, MeteredEvent, checked_event
from subgraphs.subscription.domain.values import PlanSubscriptionStatus

__all__ = [
    "KnownMeters",
    "Recorded",
    "RecordedEvent",
    "Subscriptions",
    "Usage",
    "WantedEvent",
    "Watched",
    "record_usage",
    "will_be_billed",
    "withdraw_usage",
]

BATCH = 500


class Recorded(StrEnum):
    """What became of an event: it is new, it was known, or its id was used for another one."""

    NEW = "NEW"
    KNOWN = "KNOWN"
    REUSED = "REUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEvent:
    """A usage event as it is told of. `at` None: now, or when it came first."""

    id: str
    plan_subscription_id: str
    meter: str
    value: Decimal
    at: datetime | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """What became of an event, and whether it is on an invoice that is still to come, as the subscription stands."""

    recorded: Recorded
    will_be_billed: bool


class Usage(Protocol):
    """Where usage is kept."""

    async def record(self, context: CommandContext, events: Sequence[MeteredEvent]) -> list[Recorded]: ...
    async def withdraw(self, context: CommandContext, id: str) -> KeptEvent | None: ...
    async def kept(self, tenant: str, ids: Collection[str]) -> Mapping[str, KeptEvent]: ...
    async def quantity(
        self,
        tenant: str,
        plan_subscription_id: str,
        meter_id: str,
        aggregation: Aggregation,
        period: Period,
        *,
        after: Sequence[Period] = (),
    ) -> Decimal: ...
    async def transacted(
        self, tenant: str, plan_subscription_id: str, meter_id: str, charge: Charge, period: Period
    ) -> Transacted: ...


class Watched(Protocol):
    """Has usage looked at for thresholds."""

    async def mark(self, tenant: str, plan_subscription_ids: Collection[str]) -> None: ...


class KnownMeters(Protocol):
    """What is known of meters, each waited for a moment as it may just have been created, and of the names of plans."""

    async def meter(self, tenant: str, id: str) -> MeterReplica | None: ...
    async def meter_coded(self, tenant: str, code: str) -> MeterReplica | None: ...
    async def plan_names(self, tenant: str, ids: Sequence[str]) -> Mapping[str, str]: ...


class Subscriptions(Protocol):
    """Finds plan subscriptions, with their `usage_windows`."""

    async def find(self, tenant: str, id: str) -> PlanSubscriptionDocument | None: ...


async def record_usage(
    usage: Usage,
    known: KnownMeters,
    subscriptions: Subscriptions,
    wanted: Sequence[WantedEvent],
    context: CommandContext,
    *,
    watched: Watched,
) -> list[RecordedEvent | DomainError]:
    """Record up to BATCH events; return, per event, what became of it or why it was refused.

    Good ones are kept, whatever the others are. Where they may reach a threshold, that is looked at by whoever `watched` tells.

    Raises:
        InvalidInput: there are none or too many.
    """
    if not 1 <= len(wanted) <= BATCH:
        raise InvalidInput(f"a batch has 1 to {BATCH} events", field=("events",))
    found: dict[int, MeteredEvent] = {}
    outcome: dict[int, RecordedEvent | DomainError] = {}
    facts = _Facts(known, subscriptions, context)
    for number, event in enumerate(wanted):
        try:
            found[number] = await facts.checked(event)
        except DomainError as error:
            outcome[number] = error
    await watched.mark(context.tenant, facts.with_thresholds({one.plan_subscription_id for one in found.values()}))
    recorded = dict(zip(found, await usage.record(context, list(found.values())) if found else [], strict=True))
    again = [found[number].event.id for number, one in recorded.items() if one is Recorded.KNOWN]
    kept = await usage.kept(context.tenant, again) if again else {}
    for number, one in recorded.items():
        id = found[number].event.id
        if one is Recorded.REUSED:
            outcome[number] = AlreadyExists(f"usage event {id!r} was recorded with other particulars", field=("id",))
        elif one is Recorded.KNOWN and id in kept:
            billed = not kept[id].withdrawn and facts.will_be_billed(kept[id].metered)
            outcome[number] = RecordedEvent(recorded=one, will_be_billed=billed)
        else:
            outcome[number] = RecordedEvent(recorded=one, will_be_billed=facts.will_be_billed(found[number]))
    return [outcome[number] for number in range(len(wanted))]


async def withdraw_usage(usage: Usage, id: str, context: CommandContext) -> KeptEvent:
    """Take a usage event back, as if it had not been recorded; return it as it is kept. Again, nothing changes.

    What was billed for it is credited with the next invoice where that looks at it yet: `will_be_billed`.

    Raises:
        NotFound: there never was such an event.
    """
    kept = await usage.withdraw(context, id)
    if kept is None:
        raise NotFound("UsageEvent", id, field=("id",))
    return kept


def will_be_billed(event: MeteredEvent, subscription: PlanSubscriptionDocument | None) -> bool:
    """Tell whether an invoice that is still to come bills the event, or no longer does, or credits it, where it was withdrawn."""
    windows = subscription.usage_windows if subscription is not None else None
    return any(
        one.meter_id == event.meter_id and one.start <= event.event.at and (one.end is None or event.event.at < one.end)
        for one in windows or ()
    )


class _Facts:
    """What events of one request are checked against, each looked up once."""

    def __init__(self, known: KnownMeters, subscriptions: Subscriptions, context: CommandContext) -> None:
        self._known, self._subscriptions, self._context = known, subscriptions, context
        self._meters: dict[str, MeterReplica | None] = {}
        self._found: dict[str, PlanSubscriptionDocument | None] = {}

    def with_thresholds(self, ids: Collection[str]) -> list[str]:
        """Return those whose usage can be billed before its period has ended."""
        found = {id: self._found.get(id) for id in ids}
        return sorted(id for id, subscription in found.items() if subscription is not None and subscription.has_thresholds)

    def will_be_billed(self, event: MeteredEvent) -> bool:
        return will_be_billed(event, self._found.get(event.plan_subscription_id))

    async def checked(self, wanted: WantedEvent) -> MeteredEvent:
        tenant, now = self._context.tenant, self._context.at
        if wanted.plan_subscription_id not in self._found:
            id = wanted.plan_subscription_id
            self._found[id] = await self._subscriptions.find(tenant, id)
        if wanted.meter not in self._meters:
            self._meters[wanted.meter] = await self._known.meter_coded(tenant, wanted.meter)
        subscription, meter = self._found[wanted.plan_subscription_id], self._meters[wanted.meter]
        if subscription is None:
            raise NotFound("PlanSubscription", wanted.plan_subscription_id, field=("planSubscriptionId",))
        if meter is None or meter.aggregation is None:
            raise NotFound("Meter", wanted.meter, field=("meter",))
        at = wanted.at or now
        if subscription.status is PlanSubscriptionStatus.INCOMPLETE_EXPIRED or (
            subscription.canceled_at is not None and at >= subscription.canceled_at
        ):
            raise InvalidState(f"plan subscription {subscription.id!r} had ended then", field=("planSubscriptionId",))
        event = UsageEvent(id=wanted.id, at=at, value=wanted.value, key=wanted.key)
        checked = checked_event(event, meter.aggregation, subscription.started_at, now)
        return MeteredEvent(plan_subscription_id=subscription.id, meter_id=meter.id, event=checked, at_told=wanted.at is not None)
