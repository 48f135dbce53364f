"""Tell what a price would come to."""

from collections.abc import Sequence
from decimal import Decimal

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.pricing.charge import Charge
from subgraphs.pricing.checks import LARGEST_QUANTITY
from subgraphs.pricing.rating import Rated, rate, rate_transactions

__all__ = ["estimated"]

TRANSACTIONS = 1_000


def estimated(charge: Charge, quantity: int | None, transactions: Sequence[Decimal] | None) -> Rated:
    """Return what one period comes to; by the model, either `quantity` counts or `transactions` do.

    Raises:
        InvalidInput: what the model takes is not given, out of range, or the other is given.
    """
    if charge.model.is_of_transactions:
        if quantity is not None or transactions is None:
            raise InvalidInput(f"a {charge.model} price takes transactions, not a quantity", field=("transactions",))
        if len(transactions) > TRANSACTIONS:
            raise InvalidInput(f"at most {TRANSACTIONS} transactions are estimated at once", field=("transactions",))
        if any(not 0 <= amount <= LARGEST_QUANTITY for amount in transactions):
            raise InvalidInput(f"a transaction's amount is 0 to {LARGEST_QUANTITY}", field=("transactions",))
        return rate_transactions(charge, transactions)
    if transactions is not None or quantity is None:
        raise InvalidInput(f"a {charge.model} price takes a quantity, not transactions", field=("quantity",))
    if not 0 <= quantity <= LARGEST_QUANTITY:
        raise InvalidInput(f"a quantity is 0 to {LARGEST_QUANTITY}", field=("quantity",))
    return rate(charge, quantity)
