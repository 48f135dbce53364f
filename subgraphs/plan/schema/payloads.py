"""What mutations of the catalogue have in common in their answers."""

from typing import Self

import strawberry

from subgraphs.kit.graphql.errors import UserError
from subgraphs.plan import projections
from subgraphs.plan.domain.plan import Plan as PlanAggregate
from subgraphs.plan.schema.types import Plan

__all__ = ["PlanPayload", "RefusablePayload"]


@strawberry.type
class RefusablePayload:
    """Base of every payload."""

    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class PlanPayload(RefusablePayload):
    """Base of payloads with a plan."""

    plan: Plan | None = strawberry.field(default=None, description="The plan afterwards, null when refused.")

    @classmethod
    def done(cls, plan: PlanAggregate) -> Self:
        return cls(plan=Plan.of(projections.plan_document(plan)))
