"""Usage events come to one quantity, whatever their order and grouping."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.period import Period
from subgraphs.pricing.usage import EMPTY, MOST_KEYS, Aggregation, UsageEvent, aggregated, rolled_up, share_of_level

APRIL = Period(datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))  # 30 days


def event(id: str, value: str = "1", days: float = 0, key: str | None = None) -> UsageEvent:
    return UsageEvent(id=id, at=APRIL.start + timedelta(days=days), value=Decimal(value), key=key)


EVENTS = [event("a", "2.5", 0, "x"), event("b", "4", 10, "y"), event("c", "-1", 15, "x"), event("d", "1", 15, "z")]


@pytest.mark.parametrize(
    ("aggregation", "quantity"),
    [
        (Aggregation.SUM, "6.5"),
        (Aggregation.COUNT, "4"),
        (Aggregation.UNIQUE_COUNT, "3"),
        (Aggregation.MAX, "4"),
        (Aggregation.LAST, "1"),  # c and d are of the same instant: the greater id
        (Aggregation.WEIGHTED_SUM, "5.166666666667"),  # 2.5 + 4 × 20/30 − 1 × 15/30 + 1 × 15/30
    ],
)
def test_every_aggregation(aggregation: Aggregation, quantity: str) -> None:
    assert aggregated(aggregation, rolled_up(EVENTS), APRIL) == Decimal(quantity)


def test_a_level_goes_on_from_the_period_before() -> None:
    seats = rolled_up([event("a", "-2", 15)])
    assert aggregated(Aggregation.WEIGHTED_SUM, seats, APRIL, before=Decimal(10)) == 9  # 10 for 15 days, 8 for 15
    assert aggregated(Aggregation.WEIGHTED_SUM, EMPTY, APRIL, before=Decimal(10)) == 10


@pytest.mark.parametrize("aggregation", list(Aggregation))
def test_nothing_used_is_zero(aggregation: Aggregation) -> None:
    assert aggregated(aggregation, EMPTY, APRIL) == 0


def test_no_quantity_is_below_zero() -> None:
    for aggregation in (Aggregation.SUM, Aggregation.MAX, Aggregation.LAST, Aggregation.WEIGHTED_SUM):
        assert aggregated(aggregation, rolled_up([event("a", "-5")]), APRIL) == 0


def test_too_many_keys_are_counted_elsewhere() -> None:
    many = rolled_up(event(str(number), key=str(number)) for number in range(MOST_KEYS + 1))
    assert many.keys is None
    assert aggregated(Aggregation.UNIQUE_COUNT, many, APRIL, unique=1001) == 1001
    half = rolled_up(event(str(number), key=str(number)) for number in range(MOST_KEYS))
    assert (half + rolled_up([event("x", key="another")])).keys is None


VALUES = st.decimals(-(10**6), 10**6, places=6)
MANY = st.lists(st.tuples(VALUES, st.integers(0, 29), st.sampled_from(["x", "y", "z", None])), max_size=30)


@given(MANY, st.randoms(use_true_random=False), st.integers(1, 5))
def test_order_and_grouping_do_not_matter(rows: list[tuple[Decimal, int, str | None]], random: object, groups: int) -> None:
    events = [event(f"{number:02}", str(value), day, key) for number, (value, day, key) in enumerate(rows)]
    whole = rolled_up(events)
    random.shuffle(events)  # type: ignore[attr-defined]
    total = EMPTY
    for number in range(groups):
        total += rolled_up(events[number::groups])
    assert total == whole


CUTS = st.lists(st.integers(1, 29), max_size=5, unique=True)


def parts_of_april(cuts: list[int]) -> list[Period]:
    bounds = [APRIL.start + timedelta(days=day) for day in sorted({0, 30, *cuts})]
    return [Period(start, end) for start, end in pairwise(bounds)]


@given(CUTS, st.decimals(0, 10**6, places=3), st.integers(0, 29))
def test_a_level_that_stays_comes_to_itself_over_parts(cuts: list[int], level: Decimal, told: int) -> None:
    """Told once at the start, and perhaps again: MAX and LAST of the parts, each for its time, are the level of the period."""
    events = [event("a", str(level)), event("b", str(level), told)]
    for aggregation in (Aggregation.MAX, Aggregation.LAST):
        in_parts, earlier = Decimal(0), EMPTY
        for part in parts_of_april(cuts):
            rollup = rolled_up(one for one in events if one.at in part)
            in_parts += share_of_level(aggregated(aggregation, rollup, part, earlier=earlier), part, APRIL)
            earlier += rollup
        assert abs(in_parts - level) <= Decimal("1e-11")  # each is rounded at 12 decimals


@given(CUTS, st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 29)), max_size=10))
def test_the_highest_level_of_parts_is_never_more_than_that_of_the_period(cuts: list[int], rows: list[tuple[int, int]]) -> None:
    events = [event(f"{number:02}", str(value), day) for number, (value, day) in enumerate(rows)]
    whole = aggregated(Aggregation.MAX, rolled_up(events), APRIL)
    in_parts, earlier = Decimal(0), EMPTY
    for part in parts_of_april(cuts):
        rollup = rolled_up(one for one in events if one.at in part)
        in_parts += share_of_level(aggregated(Aggregation.MAX, rollup, part, earlier=earlier), part, APRIL)
        earlier += rollup
    assert in_parts <= whole + Decimal("1e-11")


@given(CUTS, st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 29)), max_size=20))
def test_the_keys_of_parts_sum_to_those_of_the_period(cuts: list[int], rows: list[tuple[str, int]]) -> None:
    events = [event(f"{number:02}", "1", day, key) for number, (key, day) in enumerate(rows)]
    in_parts, earlier = Decimal(0), EMPTY
    for part in parts_of_april(cuts):
        rollup = rolled_up(one for one in events if one.at in part)
        in_parts += aggregated(Aggregation.UNIQUE_COUNT, rollup, part, earlier=earlier)
        earlier += rollup
    assert in_parts == aggregated(Aggregation.UNIQUE_COUNT, rolled_up(events), APRIL)
