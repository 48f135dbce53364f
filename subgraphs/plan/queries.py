"""What can be asked about the catalogue."""

from typing import Any

from subgraphs.plan.domain.values import State

__all__ = ["plan_filter", "price_filter", "product_filter"]


def plan_filter(status: State | None, code: str | None, product_id: str | None) -> dict[str, Any]:
    """Return the conditions as a MongoDB filter on `plans`, without the tenant, which the reader adds."""
    conditions = {"state": status.value if status else None, "code": code, "product_id": product_id}
    return {name: value for name, value in conditions.items() if value is not None}


def product_filter(external_id: str | None) -> dict[str, Any]:
    """Return the conditions as a MongoDB filter on `products`, without the tenant."""
    return {} if external_id is None else {"external_id": external_id}


def price_filter(
    status: State | None, plan_id: str | None, external_id: str | None, one_time: bool | None = None
) -> dict[str, Any]:
    """Return the conditions as a MongoDB filter on `prices`, without the tenant."""
    conditions: dict[str, Any] = {"state": status.value if status else None, "plan_id": plan_id, "external_id": external_id}
    found = {name: value for name, value in conditions.items() if value is not None}
    return found if one_time is None else found | {"interval_unit": None if one_time else {"$ne": None}}
