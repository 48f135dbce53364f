"""Reasons of its own why this subgraph refuses a command.

DomainError
└── InvalidInput
    └── BelowMinimumCharge      the payment provider charges no such small amount
"""

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money

__all__ = ["BelowMinimumCharge"]


class BelowMinimumCharge(InvalidInput):
    """The payment provider charges no such small amount; nothing was charged."""

    code = "BELOW_MINIMUM_CHARGE"

    def __init__(self, wanted: Money, minimum: Money, provider: str, *, field: tuple[str, ...] = ("amount",)) -> None:
        super().__init__(
            f"{provider} charges {minimum} or more, not {wanted}: record a payment that came otherwise (invoicePaymentRecord), "
            "or take it back (creditNoteCreate)",
            field=field,
        )
        self.wanted = wanted
        self.minimum = minimum
