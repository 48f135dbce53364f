"""The tokens of the built-in payment provider, which moves no money.

Customers attach them and invoices charge them: the two subgraphs know no more of each other.
"""

from enum import StrEnum

__all__ = ["SANDBOX", "SandboxToken"]

SANDBOX = "sandbox"
"""What the provider is called."""


class SandboxToken(StrEnum):
    """What a payment method of the sandbox does when it is charged.

    sandbox_success          succeeds
    sandbox_declined         is declined with the code `card_declined`
    sandbox_lost_card        is declined with the code `lost_card`, for good: it is not charged again
    sandbox_requires_action  waits until it is confirmed, then succeeds
    sandbox_unrefundable     succeeds; refunds are declined with the code `refund_declined`
    sandbox_disputed         succeeds, and is disputed at once
    """

    SUCCESS = "sandbox_success"
    DECLINED = "sandbox_declined"
    LOST_CARD = "sandbox_lost_card"
    REQUIRES_ACTION = "sandbox_requires_action"
    UNREFUNDABLE = "sandbox_unrefundable"
    DISPUTED = "sandbox_disputed"
