"""Taxes on lines: exclusive ones on top of a price, inclusive ones within it, rounded per line or once per invoice.

    exclusive   tax = net × rate
    inclusive   net = gross / (1 + sum of the inclusive rates), tax = gross − net: they always sum

A line may bear both: the exclusive ones are taken of what is left without the inclusive ones. Everything is exact until the one
rounding to the minor unit, and what is rounded once for several lines is shared out over them by largest remainder. Where lines
below zero take all others off, no tax is left, however it is rounded.
"""

from collections.abc import Callable, Mapping, Sequence
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
    for positions in _together([_inclusive(rates) for _, rates in lines]):
        within = _sum(_inclusive(lines[positions[0]][1]))
        grosses = [Fraction(lines[position][0].minor_units) for position in positions]
        exact = [amount - amount / (1 + within) for amount in grosses]

        def within_all(amount: Fraction, within: Fraction = within) -> int:
            return int(amount) - _round(amount / (1 + within), rule.mode)

        for position, part in zip(positions, _rounded(grosses, exact, within_all, rule), strict=True):
            included[position] = part
    nets = [amount.minor_units - tax for (amount, _), tax in zip(lines, included, strict=True)]
    added: dict[tuple[int, str], int] = {}
    for rate in {rate.id: rate for _, rates in lines for rate in rates if not rate.inclusive}.values():
        bearing = [rate.id in {one.id for one in rates} for _, rates in lines]
        for positions in _together([(rate,) if bears else () for bears in bearing]):
            exact = [nets[position] * _fraction(rate) for position in positions]
            parts = _rounded(exact, exact, lambda tax: _round(tax, rule.mode), rule)
            for position, part in zip(positions, parts, strict=True):
                added[position, rate.id] = part
    return [_line(*line, included[position], added, position) for position, line in enumerate(lines)]


def _together(rates: Sequence[tuple[Rate, ...]]) -> list[list[int]]:
    """Return the positions of lines with the same rates; lines without a rate are left out."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for position, borne in enumerate(rates):
        if borne:
            groups.setdefault(tuple(rate.id for rate in borne), []).append(position)
    return list(groups.values())


def _rounded(
    of: Sequence[Fraction], exact: Sequence[Fraction], tax_of: Callable[[Fraction], int], rule: TaxRule
) -> Sequence[int]:
    """Return the tax of each line, rounded as the rule says; `tax_of` is that of an amount, `exact` what it is before that.

    Lines below zero reduce others. What rounding line by line leaves of a tax on nothing, or below zero on more than nothing, is
    none: then it is rounded once.
    """
    if rule.rounding is TaxRounding.PER_LINE:
        taxes = [tax_of(amount) for amount in of]
        if sum(taxes) * sum(exact) > 0 or not sum(taxes):
            return taxes
    return _share_out(tax_of(sum(of, Fraction(0))), exact)


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
