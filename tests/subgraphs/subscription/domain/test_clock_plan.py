"""What a clock lets happen next."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from subgraphs.subscription.domain.clock_plan import DueElsewhere, SubscriptionStep, plan_next
from subgraphs.subscription.domain.tenant_clock import CustomerHeld

DAY = datetime(2026, 3, 1, tzinfo=UTC)
LATE = datetime(2027, 1, 1, tzinfo=UTC)
INSTANT = timedelta(milliseconds=1)


def at(hour: float) -> datetime:
    return DAY + timedelta(hours=hour)


def step(hour: float, customer: str = "cus_1", id: str = "psub_1") -> SubscriptionStep:
    return SubscriptionStep(at(hour), id, customer)


def due(*found: tuple[str, float], until: float = 24) -> DueElsewhere:
    return DueElsewhere(due=[(customer, at(hour)) for customer, hour in found], until=at(until))


def test_nothing_is_planned_when_nothing_is_due_by_the_target() -> None:
    assert plan_next([], None, {"customer": DueElsewhere(), "invoice": DueElsewhere()}, LATE) is None
    assert plan_next([step(5)], None, {"invoice": due(("cus_1", 6))}, at(4)) is None


def test_the_target_itself_is_on_the_way() -> None:
    plan = plan_next([step(5)], None, {}, at(5))
    assert plan is not None
    assert (plan.now, plan.until, plan.steps) == (at(5), at(5) + INSTANT, (step(5),))


def test_customers_go_through_a_day_at_the_same_time() -> None:
    steps = [step(hour, f"cus_{hour}", f"psub_{hour}") for hour in (1, 5, 20, 30)]
    plan = plan_next(steps, None, {}, LATE)
    assert plan is not None
    assert (plan.now, plan.until, plan.steps, plan.held) == (at(1), at(24), tuple(steps[:3]), ())


def test_nothing_is_done_that_is_later_than_the_first_reaction_can_be() -> None:
    # A first invoice that is not paid expires after 23 hours.
    plan = plan_next([step(0.25), step(23.5, "cus_2", "psub_2")], None, {}, LATE)
    assert plan is not None
    assert (plan.until, plan.steps) == (at(23.25), (step(0.25),))


def test_a_customers_second_instant_waits_for_what_comes_of_the_first() -> None:
    together, later = [step(2, id="psub_1"), step(2, id="psub_2")], step(3, id="psub_3")
    plan = plan_next([*together, later, step(4, "cus_2", "psub_4")], None, {}, LATE)
    assert plan is not None
    assert plan.steps == (*together, step(4, "cus_2", "psub_4"))


def test_a_retry_before_a_renewal_holds_it_and_one_after_it_is_held() -> None:
    steps = [step(6, "cus_1", "psub_1"), step(6, "cus_2", "psub_2"), step(6, "cus_3", "psub_3")]
    elsewhere = {"customer": DueElsewhere(), "invoice": due(("cus_1", 5), ("cus_2", 7), ("cus_4", 8))}
    plan = plan_next(steps, None, elsewhere, LATE)
    assert plan is not None
    assert (plan.now, [one.customer_id for one in plan.steps]) == (at(5), ["cus_2", "cus_3"])
    assert set(plan.held) == {
        CustomerHeld(customer_id="cus_1", goes="invoice"),
        CustomerHeld(customer_id="cus_2", goes="subscription"),
    }


def test_what_is_due_elsewhere_at_the_same_instant_comes_first_in_the_order_of_those_who_follow() -> None:
    elsewhere = {"customer": due(("cus_1", 6)), "invoice": due(("cus_1", 6), ("cus_2", 6))}
    plan = plan_next([step(6), step(6, "cus_2", "psub_2")], None, elsewhere, LATE)
    assert plan is not None
    assert (plan.steps, set(plan.held)) == (
        (),
        {CustomerHeld(customer_id="cus_1", goes="customer"), CustomerHeld(customer_id="cus_2", goes="invoice")},
    )


def test_what_may_be_due_without_being_listed_bounds_the_time() -> None:
    plan = plan_next([step(2), step(9, "cus_2", "psub_2")], at(9), {"invoice": due(("cus_3", 4), until=5)}, LATE)
    assert plan is not None
    assert (plan.until, plan.steps) == (at(5), (step(2),))


customers, hours = st.sampled_from(["cus_1", "cus_2", "cus_3"]), st.integers(0, 60)


@given(st.lists(st.tuples(customers, hours)), st.lists(st.tuples(customers, hours)), st.integers(0, 60))
def test_of_each_customer_exactly_what_comes_first_is_let_happen(
    renewals: list[tuple[str, int]], retries: list[tuple[str, int]], target: int
) -> None:
    steps = sorted(step(hour, customer, f"psub_{number}") for number, (customer, hour) in enumerate(renewals))
    day = min((hour // 24 for _, hour in retries), default=0)
    listed = [(customer, hour) for customer, hour in retries if hour // 24 == day]
    elsewhere = due(*listed, until=24 * day + 24) if retries else DueElsewhere()
    plan = plan_next(steps, None, {"invoice": elsewhere}, at(target))
    everything = [hour for _, hour in (*renewals, *retries)]
    assert (plan is None) == (not any(hour <= target for hour in everything))
    if plan is None:
        return
    assert plan.now == at(min(everything)) < plan.until <= at(target) + INSTANT
    goes = {one.customer_id: one.goes for one in plan.held}
    for one in plan.steps:
        before = [hour for customer, hour in (*renewals, *listed) if customer == one.customer_id and at(hour) < one.at]
        assert before == []
        assert goes.get(one.customer_id, "subscription") == "subscription"
    first = [one for one in steps if one.at < plan.until and goes.get(one.customer_id) != "invoice"]
    assert {one.customer_id for one in first} == {one.customer_id for one in plan.steps}
