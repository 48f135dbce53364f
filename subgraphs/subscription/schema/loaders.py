"""Batched reads of plan subscriptions, within the caller's tenant."""

from collections.abc import Sequence
from functools import partial

from subgraphs.kit.graphql.children import children
from subgraphs.kit.graphql.pagination import PageArguments
from subgraphs.subscription.documents import PlanSubscriptionDocument
from subgraphs.subscription.schema.context import Context

__all__ = ["load_plan_subscription", "plan_subscriptions_of_customer"]


async def load_plan_subscription(context: Context, id: str) -> PlanSubscriptionDocument | None:
    """Return the tenant's plan subscription; all asked for at the same time are one query."""
    batch = partial(context.deps.reader.find_many, context.tenant)
    return await context.loader("plan_subscription", batch).load(id)


async def plan_subscriptions_of_customer(
    context: Context, customer_id: str, page: PageArguments
) -> Sequence[PlanSubscriptionDocument]:
    """Return a page of the customer's plan subscriptions."""
    return await children(context, context.deps.reader, "customer_id", customer_id, page)
