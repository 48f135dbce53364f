"""What is derived from events is derived of those, too, that were there before it was introduced."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import get_logger

__all__ = ["Backfill"]

COLLECTION = "backfills"
RETRY_SECONDS = 5.0
PASSES = 2
SECOND_AFTER_SECONDS = 600.0
# Few: a server forgets a cursor that is not asked for long.
FETCHED_TOGETHER = 200
# Of so many aggregates that could not be followed, the log tells why.
MOST_TOLD = 20

Follow = Callable[[str, str], Awaitable[object]]
"""Derives what is missing of one aggregate, by tenant and id; doing so again changes nothing."""


class Backfill:
    """Runs over every aggregate of a kind, twice per database and `name`; what is interrupted runs all over again, and so does, a
    while later, what could not follow every aggregate.

    The second time, a while later, is for what a relay of the version before told of while this one was starting.
    """

    def __init__(self, database: AsyncDatabase[dict[str, Any]], name: str, kind: str, follow: Follow) -> None:
        self._database, self._name, self._kind, self._follow = database, name, kind, follow
        self._log = get_logger("backfill")

    async def run(self, stop: asyncio.Event) -> None:
        """Derive what is missing, then wait until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                await self.run_once(stop)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), None if await self.passes() >= PASSES else SECOND_AFTER_SECONDS)
            except DATABASE_UNREACHABLE as error:
                self._log.warning("the database is unreachable, the backfill waits", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def passes(self) -> int:
        """Return how often it was run to its end."""
        done = await self._database[COLLECTION].find_one({"_id": self._name})
        return int(done["passes"]) if done else 0

    async def run_once(self, stop: asyncio.Event | None = None) -> int:
        """Derive what is missing unless that was done often enough; return of how many aggregates."""
        passes, followed, failed = await self.passes(), 0, 0
        if passes >= PASSES:
            return 0
        # Every stream has exactly one first commit.
        first = self._database["commits"].find({"kind": self._kind, "version": 1}, {"tenant": 1, "aggregate_id": 1})
        async for commit in first.batch_size(FETCHED_TOGETHER):
            if stop is not None and stop.is_set():
                return followed
            try:
                await self._follow(commit["tenant"], commit["aggregate_id"])
            except DATABASE_UNREACHABLE:
                raise
            except Exception:  # one aggregate's trouble must not keep the others waiting
                failed += 1
                if failed <= MOST_TOLD:
                    self._log.exception("not backfilled, will be tried again", name=self._name, aggregate=commit["aggregate_id"])
                continue
            followed += 1
        if failed:
            self._log.error("the backfill is not complete", name=self._name, failed=failed)
            return followed
        await self._database[COLLECTION].update_one({"_id": self._name}, {"$set": {"passes": passes + 1}}, upsert=True)
        if followed:
            self._log.info("backfilled", name=self._name, aggregates=followed)
        return followed
