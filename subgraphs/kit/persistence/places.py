"""Numbered places that are taken and can be given back: the lowest free one is always the next to be taken.

Of what is limited to N, whoever has one of the places 1 to N has it. A place is a document whose unique `_id` is its number; one
that is given back stays, free, so that the numbers have no gap.
"""

from dataclasses import dataclass
from secrets import token_hex

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from subgraphs.kit.domain.errors import ConcurrentChange
from subgraphs.kit.persistence.numbers import ATTEMPTS, MongoNumbers, number_document, number_id

__all__ = ["InMemoryPlaces", "MongoPlaces", "Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """The place of an owner in a series. `token` is set where it was free before: who took it may give it back."""

    series: str
    number: int
    owner: str
    token: str | None


class MongoPlaces(MongoNumbers):
    """Places in MongoDB, in the documents of `MongoNumbers`. One that is free names its series in `free`, and owns itself.

    Several can take the place of one owner at the same time, or after one of them ended before its work was done. Only who took
    it first can give it back, and only until another one takes it, too: so that nobody loses a place that is relied on.
    """

    async def ensure_indexes(self) -> None:
        await super().ensure_indexes()
        await self._numbers.create_index(
            [("tenant", ASCENDING), ("free", ASCENDING), ("number", ASCENDING)],
            name="free",
            partialFilterExpression={"free": {"$exists": True}},
        )

    async def take(self, tenant: str, series: str, owner: str) -> Place:
        """Return the place of `owner`, the lowest free one where it has none.

        An owner has one place, whatever the series.

        Raises:
            ConcurrentChange: too many ask at once.
        """
        token, key = token_hex(8), (tenant, series)
        async with self._turn(key):
            for _ in range(ATTEMPTS):
                try:
                    if (found := await self._held(tenant, owner, token)) is not None:
                        return Place(series, found, owner, None)
                    if (found := await self._free(tenant, series, owner, token)) is not None:
                        return Place(series, found, owner, token)
                    number = self._seen.get(key, 0) + 1
                    await self._numbers.insert_one(number_document(tenant, series, number, owner) | {"token": token})
                except DuplicateKeyError:  # the owner has just got one, or this one is there
                    await self._look_for_highest(tenant, series)
                else:
                    self._seen[key] = number
                    return Place(series, number, owner, token)
        raise ConcurrentChange(f"too many places of series {series!r} are being taken; try again")

    async def _held(self, tenant: str, owner: str, token: str) -> int | None:
        """Return the number of the place that the owner has, noting that it is relied on once more."""
        held = await self._numbers.find_one({"tenant": tenant, "owner": owner})
        if held is None:
            return None
        noted = await self._numbers.update_one({"_id": held["_id"], "owner": owner}, {"$set": {"token": token}})
        return int(held["number"]) if noted.matched_count else None  # it was given back in between

    async def _free(self, tenant: str, series: str, owner: str, token: str) -> int | None:
        """Take the lowest free place, if there is one; return its number."""
        free = {"tenant": tenant, "free": series}
        while (found := await self._numbers.find_one(free, sort=[("number", ASCENDING)])) is not None:
            taken = await self._numbers.update_one(
                {"_id": found["_id"], "free": series}, {"$set": {"owner": owner, "token": token}, "$unset": {"free": ""}}
            )
            if taken.matched_count:  # else another one was faster
                return int(found["number"])
        return None

    async def give_back(self, tenant: str, place: Place) -> None:
        """Let the place be free again; nothing happens where it was the owner's before, or was taken for the owner since."""
        if place.token is None:
            return
        id = number_id(tenant, place.series, place.number)
        await self._numbers.update_one(
            {"_id": id, "owner": place.owner, "token": place.token},
            {"$set": {"owner": id, "free": place.series}, "$unset": {"token": ""}},
        )


class InMemoryPlaces:
    """The same promises in a dictionary, for tests of commands."""

    def __init__(self) -> None:
        self._owners: dict[tuple[str, str], list[tuple[str, str] | None]] = {}
        """By series, who has each place and by which token; None: it is free."""

    async def take(self, tenant: str, series: str, owner: str) -> Place:
        places, token = self._owners.setdefault((tenant, series), []), token_hex(8)
        held = next((at for at, one in enumerate(places) if one is not None and one[0] == owner), None)
        at = held if held is not None else next((at for at, one in enumerate(places) if one is None), len(places))
        places[at : at + 1] = [(owner, token)]
        return Place(series, at + 1, owner, token if held is None else None)

    async def give_back(self, tenant: str, place: Place) -> None:
        places = self._owners[tenant, place.series]
        if place.token is not None and places[place.number - 1] == (place.owner, place.token):
            places[place.number - 1] = None

    def taken(self, tenant: str, series: str) -> list[int]:
        """Return the numbers of the places that somebody has."""
        return [at + 1 for at, one in enumerate(self._owners.get((tenant, series), ())) if one is not None]
