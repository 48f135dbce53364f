"""Prices that are a share of what was transacted."""

from collections.abc import Sequence
from decimal import Decimal

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.pricing.amounts import major, shown
from subgraphs.pricing.charge import Charge
from subgraphs.pricing.tiered import entered, flat_amount

__all__ = ["graduated_percentage", "percentage"]


def percentage(charge: Charge, transactions: Sequence[Decimal]) -> tuple[Decimal, str]:
    """Return Σ rate × amount + fee over what is not free, each transaction's price within its bounds; exact, major units.

    The first transactions are free until either allowance is used up: their number, or their amount. The one that goes past the
    free amount pays for its part beyond it.
    """
    details = charge.details
    if details.rate_percent is None:
        raise InvalidInput("a PERCENTAGE price has no rate")
    fee = major(details.transaction_fee_minor, charge.currency)
    free_amount = None if details.free_amount_minor is None else major(details.free_amount_minor, charge.currency)
    total, before, billed = Decimal(0), Decimal(0), 0
    for number, amount in enumerate(transactions):
        beyond = _beyond_free(amount, before, number, details.free_transactions, free_amount)
        before += amount
        if beyond is not None:
            total += _within(charge, beyond * details.rate_percent / 100 + fee)
            billed += 1
    explanation = f"{details.rate_percent:f} % of {shown(before, charge.currency)} in {len(transactions)} transactions"
    return total, explanation if billed == len(transactions) else f"{explanation}, {len(transactions) - billed} of them free"


def graduated_percentage(charge: Charge, amount: Decimal) -> tuple[Decimal, str]:
    """Return Σ amount in tier × its rate + its flat amount, over the tiers entered; exact, major units."""
    total, terms = Decimal(0), []
    for tier, part in entered(charge, amount) if amount else ():
        total += part * tier.unit_amount / 100 + flat_amount(charge, tier)
        terms.append(f"{tier.unit_amount:f} % of {shown(part, charge.currency)}")
        if tier.flat_amount_minor:
            terms.append(f"{shown(flat_amount(charge, tier), charge.currency)} flat")
    return total, " + ".join(terms) or "nothing transacted"


def _beyond_free(
    amount: Decimal, before: Decimal, number: int, free_transactions: int | None, free_amount: Decimal | None
) -> Decimal | None:
    """Return what of a transaction is paid for, None when all of it is free."""
    if free_transactions is None and free_amount is None:
        return amount
    if free_transactions is not None and number >= free_transactions:
        return amount
    if free_amount is None or before + amount <= free_amount:
        return None
    return min(amount, before + amount - free_amount)


def _within(charge: Charge, price: Decimal) -> Decimal:
    details = charge.details
    if details.transaction_minimum_minor is not None:
        price = max(price, major(details.transaction_minimum_minor, charge.currency))
    if details.transaction_maximum_minor is not None:
        price = min(price, major(details.transaction_maximum_minor, charge.currency))
    return price
