"""Leadership for a limited time: one process at a time does a piece of background work, and another takes over when it dies."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

__all__ = ["Lease"]

_NEVER_HELD = datetime.min.replace(tzinfo=UTC)


class Lease:
    """A named lease in MongoDB. Its length bounds both how long work stands still after a crash and how often it is renewed."""

    def __init__(
        self, database: AsyncDatabase[dict[str, Any]], name: str, owner: str, length: timedelta = timedelta(seconds=5)
    ) -> None:
        self._leases: AsyncCollection[dict[str, Any]] = database["leases"]
        self._name, self._owner, self._length = name, owner, length
        self._renew_at = self._ask_at = _NEVER_HELD

    async def hold(self) -> bool:
        """Acquire or renew; return whether this process may work now.

        Renews once half the lease is over, and asks for one that another process holds at most ten times in its length.
        """
        now = datetime.now(UTC)
        if now < self._renew_at:
            return True
        if now < self._ask_at:
            return False
        self._ask_at = now + self._length / 10
        until = now + self._length
        taken = await self._leases.update_one(
            {"_id": self._name, "$or": [{"owner": self._owner}, {"until": {"$lt": now}}]},
            {"$set": {"owner": self._owner, "until": until}},
        )
        if not taken.matched_count:
            try:
                await self._leases.insert_one({"_id": self._name, "owner": self._owner, "until": until})
            except DuplicateKeyError:
                return False
        self._renew_at = now + self._length / 2
        return True

    async def release(self) -> None:
        """Let another process take over at once."""
        self._renew_at = self._ask_at = _NEVER_HELD
        await self._leases.delete_one({"_id": self._name, "owner": self._owner})
