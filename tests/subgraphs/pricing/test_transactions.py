"""Transactions by a PERCENTAGE price come to the same one by one, in groups, and however the groups are cut."""

from decimal import Decimal
from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.pricing.charge import Charge, ChargeDetails, PriceModel, Tier
from subgraphs.pricing.rating import amount_used, rate, rate_transactions, rate_usage
from subgraphs.pricing.transactions import NO_TRANSACTIONS, Run, Transacted, run_of, transact, transact_run


def percentage(rate_percent: str = "1.2", fee: int = 10, **details: Any) -> Charge:
    return Charge(
        currency="USD",
        model=PriceModel.PERCENTAGE,
        details=ChargeDetails(rate_percent=Decimal(rate_percent), transaction_fee_minor=fee, **details),
    )


LAGO = percentage(free_transactions=3, free_amount_minor=50_000)


def amounts(*values: str) -> list[Decimal]:
    return [Decimal(value) for value in values]


def test_w11_a_share_and_a_fee_with_the_first_three_or_500_free() -> None:
    so_far = [transact(LAGO, NO_TRANSACTIONS, amounts("200", "100", "100", "50")[:count]) for count in range(5)]
    # 50 × 1.2 % + 0.10 = 0.70
    assert [after.price - before.price for before, after in pairwise(so_far)] == [0, 0, 0, Decimal("0.70")]
    assert so_far[-1] == Transacted(count=4, amount=Decimal(450), free=3, price=Decimal("0.70"))
    rated = rate_usage(LAGO, so_far[-1])
    assert (rated.amount.minor_units, rated.explanation) == (
        70,
        "1.2 % of 450.00 USD and 0.10 USD each in 4 transactions, 3 of them free",
    )


def test_w13_graduated_percentages_of_what_was_transacted_in_all() -> None:
    tiers = (
        Tier(up_to=Decimal(1000), unit_amount=Decimal(1), flat_amount_minor=20_000),
        Tier(up_to=Decimal(10_000), unit_amount=Decimal(2), flat_amount_minor=30_000),
        Tier(unit_amount=Decimal(3), flat_amount_minor=40_000),
    )
    graduated = Charge(currency="USD", model=PriceModel.GRADUATED_PERCENTAGE, details=ChargeDetails(tiers=tiers))
    # 500 × 1 % + 200 = 205; 500 × 1 % + 50 × 2 % + 300 = 306; 4,000 × 2 % = 80
    costs = [0, *(rate_usage(graduated, amount).amount.minor_units for amount in accumulate(amounts("500", "550", "4000")))]
    assert [after - before for before, after in pairwise(costs)] == [20_500, 30_600, 8_000]


def test_the_least_and_the_most_that_a_transaction_costs() -> None:
    bounded = percentage("1", 0, transaction_minimum_minor=100, transaction_maximum_minor=500)
    # 10 × 1 % is raised to 1.00, 200 × 1 % = 2.00, 1,000 × 1 % is limited to 5.00
    assert run_of(bounded, amounts("10", "200", "1000")) == Run(count=3, amount=Decimal(1210), price=Decimal(8))


def test_a_group_is_looked_into_only_where_the_allowance_runs_out() -> None:
    first, second, third = (run_of(LAGO, amounts(*values)) for values in (("200", "100"), ("100", "50"), ("1000",)))
    free = transact_run(LAGO, NO_TRANSACTIONS, first)
    assert free == Transacted(count=2, amount=Decimal(300), free=2, price=Decimal(0))
    assert transact_run(LAGO, free, second) is None  # the third of all is free, the fourth is not
    used_up = transact(LAGO, free, amounts("100", "50"))
    # 0.70 for 50, and 1,000 × 1.2 % + 0.10
    assert transact_run(LAGO, used_up, third) == Transacted(count=5, amount=Decimal(1450), free=3, price=Decimal("12.80"))


def test_nothing_transacted_costs_nothing_but_a_minimum() -> None:
    assert rate_usage(LAGO, Decimal(0)) == rate_usage(LAGO, NO_TRANSACTIONS) == rate_transactions(LAGO, [])
    assert rate_usage(LAGO, Decimal(0)).amount.minor_units == 0
    least = percentage(minimum_minor=500)
    assert rate_usage(least, NO_TRANSACTIONS).true_up.minor_units == 500


def test_a_price_takes_what_its_meter_counts() -> None:
    with pytest.raises(InvalidInput):
        rate_usage(LAGO, Decimal(1))
    with pytest.raises(InvalidInput):
        rate_usage(Charge(currency="USD", model=PriceModel.PER_UNIT, unit_amount=Decimal(1)), NO_TRANSACTIONS)
    per_unit = Charge(currency="USD", model=PriceModel.PER_UNIT, unit_amount=Decimal(1))
    assert rate_usage(per_unit, Decimal("2.5")) == rate(per_unit, Decimal("2.5"))
    assert amount_used(Transacted(count=1, amount=Decimal(3), free=1, price=Decimal(0))) == 3


MANY = st.lists(st.decimals(0, 1000, places=2), max_size=25)
CHARGES = st.builds(
    percentage,
    st.decimals(0, 10, places=3).map(str),
    st.integers(0, 50),
    free_transactions=st.none() | st.integers(0, 10),
    free_amount_minor=st.none() | st.integers(0, 300_000),
    transaction_minimum_minor=st.none() | st.integers(0, 200),
    transaction_maximum_minor=st.none() | st.integers(200, 400),
)


@given(CHARGES, MANY, st.lists(st.integers(0, 25), max_size=8))
def test_groups_of_any_size_add_up_to_the_transactions_one_by_one(
    charge: Charge, transactions: list[Decimal], cuts: list[int]
) -> None:
    total = NO_TRANSACTIONS
    for start, end in pairwise([0, *sorted(min(cut, len(transactions)) for cut in cuts), len(transactions)]):
        group = transactions[start:end]
        added = transact_run(charge, total, run_of(charge, group))
        assert added is not None or total.free == total.count  # once something was paid for, no group is looked into
        total = added or transact(charge, total, group)
    assert total == transact(charge, NO_TRANSACTIONS, transactions)


@given(CHARGES, MANY)
def test_what_is_free_is_the_beginning(charge: Charge, transactions: list[Decimal]) -> None:
    free = [transact(charge, NO_TRANSACTIONS, transactions[:count]).free for count in range(len(transactions) + 1)]
    steps = [after - before for before, after in pairwise(free)]
    assert steps == sorted(steps, reverse=True)
