"""What must belong to one owner only: a document whose unique `_id` names the thing claimed."""

from typing import Any, Protocol

from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

__all__ = ["ClaimStore", "Claims", "InMemoryClaims", "claim_document", "claim_id"]


class ClaimStore(Protocol):
    """First come, first served, once and for all; claiming again as the same owner succeeds."""

    async def claim(self, tenant: str, scope: str, name: str, owner: str) -> str:
        """Claim `name` in `scope` for `owner`; return who owns it now: `owner`, or whoever was first."""
        ...

    async def release(self, tenant: str, scope: str, name: str, owner: str) -> None:
        """Give `name` back, if `owner` holds it."""
        ...


class Claims:
    """Claims in MongoDB."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], collection: str = "claims") -> None:
        self._claims: AsyncCollection[dict[str, Any]] = database[collection]

    async def ensure_indexes(self) -> None:
        await self._claims.create_index([("tenant", ASCENDING), ("owner", ASCENDING)], name="owner")

    async def claim(self, tenant: str, scope: str, name: str, owner: str) -> str:
        try:
            await self._claims.insert_one(claim_document(tenant, scope, name, owner))
        except DuplicateKeyError:
            found = await self._claims.find_one({"_id": claim_id(tenant, scope, name)})
            return str(found["owner"]) if found else await self.claim(tenant, scope, name, owner)
        return owner

    async def release(self, tenant: str, scope: str, name: str, owner: str) -> None:
        await self._claims.delete_one({"_id": claim_id(tenant, scope, name), "owner": owner})


def claim_id(tenant: str, scope: str, name: str) -> str:
    """Return the `_id` of the claim on a name."""
    return f"{tenant}/{scope}/{name}"


def claim_document(tenant: str, scope: str, name: str, owner: str) -> dict[str, Any]:
    """Return the claim of `owner` on a name."""
    return {"_id": claim_id(tenant, scope, name), "tenant": tenant, "scope": scope, "name": name, "owner": owner}


class InMemoryClaims:
    """The same promises in a dictionary, for tests of commands."""

    def __init__(self) -> None:
        self.owners: dict[tuple[str, str, str], str] = {}

    async def claim(self, tenant: str, scope: str, name: str, owner: str) -> str:
        return self.owners.setdefault((tenant, scope, name), owner)

    async def release(self, tenant: str, scope: str, name: str, owner: str) -> None:
        if self.owners.get((tenant, scope, name)) == owner:
            del self.owners[tenant, scope, name]
