"""Taxes on lines: exclusive ones on top of a price, inclusive ones within it, rounded per line or once per invoice.

    exclusive   tax = net × rate
    inclusive   net = gross / (1 + sum of the inclusive rates), tax = gross − net: they always sum

A line may bear both: the exclusive ones are taken of what is left without the inclusive ones. Everything is exact until the one
rounding to the minor unit, and what is rounded once for several lines is shared out over them by largest remainder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from subgraphs.kit.domain.money import Money

__all__ = ["NO_RULE", "Rate", "RoundingMode", "TaxPart", "TaxRounding", "TaxRule", "TaxedLine", "tax_lines"]


class TaxRounding(StrEnum):
    """What is rounded: the tax of every line, or the sum per rate of an invoice."""

    PER_LINE = "PER_LINE"
    PER_INVOICE = "PER_INVOICE"


class RoundingMode(StrEnum):
    """What becomes of half a minor unit: away from zero, or to the even neighbour."""

    HALF_UP = "HALF_UP"
    HALF_EVEN = "HALF_EVEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRule:
    """How taxes are rounded."""

    rounding: TaxRounding = TaxRounding.PER_LINE
    mode: RoundingMode = RoundingMode.HALF_UP


NO_RULE = TaxRule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A tax: `percentage` of what is taxed, on top of the price unless it is `inclusive`. `id` tells rates apart."""

    id: str
    percentage: Decimal
    inclusive: bool = False


@dataclass(frozen=True, slots=True)
class TaxPart:
    """What one rate comes to on one line."""

    rate: Rate
    amount: Money


@dataclass(frozen=True, slots=True)
class TaxedLine:
    """`net` is without any tax, `gross` with all of them."""

    net: Money
    parts: tuple[TaxPart, ...]
    gross: Money


def tax_lines(lines: Sequence[tuple[Money, Sequence[Rate]]], rule: TaxRule = NO_RULE) -> list[TaxedLine]:
    """Return what each line comes to with the rates it bears; of a line that bears none, net and gross are its amount.

    All amounts are in one currency; below zero they give the same taxes back.
    """
    included = [0] * len(lines)
    for positions in _together([_inclusive(rates) for _, rates in lines], rule):
        amounts = [lines[position][0].minor_units for position in positions]
        within = _sum(_inclusive(lines[positions[0]][1]))
        exact = [amount - amount / (1 + within) for amount in map(Fraction, amounts)]
        tax = sum(amounts) - _round(sum(amounts) / (1 + within), rule.mode)
        for position, part in zip(positions, _share_out(tax, exact), strict=True):
            included[position] = part
    nets = [amount.minor_units - tax for (amount, _), tax in zip(lines, included, strict=True)]
    added: dict[tuple[int, str], int] = {}
    for rate in {rate.id: rate for _, rates in lines for rate in rates if not rate.inclusive}.values():
        bearing = [rate.id in {one.id for one in rates} for _, rates in lines]
        for positions in _together([(rate,) if bears else () for bears in bearing], rule):
            exact = [nets[position] * _fraction(rate) for position in positions]
            for position, part in zip(positions, _share_out(_round(sum(exact, Fraction(0)), rule.mode), exact), strict=True):
                added[position, rate.id] = part
    return [_line(*line, included[position], added, position) for position, line in enumerate(lines)]


def _together(rates: Sequence[tuple[Rate, ...]], rule: TaxRule) -> list[list[int]]:
    """Return the positions that are rounded together; lines without a rate are left out."""
    groups: dict[object, list[int]] = {}
    for position, borne in enumerate(rates):
        if borne:
            key: object = position if rule.rounding is TaxRounding.PER_LINE else tuple(rate.id for rate in borne)
            groups.setdefault(key, []).append(position)
    return list(groups.values())


def _line(amount: Money, rates: Sequence[Rate], included: int, added: Mapping[tuple[int, str], int], position: int) -> TaxedLine:
    inclusive = _inclusive(rates)
    whole = _sum(inclusive)
    shares = dict(
        zip(
            (rate.id for rate in inclusive),
            _share_out(included, [included * _fraction(rate) / whole if whole else Fraction(0) for rate in inclusive]),
            strict=True,
        )
    )
    parts = tuple(
        TaxPart(rate, Money(shares[rate.id] if rate.inclusive else added[position, rate.id], amount.currency)) for rate in rates
    )
    on_top = sum(part.amount.minor_units for part in parts if not part.rate.inclusive)
    return TaxedLine(
        net=Money(amount.minor_units - included, amount.currency),
        parts=parts,
        gross=Money(amount.minor_units + on_top, amount.currency),
    )


def _inclusive(rates: Sequence[Rate]) -> tuple[Rate, ...]:
    return tuple(sorted((rate for rate in rates if rate.inclusive), key=lambda rate: rate.id))


def _sum(rates: Sequence[Rate]) -> Fraction:
    return sum((_fraction(rate) for rate in rates), Fraction(0))


def _fraction(rate: Rate) -> Fraction:
    return Fraction(rate.percentage) / 100


def _round(value: Fraction, mode: RoundingMode) -> int:
    if mode is RoundingMode.HALF_EVEN:
        return round(value)
    magnitude = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return magnitude if value >= 0 else -magnitude


def _share_out(whole: int, exact: Sequence[Fraction]) -> list[int]:
    """Return whole numbers next to `exact` that sum to `whole`, which is their sum, rounded; earlier ones first among equals."""
    parts = [value.numerator // value.denominator for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[: whole - sum(parts)]:
        parts[index] += 1
    return parts
