"""Live changes of plan subscriptions."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

import strawberry

from subgraphs.kit.messaging.feed import Gap
from subgraphs.subscription.domain.plan_subscription import PlanSubscription as PlanSubscriptionAggregate
from subgraphs.subscription.schema.context import Info
from subgraphs.subscription.schema.types import READ, PlanSubscription

__all__ = ["PlanSubscriptionChange", "Subscription"]


@strawberry.type(description="Something happened to a plan subscription, or may have been missed.")
class PlanSubscriptionChange:
    """One event of the feed."""

    id: strawberry.ID | None = strawberry.field(
        description="Unique for good. Give the last one as `after` to go on behind it when you were away; null for a gap."
    )
    event: str | None = strawberry.field(description="The public event, such as plan-subscription-activated.v1; null for a gap.")
    occurred_at: datetime | None = strawberry.field(description="When it happened; null for a gap.")
    gap: bool = strawberry.field(description="True where events may be missing: read the current state again.")
    plan_subscription: PlanSubscription | None = strawberry.field(
        description="The plan subscription as it is now; null for a gap."
    )


@strawberry.type
class Subscription:
    """Root fields."""

    @strawberry.subscription(
        description=(
            "Changes of plan subscriptions from now on; with `after`, those since then, too. Without it nothing is replayed: "
            "read the current state first."
        ),
        directives=[strawberry.federation.schema_directives.RequiresScopes(scopes=READ)],
    )
    async def plan_subscription_changed(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Only this plan subscription.")] = None,
        customer_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only this customer's.")] = None,
        after: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="The id of the last change that you had: those since come first, with a gap where they are not all "
                "there any more. The last million events are kept, and 100,000 of them looked through."
            ),
        ] = None,
    ) -> AsyncIterator[PlanSubscriptionChange]:
        services, tenant = info.context.deps, info.context.tenant
        async with services.feed.subscribe(tenant, after) as messages:
            async for message in messages:
                if isinstance(message, Gap):
                    yield PlanSubscriptionChange(id=None, event=None, occurred_at=None, gap=True, plan_subscription=None)
                    continue
                for event in message.events if message.kind == PlanSubscriptionAggregate.kind else ():
                    if customer_id is not None and event.data.get("customerId") != customer_id:
                        continue
                    if id is not None and message.aggregate_id != id:
                        continue
                    # Read anew per event: the request's loaders would answer what was true before.
                    document = await services.reader.find(tenant, message.aggregate_id)
                    yield PlanSubscriptionChange(
                        id=strawberry.ID(event.id),
                        event=event.type,
                        occurred_at=event.occurred_at,
                        gap=False,
                        plan_subscription=PlanSubscription.of(document) if document else None,
                    )
