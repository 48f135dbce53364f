"""Reasons of its own why this subgraph refuses a command.

DomainError
├── InvalidInput
│   └── InvalidTaxId            (tax_ids.py) no such tax id can exist
└── InvalidState
    ├── InsufficientBalance     less is there than is to be taken
    ├── HasOpenBilling          a subscription or invoice of the customer is still open
    └── PersonalDataUnreadable  what is stored of the customer cannot be opened
"""

from collections.abc import Sequence

from subgraphs.kit.domain.errors import InvalidState
from subgraphs.kit.domain.money import Money

__all__ = ["HasOpenBilling", "InsufficientBalance", "PersonalDataUnreadable"]


class InsufficientBalance(InvalidState):
    """Less is there than is to be taken; nothing was taken."""

    code = "INSUFFICIENT_BALANCE"

    def __init__(self, available: Money, wanted: Money, *, field: tuple[str, ...] = ("amount",)) -> None:
        super().__init__(f"{available} are there, {wanted} are wanted", field=field)
        self.available = available
        self.wanted = wanted


class HasOpenBilling(InvalidState):
    """Subscriptions or invoices of a customer are open, and stay with it: settle or cancel them first."""

    code = "HAS_OPEN_BILLING"

    def __init__(self, customer_id: str, open_ids: Sequence[str], advice: str) -> None:
        super().__init__(f"customer {customer_id!r} still has {', '.join(open_ids)} open; {advice}")
        self.customer_id = customer_id
        self.open_ids = tuple(open_ids)


class PersonalDataUnreadable(InvalidState):
    """What is stored of a customer who was not erased cannot be opened. Nothing is written over it until it can be."""

    code = "PERSONAL_DATA_UNREADABLE"

    def __init__(self, customer_id: str, place: str, reason: str) -> None:
        super().__init__(
            f"personal data of customer {customer_id!r} cannot be read in {place}: {reason}; nothing was changed, "
            "and whoever runs this installation has to restore the key"
        )
        self.customer_id = customer_id
        self.place = place
