"""What a credit note takes back of which line, and where it goes: pure maths that adds up to the minor unit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from subgraphs.invoice.domain.values import CreditNoteLine, InvoiceLine
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money, total

__all__ = ["CreditRequest", "LineCredit", "Split", "credited_lines", "shared_up_to", "split_excess"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCredit:
    """How much of one line is to be taken back; lines are numbered from 1."""

    line_number: int
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRequest:
    """What is to be taken back; no lines: all that is left.

    `refund`, `out_of_band` (which people give back themselves) and `balance` say where what was paid goes; with none of them, all
    of it goes to the balance. `ends_period`: the time that the lines bill ends with it.
    """

    reason: str
    lines: tuple[LineCredit, ...] | None = None
    refund: Money | None = None
    balance: Money | None = None
    out_of_band: Money | None = None
    ends_period: bool = False


def shared_up_to(amount: Money, weights: Sequence[int], most: Sequence[int]) -> list[int]:
    """Return how the minor units of `amount` are shared by the weights, each at most what `most` says, none where a weight is not
    above zero; what one cannot take is shared by those that can. What none can take is not shared.
    """
    parts = [0] * len(weights)
    open_weights = [weight if weight > 0 and limit > 0 else 0 for weight, limit in zip(weights, most, strict=True)]
    minor_units = amount.minor_units
    while minor_units > 0 and sum(open_weights) > 0:
        for index, part in enumerate(Money(minor_units, amount.currency).allocate(open_weights)):
            taken = min(part.minor_units, most[index] - parts[index])
            parts[index] += taken
            minor_units -= taken
        open_weights = [weight if parts[index] < most[index] else 0 for index, weight in enumerate(open_weights)]
    return parts


def credited_lines(
    lines: Sequence[InvoiceLine],
    credited: Sequence[Money],
    left: Money,
    tax_left: Money,
    wanted: Sequence[LineCredit] | None,
) -> tuple[CreditNoteLine, ...]:
    """Return the credit note's lines; earlier notes took `credited` of each line's amount.

    `left` is what they left of the invoice's total, `tax_left` of all tax in it.

    Without `wanted` it is all that is left, shared over what is left of the lines where others reduce it (largest remainder).
    Taxes come back pro rata, each note up to what is rounded for all notes so far, so that all of an invoice come to its
    total exactly.

    Raises:
        InvalidInput: a line does not exist or is named twice, an amount is not above zero or in another currency, or more
            than is left of a line or of the invoice.
    """
    of_lines = total([line.amount for line in lines], left.currency) - total(credited, left.currency)
    parts = _all_that_is_left(lines, credited, of_lines) if wanted is None else _named(lines, credited, left.currency, wanted)
    if of_lines < total(list(parts.values()), left.currency):
        raise InvalidInput(f"{of_lines} is left of the invoice's lines", field=("lines",))
    taken = [_credited(number, lines[number - 1], credited[number - 1], parts[number]) for number in sorted(parts)]
    rest = left - total([line.amount + line.added_tax for line in taken], left.currency)
    if of_lines == total(list(parts.values()), left.currency):
        # The last note: where lines below zero bear other taxes than those they reduce, it takes what is left of the taxes.
        last, tax_rest = taken[-1], tax_left - total([line.tax for line in taken], left.currency)
        taken[-1] = replace(last, tax=last.tax + tax_rest, added_tax=last.added_tax + rest)
    elif rest.minor_units < 0:
        raise InvalidInput(f"{left} is left of the invoice, with taxes", field=("lines",))
    return tuple(taken)


def _named(
    lines: Sequence[InvoiceLine], credited: Sequence[Money], currency: str, wanted: Sequence[LineCredit]
) -> dict[int, Money]:
    if not wanted:
        raise InvalidInput("a credit note needs at least one line", field=("lines",))
    found: dict[int, Money] = {}
    for index, one in enumerate(wanted):
        field = ("lines", str(index))
        if not 1 <= one.line_number <= len(lines):
            raise InvalidInput(f"the invoice has no line {one.line_number}", field=(*field, "lineNumber"))
        if one.line_number in found:
            raise InvalidInput(f"line {one.line_number} is named twice", field=(*field, "lineNumber"))
        of_line = lines[one.line_number - 1].amount - credited[one.line_number - 1]
        _check_currency(one.amount, currency, (*field, "amount"))
        if one.amount.minor_units <= 0:
            raise InvalidInput("an amount to credit is above zero", field=(*field, "amount"))
        if of_line < one.amount:
            raise InvalidInput(f"{of_line} is left of line {one.line_number}", field=(*field, "amount"))
        found[one.line_number] = one.amount
    return found


def _all_that_is_left(lines: Sequence[InvoiceLine], credited: Sequence[Money], left: Money) -> dict[int, Money]:
    if left.minor_units <= 0:
        raise InvalidInput(f"{left} is left of the invoice's lines", field=("lines",))
    # A line below zero reduces the others: each of them gives back its share of what remains.
    weights = [max((line.amount - before).minor_units, 0) for line, before in zip(lines, credited, strict=True)]
    return {number: part for number, part in enumerate(left.allocate(weights), 1) if part}


def _credited(number: int, line: InvoiceLine, before: Money, part: Money) -> CreditNoteLine:
    after = before + part

    def of(tax: Money) -> Money:
        whole = line.amount.minor_units
        return tax.share(after.minor_units, whole) - tax.share(before.minor_units, whole)

    added = of(line.added_tax)
    return CreditNoteLine(
        line_number=number,
        description=line.description,
        amount=part,
        tax=added + of(line.tax - line.added_tax),
        added_tax=added,
        period=line.period,
        is_usage=line.usage is not None,
        plan_subscription_id=line.plan_subscription_id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Where what was paid goes: back the way it came, back by people themselves, and to the customer's balance."""

    refund: Money
    out_of_band: Money
    balance: Money


def split_excess(excess: Money, request: CreditRequest, refundable: Money, kept: Money, returned: Money) -> Split:
    """Return where `excess`, the part that was paid, goes.

    At most `refundable` can go back the way it came, and at most what payments paid and is `kept` can be given back at all: what
    the customer's credit paid goes to the balance. `returned` of the excess went back before, at the provider by itself: it is
    part of what is refunded.

    Raises:
        InvalidInput: the parts are below zero, in another currency, or do not come to the excess; more than `refundable`
            is to be refunded, more than is `kept` given back, or less refunded than was.
    """
    nothing = Money.zero(excess.currency)
    wanted = {"refund": request.refund, "outOfBand": request.out_of_band, "balance": request.balance}
    if all(part is None for part in wanted.values()):
        return Split(refund=returned, out_of_band=nothing, balance=excess - returned)
    for name, part in wanted.items():
        if part is not None:
            _check_currency(part, excess.currency, (name,))
            if part.minor_units < 0:
                raise InvalidInput(f"{name} is not below zero", field=(name,))
    refund, out_of_band, balance = (part or nothing for part in wanted.values())
    if refund + out_of_band + balance != excess:
        message = f"{excess} of the credit was paid: refund, outOfBand and balance must come to that"
        raise InvalidInput(message, field=("refund",))
    if refund < returned:
        raise InvalidInput(f"{returned} was refunded at the payment provider before: that is part of it", field=("refund",))
    if refundable < refund - returned:
        message = (
            f"{refundable} of this invoice was paid through a payment provider and not refunded yet: the rest goes to the "
            "balance, or is outOfBand where you give it back yourself"
        )
        raise InvalidInput(message, field=("refund",))
    if kept < refund - returned + out_of_band:
        message = f"{kept} of this invoice was paid by payments and not given back yet: the rest goes to the balance"
        raise InvalidInput(message, field=("outOfBand",))
    return Split(refund=refund, out_of_band=out_of_band, balance=balance)


def _check_currency(amount: Money, currency: str, field: tuple[str, ...]) -> None:
    if amount.currency != currency:
        raise InvalidInput(f"the invoice is in {currency}", field=field)
