"""Discounts to the minor unit."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.money import Money
from subgraphs.pricing.discount import Reduction, in_order, reduce_charges


def eur(minor_units: int) -> Money:
    return Money(minor_units, "EUR")


def percent(value: str, *plans: str) -> Reduction:
    return Reduction(percent_off=Decimal(value), plan_ids=plans)


def amount(minor_units: int, *plans: str) -> Reduction:
    return Reduction(amount_off=eur(minor_units), plan_ids=plans)


def taken(charges: list[tuple[str, int]], *reductions: Reduction) -> list[list[int]]:
    parts = reduce_charges([(plan, eur(minor)) for plan, minor in charges], reductions)
    return [[part.minor_units for part in of_charge] for of_charge in parts]


def test_w25_two_coupons_of_ten_percent_in_sequence_are_nineteen() -> None:
    assert taken([("team", 10_000)], percent("10"), percent("10")) == [[1000, 900]]


def test_a_percentage_is_rounded_once_per_charge() -> None:
    # 12.5 % of 9.99 = 1.24875, of 0.02 = 0.0025, of 0.04 = 0.005
    assert taken([("a", 999), ("b", 2), ("c", 4)], percent("12.5")) == [[125], [0], [1]]


def test_an_amount_is_split_by_largest_remainder() -> None:
    # 5.00 over 10.00, 10.00 and 10.01: 1.6661…, 1.6661…, 1.6677…
    assert taken([("a", 1000), ("b", 1000), ("c", 1001)], amount(500)) == [[167], [166], [167]]


def test_an_amount_takes_no_more_than_there_is() -> None:
    assert taken([("a", 300), ("b", 0), ("c", -50)], amount(500)) == [[300], [0], [0]]


def test_reductions_of_some_plans_see_only_those_and_come_first() -> None:
    reductions = [amount(500), percent("50", "addon")]
    assert in_order(reductions) == [1, 0]
    assert taken([("team", 1000), ("addon", 1000)], percent("50", "addon"), amount(300)) == [[0, 200], [500, 100]]


def test_how_it_is_told() -> None:
    assert (str(percent("12.50")), str(percent("100")), str(amount(500))) == ("12.5 %", "100 %", "5.00 EUR")


REDUCTIONS = st.one_of(
    st.decimals(0, 100, places=4).map(lambda value: Reduction(percent_off=value)),
    st.integers(0, 10**7).map(lambda minor: Reduction(amount_off=eur(minor))),
)


@given(st.lists(st.integers(-(10**6), 10**7), max_size=8), st.lists(REDUCTIONS, max_size=5))
def test_nothing_falls_below_zero_and_amounts_are_used_up(minors: list[int], reductions: list[Reduction]) -> None:
    parts = taken([("p", minor) for minor in minors], *reductions)
    for minor, of_charge in zip(minors, parts, strict=True):
        assert all(part >= 0 for part in of_charge)
        assert minor - sum(of_charge) >= min(minor, 0)
    left = sum(minor for minor in minors if minor > 0)
    for index, reduction in enumerate(reductions):
        part = sum(of_charge[index] for of_charge in parts)
        if reduction.amount_off is not None:
            assert part == min(reduction.amount_off.minor_units, left)
        left -= part
