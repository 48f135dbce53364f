"""Amounts: whole minor units of a currency. Rounding happens once, here, half away from zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Self

from subgraphs.kit.domain.currency import check_currency, minor_unit_digits

__all__ = ["CurrencyMismatch", "Money", "total"]

# More digits than any product of an amount (64 bits) and a rate (12 decimals) needs, so that only the final rounding rounds.
_PRECISION = 60


class CurrencyMismatch(Exception):
    """Two amounts of different currencies were combined: a mistake of the program, never of its user."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount, e.g. Money(1999, "EUR") for €19.99; negative for credits."""

    minor_units: int
    currency: str

    def __post_init__(self) -> None:
        check_currency(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @classmethod
    def from_major(cls, amount: Decimal, currency: str) -> Self:
        """Return `amount` of major units (19.99), rounded to the minor unit, half away from zero."""
        return cls(_round(amount.scaleb(minor_unit_digits(currency))), currency)

    @property
    def amount(self) -> Decimal:
        """The same in major units, exactly: Decimal("19.99")."""
        digits = minor_unit_digits(self.currency)
        return Decimal(self.minor_units).scaleb(-digits) if digits else Decimal(self.minor_units)

    def times(self, factor: Decimal | int) -> "Money":
        """Return this amount times `factor`, rounded once to the minor unit, half away from zero."""
        with localcontext(prec=_PRECISION):
            return Money(_round(Decimal(self.minor_units) * factor), self.currency)

    def share(self, numerator: int, denominator: int) -> "Money":
        """Return numerator/denominator of this amount, rounded once, half away from zero."""
        doubled, sign = 2 * abs(self.minor_units * numerator), 1 if self.minor_units * numerator >= 0 else -1
        return Money(sign * ((doubled + denominator) // (2 * denominator)), self.currency)

    def allocate(self, weights: Sequence[int]) -> list["Money"]:
        """Split in proportion to `weights` so that the parts add up to this amount exactly.

        Each part is the floor of its share; what is left goes, one minor unit each, to the largest remainders, the earlier
        weight first among equals.

        Raises:
            ValueError: no weight is positive, or one is negative.
        """
        whole = sum(weights)
        if whole <= 0 or min(weights) < 0:
            raise ValueError(f"weights must be non-negative with a positive sum: {list(weights)}")
        magnitude, sign = abs(self.minor_units), 1 if self.minor_units >= 0 else -1
        parts = [magnitude * weight // whole for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda index: (-(magnitude * weights[index] % whole), index))
        for index in by_remainder[: magnitude - sum(parts)]:
            parts[index] += 1
        return [Money(sign * part, self.currency) for part in parts]

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor_units + self._same_currency(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor_units - self._same_currency(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor_units, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor_units < self._same_currency(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor_units <= self._same_currency(other)

    def __bool__(self) -> bool:
        return self.minor_units != 0

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same_currency(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} amounts cannot be combined")
        return other.minor_units


def total(amounts: Sequence[Money], currency: str) -> Money:
    """Return the sum of `amounts`, zero of `currency` when there are none."""
    return sum(amounts, Money.zero(currency))


def _round(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
