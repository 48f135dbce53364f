"""Where several plans include a feature, the most generous one counts."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.subscription.domain.entitlements import Balance, Entitlement, entitlement, most_generous


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ([], Entitlement(granted=False, limit=None)),
        ([5], Entitlement(granted=True, limit=5)),
        ([0], Entitlement(granted=True, limit=0)),
        ([5, 10, 7], Entitlement(granted=True, limit=10)),
        ([5, None], Entitlement(granted=True, limit=None)),
    ],
)
def test_the_most_generous_plan_counts(limits: list[int | None], expected: Entitlement) -> None:
    assert entitlement(limits) == expected


RESETS = datetime(2026, 5, 1, tzinfo=UTC)


def balance(limit: int | None, used: str, *, soft: bool = False, id: str = "psub_1") -> Balance:
    return Balance(plan_subscription_id=id, limit=limit, used=Decimal(used), soft=soft, resets_at=RESETS)


@pytest.mark.parametrize(
    ("of", "remaining", "over", "one_more", "five_more"),
    [
        (balance(10, "5"), 5, 0, True, True),
        (balance(10, "5.5"), Decimal("4.5"), 0, True, False),
        (balance(10, "10"), 0, 0, False, False),
        (balance(10, "12"), 0, 2, False, False),
        (balance(10, "12", soft=True), 0, 2, True, True),
        (balance(0, "0"), 0, 0, False, False),
        (balance(None, "1000"), None, 0, True, True),
    ],
)
def test_what_is_left_of_a_limit(of: Balance, remaining: Decimal | None, over: int, one_more: bool, five_more: bool) -> None:
    assert (of.remaining, of.over) == (remaining, over)
    assert (of.allows(Decimal(1)), of.allows(Decimal(5))) == (one_more, five_more)


def test_the_subscription_with_most_left_counts() -> None:
    assert most_generous([]) is None
    little, much, soft = balance(10, "9"), balance(5, "1", id="psub_2"), balance(5, "1", soft=True, id="psub_3")
    assert most_generous([little, much]) == much
    assert most_generous([little, much, soft]) == soft
    assert most_generous([much, balance(None, "99")]) == balance(None, "99")


@pytest.mark.parametrize(
    ("of", "limit", "exceeds"),
    [
        (balance(10, "4"), 5, True),
        (balance(10, "5"), 5, False),
        (balance(10, "5", soft=True), 5, True),
        (balance(10, "0"), None, False),
        (balance(None, "9"), 5, True),
        (balance(None, "9"), None, True),
    ],
)
def test_no_more_can_be_left_of_a_limit_than_of_one_that_exceeds_it(of: Balance, limit: int | None, exceeds: bool) -> None:
    assert of.exceeds(limit) is exceeds


@given(st.none() | st.integers(0, 10**6), st.decimals(0, 10**6, places=3), st.decimals(0, 10**6, places=3), st.booleans())
def test_a_balance_adds_up(limit: int | None, used: Decimal, amount: Decimal, soft: bool) -> None:
    found = balance(limit, str(used), soft=soft)
    if limit is None or found.remaining is None:
        assert limit is None and found.remaining is None and found.allows(amount)
        return
    assert used + found.remaining - found.over == limit
    assert found.allows(amount) == (soft or amount <= limit - used)
