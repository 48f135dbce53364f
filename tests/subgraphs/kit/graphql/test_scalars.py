"""Shared scalars and value types on the wire."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLError

from subgraphs.kit.domain import money
from subgraphs.kit.graphql.scalars import SCALARS, BigInt, CurrencyCode, Money, MoneyInput


def parse(scalar: object, value: Any) -> Any:
    parser = SCALARS[scalar].parse_value
    assert parser is not None
    return parser(value)


def serialize(scalar: object, value: Any) -> Any:
    serializer = SCALARS[scalar].serialize
    assert serializer is not None
    return serializer(value)


def test_big_integers_leave_as_text_and_come_as_text_or_number() -> None:
    assert serialize(BigInt, 2**53 + 1) == "9007199254740993"
    assert parse(BigInt, "9007199254740993") == parse(BigInt, 9007199254740993) == 2**53 + 1
    assert parse(BigInt, "-1") == -1


@pytest.mark.parametrize("value", [True, 1.5, "1.5", "", "x", None, 2**63, str(-(2**63) - 1)])
def test_what_is_no_64_bit_integer_is_refused(value: Any) -> None:
    with pytest.raises(GraphQLError):
        parse(BigInt, value)


def test_instants_leave_in_utc_with_milliseconds() -> None:
    assert parse(datetime, "2026-01-31T13:00:00+01:00") == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert serialize(datetime, parse(datetime, "2026-01-31T13:00:00.5+01:00")) == "2026-01-31T12:00:00.500Z"


@pytest.mark.parametrize("value", ["2026-01-31T12:00:00", "yesterday", 5, None])
def test_an_instant_without_offset_is_refused(value: Any) -> None:
    with pytest.raises(GraphQLError):
        parse(datetime, value)


def test_currency_codes_are_iso_4217_in_upper_case() -> None:
    assert parse(CurrencyCode, "EUR") == "EUR"
    for wrong in ["eur", "EURO", "", 978]:
        with pytest.raises(GraphQLError, match="ISO 4217"):
            parse(CurrencyCode, wrong)


@pytest.mark.parametrize(
    ("scalar", "value", "example"),
    [
        (BigInt, "1.5", '"1999"'),
        (Decimal, "12,5", '"19.99"'),
        (Decimal, "NaN", '"19.99"'),
        (CurrencyCode, "eur", "EUR"),
        (date, "31.1.2026", "2026-01-31"),
        (date, 5, "2026-01-31"),
        (date, None, "2026-01-31"),
        (datetime, "soon", "2026-01-31T12:00:00Z"),
        (datetime, "2026-01-31T12:00:00", "2026-01-31T12:00:00Z"),
    ],
)
def test_what_is_refused_is_named_with_an_example_of_what_is_taken(scalar: object, value: Any, example: str) -> None:
    with pytest.raises(GraphQLError) as refused:
        parse(scalar, value)
    assert repr(value) in refused.value.message
    assert example in refused.value.message


def test_days_are_iso_8601() -> None:
    assert serialize(date, parse(date, "2026-01-31")) == "2026-01-31"


def test_money_shows_minor_units_and_the_exact_amount() -> None:
    shown = Money.of(money.Money(1999, "EUR"))
    assert (shown.minor_units, shown.currency_code, str(shown.amount)) == (1999, "EUR", "19.99")
    assert str(Money.of(money.Money(1999, "JPY")).amount) == "1999"
    assert str(Money.of(money.Money(-5, "KWD")).amount) == "-0.005"
    assert MoneyInput(minor_units=BigInt(5), currency_code=CurrencyCode("EUR")).to_domain() == money.Money(5, "EUR")


def test_decimals_are_text_without_exponent() -> None:
    assert serialize(Decimal, Decimal("1E-12")) == "0.000000000001"
    assert serialize(Decimal, parse(Decimal, "19.990")) == "19.990"
    for wrong in [19.99, True, "x", "NaN", "Infinity", "", None, "1" * 41]:
        with pytest.raises(GraphQLError):
            parse(Decimal, wrong)
