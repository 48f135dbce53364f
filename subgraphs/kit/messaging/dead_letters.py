"""What a subgraph could not handle, kept with the reason until someone has looked at it and has it tried again.

Events of subgraphs lie beside what else was given up: mail, and events of payment providers.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from pymongo.asynchronous.database import AsyncDatabase
from redis.asyncio import Redis

from subgraphs.kit.messaging.envelope import EVENTS, Envelope

__all__ = ["LETTER", "DeadLetter", "DeadLetters"]

LETTER = b"letter"
"""The field of a stream's entry that names the subgraph whose dead letter it is."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One thing that was given up at `at` because of `error`."""

    id: str
    stream: str
    entry: str
    error: str
    at: datetime
    retried_at: datetime | None
    """When it was last put forward to be tried again."""
    envelope: bytes | None
    """Of an event, what its stream had of it."""

    @property
    def event(self) -> Envelope | None:
        """The event of a subgraph that it is, where it is one and can be read."""
        if self.envelope is None or not self.stream.startswith(EVENTS):
            return None
        try:
            return msgspec.json.decode(self.envelope, type=Envelope)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None


class DeadLetters:
    """One document per letter in the subgraph's database."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._letters = database["dead_letters"]

    async def put(self, id: str, stream: str, entry: str, envelope: bytes, error: Exception) -> None:
        """Keep an event; one that is there is replaced."""
        letter = {"stream": stream, "entry": entry, "envelope": envelope, "error": repr(error), "at": datetime.now(UTC)}
        await self._letters.update_one({"_id": id}, {"$set": letter, "$unset": {"retried_at": ""}}, upsert=True)

    async def page(self, limit: int, after: str = "") -> list[DeadLetter]:
        """Return up to `limit` letters by id, those after `after`."""
        cursor = self._letters.find({"_id": {"$gt": after}}).sort("_id", 1).limit(limit)
        return [_letter(document) async for document in cursor]

    async def find(self, id: str) -> DeadLetter | None:
        document = await self._letters.find_one({"_id": id})
        return None if document is None else _letter(document)

    async def retry(self, letter: DeadLetter, group: str, redis: Redis) -> None:
        """Put an event into its stream again for the subgraph that gave it up; it is a dead letter until that has handled it.

        Other subgraphs drop it as handled before. So does this one, when it comes twice.
        """
        await redis.xadd(letter.stream, {"envelope": letter.envelope or b"", LETTER: group})
        await self._letters.update_one({"_id": letter.id}, {"$set": {"retried_at": datetime.now(UTC)}})

    async def delete(self, ids: Collection[str]) -> None:
        """Forget letters, whose events were handled."""
        if ids:
            await self._letters.delete_many({"_id": {"$in": list(ids)}})


def _letter(document: dict[str, Any]) -> DeadLetter:
    return DeadLetter(
        document["_id"],
        document["stream"],
        document["entry"],
        document["error"],
        document["at"],
        document.get("retried_at"),
        document.get("envelope"),
    )
