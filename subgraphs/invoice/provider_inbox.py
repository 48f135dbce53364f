"""Events of payment providers that wait to be worked on: kept before they are acknowledged, each once by its id."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from subgraphs.invoice.domain.provider_events import ProviderEvent

__all__ = ["ProviderInbox", "WaitingEvent"]

# Providers send an event again for some days; one that was handled is known for longer than that.
REMEMBER_SECONDS = 90 * 24 * 3600
ATTEMPTS = 20
LONGEST_PAUSE = timedelta(hours=1)


class WaitingEvent(msgspec.Struct, frozen=True):
    """An event and how often working on it has failed."""

    event: ProviderEvent
    attempts: int


class ProviderInbox:
    """One document per event in MongoDB. What keeps failing becomes a dead letter."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._events: AsyncCollection[dict[str, Any]] = database["provider_events"]
        self._dead: AsyncCollection[dict[str, Any]] = database["dead_letters"]

    async def ensure_indexes(self) -> None:
        await self._events.create_index([("due_at", ASCENDING)], name="due", sparse=True)
        await self._events.create_index([("handled_at", ASCENDING)], name="forget", expireAfterSeconds=REMEMBER_SECONDS)

    async def put(self, event: ProviderEvent, now: datetime) -> bool:
        """Keep the event; return whether it is new."""
        document = {"_id": _key(event), "event": asdict(event), "received_at": now, "due_at": now, "attempts": 0}
        try:
            await self._events.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    async def due(self, now: datetime, limit: int) -> list[WaitingEvent]:
        """Return up to `limit` events to work on, the longest waiting first."""
        # `$gt` keeps out what is handled: a missing field sorts before every date.
        due = {"due_at": {"$gt": datetime.min, "$lte": now}}
        cursor = self._events.find(due).sort([("due_at", ASCENDING), ("_id", ASCENDING)]).limit(limit)
        return [
            WaitingEvent(msgspec.convert(document["event"], ProviderEvent), document["attempts"]) async for document in cursor
        ]

    async def done(self, event: ProviderEvent, now: datetime) -> None:
        """Note that nothing is left to do about the event."""
        await self._events.update_one({"_id": _key(event)}, {"$set": {"handled_at": now}, "$unset": {"due_at": ""}})

    async def failed(self, waiting: WaitingEvent, error: Exception, now: datetime) -> bool:
        """Put the event off, each time for longer; return False when it was given up and is a dead letter."""
        event, attempts = waiting.event, waiting.attempts + 1
        if attempts < ATTEMPTS:
            pause = min(timedelta(seconds=2**attempts), LONGEST_PAUSE)
            await self._events.update_one({"_id": _key(event)}, {"$set": {"attempts": attempts, "due_at": now + pause}})
            return True
        letter = {"stream": f"provider/{event.provider}", "entry": event.id, "error": repr(error), "at": now}
        await self._dead.update_one({"_id": _key(event)}, {"$set": {**letter, "event": asdict(event)}}, upsert=True)
        await self.done(event, now)
        return False

    async def again(self, id: str, now: datetime) -> bool:
        """Work on a dead letter again, as if the event had just come; return False when there is no such event any more."""
        change = {"$set": {"due_at": now, "attempts": 0}, "$unset": {"handled_at": ""}}
        found = await self._events.update_one({"_id": id}, change)
        if not found.matched_count:
            return False
        await self._dead.delete_one({"_id": id})
        return True


def _key(event: ProviderEvent) -> str:
    return f"{event.provider}/{event.id}"
