"""Tells whether a subgraph is at rest for a tenant: it has handled what it was sent, and sent what it has to say."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec
from pymongo.asynchronous.database import AsyncDatabase
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from subgraphs.kit.messaging.envelope import events_stream
from subgraphs.kit.messaging.positions import parsed
from subgraphs.kit.messaging.relay import Publish
from subgraphs.kit.persistence.commit import Commit

__all__ = ["NOTHING", "Mark", "RedisRest", "Rest", "is_up_to"]

Mark = Mapping[str, str]
"""By the name of the subgraph that sends, the position of its last event there was."""

NOTHING = "0-0"
# Events under way that are looked at together, and how often: with more than that, it is not at rest, whoever's they are.
PAGE, MOST_PAGES = 200, 50


class _Whose(msgspec.Struct):
    tenant: str


class Rest(Protocol):
    """What a clock's followers, and the clock itself, look at before they say that they are at rest."""

    async def mark(self) -> Mark:
        """Return how far the streams that are read go now."""
        ...

    async def reached(self, tenant: str, mark: Mark) -> bool:
        """Tell whether the tenant's events up to `mark` are handled, by whichever process, and its own are sent."""
        ...

    async def sent_since(self, tenant: str, commit_id: str, kinds: Collection[str]) -> str | None:
        """Return the position of the last commit of the tenant that was sent after that one, None where there is none, without
        those of these kinds of aggregate."""
        ...

    async def sent(self) -> str:
        """Return the position of the last event that this subgraph sent of anybody."""
        ...


class RedisRest:
    """Reads it off the consumer group that the subgraph's workers share, and off the outbox that its processes share.

    With `publish`, commits of which nobody is told anything do not count as sent: nothing follows from them elsewhere.
    """

    def __init__(
        self,
        subgraph: str,
        redis: Redis,
        database: AsyncDatabase[dict[str, Any]],
        sources: Iterable[str],
        publish: Publish | None = None,
    ) -> None:
        self._publish = publish
        self._group, self._redis, self._commits = subgraph, redis, database["commits"]
        self._sources = tuple(sources)
        self._decoder = msgspec.json.Decoder(_Whose)

    async def mark(self) -> Mark:
        return {source: await self._last(source) for source in self._sources}

    async def reached(self, tenant: str, mark: Mark) -> bool:
        for source, last in mark.items():
            if last != NOTHING and not await self._handled(events_stream(source), last, tenant):
                return False
        waiting = {"pending_since": {"$gt": datetime.min}, "tenant": tenant}
        return await self._commits.find_one(waiting, {"_id": 1}) is None

    async def sent_since(self, tenant: str, commit_id: str, kinds: Collection[str]) -> str | None:
        sent = await self._commits.find_one({"_id": commit_id}, {"entry": 1})
        if sent is None or "entry" not in sent:
            return await self.sent()
        shown = None if self._publish else {"kind": 1, "entry": 1}
        later = self._commits.find({"entry": {"$gt": sent["entry"]}, "tenant": tenant}, shown)
        return max([one["entry"] async for one in later if one["kind"] not in kinds and self._is_told(one)], default=None)

    async def sent(self) -> str:
        return await self._last(self._group)

    def _is_told(self, document: dict[str, Any]) -> bool:
        return self._publish is None or bool(self._publish(Commit.from_document(document)))

    async def _last(self, source: str) -> str:
        try:
            information = await self._redis.xinfo_stream(events_stream(source))
        except ResponseError:  # nothing was ever sent
            return NOTHING
        return str(information["last-generated-id"].decode())

    async def _handled(self, stream: str, last: str, tenant: str) -> bool:
        """Tell whether everything up to `last` was delivered, and nothing of the tenant among it is still in hand."""
        groups = {group["name"].decode(): group for group in await self._redis.xinfo_groups(stream)}
        group = groups.get(self._group)
        if group is None or parsed(group["last-delivered-id"]) < parsed(last):
            return False
        if not group["pending"]:
            return True
        start: str | bytes = "-"
        for _ in range(MOST_PAGES):
            pending: list[Any] = await self._redis.xpending_range(stream, self._group, start, last, PAGE)
            if await self._is_any_of([one["message_id"] for one in pending], stream, tenant):
                return False
            if len(pending) < PAGE:
                return True
            start = b"(" + pending[-1]["message_id"]
        return False

    async def _is_any_of(self, ids: Sequence[bytes], stream: str, tenant: str) -> bool:
        async with self._redis.pipeline(transaction=False) as pipeline:
            for id in ids:
                pipeline.xrange(stream, id, id)
            found = await pipeline.execute() if ids else []
        return any(self._is_of(fields.get(b"envelope", b""), tenant) for entries in found for _, fields in entries)

    def _is_of(self, envelope: bytes, tenant: str) -> bool:
        try:
            return self._decoder.decode(envelope).tenant == tenant
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return False


def is_up_to(position: str, other: str) -> bool:
    """Tell whether a position is not before another one of the same stream."""
    return parsed(position) >= parsed(other)
