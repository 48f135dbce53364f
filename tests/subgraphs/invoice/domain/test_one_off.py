"""Invoices about no subscription."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.invoice.domain.one_off import CataloguePrice, OneOffLine, one_off_draft
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money
from subgraphs.pricing.charge import Charge, ChargeDetails, PriceModel


def line(unit_amount: str = "10", quantity: int = 1, description: str = "Setup") -> OneOffLine:
    return OneOffLine(description=description, quantity=quantity, unit_amount=Decimal(unit_amount))


@pytest.mark.parametrize(
    ("currency", "unit_amount", "quantity", "minor_units"),
    [
        ("EUR", "12.50", 3, 3750),
        ("EUR", "0.005", 1, 1),  # half a cent, away from zero
        ("EUR", "0.0049", 1, 0),
        ("EUR", "0.000000000001", 2_000_000_000, 0),  # 0.002
        ("EUR", "0.333", 10, 333),  # rounded once, not per unit: 3.33
        ("JPY", "1000.5", 1, 1001),
        ("KWD", "5.1245", 1, 5125),
    ],
)
def test_a_line_is_quantity_times_unit_amount_rounded_once(
    currency: str, unit_amount: str, quantity: int, minor_units: int
) -> None:
    [billed] = one_off_draft("cus_1", currency, [line(unit_amount, quantity)]).lines
    assert billed.amount == Money(minor_units, currency)


def test_a_draft_is_about_no_subscription_and_no_price() -> None:
    draft = one_off_draft("cus_1", "EUR", [line("12.50", 3, " Training ")])
    assert (draft.customer_id, draft.plan_subscription_id, draft.period_number) == ("cus_1", None, None)
    [billed] = draft.lines
    assert (billed.description, billed.price_id, billed.period, billed.explanation) == ("Training", None, None, "3 × 12.50 EUR")


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (line(description=" "), "description"),
        (line(description="x" * 501), "description"),
        (line(quantity=0), "quantity"),
        (line("-1"), "unitAmount"),
        (line("0.0000000000001"), "unitAmount"),  # 13 decimals
    ],
)
def test_a_refused_line_is_named(bad: OneOffLine, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        one_off_draft("cus_1", "EUR", [line(), bad])
    assert refused.value.field == ("lines", "1", field)


@pytest.mark.parametrize("count", [0, 251])
def test_an_invoice_has_1_to_250_lines(count: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        one_off_draft("cus_1", "EUR", [line()] * count)
    assert refused.value.field == ("lines",)


SEATS = Charge(currency="EUR", model=PriceModel.PER_UNIT, unit_amount=Decimal("49.905"), details=ChargeDetails(free_units=1))


def priced(charge: Charge = SEATS, **more: Any) -> OneOffLine:
    price = CataloguePrice(id="price_1", plan_id="plan_1", plan_name="Router", charge=charge)
    return OneOffLine(**({"description": None, "quantity": 3, "price": price} | more))


def test_a_price_of_the_catalogue_names_rates_and_explains_its_line() -> None:
    [billed, named] = one_off_draft("cus_1", "EUR", [priced(), priced(description=" Router, refurbished ")]).lines
    # (3 − 1 free) × 49.905 = 99.81
    assert (billed.amount, billed.explanation) == (Money(9981, "EUR"), "2 × 49.905 EUR (1 of 3 free)")
    assert (billed.description, billed.price_id, billed.plan_id, billed.period, billed.quantity) == (
        "Router",
        "price_1",
        "plan_1",
        None,
        3,
    )
    assert named.description == "Router, refurbished"


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (priced(replace(SEATS, currency="USD")), "priceId"),
        (priced(unit_amount=Decimal(1)), "unitAmount"),
        (OneOffLine(description="Setup", quantity=1), "unitAmount"),
        (OneOffLine(description=None, quantity=1, unit_amount=Decimal(1)), "description"),
        (priced(quantity=2**62), "quantity"),
        (priced(quantity=0), "quantity"),
    ],
)
def test_a_line_has_a_price_or_an_amount_in_the_invoices_currency(bad: OneOffLine, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        one_off_draft("cus_1", "EUR", [line(), bad])
    assert refused.value.field == ("lines", "1", field)
