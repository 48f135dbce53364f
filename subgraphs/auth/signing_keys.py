"""The keys that sign access tokens (ES256): kept encrypted, published ahead of use, replaced by the calendar.

    next ── activates_at ──▶ current ── next one's activates_at ──▶ retired ── last token expired ──▶ deleted

A key's state follows from the times alone, so that processes need not agree on anything but the documents. The document's `_id`
counts the keys: of two processes that make one at the same time, the second finds its number taken and reads the first's.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson
from joserfc.jwk import ECKey
from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError, PyMongoError

from subgraphs.auth.key_encryption import KeyCipher
from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.telemetry import get_logger

__all__ = ["KeyState", "SigningKey", "SigningKeys"]

# Longer than any verifier goes on using the keys it has: when a key starts to sign, everybody knows it.
PUBLISH_AHEAD = timedelta(hours=1)
# Covers clocks that differ, and verifiers that allow for it.
LEEWAY = timedelta(minutes=1)
# How long a process relies on what it has read: how soon it drops a key that an operator deletes.
REREAD_AFTER = timedelta(minutes=1)
LIMIT = 100


class KeyState(StrEnum):
    """NEXT is published and does not sign yet, CURRENT signs, RETIRED is published while its tokens live."""

    NEXT = "NEXT"
    CURRENT = "CURRENT"
    RETIRED = "RETIRED"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key pair."""

    number: int
    key: ECKey
    activates_at: datetime

    @property
    def id(self) -> str:
        return str(self.key.kid)


class SigningKeys:
    """Reads the keys, and makes one where it is due."""

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        cipher: KeyCipher,
        clock: Clock,
        *,
        token_lifetime: timedelta,
        rotate_after: timedelta,
    ) -> None:
        self._collection: AsyncCollection[dict[str, Any]] = database["signing_keys"]
        self._cipher, self._clock = cipher, clock
        self._published_after = token_lifetime + LEEWAY
        self._rotate_after = rotate_after
        self._keys: list[SigningKey] = []
        self._read_at: datetime | None = None
        self._reading = asyncio.Lock()

    async def current(self) -> SigningKey:
        """Return the key to sign with."""
        keys = await self._fresh()
        found = _current(keys, self._clock.now())
        if found is None:
            raise RuntimeError("no signing key is active")
        return found

    async def states(self) -> list[tuple[SigningKey, KeyState]]:
        """Return every published key, in the order of use."""
        keys, now = await self._fresh(), self._clock.now()
        current = _current(keys, now)
        return [
            (
                key,
                KeyState.CURRENT if key is current else KeyState.NEXT if key.activates_at > now else KeyState.RETIRED,
            )
            for key in keys
        ]

    async def key_set(self) -> dict[str, Any]:
        """Return the public halves as a JSON Web Key Set (RFC 7517 section 5)."""
        return {"keys": [key.key.as_dict(private=False) for key in await self._fresh()]}

    async def rotate(self) -> SigningKey:
        """Make the next key and return it, or the one that is already waiting."""
        async with self._reading:
            await self._read()
            now = self._clock.now()
            if not any(key.activates_at > now for key in self._keys):
                await self._add(now + PUBLISH_AHEAD)
            return self._keys[-1]

    async def _fresh(self) -> list[SigningKey]:
        if self._is_stale():
            async with self._reading:
                if self._is_stale():
                    await self._refresh_if_possible()
        return self._keys

    def _is_stale(self) -> bool:
        return self._read_at is None or self._clock.now() - self._read_at >= REREAD_AFTER

    async def _refresh_if_possible(self) -> None:
        """Keep to what is known while the database is away: tokens that live can still be verified."""
        try:
            await self._refresh()
        except PyMongoError as error:
            if not self._keys:
                raise
            self._read_at = self._clock.now()
            get_logger("signing_keys").warning("the signing keys cannot be read again", error=type(error).__name__)

    async def _refresh(self) -> None:
        await self._read()
        now = self._clock.now()
        current = _current(self._keys, now)
        if current is None:
            await self._add(now)
        elif now >= current.activates_at + self._rotate_after - PUBLISH_AHEAD and self._keys[-1] is current:
            await self._add(now + PUBLISH_AHEAD)
        await self._forget_retired(now)
        self._read_at = now

    async def _read(self) -> None:
        self._keys = [
            SigningKey(
                number=document["_id"],
                key=ECKey.import_key(orjson.loads(self._cipher.decrypt(document["kid"], document["private_key"]))),
                activates_at=document["activates_at"],
            )
            async for document in self._collection.find({}).sort("activates_at", ASCENDING).limit(LIMIT)
        ]

    async def _add(self, activates_at: datetime) -> None:
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        document = {
            "_id": max((known.number for known in self._keys), default=0) + 1,
            "kid": key.kid,
            "private_key": self._cipher.encrypt(str(key.kid), orjson.dumps(key.as_dict(private=True))),
            "activates_at": activates_at,
        }
        try:
            await self._collection.insert_one(document)
        except DuplicateKeyError:
            pass  # another process was first, and its key serves as well
        await self._read()

    async def _forget_retired(self, now: datetime) -> None:
        """Delete keys whose successor has signed for so long that no token of theirs lives."""
        kept: list[SigningKey] = []
        for key, successor in zip(self._keys, [*self._keys[1:], None], strict=True):
            if successor is not None and successor.activates_at + self._published_after < now:
                await self._collection.delete_one({"_id": key.number, "kid": key.id})
            else:
                kept.append(key)
        self._keys = kept


def _current(keys: list[SigningKey], now: datetime) -> SigningKey | None:
    return next((key for key in reversed(keys) if key.activates_at <= now), None)
