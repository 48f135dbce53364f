"""A plan includes features until it is archived."""

import pytest

from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.plan.domain import events
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.domain.plan import FEATURES, Plan
from subgraphs.plan.domain.product import Product
from subgraphs.plan.domain.values import State
from tests.testkit.memory import AT, context


def team() -> Plan:
    plan = Plan.create("plan_1", "prod_1", "team", " Team ", "", context())
    plan.saved(AT)
    return plan


def test_a_new_plan_is_sold_and_includes_nothing() -> None:
    plan = Plan.create("plan_1", "prod_1", "team", " Team ", "", context())
    assert plan.unsaved == (events.PlanCreated(product_id="prod_1", code="team", name="Team", description=None, created_at=AT),)
    assert (plan.state, plan.features) == (State.ACTIVE, {})


@pytest.mark.parametrize(
    ("code", "name", "description", "field"),
    [
        ("Team", "Team", None, "code"),
        ("", "Team", None, "code"),
        ("team--2", "Team", None, "code"),
        ("-team", "Team", None, "code"),
        ("x" * 65, "Team", None, "code"),
        ("team", " ", None, "name"),
        ("team", "x" * 201, None, "name"),
        ("team", "Team", "x" * 2001, "description"),
    ],
)
def test_a_malformed_field_is_named(code: str, name: str, description: str | None, field: str) -> None:
    for make in (
        lambda: Plan.create("plan_1", "prod_1", code, name, description, context()),
        lambda: Feature.create("feat_1", code, name, description, context()),
    ):
        with pytest.raises(InvalidInput) as refused:
            make()
        assert refused.value.field == (field,)


@pytest.mark.parametrize(("name", "description", "field"), [("", None, "name"), ("x", "x" * 2001, "description")])
def test_a_malformed_product_is_refused(name: str, description: str | None, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Product.create("prod_1", name, description, context())
    assert refused.value.field == (field,)


def test_a_plan_is_put_into_a_tax_category_and_out_of_it_also_when_archived() -> None:
    plan = team()
    assert plan.tax_category is None
    plan.archive(context())
    for category in ("reduced", "reduced", None, None):
        plan.set_tax_category(category)
    assert plan.unsaved[1:] == (events.PlanTaxCategorySet(tax_category="reduced"), events.PlanTaxCategorySet(tax_category=None))
    with pytest.raises(InvalidInput) as refused:
        plan.set_tax_category("Reduced rate")
    assert refused.value.field == ("taxCategory",)


def test_a_plan_is_created_with_its_tax_category() -> None:
    plan = Plan.create("plan_1", "prod_1", "team", "Team", None, context(), tax_category="reduced")
    assert plan.unsaved[1:] == (events.PlanTaxCategorySet(tax_category="reduced"),)
    assert plan.tax_category == "reduced"


def test_setting_a_feature_again_changes_its_limit_and_only_that_is_recorded() -> None:
    plan = team()
    for limit in (5, 5, None, None, 0):
        plan.set_feature("feat_1", limit)
    assert [event.limit for event in plan.unsaved if isinstance(event, events.PlanFeatureSet)] == [5, None, 0]
    plan.remove_feature("feat_1")
    plan.remove_feature("feat_1")
    assert plan.unsaved[3:] == (events.PlanFeatureRemoved(feature_id="feat_1"),)
    assert plan.features == {}


@pytest.mark.parametrize("limit", [-1, 2**31])
def test_a_limit_out_of_range_is_refused(limit: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        team().set_feature("feat_1", limit)
    assert refused.value.field == ("limit",)


def test_features_are_bounded_and_known_ones_can_still_change() -> None:
    plan = team()
    for number in range(FEATURES):
        plan.set_feature(f"feat_{number}", 1)
    with pytest.raises(InvalidState, match="at most 200 features"):
        plan.set_feature("one_more", 1)
    plan.set_feature("feat_0", 2)
    assert plan.features["feat_0"] == 2


def test_an_archived_plan_does_not_change() -> None:
    plan = team()
    plan.archive(context())
    plan.archive(context())
    assert plan.unsaved == (events.PlanArchived(archived_at=AT),)
    for change in (lambda: plan.set_feature("feat_1", 1), lambda: plan.remove_feature("feat_1"), plan.require_active):
        with pytest.raises(InvalidState, match="archived"):
            change()
