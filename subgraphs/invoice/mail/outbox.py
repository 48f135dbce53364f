"""Letters that wait to be sent, each once by its name.

    waiting → handed over → sent
       └→ waiting again (not taken in) · dead letter (refused, or tried too often)
    handed over, and nobody knows what came of it → dead letter, never sent again

The document is the claim: it is made once per event and kind, and stays when the mail is sent.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from subgraphs.invoice.mail.letter import Letter, MailRefused, MailUncertain

__all__ = ["MailOutbox", "WaitingLetter"]

# Longer than events are delivered again.
REMEMBER_SECONDS = 400 * 24 * 3600
ATTEMPTS = 15
LONGEST_PAUSE = timedelta(hours=4)
# Longer than a live process takes to send one: writing it, and the time limits of each step of SMTP.
TAKEN = timedelta(minutes=5)


class WaitingLetter(msgspec.Struct, frozen=True):
    """A letter, how often it was tried, and whether it was handed over without an answer being noted."""

    letter: Letter
    attempts: int
    handed_over: bool
    due_at: datetime


class MailOutbox:
    """One document per letter in MongoDB."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._letters: AsyncCollection[dict[str, Any]] = database["mails"]
        self._dead: AsyncCollection[dict[str, Any]] = database["dead_letters"]

    async def ensure_indexes(self) -> None:
        await self._letters.create_index([("due_at", ASCENDING)], name="due", sparse=True)
        await self._letters.create_index([("done_at", ASCENDING)], name="forget", expireAfterSeconds=REMEMBER_SECONDS)

    async def put(self, letter: Letter, now: datetime) -> bool:
        """Keep the letter; return whether it is new."""
        kept = msgspec.to_builtins(letter, builtin_types=(datetime,))
        try:
            await self._letters.insert_one({"_id": letter.id, "letter": kept, "due_at": now, "attempts": 0})
        except DuplicateKeyError:
            return False
        return True

    async def due(self, now: datetime, limit: int) -> list[WaitingLetter]:
        """Return up to `limit` letters to send, the longest waiting first."""
        # `$gt` keeps out what is done: a missing field sorts before every date.
        due = {"due_at": {"$gt": datetime.min, "$lte": now}}
        cursor = self._letters.find(due).sort([("due_at", ASCENDING), ("_id", ASCENDING)]).limit(limit)
        return [
            WaitingLetter(
                msgspec.convert(document["letter"], Letter, builtin_types=(datetime,)),
                document["attempts"],
                "handed_over_at" in document,
                document["due_at"],
            )
            async for document in cursor
        ]

    async def take(self, waiting: WaitingLetter, now: datetime) -> bool:
        """Return whether the letter is the caller's to send; nobody else's for longer than sending takes."""
        untouched = {"_id": waiting.letter.id, "due_at": waiting.due_at}
        taken = await self._letters.update_one(untouched, {"$set": {"due_at": now + TAKEN}})
        return bool(taken.matched_count)

    async def hand_over(self, letter: Letter, now: datetime) -> None:
        """Note that the content is handed over now; it is not sent again unless the server says that it was not taken in."""
        await self._letters.update_one({"_id": letter.id}, {"$set": {"handed_over_at": now}})

    async def done(self, letter: Letter, how: str, now: datetime) -> None:
        """Note that nothing is left to do, and why."""
        change = {"$set": {"done_at": now, "how": how}, "$unset": {"due_at": ""}}
        await self._letters.update_one({"_id": letter.id}, change)

    async def put_off(self, waiting: WaitingLetter, error: Exception, now: datetime) -> bool:
        """Try again later, each time for longer; return False when it was given up and is a dead letter."""
        attempts = waiting.attempts + 1
        if attempts >= ATTEMPTS:
            await self.bury(waiting.letter, error, now)
            return False
        pause = min(timedelta(seconds=5 * 2**attempts), LONGEST_PAUSE)
        change = {"$set": {"attempts": attempts, "due_at": now + pause}, "$unset": {"handed_over_at": ""}}
        await self._letters.update_one({"_id": waiting.letter.id}, change)
        return True

    async def bury(self, letter: Letter, error: Exception, now: datetime) -> None:
        """Keep the letter as a dead letter; it names ids, no people."""
        note = {"stream": "mail", "entry": letter.id, "error": _reason(error), "at": now, "letter": _plain(letter)}
        await self._dead.update_one({"_id": f"mail/{letter.id}"}, {"$set": note}, upsert=True)
        await self.done(letter, "given up", now)


def _reason(error: Exception) -> str:
    """Return what went wrong without the server's words, in which the address may be."""
    if isinstance(error, MailRefused | MailUncertain):
        return repr(error)
    code = getattr(error, "code", None)
    return type(error).__name__ if code is None else f"{type(error).__name__}({code})"


def _plain(letter: Letter) -> dict[str, Any]:
    return {name: str(value) for name, value in asdict(letter).items() if value is not None}
