"""Invoices about no subscription."""

from decimal import Decimal

import pytest

from subgraphs.invoice.domain.one_off import OneOffLine, one_off_draft
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money


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


def test_an_invoice_needs_a_line() -> None:
    with pytest.raises(InvalidInput) as refused:
        one_off_draft("cus_1", "EUR", [])
    assert refused.value.field == ("lines",)
