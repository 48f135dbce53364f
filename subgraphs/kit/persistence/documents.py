"""Read documents on Beanie: written only forwards, read only within a tenant."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from beanie import Document, SortDirection
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from subgraphs.kit.domain.aggregate import Aggregate

__all__ = ["DocumentProjection", "TenantDocument", "TenantReader", "merge_forward", "put_forward", "set_forward"]

A = TypeVar("A", bound=Aggregate)


class TenantDocument(Document):
    """Base of every read document. `version` is that of the aggregate it shows, or of the event it replicates."""

    id: str  # type: ignore[assignment]
    tenant: str
    version: int


D = TypeVar("D", bound=TenantDocument)


async def put_forward(document: TenantDocument) -> bool:
    """Store `document` unless the stored one is as new or newer; return whether it was stored."""
    values = document.model_dump(exclude={"id", "revision_id"})
    collection = type(document).get_pymongo_collection()
    filters = {"_id": document.id, "tenant": document.tenant, "version": {"$lt": document.version}}
    return await set_forward(collection, filters, values)


async def set_forward(collection: AsyncCollection[dict[str, Any]], filters: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Set `values` on the document that `filters` find, created when there is none with its id; return whether they were set.

    `filters` name the id, and what must hold of a document that is there, as that it is older.
    """
    try:
        result = await collection.update_one(filters, {"$set": values}, upsert=True)
    except DuplicateKeyError:
        # There is one. It is as new or newer, or it was created just now: again, without creating it.
        result = await collection.update_one(filters, {"$set": values})
    return bool(result.matched_count or result.upserted_id)


async def merge_forward(
    type_: type[TenantDocument], tenant: str, id: str, part: str, version: int, values: dict[str, Any]
) -> None:
    """Set `values` on the document, created when it is missing, unless this part of it was set by a later version.

    Parts are what different events tell of one thing; each has a field `<part>_version`. No event undoes another, in any order.
    """
    collection = type_.get_pymongo_collection()
    # One conjunction: with `$nor` the embedded server reads the whole collection. `$not` matches what is missing, too.
    filters = {"_id": id, "tenant": tenant, f"{part}_version": {"$not": {"$gte": version}}}
    change = {"$set": {**values, f"{part}_version": version}, "$max": {"version": version}}
    try:
        await collection.update_one(filters, change, upsert=True)
    except DuplicateKeyError:
        # The document exists: another handler has just created it, or this part is newer. Again, without creating it.
        await collection.update_one(filters, change)


class DocumentProjection(Generic[A, D]):
    """Keeps one document per aggregate: `build` derives it from the aggregate's whole state."""

    def __init__(self, document_type: type[D], build: Callable[[A], D]) -> None:
        self._type, self._build = document_type, build

    async def project(self, aggregate: A) -> None:
        await put_forward(self._build(aggregate))

    async def shown(self, aggregate_ids: Collection[str]) -> Mapping[tuple[str, str], int]:
        found = self._type.get_pymongo_collection().find({"_id": {"$in": list(aggregate_ids)}}, {"tenant": 1, "version": 1})
        return {(one["tenant"], one["_id"]): one["version"] async for one in found}


class TenantReader(Generic[D]):
    """The only way to read documents of one type: every query carries the tenant."""

    def __init__(self, document_type: type[D]) -> None:
        self._type = document_type

    async def find(self, tenant: str, id: str) -> D | None:
        """Return the tenant's document with this id."""
        return await self._type.find_one({"_id": id, "tenant": tenant})

    async def find_many(self, tenant: str, ids: Sequence[str]) -> list[D | None]:
        """Return the tenant's documents in the order of `ids`, None where there is none; one query."""
        found = {
            document.id: document
            for document in await self._type.find({"_id": {"$in": list(set(ids))}, "tenant": tenant}).to_list()
        }
        return [found.get(id) for id in ids]

    async def wait_for(self, tenant: str, id: str, seconds: float, told: Callable[[D], bool] = lambda _: True) -> D | None:
        """Return the document, waiting up to `seconds` until it is there and `told`, then as it is.

        It is for replicas that follow another subgraph's events, each of which tells a part.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        pause = 0.01
        while True:
            document = await self.find(tenant, id)
            if (document is not None and told(document)) or asyncio.get_running_loop().time() >= deadline:
                return document
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.2)

    async def page(
        self,
        tenant: str,
        where: Mapping[str, Any],
        *,
        limit: int,
        after: str | None = None,
        before: str | None = None,
        backwards: bool = False,
    ) -> list[D]:
        """Return up to `limit` documents, newest id first, strictly between the ids `after` and `before`.

        `backwards` takes them from the end of the range; the order of what is returned stays the same.
        """
        bounds: dict[str, Any] = {}
        if after is not None:
            bounds["$lt"] = after
        if before is not None:
            bounds["$gt"] = before
        filters: dict[str, Any] = {"tenant": tenant, **where}
        if bounds:
            filters["_id"] = bounds
        direction = SortDirection.ASCENDING if backwards else SortDirection.DESCENDING
        documents = await self._type.find(filters).sort([("_id", direction)]).limit(limit).to_list()
        return documents[::-1] if backwards else documents

    async def count(self, tenant: str, where: Mapping[str, Any], *, at_most: int) -> int:
        """Return how many documents match, or `at_most`."""
        return await self._type.get_pymongo_collection().count_documents({"tenant": tenant, **where}, limit=at_most)

    async def first_per_parent(
        self, tenant: str, parent_field: str, parents: Iterable[str], where: Mapping[str, Any], limit: int
    ) -> dict[str, list[D]]:
        """Return up to `limit` documents, newest first, for each parent: usually one query for all of them.

        A document whose `parent_field` is a list belongs to each parent in it.

        The common query is bounded to `limit` per parent on average; the parents it did not reach, because others have more,
        are asked for one by one.
        """
        keys = sorted(set(parents))
        bound = len(keys) * limit
        filters = {"tenant": tenant, parent_field: {"$in": keys}, **where}
        rows = (
            await self._type.find(filters)
            .sort([(parent_field, SortDirection.ASCENDING), ("_id", SortDirection.DESCENDING)])
            .limit(bound)
            .to_list()
        )
        grouped: dict[str, list[D]] = {key: [] for key in keys}
        listed = any(isinstance(getattr(row, parent_field), list) for row in rows)
        for row in rows:
            value = getattr(row, parent_field)
            for key in value if listed else (value,):
                if key in grouped:
                    grouped[key].append(row)
        if listed:  # they come by the least parent of each
            grouped = {key: sorted(found, key=lambda row: row.id, reverse=True) for key, found in grouped.items()}
        if len(rows) == bound:
            last = min(getattr(rows[-1], parent_field)) if listed else getattr(rows[-1], parent_field)
            unsure = [key for key in keys if key >= last and (listed or len(grouped[key]) < limit)]
            answers = await asyncio.gather(*(self.page(tenant, {parent_field: key, **where}, limit=limit) for key in unsure))
            grouped |= dict(zip(unsure, answers, strict=True))
        return {key: found[:limit] for key, found in grouped.items()}
