"""Taxes to the minor unit: the worked examples of other systems' documentation, and sums that add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.money import Money
from subgraphs.pricing.tax import NO_RULE, Rate, RoundingMode, TaxedLine, TaxRounding, TaxRule, tax_lines

PER_INVOICE = TaxRule(rounding=TaxRounding.PER_INVOICE)
HALF_EVEN = TaxRule(mode=RoundingMode.HALF_EVEN)


def rate(percentage: str, id: str = "vat", *, inclusive: bool = False) -> Rate:
    return Rate(id=id, percentage=Decimal(percentage), inclusive=inclusive)


def taxed(amounts: list[int], *rates: Rate, rule: TaxRule = NO_RULE, currency: str = "EUR") -> list[TaxedLine]:
    return tax_lines([(Money(amount, currency), rates) for amount in amounts], rule)


def taxes(lines: list[TaxedLine]) -> list[int]:
    return [sum(part.amount.minor_units for part in line.parts) for line in lines]


def gross(lines: list[TaxedLine]) -> int:
    return sum(line.gross.minor_units for line in lines)


def test_exclusive_per_line_at_15_percent() -> None:
    lines = taxed([43, 484], rate("15"))
    assert taxes(lines) == [6, 73]  # 0.0645 and 0.726
    assert gross(lines) == 606  # 5.27 + 0.79


def test_exclusive_per_line_and_per_invoice_differ_by_a_cent() -> None:
    per_line = taxed([19700, 4900], rate("8.25"))
    assert (taxes(per_line), gross(per_line)) == ([1625, 404], 26629)  # 16.2525 and 4.0425
    per_invoice = taxed([19700, 4900], rate("8.25"), rule=PER_INVOICE)
    assert sum(taxes(per_invoice)) == 2030  # 246.00 * 0.0825 = 20.295
    assert taxes(per_invoice) == [
        1626,
        404,
    ]  # 16.2525 and 4.0425: both remainders are .25 of a cent, so the first line takes the cent


def test_inclusive_rounds_the_net_and_the_tax_is_the_rest() -> None:
    [line] = taxed([299], rate("4", inclusive=True))
    assert (line.net.minor_units, taxes([line]), line.gross.minor_units) == (288, [11], 299)  # 2.99 / 1.04 = 2.875


def test_inclusive_per_invoice_is_shared_out_over_the_lines() -> None:
    assert taxes(taxed([3000, 5000], rate("8", inclusive=True))) == [222, 370]  # 2.2222 and 3.7037: 5.92
    assert taxes(taxed([3000, 5000], rate("8", inclusive=True), rule=PER_INVOICE)) == [222, 371]  # 80 - 74.07 = 5.93


def test_inclusive_in_a_currency_without_minor_units() -> None:
    [line] = taxed([50000], rate("10", inclusive=True), currency="JPY")
    assert (line.net, taxes([line])) == (Money(45455, "JPY"), [4545])  # 50000 / 1.1 = 45454.5…


def test_half_up_per_line() -> None:
    lines = tax_lines([(Money(4530, "EUR"), [rate("5")]), (Money(3345, "EUR"), [rate("10", "other")])])
    assert (taxes(lines), gross(lines)) == ([227, 335], 8437)  # 2.265 and 3.345; 78.75 + 5.62


def test_half_even_per_line_and_on_the_subtotal() -> None:
    assert taxes(taxed([1750] * 4, rate("7"), rule=HALF_EVEN)) == [122] * 4  # 1.225: 4.88
    assert taxes(taxed([1750] * 4, rate("7"))) == [123] * 4
    rule = TaxRule(rounding=TaxRounding.PER_INVOICE, mode=RoundingMode.HALF_EVEN)
    assert sum(taxes(taxed([1750] * 4, rate("7"), rule=rule))) == 490  # 70.00 * 0.07


def test_inclusive_and_exclusive() -> None:
    [within] = taxed([1200], rate("20", inclusive=True))
    assert (within.net.minor_units, taxes([within]), within.gross.minor_units) == (1000, [200], 1200)
    assert gross(taxed([1000], rate("20"))) == 1200
    assert gross(taxed([60000], rate("10", inclusive=True))) == 60000
    assert gross(taxed([60000], rate("10"))) == 66000


def test_several_rates_on_a_line() -> None:
    # Québec: 5 % and 9.975 % of 100.00
    [line] = taxed([10000], rate("5", "gst"), rate("9.975", "qst"))
    assert [part.amount.minor_units for part in line.parts] == [500, 998]
    # 120.00 with 15 % and 5 % within it: 100.00 + 15.00 + 5.00
    [line] = taxed([12000], rate("15", "a", inclusive=True), rate("5", "b", inclusive=True))
    assert [part.amount.minor_units for part in line.parts] == [1500, 500]
    # 10 % on top of the 100.00 that are left without the 20 % within
    [line] = taxed([12000], rate("20", "a", inclusive=True), rate("10", "b"))
    assert (line.net.minor_units, line.gross.minor_units) == (10000, 13000)


def test_a_line_below_zero_gives_the_same_tax_back() -> None:
    for inclusive in (False, True):
        assert taxes(taxed([-299], rate("4", inclusive=inclusive))) == [
            -tax for tax in taxes(taxed([299], rate("4", inclusive=inclusive)))
        ]


# A downgrade: the charge, the credit, and what of that is kept for the next invoice.
@pytest.mark.parametrize(
    ("amounts", "inclusive"),
    [
        ([1001, -1003, 2], False),  # 2.002, -2.006 and 0.004 on top: by themselves -0.01
        ([1003, -1006, 3], False),  # 2.006, -2.012 and 0.006: by themselves 0.01
        ([1000, -1004, 4], True),  # 1.6667, -1.6733 and 0.0067 within: by themselves 0.01
    ],
)
def test_lines_that_come_to_nothing_bear_no_tax(amounts: list[int], inclusive: bool) -> None:
    lines = taxed(amounts, rate("20", inclusive=inclusive))
    assert (sum(taxes(lines)), gross(lines)) == (0, 0)


def test_a_line_without_a_rate_is_as_it_was() -> None:
    assert taxed([299]) == [TaxedLine(Money(299, "EUR"), (), Money(299, "EUR"))]
    assert taxes(taxed([299], rate("0", inclusive=True), rate("0", "zero"))) == [0]


rates = st.lists(
    st.builds(
        Rate,
        id=st.sampled_from(["a", "b", "c"]),
        percentage=st.decimals(0, 100, places=3),
        inclusive=st.booleans(),
    ),
    max_size=3,
    unique_by=lambda rate: rate.id,
)


@pytest.mark.parametrize("mode", RoundingMode)
@pytest.mark.parametrize("rounding", TaxRounding)
@given(st.lists(st.integers(-(10**7), 10**9), min_size=1, max_size=8), rates)
def test_net_and_taxes_sum_to_gross_and_are_next_to_exact(
    rounding: TaxRounding, mode: RoundingMode, amounts: list[int], borne: list[Rate]
) -> None:
    lines = taxed(amounts, *borne, rule=TaxRule(rounding=rounding, mode=mode))
    within = sum((one.percentage for one in borne if one.inclusive), Decimal(0))
    for amount, line in zip(amounts, lines, strict=True):
        assert line.net.minor_units + taxes([line])[0] == line.gross.minor_units
        assert line.gross.minor_units - sum(part.amount.minor_units for part in line.parts if not part.rate.inclusive) == amount
        assert abs(line.net.minor_units - amount * 100 / (100 + within)) < Decimal("1.01")


@given(st.lists(st.integers(-(10**5), 10**5), min_size=1, max_size=8), st.integers(0, 3), rates)
def test_a_tax_has_the_sign_of_what_is_taxed(amounts: list[int], left: int, borne: list[Rate]) -> None:
    tax = sum(taxes(taxed([*amounts, left - sum(amounts)], *borne)))
    assert tax == 0 or (tax > 0 and left > 0)
