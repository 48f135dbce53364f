"""Values of plan subscriptions."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.period import Interval
from subgraphs.pricing.charge import NO_DETAILS, Charge, ChargeDetails, PriceModel

__all__ = ["LARGEST_QUANTITY", "PlanSubscriptionStatus", "SubscribedPrice", "checked_quantity"]

LARGEST_QUANTITY = 1_000_000


class PlanSubscriptionStatus(StrEnum):
    """Where a plan subscription stands.

    PENDING → ACTIVE | INCOMPLETE, INCOMPLETE → ACTIVE, any of them → CANCELED, which is final.
    """

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    INCOMPLETE = "INCOMPLETE"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribedPrice:
    """The price version a customer subscribes to, as it was then. Amounts: minor units flat, exact major units per unit."""

    price_id: str
    plan_id: str
    plan_name: str
    currency: str
    model: str
    flat_amount_minor: int | None
    unit_amount: Decimal | None
    interval: Interval
    details: ChargeDetails = NO_DETAILS

    @property
    def charge(self) -> Charge:
        """What it asks for per interval."""
        return Charge(
            currency=self.currency,
            model=PriceModel(self.model),
            flat_amount_minor=self.flat_amount_minor,
            unit_amount=self.unit_amount,
            details=self.details,
        )


def checked_quantity(quantity: int) -> int:
    """Return the quantity.

    Raises:
        InvalidInput: it is not 1 to LARGEST_QUANTITY.
    """
    if not 1 <= quantity <= LARGEST_QUANTITY:
        raise InvalidInput(f"a quantity is 1 to {LARGEST_QUANTITY}, not {quantity}", field=("quantity",))
    return quantity
