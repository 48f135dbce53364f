"""Change which features a plan includes."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.values import FeatureMeter, State
from subgraphs.plan.repository import FeatureRepository, MeterRepository, PlanRepository
from subgraphs.pricing.usage import Aggregation

__all__ = ["remove_plan_feature", "set_metered_plan_feature", "set_plan_feature"]


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
        InvalidState: the plan is archived or includes too many features, or the feature is archived and not included yet.
    """
    feature = await features.get(context.tenant, feature_id, field=("featureId",))
    return await plans.update(plan_id, context, lambda plan: _set(plan, feature, limit), field=("planId",))


async def set_metered_plan_feature(
    plans: PlanRepository,
    features: FeatureRepository,
    meters: MeterRepository,
    plan_id: str,
    feature_id: str,
    limit: int | None,
    metered: FeatureMeter,
    context: CommandContext,
) -> Plan:
    """Include a feature up to `limit` (None: without limit) of what a meter counts in a billing period.

    Raises:
        NotFound: there is no such plan, feature or meter.
        InvalidInput: the limit is out of range, or what the meter counts is known only when a period has ended.
        InvalidState: the plan or the meter is archived, the plan includes too many features, or the feature is archived and not
            included yet.
    """
    feature = await features.get(context.tenant, feature_id, field=("featureId",))
    meter = await meters.get(context.tenant, metered.meter_id, field=("meterId",))
    if meter.state is not State.ACTIVE:
        raise InvalidState(f"meter {meter.id!r} is archived", field=("meterId",))
    if meter.created.aggregation is Aggregation.WEIGHTED_SUM:
        raise InvalidInput("what a WEIGHTED_SUM meter counts is known when the period has ended", field=("meterId",))
    return await plans.update(plan_id, context, lambda plan: _set(plan, feature, limit, metered), field=("planId",))


def _set(plan: Plan, feature: Feature, limit: int | None, metered: FeatureMeter | None = None) -> None:
    if feature.state is not State.ACTIVE and feature.id not in plan.features:
        raise InvalidState(f"feature {feature.id!r} is archived and included in no further plan", field=("featureId",))
    plan.set_feature(feature.id, limit, metered)


async def remove_plan_feature(plans: PlanRepository, plan_id: str, feature_id: str, context: CommandContext) -> Plan:
    """Include the feature no longer; nothing happens when it was not included.

    Raises:
        NotFound: there is no such plan.
        InvalidState: the plan is archived.
    """
    return await plans.update(plan_id, context, lambda plan: plan.remove_feature(feature_id), field=("planId",))
