"""Invoice numbers as claim documents: the unique `_id` is the number, `owner` the invoice that holds it."""

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from subgraphs.kit.domain.errors import ConcurrentChange

__all__ = ["InMemoryInvoiceNumbers", "MongoInvoiceNumbers"]

# Each lost race means that another invoice got a number, so this many mean contention beyond what a tenant's series can take.
ATTEMPTS = 200


class MongoInvoiceNumbers:
    """Numbers in MongoDB.

    Only ever the number after the highest is inserted, so there is no gap; `_id` is unique, so there is no double; an owner is
    unique, so two processes that finalise one invoice get one number. Shard key: `tenant`, with which both unique keys begin.
    """

    def __init__(self, database: AsyncDatabase[dict[str, Any]], collection: str = "invoice_numbers") -> None:
        self._numbers: AsyncCollection[dict[str, Any]] = database[collection]

    async def ensure_indexes(self) -> None:
        await self._numbers.create_index([("tenant", ASCENDING), ("owner", ASCENDING)], name="owner", unique=True)

    async def claim(self, tenant: str, series: str, invoice_id: str) -> int:
        for _ in range(ATTEMPTS):
            held = await self._numbers.find_one({"tenant": tenant, "owner": invoice_id})
            if held is not None:
                return int(held["number"])
            number = await self._highest(tenant, series) + 1
            claim = {"_id": f"{tenant}/{series}/{number:012d}", "tenant": tenant, "owner": invoice_id, "number": number}
            try:
                await self._numbers.insert_one(claim)
            except DuplicateKeyError:
                continue  # another invoice was first, or another process for this one
            return number
        raise ConcurrentChange(f"too many invoices of series {series!r} are being finalised; try again")

    async def _highest(self, tenant: str, series: str) -> int:
        # "0" is the character after "/": the range holds exactly the ids that start with "<tenant>/<series>/".
        bounds = {"$gte": f"{tenant}/{series}/", "$lt": f"{tenant}/{series}0"}
        last = await self._numbers.find_one({"_id": bounds}, sort=[("_id", DESCENDING)])
        return int(last["number"]) if last else 0


class InMemoryInvoiceNumbers:
    """The same promises in a dictionary, for tests of commands."""

    def __init__(self) -> None:
        self.owners: dict[tuple[str, str], list[str]] = {}

    async def claim(self, tenant: str, series: str, invoice_id: str) -> int:
        owners = self.owners.setdefault((tenant, series), [])
        if invoice_id not in owners:
            owners.append(invoice_id)
        return owners.index(invoice_id) + 1
