"""Change which features a plan includes."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.repository import FeatureRepository, PlanRepository

__all__ = ["remove_plan_feature", "set_plan_feature"]


async def set_plan_feature(
    plans: PlanRepository,
    features: FeatureRepository,
    plan_id: str,
    feature_id: str,
    limit: int | None,
    context: CommandContext,
) -> Plan:
    """Include a feature up to `limit` (None: without limit).

    Raises:
        NotFound: there is no such plan or feature.
        InvalidInput: the limit is out of range.
        InvalidState: the plan is archived or includes too many features.
    """
    feature = await features.get(context.tenant, feature_id, field=("featureId",))
    return await plans.update(plan_id, context, lambda plan: plan.set_feature(feature.id, limit), field=("planId",))


async def remove_plan_feature(plans: PlanRepository, plan_id: str, feature_id: str, context: CommandContext) -> Plan:
    """Include the feature no longer; nothing happens when it was not included.

    Raises:
        NotFound: there is no such plan.
        InvalidState: the plan is archived.
    """
    return await plans.update(plan_id, context, lambda plan: plan.remove_feature(feature_id), field=("planId",))
