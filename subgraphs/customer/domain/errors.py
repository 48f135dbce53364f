"""Reasons of its own why this subgraph refuses a command.

DomainError
├── InvalidInput
│   └── InvalidTaxId         (tax_ids.py) no such tax id can exist
└── InvalidState
    ├── InsufficientBalance  less is there than is to be taken
    └── HasOpenBilling       a subscription or invoice of the customer is still open
"""

from collections.abc import Sequence

from subgraphs.kit.domain.errors import InvalidState
from subgraphs.kit.domain.money import Money

__all__ = ["HasOpenBilling", "InsufficientBalance"]


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
