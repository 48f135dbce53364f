"""Which round of a tenant's own clock a subgraph is asked, and which it has answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

__all__ = ["AskedRound", "ClockRounds", "MongoClockRounds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRound:
    """A question that waits for an answer: do what is due before `until`, None: nothing, except for those who are `held`.

    `answered` is the round that was answered last, `sent` what was said then, None when none was; `heard` is the last round that
    another follower has answered.
    """

    tenant: str
    round: int
    now: datetime
    until: datetime | None = None
    held: frozenset[str] = frozenset()
    answered: int | None = None
    sent: str | None = None
    heard: int = 0


class ClockRounds(Protocol):
    """Where a subgraph's processes share what they know of it."""

    async def ask(self, asked: AskedRound) -> None:
        """Remember a question, unless a later round was asked before: events may come twice and in any order."""
        ...

    async def waiting(self, limit: int) -> Sequence[AskedRound]:
        """Return up to `limit` questions without an answer, at most one per tenant."""
        ...

    async def begin(self, asked: AskedRound) -> bool:
        """Tell whether nobody has begun to do what this round asks for, and be the one who has."""
        ...

    async def hear(self, tenant: str, round: int) -> None:
        """Note that another follower has answered a round."""
        ...

    async def answer(self, asked: AskedRound, sent: str) -> None:
        """Note that the round is answered, and that `sent` is where the tenant's last event is."""
        ...


class MongoClockRounds:
    """A MongoDB document per tenant that has a clock of its own."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._rounds: AsyncCollection[dict[str, Any]] = database["clock_rounds"]

    async def ensure_indexes(self) -> None:
        """Create the index of what waits."""
        await self._rounds.create_index([("waiting_since", ASCENDING)], name="waiting", sparse=True)

    async def ask(self, asked: AskedRound) -> None:
        question = {"asked": asked.round, "now": asked.now, "until": asked.until, "held": sorted(asked.held)}
        earlier = {"asked": {"$not": {"$gte": asked.round}}}
        change = {"$set": {**question, "waiting_since": asked.round}}
        try:
            await self._rounds.update_one({"_id": asked.tenant, **earlier}, change, upsert=True)
        except DuplicateKeyError:  # the known one is as new or newer, or another answer was heard of just now
            await self._rounds.update_one({"_id": asked.tenant, **earlier}, change)

    async def waiting(self, limit: int) -> Sequence[AskedRound]:
        found = self._rounds.find({"waiting_since": {"$gt": 0}}).sort("waiting_since", ASCENDING).limit(limit)
        return [
            AskedRound(
                tenant=one["_id"],
                round=one["asked"],
                now=one["now"],
                until=one["until"],
                held=frozenset(one["held"]),
                answered=one.get("answered"),
                sent=one.get("sent"),
                heard=one.get("heard", 0),
            )
            async for one in found
        ]

    async def begin(self, asked: AskedRound) -> bool:
        begun = await self._rounds.update_one(
            {"_id": asked.tenant, "asked": asked.round, "begun": {"$not": {"$gte": asked.round}}},
            {"$set": {"begun": asked.round}},
        )
        return bool(begun.matched_count)

    async def hear(self, tenant: str, round: int) -> None:
        try:
            await self._rounds.update_one({"_id": tenant}, {"$max": {"heard": round}}, upsert=True)
        except DuplicateKeyError:
            await self._rounds.update_one({"_id": tenant}, {"$max": {"heard": round}})

    async def answer(self, asked: AskedRound, sent: str) -> None:
        await self._rounds.update_one(
            {"_id": asked.tenant, "asked": asked.round},
            {"$set": {"answered": asked.round, "sent": sent}, "$unset": {"waiting_since": ""}},
        )
