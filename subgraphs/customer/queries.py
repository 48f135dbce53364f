"""What can be asked about customers."""

import re
from dataclasses import dataclass
from typing import Any

from subgraphs.customer.domain.values import CustomerStatus

__all__ = ["WITHOUT_ALIASES", "CustomerFilter", "customer_filter"]

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
