"""Where commits are kept: the event store and, through the undispatched ones, the outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from pymongo import ASCENDING, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from subgraphs.kit.persistence.commit import Commit, commit_id, stream_name

__all__ = ["EventLog", "EventStore", "InMemoryEventStore", "MongoEventStore", "Outbox", "StreamMoved"]

# More commits than any one aggregate is expected to have; loading stops with an error rather than an incomplete state.
STREAM_LIMIT = 100_000
# What Redis lost is marked in steps, as it may be all there ever was.
UNDISPATCHED_TOGETHER = 1_000


class StreamMoved(Exception):
    """Somebody else appended this version first; load again and decide again."""


class EventStore(Protocol):
    """Append-only streams of commits."""

    async def append(self, commit: Commit) -> None:
        """Store `commit`, whole or not at all.

        Raises:
            StreamMoved: the stream already has this version.
        """
        ...

    async def load(self, tenant: str, kind: str, aggregate_id: str) -> list[Commit]:
        """Return every commit of one stream, oldest first; empty when there is no such stream in the tenant."""
        ...


class Outbox(Protocol):
    """The commits that still have to leave."""

    async def undispatched(self, limit: int) -> list[Commit]:
        """Return commits not yet dispatched, oldest first; of one stream always in version order."""
        ...

    async def mark_dispatched(self, commits: Sequence[Commit]) -> None:
        """Record that these left, at the positions their `entry` names; nothing else of them is stored."""
        ...

    async def undispatch_after(self, entry: str) -> int:
        """Make what was dispatched at a position after `entry` pending again; return how many commits that is."""
        ...


class EventLog(EventStore, Outbox, Protocol):
    """Commits on their whole way: stored, loaded, and dispatched."""


class MongoEventStore:
    """Commits in one MongoDB collection. Shard key: `_id`, ranged, which the tenant leads."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], collection: str = "commits") -> None:
        self._commits: AsyncCollection[dict[str, Any]] = database[collection]

    async def ensure_indexes(self) -> None:
        """Create the indexes of streams, of the outbox and of what left it; safe to repeat and to run in several processes."""
        await self._commits.create_index([("pending_since", ASCENDING)], name="outbox", sparse=True)
        await self._commits.create_index([("aggregate_id", ASCENDING)], name="aggregate")
        await self._commits.create_index([("entry", ASCENDING)], name="dispatched", sparse=True)

    async def append(self, commit: Commit) -> None:
        try:
            await self._commits.insert_one(commit.to_document())
        except DuplicateKeyError as error:
            raise StreamMoved(commit.id) from error

    async def load(self, tenant: str, kind: str, aggregate_id: str) -> list[Commit]:
        stream = stream_name(tenant, kind, aggregate_id)
        # "0" is the character after "/": the range holds exactly the ids that start with "<stream>/". It finds the shard; the
        # aggregate's index finds the commits on an engine that reads everything for a range of `_id`, as the embedded one does.
        wanted = {"_id": {"$gte": f"{stream}/", "$lt": f"{stream}0"}, "aggregate_id": aggregate_id}
        cursor = self._commits.find(wanted).sort("_id", ASCENDING).limit(STREAM_LIMIT)
        return [Commit.from_document(document) async for document in cursor]

    async def position(self, commit_id: str) -> str | None:
        """Return where a commit was sent in the subgraph's stream, padded; None: it is not there, or was not sent."""
        found = await self._commits.find_one({"_id": commit_id}, {"entry": 1})
        return None if found is None else found.get("entry")

    async def undispatched(self, limit: int) -> list[Commit]:
        cursor = self._commits.find({"pending_since": {"$gt": datetime.min}}).sort("pending_since", ASCENDING).limit(limit)
        return [Commit.from_document(document) async for document in cursor]

    async def mark_dispatched(self, commits: Sequence[Commit]) -> None:
        if commits:
            await self._commits.bulk_write(
                [
                    UpdateOne({"_id": commit.id}, {"$set": {"entry": commit.entry}, "$unset": {"pending_since": ""}})
                    for commit in commits
                ],
                ordered=False,
            )

    async def undispatch_after(self, entry: str) -> int:
        count, after = 0, {"entry": {"$gt": entry}}
        while lost := await self._commits.find(after, {"recorded_at": 1}).limit(UNDISPATCHED_TOGETHER).to_list():
            await self._commits.bulk_write(
                [
                    UpdateOne({"_id": one["_id"]}, {"$set": {"pending_since": one["recorded_at"]}, "$unset": {"entry": ""}})
                    for one in lost
                ],
                ordered=False,
            )
            count += len(lost)
        return count


class InMemoryEventStore:
    """The same promises in a dictionary, for tests of commands and sagas."""

    def __init__(self) -> None:
        self.commits: dict[str, Commit] = {}

    async def append(self, commit: Commit) -> None:
        if commit.id in self.commits:
            raise StreamMoved(commit.id)
        self.commits[commit.id] = commit

    async def load(self, tenant: str, kind: str, aggregate_id: str) -> list[Commit]:
        stream, found = stream_name(tenant, kind, aggregate_id), list[Commit]()
        while (commit := self.commits.get(commit_id(stream, len(found) + 1))) is not None:
            found.append(commit)
        return found

    async def undispatched(self, limit: int) -> list[Commit]:
        pending = [commit for commit in self.commits.values() if commit.entry is None]
        return sorted(pending, key=lambda commit: commit.recorded_at)[:limit]

    async def mark_dispatched(self, commits: Sequence[Commit]) -> None:
        for commit in commits:
            if commit.entry is not None:
                self.commits[commit.id] = self.commits[commit.id].dispatched(commit.entry)

    async def undispatch_after(self, entry: str) -> int:
        lost = [commit for commit in self.commits.values() if commit.entry is not None and commit.entry > entry]
        for commit in lost:
            self.commits[commit.id] = Commit.from_document(
                {key: value for key, value in commit.to_document().items() if key != "entry"}
            )
        return len(lost)
