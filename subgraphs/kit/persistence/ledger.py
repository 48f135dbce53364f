"""Entries that are written once and never change, and what they come to per day, however many there are.

An entry tells its sums by day and belongs to one bucket, such as a day or a month. A second collection has a document per bucket:
it is marked before an entry of the bucket is stored, and remembers what the bucket's entries come to once they were added. So a
bucket that has not been marked since is never read again, and one whose entry was stored by a process that then died is. An entry
that is told again is known by its id, so nothing is counted twice.

Shard key of both: `_id`; every query has the tenant.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.domain.series import Span
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.documents import TenantDocument
from subgraphs.kit.persistence.event_store import EventStore

__all__ = ["BUCKET_INDEX", "DailySums", "Ledger", "LedgerDocument", "ToldStream", "bucket_marks", "buckets_name", "told_streams"]

# Longer than any live process takes between marking a bucket and storing its entry.
SETTLED_AFTER = timedelta(seconds=60)
# How long a process does not mark a bucket again: leaves it 40 seconds between marking and storing.
MARK_LASTS = timedelta(seconds=20)
# Streams that are loaded at the same time.
LOADS = 8
_DUPLICATE = 11000
BUCKET_INDEX = IndexModel([("tenant", ASCENDING), ("currency", ASCENDING), ("bucket", ASCENDING)], name="by_bucket")


class LedgerDocument(TenantDocument):
    """One entry. `bucket` is the first day of its bucket (2026-01-31); `sums` are named amounts by day, all within the bucket."""

    currency: str
    bucket: str
    sums: dict[str, dict[str, int]]


D = TypeVar("D", bound=LedgerDocument)


@dataclass(slots=True)
class DailySums:
    """What a ledger comes to: all of it `before` a day, and by day from there."""

    before: Counter[str] = field(default_factory=Counter)
    by_day: dict[date, Counter[str]] = field(default_factory=dict)

    def of_spans(self, spans: Sequence[Span]) -> Iterator[tuple[Span, Counter[str]]]:
        """Yield each of the spans, which follow each other, with what it comes to."""
        days = sorted(self.by_day)
        position = 0
        for span in spans:
            total: Counter[str] = Counter()
            while position < len(days) and days[position] < span.after:
                total.update(self.by_day[days[position]])
                position += 1
            yield span, total


@dataclass(frozen=True, slots=True)
class ToldStream:
    """The commits of one aggregate up to those that are told of, which are these `versions`."""

    commits: Sequence[Commit]
    versions: frozenset[int]

    def of(self, entries: Callable[[Sequence[Commit]], Sequence[D]]) -> list[D]:
        """Return what `entries` makes of the stream, as far as it is of the commits that are told of."""
        return [entry for entry in entries(self.commits) if entry.version in self.versions]


async def told_streams(store: EventStore, kind: str, commits: Iterable[Commit], event_types: Collection[str]) -> list[ToldStream]:
    """Return the streams of those of the commits that have an event of these types; each is loaded once, several at a time."""
    versions: dict[tuple[str, str], set[int]] = {}
    for commit in commits:
        if any(event.type in event_types for event in commit.events):
            versions.setdefault((commit.tenant, commit.aggregate_id), set()).add(commit.version)
    limit = asyncio.Semaphore(LOADS)

    async def load(tenant: str, id: str, told: set[int]) -> ToldStream:
        async with limit:
            return ToldStream((await store.load(tenant, kind, id))[: max(told)], frozenset(told))

    return list(await asyncio.gather(*(load(*key, told) for key, told in versions.items())))


class Ledger(Generic[D]):
    """One tenant's entries of one kind, in MongoDB. `clock` is real time, also where a tenant's own is set."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], document_type: type[D], clock: Clock) -> None:
        self._type, self._clock = document_type, clock
        self._marked: dict[str, datetime] = {}
        self._buckets: AsyncCollection[dict[str, Any]] = database[buckets_name(document_type)]

    async def ensure_indexes(self) -> None:
        """Create the index of buckets; safe to repeat and to run in several processes."""
        await self._buckets.create_indexes([BUCKET_INDEX])

    async def record(self, entries: Sequence[D], *, expected_new: bool = False) -> int:
        """Store the entries that are not known yet; return how many that were.

        `expected_new` saves asking which are known, where they hardly ever are: what is known is left as it is all the same.
        """
        known = set() if expected_new else await self._known([entry.id for entry in entries])
        new = [entry for entry in entries if entry.id not in known]
        if not new:
            return 0
        await self._mark(new)
        documents = [{"_id": entry.id, **entry.model_dump(mode="python", exclude={"id", "revision_id"})} for entry in new]
        try:
            await self._type.get_pymongo_collection().insert_many(documents, ordered=False)
        except BulkWriteError as error:
            if not _only_duplicates(error):
                raise
            return len(new) - len(error.details["writeErrors"])
        return len(new)

    async def _mark(self, entries: Sequence[D]) -> None:
        """Mark the buckets, except those that this process has just marked: a mark speaks for what is stored soon after it."""
        now = self._clock.now()
        self._marked = {id: at for id, at in self._marked.items() if timedelta(0) <= now - at < MARK_LASTS}
        marks = [one for one in bucket_marks(entries, now) if one["_id"] not in self._marked]
        if marks:
            updates = [UpdateOne({"_id": one["_id"]}, {"$set": one}, upsert=True) for one in marks]
            try:
                await self._buckets.bulk_write(updates, ordered=False)
            except BulkWriteError as error:
                if not _only_duplicates(error):
                    raise
                await self._buckets.bulk_write(updates, ordered=False)  # another one has just created it: there it is
            self._marked |= {one["_id"]: now for one in marks}

    async def daily(self, tenant: str, currency: str, start: date, end: date) -> DailySums:
        """Return what the entries in one currency come to before `start`, and on each day from there up to `end`, exclusive."""
        found = DailySums()
        where = {"tenant": tenant, "currency": currency, "bucket": {"$lt": end.isoformat()}}
        async for bucket in self._buckets.find(where).sort("bucket", ASCENDING):
            for name, sums in (await self._sums(bucket)).items():
                day = date.fromisoformat(name)
                if day < start:
                    found.before.update(sums)
                elif day < end:
                    found.by_day.setdefault(day, Counter()).update(sums)
        return found

    async def _sums(self, bucket: Mapping[str, Any]) -> Mapping[str, Mapping[str, int]]:
        if bucket.get("added_at") is not None and bucket["added_at"] > bucket["marked_at"] + SETTLED_AFTER:
            kept: Mapping[str, Mapping[str, int]] = bucket["sums"]
            return kept
        now = self._clock.now()
        found: dict[str, Counter[str]] = {}
        entries = {name: bucket[name] for name in ("tenant", "currency", "bucket")}
        async for entry in self._type.get_pymongo_collection().find(entries, {"sums": 1}):
            for day, sums in entry["sums"].items():
                found.setdefault(day, Counter()).update(sums)
        if now > bucket["marked_at"] + SETTLED_AFTER:
            unmarked = {"_id": bucket["_id"], "marked_at": bucket["marked_at"]}
            added = {"added_at": now, "sums": {day: dict(sums) for day, sums in found.items()}}
            await self._buckets.update_one(unmarked, {"$set": added})
        return found

    async def _known(self, ids: Sequence[str]) -> set[str]:
        cursor = self._type.get_pymongo_collection().find({"_id": {"$in": list(ids)}}, {"_id": 1})
        return {str(found["_id"]) async for found in cursor}


def buckets_name(document_type: type[LedgerDocument]) -> str:
    """Return the collection of a ledger's buckets."""
    return f"{document_type.get_collection_name()}_sums"


def bucket_marks(entries: Iterable[LedgerDocument], at: datetime) -> list[dict[str, Any]]:
    """Return the documents that mark the buckets of these entries as changed at this time."""
    keys = dict.fromkeys((entry.tenant, entry.currency, entry.bucket) for entry in entries)
    return [{"_id": "/".join(key), "tenant": key[0], "currency": key[1], "bucket": key[2], "marked_at": at} for key in keys]


def _only_duplicates(error: BulkWriteError) -> bool:
    return all(failure["code"] == _DUPLICATE for failure in error.details["writeErrors"])
