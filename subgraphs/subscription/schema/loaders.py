"""Batched reads of plan subscriptions, within the caller's tenant."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from subgraphs.kit.graphql.children import children
from subgraphs.kit.graphql.pagination import PageArguments
from subgraphs.kit.graphql.time_travel import past_instant
from subgraphs.subscription.documents import PlanSubscriptionDocument
from subgraphs.subscription.projections import plan_subscription_document
from subgraphs.subscription.schema.context import Context

__all__ = ["load_plan_subscription", "plan_subscriptions_of_customer"]


async def load_plan_subscription(context: Context, id: str, as_of: datetime | None = None) -> PlanSubscriptionDocument | None:
    """Return the tenant's plan subscription, now or `as_of`; all asked for as they are now at the same time are one query.

    Raises:
        InvalidInput: `as_of` lies ahead.
    """
    if as_of is not None:
        subscription = await context.deps.subscriptions.as_of(context.tenant, id, await past_instant(context, as_of))
        return plan_subscription_document(subscription) if subscription else None
    batch = partial(context.deps.reader.find_many, context.tenant)
    return await context.loader("plan_subscription", batch).load(id)


async def plan_subscriptions_of_customer(
    context: Context, customer_id: str, page: PageArguments
) -> Sequence[PlanSubscriptionDocument]:
    """Return a page of the customer's plan subscriptions."""
    return await children(context, context.deps.reader, "customer_id", customer_id, page)
