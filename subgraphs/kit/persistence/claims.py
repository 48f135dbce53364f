"""What must belong to one owner only: a document whose unique `_id` names the thing claimed."""

from typing import Any

from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

__all__ = ["Claims"]


class Claims:
    """First come, first served, once and for all; claiming again as the same owner succeeds."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], collection: str = "claims") -> None:
        self._claims: AsyncCollection[dict[str, Any]] = database[collection]

    async def ensure_indexes(self) -> None:
        await self._claims.create_index([("tenant", ASCENDING), ("owner", ASCENDING)], name="owner")

    async def claim(self, tenant: str, scope: str, name: str, owner: str) -> str:
        """Claim `name` in `scope` for `owner`; return who owns it now: `owner`, or whoever was first."""
        key = f"{tenant}/{scope}/{name}"
        try:
            await self._claims.insert_one({"_id": key, "tenant": tenant, "scope": scope, "name": name, "owner": owner})
        except DuplicateKeyError:
            found = await self._claims.find_one({"_id": key})
            return str(found["owner"]) if found else await self.claim(tenant, scope, name, owner)
        return owner

    async def release(self, tenant: str, scope: str, name: str, owner: str) -> None:
        """Give `name` back, if `owner` holds it."""
        await self._claims.delete_one({"_id": f"{tenant}/{scope}/{name}", "owner": owner})
