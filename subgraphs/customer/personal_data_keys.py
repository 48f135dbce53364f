"""One key per customer, for personal data in events: without it, what was sealed is noise."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

__all__ = ["KEYS_COLLECTION", "InMemoryPersonalDataKeys", "MongoPersonalDataKeys", "PersonalDataKeys", "key_document"]

KEYS_COLLECTION = "personal_data_keys"
_BITS = 256


class PersonalDataKeys(Protocol):
    """AES-256 keys. A key that was destroyed is not made again."""

    async def obtain(self, tenant: str, customer_id: str) -> bytes | None:
        """Return the customer's key, made when there was none; None once it was destroyed."""
        ...

    async def find(self, tenant: str, customer_ids: Iterable[str]) -> dict[str, bytes | None]:
        """Return the keys by customer, None once one was destroyed; who never had one is left out."""
        ...

    async def destroy(self, tenant: str, customer_id: str) -> None:
        """Destroy the customer's key; again: nothing."""
        ...


class MongoPersonalDataKeys:
    """Keys in a collection of their own: its backups must be forgotten sooner than those of the events."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._keys: AsyncCollection[dict[str, Any]] = database[KEYS_COLLECTION]

    async def obtain(self, tenant: str, customer_id: str) -> bytes | None:
        id = _id(tenant, customer_id)
        found = await self._keys.find_one({"_id": id})
        if found is None:
            made = key_document(tenant, customer_id, AESGCM.generate_key(_BITS))
            try:
                await self._keys.insert_one(made)
            except DuplicateKeyError:  # another process made one, which counts
                found = await self._keys.find_one({"_id": id})
            else:
                found = made
        return found["key"] if found else None

    async def find(self, tenant: str, customer_ids: Iterable[str]) -> dict[str, bytes | None]:
        ids = {_id(tenant, customer_id): customer_id for customer_id in customer_ids}
        if not ids:
            return {}
        found = self._keys.find({"_id": {"$in": list(ids)}})
        return {ids[document["_id"]]: document["key"] async for document in found}

    async def destroy(self, tenant: str, customer_id: str) -> None:
        gone = {"tenant": tenant, "key": None, "destroyed_at": datetime.now(UTC)}
        known = {"_id": _id(tenant, customer_id)}
        try:
            await self._keys.update_one(known, {"$set": gone}, upsert=True)
        except DuplicateKeyError:  # it has just been made
            await self._keys.update_one(known, {"$set": gone})


class InMemoryPersonalDataKeys:
    """The same promises in a dictionary."""

    def __init__(self) -> None:
        self.keys: dict[tuple[str, str], bytes | None] = {}

    async def obtain(self, tenant: str, customer_id: str) -> bytes | None:
        return self.keys.setdefault((tenant, customer_id), AESGCM.generate_key(_BITS))

    async def find(self, tenant: str, customer_ids: Iterable[str]) -> dict[str, bytes | None]:
        return {id: self.keys[tenant, id] for id in customer_ids if (tenant, id) in self.keys}

    async def destroy(self, tenant: str, customer_id: str) -> None:
        self.keys[tenant, customer_id] = None


def key_document(tenant: str, customer_id: str, key: bytes) -> dict[str, Any]:
    """Return the document of a key."""
    return {"_id": _id(tenant, customer_id), "tenant": tenant, "key": key, "made_at": datetime.now(UTC)}


def _id(tenant: str, customer_id: str) -> str:
    return f"{tenant}/{customer_id}"
