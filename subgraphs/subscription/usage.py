"""Usage events in MongoDB, each stored once, and their hours added up when they are asked for.

An event is a document under its id; two that claim the same id are one. For every hour of a subscription's meter there is a
second document: it is marked before an event of the hour is stored, and remembers what the hour's events come to once they were
added. So an hour that has not been marked since is never read again, and one whose event was stored by a process that then died
is.

Shard key of both: `_id`, ranged, which the tenant leads.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.charge import Charge
from subgraphs.pricing.transactions import NO_TRANSACTIONS, Run, Transacted, run_of, transact, transact_run
from subgraphs.pricing.usage import EMPTY, Aggregation, Rollup, UsageEvent, aggregated, rolled_up
from subgraphs.subscription.commands.record_usage import Recorded
from subgraphs.subscription.domain.usage import KeptEvent, MeteredEvent, Told

__all__ = ["HOUR", "SETTLED_AFTER", "MongoUsage", "loaded_rollup", "stored_rollup"]

HOUR = timedelta(hours=1)
# Longer than any live process takes between marking an hour and storing its event.
SETTLED_AFTER = timedelta(seconds=60)
# Prices that an hour is kept priced by; by more than these it is priced each time.
MOST_RUNS = 20
_DUPLICATE = 11000
# Of which it matters what was used in the billing period before a part of it.
_AFTER_OTHERS = (Aggregation.UNIQUE_COUNT, Aggregation.MAX, Aggregation.LAST)


class MongoUsage:
    """Events and hours. `clock` is real time, also where a tenant's own is set."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], clock: Clock) -> None:
        self._events: AsyncCollection[dict[str, Any]] = database["usage_events"]
        self._hours: AsyncCollection[dict[str, Any]] = database["usage_hours"]
        self._clock = clock

    async def ensure_indexes(self) -> None:
        """Create the indexes; safe to repeat and to run in several processes."""
        of_meter = [("tenant", ASCENDING), ("plan_subscription_id", ASCENDING), ("meter_id", ASCENDING)]
        await self._events.create_index([*of_meter, ("at", ASCENDING)], name="by_meter")
        by_time = [("tenant", ASCENDING), ("plan_subscription_id", ASCENDING), ("at", ASCENDING), ("_id", ASCENDING)]
        await self._events.create_index(by_time, name="by_time")
        await self._hours.create_index([*of_meter, ("hour", ASCENDING)], name="by_meter")
        await self._hours.create_index([*of_meter, ("marked_at", ASCENDING)], name="by_mark")

    async def record(self, context: CommandContext, events: Sequence[MeteredEvent]) -> list[Recorded]:
        """Store the events that are new, with who told of them; return what became of each."""
        tenant, told = context.tenant, _stored_told(Told.of(context))
        await self._mark({_hour_id(tenant, _owner(one), _hour(one.event.at)): (tenant, one) for one in events})
        documents = [{**_document(tenant, one), "recorded": told} for one in events]
        outcome = [Recorded.NEW] * len(documents)
        try:
            await self._events.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if any(failure["code"] != _DUPLICATE for failure in failures):
                raise
            ids = [documents[failure["index"]]["_id"] for failure in failures]
            known = {found["_id"]: found async for found in self._events.find({"_id": {"$in": ids}})}
            for failure in failures:
                document = documents[failure["index"]]
                same = _are_one(known[document["_id"]], document)
                outcome[failure["index"]] = Recorded.KNOWN if same else Recorded.REUSED
        return outcome

    async def withdraw(self, context: CommandContext, id: str) -> KeptEvent | None:
        """Take an event back, with who told so; return it as it is then, None: there is none. Again, nothing changes."""
        found = await self._events.find_one({"_id": f"{context.tenant}/{id}"})
        if found is None:
            return None
        if not found["withdrawn"]:
            owner = found["plan_subscription_id"], found["meter_id"]
            await self._mark_hour(context.tenant, owner, _hour(found["at"]))
            withdrawal = {"withdrawn": True, "withdrawal": _stored_told(Told.of(context))}
            await self._events.update_one({"_id": found["_id"], "withdrawn": False}, {"$set": withdrawal})
            found |= withdrawal
        return _kept(found)

    async def kept(self, tenant: str, ids: Collection[str]) -> dict[str, KeptEvent]:
        """Return the events that there are of these ids."""
        found = self._events.find({"_id": {"$in": [f"{tenant}/{id}" for id in ids]}})
        return {one.id: one async for document in found if (one := _kept(document))}

    async def page(
        self,
        tenant: str,
        plan_subscription_id: str,
        *,
        limit: int,
        meter_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: tuple[datetime, str] | None = None,
        before: tuple[datetime, str] | None = None,
        backwards: bool = False,
    ) -> list[KeptEvent]:
        """Return up to `limit` events of [since, until), withdrawn ones too, newest instant first, then by id from the last.

        They are strictly between the instants and ids `after` and `before`; `backwards` takes them from the end of the range.
        """
        conditions: list[dict[str, Any]] = [{"tenant": tenant, "plan_subscription_id": plan_subscription_id}]
        if meter_id is not None:
            conditions.append({"meter_id": meter_id})
        if since is not None:
            conditions.append({"at": {"$gte": since}})
        if until is not None:
            conditions.append({"at": {"$lt": until}})
        for place, within, beyond in ((after, "$lte", "$lt"), (before, "$gte", "$gt")):
            if place is not None:
                at, id = place
                beside = [{"at": {beyond: at}}, {"at": at, "_id": {beyond: f"{tenant}/{id}"}}]
                conditions.append({"at": {within: at}, "$or": beside})
        order = ASCENDING if backwards else DESCENDING
        found = self._events.find({"$and": conditions}).sort([("at", order), ("_id", order)]).limit(limit)
        events = [_kept(document) async for document in found]
        return events[::-1] if backwards else events

    async def quantity(
        self,
        tenant: str,
        plan_subscription_id: str,
        meter_id: str,
        aggregation: Aggregation,
        period: Period,
        *,
        after: Sequence[Period] = (),
    ) -> Decimal:
        """Return what was used in the period, `after` the parts of its billing period that were billed before."""
        owner = plan_subscription_id, meter_id
        rollup, before, unique, earlier = await self.rollup(tenant, owner, period), Decimal(0), None, EMPTY
        if aggregation is Aggregation.WEIGHTED_SUM:
            before = (await self.rollup(tenant, owner, Period(_BEGINNING, period.start))).sum
        if aggregation in _AFTER_OTHERS:
            for part in after:
                earlier += await self.rollup(tenant, owner, part)
        if aggregation is Aggregation.UNIQUE_COUNT and (rollup.keys is None or earlier.keys is None):
            seen = {key for part in after for key in await self._keys(tenant, owner, part)}
            unique = len(await self._keys(tenant, owner, period) - seen)
        return aggregated(aggregation, rollup, period, before=before, unique=unique, earlier=earlier)

    async def _keys(self, tenant: str, owner: tuple[str, str], period: Period) -> set[str]:
        return {event.key async for event in self.between(tenant, owner, period) if event.key is not None}

    async def transacted(
        self, tenant: str, plan_subscription_id: str, meter_id: str, charge: Charge, period: Period
    ) -> Transacted:
        """Return the transactions of the period by a PERCENTAGE price, in the order of their instants and then ids.

        What an hour comes to by such a price is remembered with the hour; only the one in which the free allowance runs out is
        read each time.
        """
        owner, total = (plan_subscription_id, meter_id), NO_TRANSACTIONS
        first, last = _whole_hours(period)
        if first >= last:
            return transact(charge, total, await self._amounts(tenant, owner, period))
        if period.start < first:
            total = transact(charge, total, await self._amounts(tenant, owner, Period(period.start, first)))
        async for hour in self._hours.find(_hours_between(tenant, owner, first, last)).sort("hour", ASCENDING):
            added = transact_run(charge, total, await self._run_of_hour(tenant, owner, hour, charge))
            if added is None:
                added = transact(charge, total, await self._amounts(tenant, owner, _period_of(hour)))
            total = added
        if last < period.end:
            total = transact(charge, total, await self._amounts(tenant, owner, Period(last, period.end)))
        return total

    async def _amounts(self, tenant: str, owner: tuple[str, str], period: Period) -> list[Decimal]:
        found = [event async for event in self.between(tenant, owner, period)]
        return [event.value for event in sorted(found, key=lambda event: (event.at, event.id))]

    async def _run_of_hour(self, tenant: str, owner: tuple[str, str], hour: Mapping[str, Any], charge: Charge) -> Run:
        terms = _terms_of(charge)
        kept = hour.get("runs", {}).get(terms)
        if kept is not None and kept["added_at"] > hour["marked_at"] + SETTLED_AFTER:
            return Run(count=kept["count"], amount=Decimal(kept["amount"]), price=Decimal(kept["price"]))
        now = self._clock.now()
        run = run_of(charge, await self._amounts(tenant, owner, _period_of(hour)))
        if now > hour["marked_at"] + SETTLED_AFTER and (kept is not None or len(hour.get("runs", {})) < MOST_RUNS):
            stored = {"added_at": now, "count": run.count, "amount": str(run.amount), "price": str(run.price)}
            unmarked = {"_id": hour["_id"], "marked_at": hour["marked_at"]}
            await self._hours.update_one(unmarked, {"$set": {f"runs.{terms}": stored}})
        return run

    async def rollup(self, tenant: str, owner: tuple[str, str], period: Period) -> Rollup:
        """Return what the events of the period come to; `owner` is the subscription and the meter."""
        first, last = _whole_hours(period)
        if first >= last:
            return rolled_up([event async for event in self.between(tenant, owner, period)])
        total = EMPTY
        for start, end in ((period.start, first), (last, period.end)):
            if start < end:
                total += rolled_up([event async for event in self.between(tenant, owner, Period(start, end))])
        async for hour in self._hours.find(_hours_between(tenant, owner, first, last)).sort("hour", ASCENDING):
            total += await self.of_hour(tenant, owner, hour)
        return total

    async def of_hour(self, tenant: str, owner: tuple[str, str], hour: Mapping[str, Any]) -> Rollup:
        """Return what the events of an hour come to, given its document."""
        if hour.get("added_at") is not None and hour["added_at"] > hour["marked_at"] + SETTLED_AFTER:
            return loaded_rollup(hour["rollup"])
        now = self._clock.now()
        rollup = rolled_up([event async for event in self.between(tenant, owner, _period_of(hour))])
        if now > hour["marked_at"] + SETTLED_AFTER:
            unmarked = {"_id": hour["_id"], "marked_at": hour["marked_at"]}
            await self._hours.update_one(unmarked, {"$set": {"added_at": now, "rollup": stored_rollup(rollup)}})
        return rollup

    async def between(self, tenant: str, owner: tuple[str, str], period: Period) -> AsyncIterator[UsageEvent]:
        """Yield the events of the period that were not withdrawn, by their instants."""
        where = {**_of(tenant, owner), "at": {"$gte": period.start, "$lt": period.end}}
        async for found in self._events.find(where).sort("at", ASCENDING):
            if not found["withdrawn"]:
                yield _event(found)

    async def _mark(self, hours: Mapping[str, tuple[str, MeteredEvent]]) -> None:
        now = self._clock.now()
        if len(hours) == 1:
            [(tenant, one)] = hours.values()
            await self._mark_hour(tenant, _owner(one), _hour(one.event.at))
            return
        updates = [
            UpdateOne({"_id": id}, _marking(tenant, _owner(one), _hour(one.event.at), now), upsert=True)
            for id, (tenant, one) in hours.items()
        ]
        await self._hours.bulk_write(updates, ordered=False)

    async def _mark_hour(self, tenant: str, owner: tuple[str, str], hour: datetime) -> None:
        marking = _marking(tenant, owner, hour, self._clock.now())
        await self._hours.update_one({"_id": _hour_id(tenant, owner, hour)}, marking, upsert=True)


_BEGINNING = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _hour(at: datetime) -> datetime:
    return (at - _BEGINNING) // HOUR * HOUR + _BEGINNING


def _whole_hours(period: Period) -> tuple[datetime, datetime]:
    """Return where the whole hours of the period begin and end; not later than they begin: there are none."""
    return -(-(period.start - _BEGINNING) // HOUR) * HOUR + _BEGINNING, _hour(period.end)


def _period_of(hour: Mapping[str, Any]) -> Period:
    return Period(hour["hour"], hour["hour"] + HOUR)


def _hours_between(tenant: str, owner: tuple[str, str], first: datetime, last: datetime) -> dict[str, Any]:
    return {**_of(tenant, owner), "hour": {"$gte": first, "$lt": last}}


def _terms_of(charge: Charge) -> str:
    """Return what tells prices apart that ask for different amounts of the same transactions; it names a field."""
    details = charge.details
    terms = (
        charge.currency,
        details.rate_percent,
        details.transaction_fee_minor,
        details.transaction_minimum_minor,
        details.transaction_maximum_minor,
    )
    return sha256(repr(terms).encode()).hexdigest()[:16]


def _owner(one: MeteredEvent) -> tuple[str, str]:
    return one.plan_subscription_id, one.meter_id


def _of(tenant: str, owner: tuple[str, str]) -> dict[str, Any]:
    return {"tenant": tenant, "plan_subscription_id": owner[0], "meter_id": owner[1]}


def _hour_id(tenant: str, owner: tuple[str, str], hour: datetime) -> str:
    return f"{tenant}/{owner[0]}/{owner[1]}/{hour:%Y%m%d%H}"


def _marking(tenant: str, owner: tuple[str, str], hour: datetime, now: datetime) -> dict[str, Any]:
    return {"$set": {"marked_at": now}, "$setOnInsert": {**_of(tenant, owner), "hour": hour, "first_marked_at": now}}


def _document(tenant: str, one: MeteredEvent) -> dict[str, Any]:
    event = one.event
    return {
        "_id": f"{tenant}/{event.id}",
        **_of(tenant, _owner(one)),
        "at": event.at,
        "value": f"{event.value.normalize():f}",
        "key": event.key,
        "at_told": one.at_told,
        "withdrawn": False,
    }


def _are_one(known: Mapping[str, Any], again: Mapping[str, Any]) -> bool:
    same = all(known[name] == again[name] for name in ("plan_subscription_id", "meter_id", "value", "key"))
    return same and (known["at"] == again["at"] or not (known.get("at_told", True) or again["at_told"]))


def _event(found: Mapping[str, Any]) -> UsageEvent:
    id = found["_id"].partition("/")[2]
    return UsageEvent(id=id, at=found["at"], value=Decimal(found["value"]), key=found["key"])


def _kept(found: Mapping[str, Any]) -> KeptEvent:
    metered = MeteredEvent(
        plan_subscription_id=found["plan_subscription_id"],
        meter_id=found["meter_id"],
        event=_event(found),
        at_told=found.get("at_told", True),
    )
    recorded, withdrawal = (Told(**found[name]) if found.get(name) else None for name in ("recorded", "withdrawal"))
    return KeptEvent(metered=metered, recorded=recorded, withdrawn=found["withdrawn"], withdrawal=withdrawal)


def _stored_told(told: Told) -> dict[str, Any]:
    return {"at": told.at, "actor": told.actor, "request_id": told.request_id, "reason": told.reason}


def stored_rollup(rollup: Rollup) -> dict[str, Any]:
    """Return a rollup as it is stored."""
    last = rollup.last
    return {
        "count": rollup.count,
        "sum": str(rollup.sum),
        "moment": str(rollup.moment),
        "maximum": None if rollup.maximum is None else str(rollup.maximum),
        "last": None if last is None else [last[0], last[1], str(last[2])],
        "keys": None if rollup.keys is None else sorted(rollup.keys),
    }


def loaded_rollup(stored: Mapping[str, Any]) -> Rollup:
    """Return a stored rollup."""
    maximum, last, keys = stored["maximum"], stored["last"], stored["keys"]
    return Rollup(
        count=stored["count"],
        sum=Decimal(stored["sum"]),
        moment=Decimal(stored["moment"]),
        maximum=None if maximum is None else Decimal(maximum),
        last=None if last is None else (last[0], last[1], Decimal(last[2])),
        keys=None if keys is None else frozenset(keys),
    )
