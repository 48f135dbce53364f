"""Value types and scalars that every subgraph shares, so that they compose."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from subgraphs.kit.domain import money, period
from subgraphs.kit.domain.currency import MINOR_UNIT_DIGITS

__all__ = ["SCALARS", "BigInt", "CurrencyCode", "Money", "MoneyInput", "Period"]

BigInt = NewType("BigInt", int)
CurrencyCode = NewType("CurrencyCode", str)


@strawberry.federation.type(
    name="Money",
    shareable=True,
    description="An exact amount in one currency. Never a float: use `minorUnits` to compute, `amount` to show.",
)
class Money:
    """Money as the API shows it."""

    minor_units: BigInt = strawberry.field(
        description="The amount in the currency's minor unit: 1999 is 19.99 EUR, and 1999 JPY. Negative for credits."
    )
    currency_code: CurrencyCode = strawberry.field(description="ISO 4217 code of the currency.")
    amount: Decimal = strawberry.field(description="The same amount in major units, exactly: 19.99.")

    @classmethod
    def of(cls, value: money.Money) -> "Money":
        return cls(minor_units=BigInt(value.minor_units), currency_code=CurrencyCode(value.currency), amount=value.amount)


@strawberry.input(description="An exact amount in one currency.")
class MoneyInput:
    """Money as the API takes it."""

    minor_units: BigInt = strawberry.field(description="The amount in the currency's minor unit: 1999 is 19.99 EUR.")
    currency_code: CurrencyCode = strawberry.field(description="ISO 4217 code of the currency.")

    def to_domain(self) -> money.Money:
        return money.Money(self.minor_units, self.currency_code)


@strawberry.federation.type(name="Period", shareable=True, description="The instants from `start` up to but not including `end`.")
class Period:
    """A half-open interval as the API shows it."""

    start: datetime = strawberry.field(description="The first instant of the period.")
    end: datetime = strawberry.field(description="The first instant after the period.")

    @classmethod
    def of(cls, value: period.Period) -> "Period":
        return cls(start=value.start, end=value.end)


def _serialize_datetime(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _parse_datetime(value: Any) -> datetime:
    try:
        parsed = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError(f"{value!r} is not an RFC 3339 date and time such as 2026-01-31T12:00:00Z") from None
    if parsed.tzinfo is None:
        raise GraphQLError(f"{value!r} has no offset; write 2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00")
    return parsed.astimezone(UTC)


def _parse_date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError(f"{value!r} is not a day such as 2026-01-31") from None


def _parse_big_int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise GraphQLError(f'{value!r} is not a whole number such as "1999"')
    try:
        number = int(value)
    except ValueError:
        raise GraphQLError(f'{value!r} is not a whole number such as "1999"') from None
    if not -(2**63) <= number < 2**63:
        raise GraphQLError(f"{value!r} is outside the range of 64 bits, which ends at {2**63 - 1}")
    return number


def _serialize_decimal(value: Decimal) -> str:
    return format(value, "f")


def _parse_decimal(value: Any) -> Decimal:
    if isinstance(value, (bool, float)) or not isinstance(value, (int, str)) or len(str(value)) > 40:
        raise GraphQLError(f'{value!r} is not a decimal number as text, such as "19.99": numbers would lose digits on the way')
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise GraphQLError(f'{value!r} is not a decimal number such as "19.99"') from None
    if not number.is_finite():
        raise GraphQLError(f'{value!r} is not a decimal number such as "19.99"')
    return number


def _parse_currency(value: Any) -> str:
    if value not in MINOR_UNIT_DIGITS:
        raise GraphQLError(f"{value!r} is not an ISO 4217 currency code such as EUR or USD")
    return str(value)


SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number of up to 64 bits, sent as text: many clients lose digits beyond 2^53. Numbers are accepted.",
        serialize=str,
        parse_value=_parse_big_int,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number, sent and taken as text such as "19.99"; never in exponent notation.',
        serialize=_serialize_decimal,
        parse_value=_parse_decimal,
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description="An ISO 4217 currency code in upper case, such as EUR.",
        specified_by_url="https://www.iso.org/iso-4217-currency-codes.html",
        serialize=str,
        parse_value=_parse_currency,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day as ISO 8601 text, such as 2026-01-31.",
        serialize=date.isoformat,
        parse_value=_parse_date,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant as RFC 3339 text in UTC, such as 2026-01-31T12:00:00.000Z. Any offset is accepted.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=_serialize_datetime,
        parse_value=_parse_datetime,
    ),
}
