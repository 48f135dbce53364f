"""Which prices can be: every number of its model, in range, and none of another."""

from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.pricing.charge import Charge, ChargeDetails, PriceModel, Tier
from subgraphs.pricing.checks import TIERS, checked_charge

OPEN = Tier(unit_amount=Decimal(1))
TO_FIVE = Tier(up_to=Decimal(5), unit_amount=Decimal(2))
M = PriceModel


def charge(model: PriceModel, flat: int | None = None, unit: str | None = None, **details: Any) -> Charge:
    return Charge(
        currency="EUR",
        model=model,
        flat_amount_minor=flat,
        unit_amount=None if unit is None else Decimal(unit),
        details=ChargeDetails(**details),
    )


@pytest.mark.parametrize(
    "priced",
    [
        charge(M.FLAT, 0),
        charge(M.FLAT, 1900, minimum_minor=1, maximum_minor=1),
        charge(M.PER_UNIT, unit="0.000000000001", free_units=5),
        charge(M.PACKAGE, unit="5", package_size=100, free_units=100),
        charge(M.GRADUATED, tiers=(TO_FIVE, OPEN), free_units=1, first_tier_at_zero=False),
        charge(M.VOLUME, tiers=(OPEN,)),
        charge(M.STAIRSTEP, tiers=(Tier(up_to=Decimal(5), flat_amount_minor=1), Tier(flat_amount_minor=2))),
        charge(M.PERCENTAGE, rate_percent=Decimal("1.2"), transaction_fee_minor=10, free_transactions=3, free_amount_minor=500),
        charge(M.PERCENTAGE, rate_percent=Decimal(0), transaction_minimum_minor=1, transaction_maximum_minor=1),
        charge(M.GRADUATED_PERCENTAGE, tiers=(TO_FIVE, OPEN), minimum_minor=100),
    ],
)
def test_a_sound_price_is_taken_as_it_is(priced: Charge) -> None:
    assert checked_charge(priced) is priced


@pytest.mark.parametrize(
    ("priced", "field"),
    [
        (charge(M.FLAT), "flatAmount"),
        (charge(M.FLAT, -1), "flatAmount.minorUnits"),
        (charge(M.FLAT, 10**15 + 1), "flatAmount.minorUnits"),
        (charge(M.FLAT, 1, unit="1"), "unitAmount"),
        (charge(M.FLAT, 1, free_units=1), "free.units"),
        (charge(M.FLAT, 1, minimum_minor=-1), "minimum.minorUnits"),
        (charge(M.FLAT, 1, minimum_minor=2, maximum_minor=1), "maximum"),
        (charge(M.PER_UNIT), "unitAmount"),
        (charge(M.PER_UNIT, 1, unit="1"), "flatAmount"),
        (charge(M.PER_UNIT, unit="-1"), "unitAmount"),
        (charge(M.PER_UNIT, unit="NaN"), "unitAmount"),
        (charge(M.PER_UNIT, unit="0.0000000000001"), "unitAmount"),
        (charge(M.PER_UNIT, unit="1000000000001"), "unitAmount"),
        (charge(M.PER_UNIT, unit="1", free_units=-1), "free.units"),
        (charge(M.PER_UNIT, unit="1", package_size=1), "packageSize"),
        (charge(M.PER_UNIT, unit="1", tiers=(OPEN,)), "tiers"),
        (charge(M.PER_UNIT, unit="1", rate_percent=Decimal(1)), "transactions"),
        (charge(M.PER_UNIT, unit="1", transaction_fee_minor=1), "transactions.fee"),
        (charge(M.PER_UNIT, unit="1", free_transactions=1), "free.transactions"),
        (charge(M.PACKAGE, unit="1"), "packageSize"),
        (charge(M.PACKAGE, unit="1", package_size=0), "packageSize"),
        (charge(M.PACKAGE, package_size=1), "unitAmount"),
        (charge(M.GRADUATED), "tiers"),
        (charge(M.GRADUATED, tiers=(OPEN,) * (TIERS + 1)), "tiers"),
        (charge(M.GRADUATED, tiers=(TO_FIVE,)), "tiers.0.upTo"),
        (charge(M.GRADUATED, tiers=(OPEN, OPEN)), "tiers.0.upTo"),
        (charge(M.GRADUATED, tiers=(TO_FIVE, TO_FIVE, OPEN)), "tiers.1.upTo"),
        (charge(M.GRADUATED, tiers=(Tier(up_to=Decimal(0)), OPEN)), "tiers.0.upTo"),
        (charge(M.GRADUATED, tiers=(Tier(up_to=Decimal("NaN")), OPEN)), "tiers.0.upTo"),
        (charge(M.GRADUATED, tiers=(TO_FIVE, Tier(unit_amount=Decimal(-1)))), "tiers.1.unitAmount"),
        (charge(M.GRADUATED, tiers=(Tier(flat_amount_minor=-1),)), "tiers.0.flatAmount.minorUnits"),
        (charge(M.STAIRSTEP, tiers=(OPEN,)), "tiers.0.unitAmount"),
        (charge(M.STAIRSTEP, tiers=(Tier(flat_amount_minor=1),), free_units=1), "free.units"),
        (charge(M.PERCENTAGE), "transactions"),
        (charge(M.PERCENTAGE, rate_percent=Decimal(101)), "transactions.ratePercent"),
        (charge(M.PERCENTAGE, rate_percent=Decimal(1), transaction_fee_minor=-1), "transactions.fee"),
        (
            charge(M.PERCENTAGE, rate_percent=Decimal(1), transaction_minimum_minor=2, transaction_maximum_minor=1),
            "transactions.maximum",
        ),
        (charge(M.GRADUATED_PERCENTAGE, tiers=(Tier(unit_amount=Decimal(101)),)), "tiers.0.ratePercent"),
        (charge(M.GRADUATED_PERCENTAGE, tiers=(OPEN,), free_units=1), "free.units"),
    ],
)
def test_the_field_at_fault_is_named(priced: Charge, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_charge(priced)
    assert ".".join(refused.value.field) == field
