"""Fees: one-time prices that a plan subscription is billed with once. Pure.

A fee is for no time, so it is never prorated and nothing of it is unused. Discounts are not off it, a commitment does not count
it, and it is no recurring revenue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money, total
from subgraphs.pricing.rating import Rated, rate
from subgraphs.subscription.domain.values import PriceVersion, checked_quantity

__all__ = ["Fee", "FeeTime", "OneTimePrice", "fees_total"]

# In minor units: what a hundred of them come to is still a number that every store holds.
LARGEST_FEE = 10**15


class FeeTime(StrEnum):
    """When a fee is billed.

    NEXT_INVOICE  with the next invoice for a period, for changes, or for the end: after a trial where it is in one
    NOW           at once, by an invoice of its own where nothing else is billed at once
    """

    NEXT_INVOICE = "NEXT_INVOICE"
    NOW = "NOW"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimePrice(PriceVersion):
    """The one-time price version that a fee is sold at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A one-time price and how many units of it, to be billed once."""

    id: str
    price: OneTimePrice
    quantity: int
    added_at: datetime

    @property
    def rated(self) -> Rated:
        """What it comes to, rounded once, and the arithmetic."""
        return rate(self.price.charge, self.quantity)

    @property
    def amount(self) -> Money:
        """What it comes to, before tax."""
        return self.rated.amount

    def check(self, currency: str, within: tuple[str, ...] = ()) -> None:
        """Check that a subscription in this currency can be billed with it; errors name fields `within` a part of the input.

        Raises:
            InvalidInput: its price is in another currency, or its quantity or what it comes to is out of range.
        """
        if self.price.currency != currency:
            raise InvalidInput(
                f"price {self.price.price_id!r} is in {self.price.currency}, the subscription in {currency}",
                field=(*within, "priceId"),
            )
        checked_quantity(self.quantity, (*within, "quantity"))
        if self.amount.minor_units > LARGEST_FEE:
            raise InvalidInput(f"a fee comes to at most {Money(LARGEST_FEE, currency)}", field=(*within, "quantity"))


def fees_total(fees: Sequence[Fee], currency: str) -> Money:
    """Return what the fees come to together, before tax."""
    return total([fee.amount for fee in fees], currency)
