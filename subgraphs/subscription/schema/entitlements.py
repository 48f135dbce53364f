"""What customers are entitled to, as the API shows it: answered from what this subgraph knows of plans, with batched reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

import strawberry

from subgraphs.kit.domain.period import Period
from subgraphs.subscription.documents import (
    CustomerReplica,
    FeatureReplica,
    MeterReplica,
    PlanFeaturePart,
    PlanReplica,
    PlanSubscriptionDocument,
)
from subgraphs.subscription.domain.entitlements import ENTITLING, Balance, entitlement, most_generous
from subgraphs.subscription.schema.context import Context, Info

__all__ = ["Entitlement", "EntitlementBalance", "entitlement_to", "entitlements_of"]

# Most customers have fewer subscriptions: those of several customers are read together, what is beyond one by one.
FIRST_SUBSCRIPTIONS = 100
MORE_SUBSCRIPTIONS = 1_000


@dataclass(frozen=True, slots=True)
class Grant:
    """A feature as a plan that is subscribed to, by itself or as an add-on, includes it."""

    subscription: PlanSubscriptionDocument
    part: PlanFeaturePart


@strawberry.type(description="What was used of a metered feature in the running billing period, and what is left of its limit.")
class EntitlementBalance:
    """As the API shows it."""

    balance: strawberry.Private[Balance]
    plan_subscription_id: strawberry.ID = strawberry.field(
        description="Whose: where several subscriptions include the feature, the one with most left."
    )
    used: Decimal = strawberry.field(
        description="How much was used; an hour with thousands of events is up to ten seconds behind."
    )
    remaining: Decimal | None = strawberry.field(description="How much is left of the limit; null: there is no limit.")
    over: Decimal = strawberry.field(description="How much was used beyond the limit.")
    soft: bool = strawberry.field(description="Whether the limit only tells, and more can be used.")
    resets_at: datetime = strawberry.field(description="When the period ends and nothing is used of the next one.")

    @strawberry.field(description="Whether so much more can be used now: there is room, or the limit is soft.")
    def allows(
        self, amount: Annotated[Decimal, strawberry.argument(description="How much more is to be used.")] = Decimal(1)
    ) -> bool:
        return self.balance.allows(amount)

    @classmethod
    def of(cls, balance: Balance) -> "EntitlementBalance":
        return cls(
            balance=balance,
            plan_subscription_id=strawberry.ID(balance.plan_subscription_id),
            used=balance.used,
            remaining=balance.remaining,
            over=balance.over,
            soft=balance.soft,
            resets_at=balance.resets_at,
        )


@strawberry.type(description="Whether a customer has a feature, by all that it subscribes to.")
class Entitlement:
    """As the API shows it."""

    grants: strawberry.Private[Sequence[Grant]]
    feature: str = strawberry.field(description="The feature's code.")
    granted: bool = strawberry.field(
        description=(
            "Whether a plan that the customer subscribes to, also as an add-on, includes it; TRIALING, ACTIVE and PAST_DUE count."
        )
    )
    limit: int | None = strawberry.field(
        description="Up to how much of it; the highest where several plans include it. Null: without limit, or not granted."
    )

    @strawberry.field(
        description=(
            "What is left of it in the running billing period, where a meter counts its use; null: none does, or it has none."
        )
    )
    async def balance(self, info: Info) -> EntitlementBalance | None:
        found: list[Balance] = []
        for grant in sorted(self.grants, key=_bound, reverse=True):
            best = most_generous(found)
            if best is not None and best.exceeds(grant.part.limit):
                break  # nor is there more left of one that comes later
            if (balance := await _balance(info.context, grant)) is not None:
                found.append(balance)
        best = most_generous(found)
        return EntitlementBalance.of(best) if best else None

    @classmethod
    def of(cls, code: str, grants: Sequence[Grant]) -> "Entitlement":
        found = entitlement([grant.part.limit for grant in grants])
        return cls(grants=grants, feature=code, granted=found.granted, limit=found.limit)


def _bound(grant: Grant) -> tuple[bool, int]:
    limit = grant.part.limit
    return limit is None, limit or 0


async def entitlement_to(context: Context, customer_id: str, code: str) -> Entitlement | None:
    """Return the customer's entitlement to one feature, None when there is no feature with this code.

    An alias has what the customer has that it was merged into.
    """
    feature = await context.loader("feature_by_code", partial(_features, context, "code")).load(code)
    if feature is None:
        return None
    return Entitlement.of(code, (await _grants(context, customer_id)).get(feature.id, []))


async def entitlements_of(context: Context, customer_id: str) -> list[Entitlement]:
    """Return what the customer is entitled to, by code."""
    grants = await _grants(context, customer_id)
    features = await context.loader("feature", partial(_features, context, "_id")).load_many(sorted(grants))
    found = [(feature.code, feature.id) for feature in features if feature is not None and feature.code is not None]
    return [Entitlement.of(code, grants[id]) for code, id in sorted(found)]


async def _grants(context: Context, customer_id: str) -> dict[str, list[Grant]]:
    """Return by whom and up to what each feature is granted: by the plans that the customer subscribes to."""
    customer_id = await _unaliased(context, customer_id)
    subscriptions = await context.loader("entitling", partial(_entitling, context)).load(customer_id)
    plan_ids = sorted({id for subscription in subscriptions for id in _plan_ids(subscription)})
    batch = partial(context.deps.plans.find_many, context.tenant)
    plans: list[PlanReplica | None] = await context.loader("plan", batch).load_many(plan_ids)
    by_id = dict(zip(plan_ids, plans, strict=True))
    grants: dict[str, list[Grant]] = {}
    for subscription in subscriptions:
        for plan in (by_id[id] for id in _plan_ids(subscription)):
            for feature_id, part in plan.features.items() if plan else ():
                if part.included:
                    grants.setdefault(feature_id, []).append(Grant(subscription, part))
    return grants


def _plan_ids(subscription: PlanSubscriptionDocument) -> list[str]:
    return list(dict.fromkeys([subscription.plan_id, *(one.plan_id for one in subscription.add_ons)]))


async def _unaliased(context: Context, customer_id: str) -> str:
    """Return the customer's id, or that of the one it was merged into."""
    customers = context.loader("customer_replica", partial(_customers, context))
    while (known := await customers.load(customer_id)) is not None and known.merged_into_id is not None:
        customer_id = known.merged_into_id  # no cycle: only active ones are merged into
    return customer_id


async def _customers(context: Context, ids: list[str]) -> list[CustomerReplica | None]:
    found = await CustomerReplica.find({"tenant": context.tenant, "_id": {"$in": ids}}).to_list(len(ids))
    by_id = {customer.id: customer for customer in found}
    return [by_id.get(id) for id in ids]


async def _balance(context: Context, grant: Grant) -> Balance | None:
    subscription, part = grant.subscription, grant.part
    if part.meter_id is None:
        return None
    meter = await context.loader("meter", partial(_meters, context)).load(part.meter_id)
    if meter is None or meter.aggregation is None:
        return None  # a meter that has just been created has counted nothing
    period = Period(subscription.period_start, subscription.period_end)
    used = await context.deps.totals.used(context.tenant, subscription.id, meter.id, meter.aggregation, period)
    return Balance(plan_subscription_id=subscription.id, limit=part.limit, used=used, soft=part.soft, resets_at=period.end)


async def _meters(context: Context, ids: list[str]) -> list[MeterReplica | None]:
    found = await MeterReplica.find({"tenant": context.tenant, "_id": {"$in": ids}}).to_list(len(ids))
    by_id = {meter.id: meter for meter in found}
    return [by_id.get(id) for id in ids]


async def _entitling(context: Context, customer_ids: list[str]) -> list[list[PlanSubscriptionDocument]]:
    where = {"status": {"$in": [status.value for status in ENTITLING]}}
    reader, tenant = context.deps.reader, context.tenant
    found = await reader.first_per_parent(tenant, "customer_id", customer_ids, where, FIRST_SUBSCRIPTIONS)
    for id, subscriptions in found.items():
        wanted, of_customer = FIRST_SUBSCRIPTIONS, {"customer_id": id, **where}
        while subscriptions and len(subscriptions) == wanted:
            subscriptions += await reader.page(tenant, of_customer, limit=MORE_SUBSCRIPTIONS, after=subscriptions[-1].id)
            wanted += MORE_SUBSCRIPTIONS
    return [found[id] for id in customer_ids]


async def _features(context: Context, key: str, values: list[str]) -> list[FeatureReplica | None]:
    where: dict[str, Any] = {"tenant": context.tenant, key: {"$in": values}}
    found = await FeatureReplica.find(where).to_list(len(values))
    by_key = {feature.id if key == "_id" else feature.code: feature for feature in found}
    return [by_key.get(value) for value in values]
