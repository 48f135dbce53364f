"""Numbers without gaps as claim documents: the unique `_id` is the number, `owner` what holds it, such as an invoice."""

import asyncio
from typing import Any
from weakref import WeakValueDictionary

from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from subgraphs.kit.domain.errors import ConcurrentChange

__all__ = ["InMemoryNumbers", "MongoNumbers", "number_document", "number_id"]

# Each lost race means that another owner got a number, so this many mean contention beyond what a tenant's series can take.
ATTEMPTS = 200


class MongoNumbers:
    """Numbers in MongoDB.

    Only ever the number after one that is given is inserted, so there is no gap; `_id` is unique, so there is no double; an owner
    is unique, so two processes that ask for one owner get one number. Shard key: `tenant`, with which both unique keys begin.

    Most numbers take one write: the number after the last one that this process saw. Its own claims on a series wait for each
    other, as all but one of them would fail.
    """

    def __init__(self, database: AsyncDatabase[dict[str, Any]], collection: str) -> None:
        self._numbers: AsyncCollection[dict[str, Any]] = database[collection]
        self._seen: dict[tuple[str, str], int] = {}
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def ensure_indexes(self) -> None:
        await self._numbers.create_index([("tenant", ASCENDING), ("owner", ASCENDING)], name="owner", unique=True)

    async def claim(self, tenant: str, series: str, owner: str) -> int:
        """Return the number of `owner` in a series, the next one from 1 when it has none; again: the same.

        An owner holds one number, whatever the series.

        Raises:
            ConcurrentChange: too many ask at once.
        """
        key = tenant, series
        async with self._turn(key):
            for _ in range(ATTEMPTS):
                number = self._seen.get(key, 0) + 1
                try:
                    await self._numbers.insert_one(number_document(tenant, series, number, owner))
                except DuplicateKeyError:  # the owner has one, or this one is given
                    held = await self._numbers.find_one({"tenant": tenant, "owner": owner})
                    if held is not None:
                        return int(held["number"])
                    await self._look_for_highest(tenant, series)
                else:
                    self._seen[key] = number
                    return number
        raise ConcurrentChange(f"too many numbers of series {series!r} are being given; try again")

    def _turn(self, key: tuple[str, str]) -> asyncio.Lock:
        turn = self._turns.get(key)
        if turn is None:
            turn = self._turns[key] = asyncio.Lock()
        return turn

    async def _look_for_highest(self, tenant: str, series: str) -> None:
        """Find the highest number by looking up single ids: there is no gap, so it lies where they stop.

        Logarithmic the first time, then a lookup or two: a process begins at the highest it has seen.
        """
        highest, step = self._seen.get((tenant, series), 0), 1
        while await self._is_taken(tenant, series, highest + step):
            highest, step = highest + step, step * 2
        while step > 1:
            step //= 2
            if await self._is_taken(tenant, series, highest + step):
                highest += step
        self._seen[tenant, series] = highest

    async def _is_taken(self, tenant: str, series: str, number: int) -> bool:
        return await self._numbers.find_one({"_id": number_id(tenant, series, number)}, {"_id": 1}) is not None


def number_id(tenant: str, series: str, number: int) -> str:
    """Return the `_id` of the claim on a number."""
    return f"{tenant}/{series}/{number:012d}"


def number_document(tenant: str, series: str, number: int, owner: str) -> dict[str, Any]:
    """Return the claim of `owner` on a number."""
    return {"_id": number_id(tenant, series, number), "tenant": tenant, "owner": owner, "number": number}


class InMemoryNumbers:
    """The same promises in a dictionary, for tests of commands."""

    def __init__(self) -> None:
        self.owners: dict[tuple[str, str], dict[str, int]] = {}
        """The owners of each series with their numbers, in the order of these."""

    async def claim(self, tenant: str, series: str, owner: str) -> int:
        owners = self.owners.setdefault((tenant, series), {})
        return owners.setdefault(owner, len(owners) + 1)
