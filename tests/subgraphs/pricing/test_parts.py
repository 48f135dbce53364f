"""What a price asks for usage of a part of a billing period, and that parts add up to the whole."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.charge import Charge, ChargeDetails, Granularity, PriceModel, Tier
from subgraphs.pricing.proration import Share, share_of
from subgraphs.pricing.rating import rate_usage
from subgraphs.pricing.transactions import NO_TRANSACTIONS, run_of, transact, transact_run

BERLIN = ZoneInfo("Europe/Berlin")
MARCH = Period(datetime(2026, 3, 1, tzinfo=BERLIN), datetime(2026, 4, 1, tzinfo=BERLIN))  # an hour of it is left out
PART = Share(14, 31)


def charge(model: PriceModel, unit: str | None = None, flat: int | None = None, **details: Any) -> Charge:
    return Charge(
        currency="EUR",
        model=model,
        unit_amount=None if unit is None else Decimal(unit),
        flat_amount_minor=flat,
        details=ChargeDetails(**details),
    )


PER_UNIT = PriceModel.PER_UNIT
STEPS = (Tier(up_to=Decimal(100), flat_amount_minor=1000), Tier(flat_amount_minor=3100))
RATES = (Tier(up_to=Decimal(100), unit_amount=Decimal(1)), Tier(unit_amount=Decimal("0.5")))
PROPORTIONAL = {"allowances_prorated": True}


@pytest.mark.parametrize(
    ("priced", "quantity", "amount", "explanation"),
    [
        # 31.00 × 14/31 = 14.00
        (charge(PriceModel.FLAT, flat=3100), "7", 1400, "31.00 EUR × 14/31 flat"),
        (
            charge(PER_UNIT, "0.10", minimum_minor=1000),
            "9",
            452,  # 10.00 × 14/31 = 4.516…
            "9 × 0.10 EUR, raised to the minimum of 10.00 EUR × 14/31",
        ),
        (charge(PER_UNIT, "0.10", minimum_minor=1000), "46", 460, "46 × 0.10 EUR"),  # above 4.52
        (charge(PER_UNIT, "1", maximum_minor=3100), "32", 3100, "32 × 1.00 EUR, limited to the maximum of 31.00 EUR"),
        # what is free or at a tier stays so, unless allowances are prorated
        (charge(PER_UNIT, "1", free_units=31), "40", 900, "9 × 1.00 EUR (31 of 40 free)"),
        (charge(PER_UNIT, "1", free_units=31, **PROPORTIONAL), "40", 2600, "26 × 1.00 EUR (31 × 14/31 of 40 free)"),
        (
            charge(PER_UNIT, "1", free_units=1, **PROPORTIONAL),
            "1",
            55,  # 1 − 0.451612903225, rounded down at 12 decimals
            "0.548387096775 × 1.00 EUR (1 × 14/31 of 1 free)",
        ),
        (charge(PriceModel.STAIRSTEP, tiers=STEPS), "100", 452, "10.00 EUR × 14/31 for 100, up to 100"),
        (charge(PriceModel.STAIRSTEP, tiers=STEPS, **PROPORTIONAL), "45", 452, "10.00 EUR × 14/31 for 45, up to 100 × 14/31"),
        (charge(PriceModel.STAIRSTEP, tiers=STEPS, **PROPORTIONAL), "46", 1400, "31.00 EUR × 14/31 for 46, without limit"),
        (charge(PriceModel.GRADUATED, tiers=RATES), "100", 10000, "100 × 1.00 EUR"),
        (
            charge(PriceModel.GRADUATED, tiers=RATES, **PROPORTIONAL),
            "100",
            7258,  # 45.16129032258 + 54.83870967742 × 0.5
            "45.16129032258 × 1.00 EUR + 54.83870967742 × 0.50 EUR",
        ),
        (charge(PriceModel.VOLUME, tiers=RATES, **PROPORTIONAL), "46", 2300, "46 × 0.50 EUR"),
        (
            charge(
                PriceModel.GRADUATED_PERCENTAGE, tiers=(Tier(up_to=Decimal(310), unit_amount=Decimal(1)), Tier()), **PROPORTIONAL
            ),
            "1000",
            140,  # 1 % of 140
            "1 % of 140.00 EUR + 0 % of 860.00 EUR",
        ),
    ],
)
def test_per_unit_is_asked_in_full_and_per_period_in_proportion(
    priced: Charge, quantity: str, amount: int, explanation: str
) -> None:
    rated = rate_usage(priced, Decimal(quantity), PART)
    assert (rated.amount.minor_units, rated.explanation) == (amount, explanation)


def test_what_only_a_minimum_asks_for_is_told() -> None:
    rated = rate_usage(charge(PER_UNIT, "0.10", minimum_minor=1000), Decimal(9), PART)
    assert rated.true_up == Money(362, "EUR")  # 4.52 − 0.90


@pytest.mark.parametrize("share", [None, Share(31, 31), Share(2_678_400, 2_678_400)])
def test_all_of_a_period_is_asked_what_the_price_says(share: Share | None) -> None:
    rated = rate_usage(charge(PER_UNIT, "0.10", minimum_minor=1000, free_units=3, **PROPORTIONAL), Decimal(4), share)
    assert (rated.amount.minor_units, rated.explanation) == (
        1000,
        "1 × 0.10 EUR (3 of 4 free), raised to the minimum of 10.00 EUR",
    )


@pytest.mark.parametrize(
    ("details", "costs"),
    [
        ({"free_transactions": 3}, [0, 0, 0, 10]),
        ({"free_transactions": 3, **PROPORTIONAL}, [0, 10, 20, 30]),  # 3 × 14/31 is 1 and a part of another
        ({"free_amount_minor": 2000}, [0, 0, 10, 20]),
        # 20.00 × 14/31 = 9.03: 1 % of 0.97, then of 10.97, …
        ({"free_amount_minor": 2000, **PROPORTIONAL}, [1, 11, 21, 31]),
    ],
)
def test_free_transactions_of_a_part(details: dict[str, Any], costs: list[int]) -> None:
    priced = charge(PriceModel.PERCENTAGE, rate_percent=Decimal(1), **details).part(PART)
    amounts = [Decimal(10)] * 4
    found = [transact(priced, NO_TRANSACTIONS, amounts[:count]) for count in (1, 2, 3, 4)]
    assert [rate_usage(priced, one, PART).amount.minor_units for one in found] == costs
    assert all(
        one == (transact_run(priced, NO_TRANSACTIONS, run_of(priced, amounts[:count])) or one)
        for count, one in enumerate(found, 1)
    )


INSTANTS = st.lists(st.integers(0, int(MARCH.length / timedelta(milliseconds=1))), max_size=8)


def parts(offsets: list[int]) -> list[Period]:
    """Return periods that tile March, cut so many milliseconds after its start."""
    cuts = sorted({MARCH.start, MARCH.end, *(_after(offset) for offset in offsets)})
    return [Period(start, end) for start, end in pairwise(cuts)]


def _after(milliseconds: int) -> datetime:
    zone = ZoneInfo("UTC")
    return MARCH.start.astimezone(zone) + timedelta(milliseconds=milliseconds)


@given(INSTANTS, st.sampled_from(Granularity))
def test_the_shares_of_parts_that_tile_a_period_sum_to_all_of_it(offsets: list[int], granularity: Granularity) -> None:
    shares = [share_of(part, MARCH, granularity, BERLIN) for part in parts(offsets)]
    assert sum(Fraction(one.numerator, one.denominator) for one in shares) == 1
    assert all(one.numerator >= 0 for one in shares)


@given(INSTANTS, st.integers(0, 10**6), st.sampled_from(Granularity))
def test_minimums_and_flat_amounts_of_parts_come_to_those_of_the_period(
    offsets: list[int], minor_units: int, granularity: Granularity
) -> None:
    shares = [share_of(part, MARCH, granularity, BERLIN) for part in parts(offsets)]
    lowest = charge(PER_UNIT, "1", minimum_minor=minor_units)
    step = charge(PriceModel.STAIRSTEP, tiers=(Tier(flat_amount_minor=minor_units),))
    for priced, quantity in ((lowest, 0), (step, 1), (charge(PriceModel.FLAT, flat=minor_units), 1)):
        whole = rate_usage(priced, Decimal(quantity)).amount.minor_units
        billed = sum(rate_usage(priced, Decimal(quantity), share).amount.minor_units for share in shares)
        assert whole == minor_units
        assert abs(billed - whole) <= Decimal(len(shares)) / 2  # each is rounded once


@given(INSTANTS, st.lists(st.integers(0, 10**5), min_size=9, max_size=9), st.integers(0, 10**5), st.sampled_from(Granularity))
def test_going_to_and_fro_gains_no_second_allowance(
    offsets: list[int], quantities: list[int], free: int, granularity: Granularity
) -> None:
    priced = charge(PER_UNIT, "1", free_units=free, **PROPORTIONAL)
    used = list(zip(parts(offsets), quantities, strict=False))
    in_parts = sum(
        rate_usage(priced, Decimal(quantity), share_of(part, MARCH, granularity, BERLIN)).amount.minor_units
        for part, quantity in used
    )
    whole = rate_usage(priced, Decimal(sum(quantity for _, quantity in used))).amount.minor_units
    assert in_parts >= whole - Decimal(len(used)) / 2


@given(INSTANTS, st.lists(st.integers(0, 40), min_size=9, max_size=9), st.integers(0, 20), st.integers(0, 10**5))
def test_going_to_and_fro_gains_no_free_transactions(
    offsets: list[int], counts: list[int], free_transactions: int, free_minor: int
) -> None:
    def priced(share: Share | None = None, **details: Any) -> Charge:
        return charge(PriceModel.PERCENTAGE, rate_percent=Decimal(1), **details, **PROPORTIONAL).part(share)

    used = list(zip(parts(offsets), counts, strict=False))
    for details in ({"free_transactions": free_transactions}, {"free_amount_minor": free_minor}):
        whole = transact(priced(**details), NO_TRANSACTIONS, [Decimal(10)] * sum(counts[: len(used)]))
        in_parts = [
            transact(priced(share_of(part, MARCH, Granularity.DAY, BERLIN), **details), NO_TRANSACTIONS, [Decimal(10)] * count)
            for part, count in used
        ]
        assert sum(one.price for one in in_parts) >= whole.price


@given(st.integers(1, 30), st.integers(0, 10**5), st.integers(0, 10**4))
def test_what_is_used_evenly_is_billed_as_in_one_period_where_allowances_are_prorated(days: int, each: int, free: int) -> None:
    """The parts of a price with free units and declining tiers, used as much every day, come to what the month does."""
    tiers = (Tier(up_to=Decimal(1000), unit_amount=Decimal("0.10"), flat_amount_minor=3100), Tier(unit_amount=Decimal("0.03")))
    priced = charge(PriceModel.GRADUATED, tiers=tiers, free_units=free, minimum_minor=500, **PROPORTIONAL)
    whole = rate_usage(priced, Decimal(31 * each)).amount.minor_units
    in_parts = sum(rate_usage(priced, Decimal(count * each), Share(count, 31)).amount.minor_units for count in (days, 31 - days))
    assert abs(in_parts - whole) <= 3  # each part rounds a flat amount, a minimum and its sum
