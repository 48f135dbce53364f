"""What can be asked about customers."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING

from subgraphs.customer.documents import CustomerDocument, WalletDocument
from subgraphs.customer.domain.values import CustomerStatus

__all__ = [
    "WITHOUT_ALIASES",
    "CustomerFilter",
    "DueCustomerStep",
    "cards_to_tell_of",
    "customer_filter",
    "wallets_to_expire",
]

WITHOUT_ALIASES = {"merged_into_id": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """Which customers to list; every given condition must hold. Aliases only by their status or external id."""

    status: CustomerStatus | None = None
    external_id: str | None = None
    email: str | None = None
    name_starts_with: str | None = None


def customer_filter(where: CustomerFilter) -> dict[str, Any]:
    """Return the conditions as a MongoDB filter on `customers`, without the tenant, which the reader adds."""
    conditions: dict[str, Any] = {}
    if where.status is not None:
        conditions["status"] = where.status.value
    elif where.external_id is None:
        conditions |= WITHOUT_ALIASES
    if where.external_id is not None:
        conditions["external_id"] = where.external_id
    if where.email is not None:
        conditions["email"] = where.email
    if where.name_starts_with:
        conditions["name_lower"] = {"$regex": f"^{re.escape(where.name_starts_with.lower())}"}
    return conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCustomerStep:
    """A wallet or a customer, by its id, that a tenant's own clock changes at `at`."""

    id: str
    customer_id: str
    at: datetime


async def wallets_to_expire(tenant: str, until: datetime, limit: int, without: Collection[str]) -> list[DueCustomerStep]:
    """Return up to `limit` wallets with a grant that expires before `until`, the first first, `without` some."""
    # `$gt` keeps out what does not expire: null is of another type, and sorts before every date.
    where: dict[str, Any] = {"tenant": tenant, "next_expiry_at": {"$gt": datetime.min, "$lt": until}}
    if without:
        where["_id"] = {"$nin": list(without)}
    cursor = WalletDocument.get_pymongo_collection().find(where, {"customer_id": 1, "next_expiry_at": 1})
    return [
        DueCustomerStep(id=one["_id"], customer_id=one["customer_id"], at=one["next_expiry_at"])
        async for one in cursor.sort([("next_expiry_at", ASCENDING)]).limit(limit)
    ]


async def cards_to_tell_of(tenant: str, until: datetime, limit: int, without: Collection[str]) -> list[DueCustomerStep]:
    """Return up to `limit` customers with a card to tell of before `until`, the first first, `without` some."""
    where: dict[str, Any] = {"tenant": tenant, "expiry_notice_at": {"$gt": datetime.min, "$lt": until}}
    if without:
        where["_id"] = {"$nin": list(without)}
    cursor = CustomerDocument.get_pymongo_collection().find(where, {"expiry_notice_at": 1})
    return [
        DueCustomerStep(id=one["_id"], customer_id=one["_id"], at=one["expiry_notice_at"])
        async for one in cursor.sort([("expiry_notice_at", ASCENDING)]).limit(limit)
    ]
