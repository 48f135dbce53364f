"""What can be asked about the audit log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from subgraphs.kit.domain.errors import InvalidInput

__all__ = ["AuditFilter", "audit_filter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which audit entries to list; every given condition must hold. Times are the half-open interval [since, until)."""

    entity_id: str | None = None
    client_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def audit_filter(where: AuditFilter) -> dict[str, Any]:
    """Return the conditions as a MongoDB filter on `audit_entries`, without the tenant, which the reader adds.

    Raises:
        InvalidInput: the interval ends before it begins.
    """
    if where.since is not None and where.until is not None and where.until < where.since:
        raise InvalidInput("the interval ends before it begins", field=("where", "to"))
    conditions: dict[str, Any] = {}
    if where.entity_id is not None:
        conditions["entity_id"] = where.entity_id
    if where.client_id is not None:
        conditions["client_id"] = where.client_id
    bounds = {"$gte": where.since, "$lt": where.until}
    if given := {operator: at for operator, at in bounds.items() if at is not None}:
        conditions["at"] = given
    return conditions
