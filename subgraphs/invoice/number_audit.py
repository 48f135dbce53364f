"""Reads the numbers that documents bear, and who holds one that none bears."""

from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from subgraphs.invoice.documents import CreditNoteDocument, InvoiceDocument
from subgraphs.invoice.domain.number_audit import NumberAudit, NumberTally
from subgraphs.invoice.domain.numbering import CREDIT_NOTE_SERIES, DEFAULT_SERIES, format_number
from subgraphs.kit.persistence.numbers import number_id

__all__ = ["NumberAudits"]

_BEARERS: dict[str, type[InvoiceDocument] | type[CreditNoteDocument]] = {
    DEFAULT_SERIES: InvoiceDocument,
    CREDIT_NOTE_SERIES: CreditNoteDocument,
}


class NumberAudits:
    """Audits of the series of one installation: `numbers` is the collection in which they are claimed."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], numbers: str) -> None:
        self._claims = database[numbers]

    async def audit(self, tenant: str, series: str) -> NumberAudit:
        """Return what the tenant's series is like, by the numbers on its documents, of which nothing else is read."""
        audit = NumberTally(series)
        where = {"tenant": tenant, "number": {"$gt": ""}}  # text of any kind: null, which drafts have, is none
        async for found in _BEARERS[series].get_pymongo_collection().find(where, {"_id": 0, "number": 1}):
            audit.add(found["number"])
        return audit.result()

    async def bearers(self, tenant: str, series: str, number: int) -> list[str]:
        """Return the ids of at most ten documents that bear a number."""
        where = {"tenant": tenant, "number": format_number(series, number)}
        cursor = _BEARERS[series].get_pymongo_collection().find(where, {"_id": 1}).sort("_id", 1).limit(10)
        return [str(found["_id"]) async for found in cursor]

    async def holder(self, tenant: str, series: str, number: int) -> str | None:
        """Return for which document a number was taken; None: for none."""
        found = await self._claims.find_one({"_id": number_id(tenant, series, number)}, {"owner": 1})
        return str(found["owner"]) if found else None
