"""Features with a limit of what a meter counts in a period."""

import pytest

from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.plan.commands.archive_meter import archive_meter
from subgraphs.plan.commands.change_plan_features import remove_plan_feature, set_metered_plan_feature, set_plan_feature
from subgraphs.plan.commands.create_feature import create_feature
from subgraphs.plan.commands.create_plan import create_plan
from subgraphs.plan.commands.create_product import create_product
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.values import FeatureMeter
from subgraphs.plan.published import publish
from subgraphs.pricing.usage import Aggregation
from tests.subgraphs.plan.commands.test_meters import Catalogue
from tests.testkit.memory import context, events_of, repository


class Features(Catalogue):
    """A plan, a feature, and meters."""

    @classmethod
    async def made(cls) -> "Features":
        made = cls()
        made.features = repository(Feature, made.store)
        product = await create_product(made.products, made.claims, "Analytics", None, context())
        made.plan = await create_plan(made.plans, made.products, made.claims, product.id, "team", "Team", None, context())
        made.feature = await create_feature(made.features, made.claims, "calls", "Calls", None, context())
        return made

    async def include(self, limit: int | None, metered: FeatureMeter) -> Plan:
        return await set_metered_plan_feature(
            self.plans, self.features, self.meters, self.plan.id, self.feature.id, limit, metered, context()
        )


async def test_a_limit_of_what_is_used_is_told() -> None:
    catalogue = await Features.made()
    meter = await catalogue.meter()
    for metered in (FeatureMeter(meter_id=meter.id), FeatureMeter(meter_id=meter.id, soft=True)):
        for _ in range(2):  # the second time changes nothing
            plan = await catalogue.include(1000, metered)
            assert (plan.features, plan.metered) == ({catalogue.feature.id: 1000}, {catalogue.feature.id: metered})
    told = [one.data for commit in catalogue.store.commits.values() for one in publish(commit) if "feature-set" in one.type]
    of = {"planId": catalogue.plan.id, "featureId": catalogue.feature.id, "limit": 1000, "meterId": meter.id}
    assert told == [of | {"soft": False}, of | {"soft": True}]


async def test_a_limit_can_be_of_nothing_counted_again_and_go() -> None:
    catalogue = await Features.made()
    metered = FeatureMeter(meter_id=(await catalogue.meter()).id)
    await catalogue.include(10, metered)
    plan = await set_plan_feature(catalogue.plans, catalogue.features, catalogue.plan.id, catalogue.feature.id, 10, context())
    assert (plan.features, plan.metered) == ({catalogue.feature.id: 10}, {})
    await catalogue.include(None, metered)
    plan = await remove_plan_feature(catalogue.plans, catalogue.plan.id, catalogue.feature.id, context())
    assert (plan.features, plan.metered) == ({}, {})
    assert len(await events_of(catalogue.store, Plan, plan.id)) == 5


async def test_a_limit_needs_a_meter_that_counts_as_it_goes() -> None:
    catalogue = await Features.made()
    mean = await catalogue.meter("seats", Aggregation.WEIGHTED_SUM)
    gone = await catalogue.meter("gone")
    await archive_meter(catalogue.meters, gone.id, context())
    for id, error in ((mean.id, InvalidInput), (gone.id, InvalidState), ("mtr_9", NotFound)):
        with pytest.raises(error) as refused:
            await catalogue.include(10, FeatureMeter(meter_id=id))
        assert refused.value.field == ("meterId",)
