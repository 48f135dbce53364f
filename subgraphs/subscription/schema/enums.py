"""This subgraph's enums as the API names them; imported before types and inputs use them."""

from enum import StrEnum

import strawberry

from subgraphs.subscription.domain.values import PlanSubscriptionStatus

__all__ = ["CancellationTime", "PlanSubscriptionStatus"]

strawberry.enum(PlanSubscriptionStatus, description="Where a plan subscription stands.")


@strawberry.enum(description="When a plan subscription ends.")
class CancellationTime(StrEnum):
    """When to cancel."""

    NOW = "NOW"
    PERIOD_END = "PERIOD_END"
