"""What customers are entitled to, as the API shows it: answered from what this subgraph knows of plans, with batched reads."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import strawberry

from subgraphs.subscription.documents import FeatureReplica, PlanReplica, PlanSubscriptionDocument
from subgraphs.subscription.domain.entitlements import ENTITLING, entitlement
from subgraphs.subscription.schema.context import Context

__all__ = ["Entitlement", "entitlement_to", "entitlements_of"]

# More subscriptions of one customer than this do not entitle to more.
SUBSCRIPTIONS = 100


@strawberry.type(description="Whether a customer has a feature, by all that it subscribes to.")
class Entitlement:
    """As the API shows it."""

    feature: str = strawberry.field(description="The feature's code.")
    granted: bool = strawberry.field(
        description="Whether a plan that the customer subscribes to includes it; TRIALING, ACTIVE and PAST_DUE count."
    )
    limit: int | None = strawberry.field(
        description="Up to how much of it; the highest where several plans include it. Null: without limit, or not granted."
    )

    @classmethod
    def of(cls, code: str, limits: Sequence[int | None]) -> "Entitlement":
        found = entitlement(limits)
        return cls(feature=code, granted=found.granted, limit=found.limit)


async def entitlement_to(context: Context, customer_id: str, code: str) -> Entitlement | None:
    """Return the customer's entitlement to one feature, None when there is no feature with this code."""
    feature = await context.loader("feature_by_code", partial(_features, context, "code")).load(code)
    if feature is None:
        return None
    return Entitlement.of(code, (await _limits(context, customer_id)).get(feature.id, []))


async def entitlements_of(context: Context, customer_id: str) -> list[Entitlement]:
    """Return what the customer is entitled to, by code."""
    limits = await _limits(context, customer_id)
    features = await context.loader("feature", partial(_features, context, "_id")).load_many(sorted(limits))
    found = [(feature.code, limits[feature.id]) for feature in features if feature is not None and feature.code is not None]
    return [Entitlement.of(code, of_feature) for code, of_feature in sorted(found)]


async def _limits(context: Context, customer_id: str) -> dict[str, list[int | None]]:
    """Return the limits of each feature in the plans that the customer subscribes to."""
    subscriptions = await context.loader("entitling", partial(_entitling, context)).load(customer_id)
    plan_ids = sorted({subscription.plan_id for subscription in subscriptions})
    batch = partial(context.deps.plans.find_many, context.tenant)
    plans: list[PlanReplica | None] = await context.loader("plan", batch).load_many(plan_ids)
    limits: dict[str, list[int | None]] = {}
    for plan in plans:
        for feature_id, part in plan.features.items() if plan else ():
            if part.included:
                limits.setdefault(feature_id, []).append(part.limit)
    return limits


async def _entitling(context: Context, customer_ids: list[str]) -> list[list[PlanSubscriptionDocument]]:
    where = {"status": {"$in": [status.value for status in ENTITLING]}}
    found = await context.deps.reader.first_per_parent(context.tenant, "customer_id", customer_ids, where, SUBSCRIPTIONS)
    return [found[id] for id in customer_ids]


async def _features(context: Context, key: str, values: list[str]) -> list[FeatureReplica | None]:
    where: dict[str, Any] = {"tenant": context.tenant, key: {"$in": values}}
    found = await FeatureReplica.find(where).to_list(len(values))
    by_key = {feature.id if key == "_id" else feature.code: feature for feature in found}
    return [by_key.get(value) for value in values]
