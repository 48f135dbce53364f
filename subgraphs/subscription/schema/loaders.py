"""Batched reads of plan subscriptions, within the caller's tenant."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from subgraphs.kit.graphql.pagination import PageArguments, first_page
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
    """Return a page of the customer's plan subscriptions; first pages of many customers are one query."""
    reader, tenant = context.deps.reader, context.tenant

    def per_parent(limit: int) -> Callable[[list[str]], Awaitable[Sequence[list[PlanSubscriptionDocument]]]]:
        async def load(ids: list[str]) -> list[list[PlanSubscriptionDocument]]:
            found = await reader.first_per_parent(tenant, "customer_id", ids, {}, limit)
            return [found[id] for id in ids]

        return load

    return await first_page(
        page,
        lambda limit: context.loader(("of_customer", limit), per_parent(limit)).load(customer_id),
        lambda page: reader.page(tenant, {"customer_id": customer_id}, **page.reading()),
    )
