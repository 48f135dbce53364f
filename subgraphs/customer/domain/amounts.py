"""Which amounts a ledger takes."""

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money

__all__ = ["checked_amount", "checked_description"]

# Ten thousand times the largest invoices there are; sums of a million such entries still fit the stores' 64 bits.
LARGEST_MINOR_UNITS = 10**12


def checked_amount(amount: Money, *, positive: bool = True) -> Money:
    """Return `amount` when it can be an entry of a ledger: not zero, and above it unless `positive` is False.

    Raises:
        InvalidInput: it cannot.
    """
    if not amount or (positive and amount.minor_units < 0):
        raise InvalidInput(
            "an amount above zero is needed" if positive else "an amount other than zero is needed", field=("amount",)
        )
    if abs(amount.minor_units) > LARGEST_MINOR_UNITS:
        raise InvalidInput(f"an amount has at most {LARGEST_MINOR_UNITS} minor units", field=("amount",))
    return amount


def checked_description(description: str | None) -> str | None:
    """Return `description` when it is not too long.

    Raises:
        InvalidInput: it has more than 500 characters.
    """
    if description is not None and len(description) > 500:
        raise InvalidInput("a description has at most 500 characters", field=("description",))
    return description
