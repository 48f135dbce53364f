"""Prices that are a share of what was transacted."""

from decimal import Decimal

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money
from subgraphs.pricing.amounts import shown
from subgraphs.pricing.charge import Charge
from subgraphs.pricing.tiered import entered, flat_amount, told_flat
from subgraphs.pricing.transactions import Transacted

__all__ = ["graduated_percentage", "percentage"]


def percentage(charge: Charge, transacted: Transacted) -> tuple[Decimal, str]:
    """Return Σ rate × amount + fee over what is not free, each transaction's price within its bounds; exact, major units.

    The first transactions are free until either allowance is used up: their number, or their amount. The one that goes past the
    free amount pays for its part beyond it.
    """
    rate, count = charge.details.rate_percent, transacted.count
    if rate is None:
        raise InvalidInput("a PERCENTAGE price has no rate")
    fee = Money(charge.details.transaction_fee_minor, charge.currency)
    each = f" and {fee} each" if fee else ""
    explanation = f"{rate:f} % of {shown(transacted.amount, charge.currency)}{each} in {count} transactions"
    return transacted.price, explanation if not transacted.free else f"{explanation}, {transacted.free} of them free"


def graduated_percentage(charge: Charge, amount: Decimal) -> tuple[Decimal, str]:
    """Return Σ amount in tier × its rate + its flat amount, over the tiers entered; exact, major units."""
    total, terms = Decimal(0), []
    for tier, part in entered(charge, amount) if amount else ():
        total += part * tier.unit_amount / 100 + flat_amount(charge, tier)
        terms.append(f"{tier.unit_amount:f} % of {shown(part, charge.currency)}")
        if tier.flat_amount_minor:
            terms.append(told_flat(charge, tier))
    return total, " + ".join(terms) or "nothing transacted"
