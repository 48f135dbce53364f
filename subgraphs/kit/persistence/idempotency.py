"""Answers of writes that carried an idempotency key, so that a repeated one is answered and not executed again.

One document per tenant, operation and key. Whoever inserts it executes; everybody else waits for the answer. When the executing
process ends without one, the next to ask takes over, with the same business time and the same ids for what is created.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from subgraphs.kit.domain.errors import IdempotencyKeyReused

__all__ = ["Attempt", "IdempotentWrites"]

KEEP = timedelta(hours=48)
# Longer than any write takes, payment provider included; bounds how long a crash keeps its key from being tried again.
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One look at a keyed write. `answer` is there once it was executed; `owner` is set when the caller is to execute it."""

    id: str
    at: datetime
    owner: str | None
    answer: bytes | None


class IdempotentWrites:
    """Keyed writes in MongoDB. Shard key: `_id`, which the tenant leads. Kept for 48 hours after they began."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], collection: str = "idempotent_writes") -> None:
        self._writes: AsyncCollection[dict[str, Any]] = database[collection]

    async def ensure_indexes(self) -> None:
        await self._writes.create_index([("expires_at", ASCENDING)], name="forget", expireAfterSeconds=0)

    async def begin(self, tenant: str, operation: str, key: str, fingerprint: bytes, at: datetime) -> Attempt:
        """Look at the write: to be executed by the caller, being executed by somebody else, or done.

        `at` is its business time if it is the first of its key; `fingerprint` stands for its input.

        Raises:
            IdempotencyKeyReused: the key came with another input before.
        """
        id, owner, now = f"{tenant}/{operation}/{key}", token_hex(8), datetime.now(UTC)
        lease = {"owner": owner, "until": now + LEASE}
        first = {"_id": id, "tenant": tenant, "fingerprint": fingerprint, "at": at, "answer": None, "expires_at": now + KEEP}
        try:
            await self._writes.insert_one(first | lease)
        except DuplicateKeyError:
            found = await self._writes.find_one({"_id": id})
            if found is None:  # just forgotten
                return await self.begin(tenant, operation, key, fingerprint, at)
            if found["fingerprint"] != fingerprint:
                raise IdempotencyKeyReused(key) from None
            if found["answer"] is not None:
                return Attempt(id=id, at=found["at"], owner=None, answer=bytes(found["answer"]))
            abandoned = {"_id": id, "answer": None, "owner": found["owner"], "until": {"$lt": now}}
            taken = await self._writes.update_one(abandoned, {"$set": lease})
            return Attempt(id=id, at=found["at"], owner=owner if taken.matched_count else None, answer=None)
        return Attempt(id=id, at=at, owner=owner, answer=None)

    async def finish(self, attempt: Attempt, answer: bytes) -> None:
        """Keep the answer."""
        await self._writes.update_one({"_id": attempt.id, "owner": attempt.owner, "answer": None}, {"$set": {"answer": answer}})

    async def forget(self, attempt: Attempt) -> None:
        """Free the key of a write that was refused: nothing was executed."""
        await self._writes.delete_one({"_id": attempt.id, "owner": attempt.owner, "answer": None})

    async def abandon(self, attempt: Attempt) -> None:
        """Let the next to ask take over at once: how far the write got is not known."""
        passed = datetime.now(UTC) - timedelta(milliseconds=1)
        await self._writes.update_one({"_id": attempt.id, "owner": attempt.owner, "answer": None}, {"$set": {"until": passed}})
