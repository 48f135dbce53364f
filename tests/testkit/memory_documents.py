"""Read documents and replicas without a database, where code writes them by the classes of documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from subgraphs.kit.persistence.documents import TenantDocument

__all__ = ["in_memory_documents"]


class _Collection:
    """As much of a collection as `put_forward` needs."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}

    async def update_one(self, filters: Mapping[str, Any], change: Mapping[str, Any], *, upsert: bool) -> Any:
        known = self.documents.get(filters["_id"])
        if known is None or known["version"] < filters["version"]["$lt"]:
            self.documents[filters["_id"]] = {"tenant": filters["tenant"], **change["$set"]}
        return SimpleNamespace(matched_count=known is not None, upserted_id=known is None)


@contextmanager
def in_memory_documents() -> Iterator[Callable[[type[TenantDocument]], Mapping[str, Mapping[str, Any]]]]:
    """Let documents be built and written without a database; give what is known of each type, by id."""
    collections: dict[type[TenantDocument], _Collection] = {}

    def of(type_: type[TenantDocument]) -> _Collection:
        return collections.setdefault(type_, _Collection())

    TenantDocument.get_pymongo_collection = classmethod(of)  # type: ignore[assignment,method-assign]
    try:
        yield lambda type_: of(type_).documents
    finally:
        del TenantDocument.get_pymongo_collection
