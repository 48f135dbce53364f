"""Thresholds: those listed, then a recurring one after the last of them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.pricing.charge import NO_DETAILS, Charge, ChargeDetails, PriceModel
from subgraphs.pricing.checks import checked_charge
from subgraphs.pricing.thresholds import has_thresholds, next_threshold, reached, threshold

BOTH = ChargeDetails(usage_thresholds_minor=(1000, 5000), recurring_threshold_minor=2000)


@pytest.mark.parametrize(
    ("amount", "count"), [(0, 0), (999, 0), (1000, 1), (4999, 1), (5000, 2), (6999, 2), (7000, 3), (8999, 3), (11_500, 5)]
)
def test_an_amount_reaches_those_that_it_is_not_below(amount: int, count: int) -> None:
    assert reached(BOTH, amount) == count


def test_each_threshold_by_its_number() -> None:
    assert [threshold(BOTH, number) for number in range(6)] == [None, 1000, 5000, 7000, 9000, 11_000]
    listed = ChargeDetails(usage_thresholds_minor=(1000,))
    assert [threshold(listed, number) for number in range(3)] == [None, 1000, None]
    assert [threshold(ChargeDetails(recurring_threshold_minor=300), number) for number in range(3)] == [None, 300, 600]


def test_what_was_reached_once_is_not_reached_again() -> None:
    assert next_threshold(BOTH, 1500) == 5000
    assert next_threshold(BOTH, 0, reached_before=2) == 7000  # withdrawn meanwhile
    assert next_threshold(NO_DETAILS, 10**9) is None
    assert (has_thresholds(BOTH), has_thresholds(NO_DETAILS)) == (True, False)


@given(
    st.lists(st.integers(1, 10**6), max_size=5, unique=True).map(sorted),
    st.none() | st.integers(10**5, 10**6),
    st.integers(0, 10**7),
)
def test_an_amount_lies_between_the_last_that_it_reached_and_the_next(
    listed: list[int], recurring: int | None, amount: int
) -> None:
    details = ChargeDetails(usage_thresholds_minor=tuple(listed), recurring_threshold_minor=recurring)
    number = reached(details, amount)
    below, above = threshold(details, number), threshold(details, number + 1)
    assert number == 0 or (below is not None and below <= amount)
    assert above is None or amount < above
    found = [one for one in (threshold(details, count) for count in range(1, number + 2)) if one is not None]
    assert all(first < second for first, second in pairwise(found))


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"usage_thresholds_minor": (0,)}, ("usageThresholds", "amounts", "0", "minorUnits")),
        ({"usage_thresholds_minor": (5, 5)}, ("usageThresholds", "amounts", "1", "minorUnits")),
        ({"usage_thresholds_minor": (10**15 + 1,)}, ("usageThresholds", "amounts", "0", "minorUnits")),
        ({"usage_thresholds_minor": tuple(range(1, 22))}, ("usageThresholds", "amounts")),
        ({"recurring_threshold_minor": 0}, ("usageThresholds", "recurring", "minorUnits")),
    ],
)
def test_which_thresholds_can_be(details: dict[str, object], field: tuple[str, ...]) -> None:
    charge = Charge(currency="EUR", model=PriceModel.FLAT, flat_amount_minor=1, details=ChargeDetails(**details))  # type: ignore[arg-type]
    with pytest.raises(InvalidInput) as refused:
        checked_charge(charge)
    assert refused.value.field == field
