"""The port to whoever moves the money."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from subgraphs.kit.domain.money import Money

__all__ = [
    "AMOUNT_NOT_CHARGEABLE",
    "AMOUNT_TOO_SMALL",
    "ActionRequired",
    "Declined",
    "DisputeFacts",
    "DisputeState",
    "DisputingProvider",
    "NoAnswer",
    "PaymentOutcome",
    "PaymentProvider",
    "RefundOutcome",
    "Succeeded",
]


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The money is on its way; `reference` names the charge or refund at the provider."""

    reference: str


@dataclass(frozen=True, slots=True)
class Declined:
    """No money moved. `code` is stable, e.g. `card_declined`; `message` is for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ActionRequired:
    """The customer must confirm the payment first, e.g. by 3-D Secure."""


class NoAnswer(TimeoutError):
    """The provider could not be asked, or did not tell what became of the money: ask again, with the same ids."""


AMOUNT_TOO_SMALL = "amount_too_small"
"""The code of `Declined` where the amount is less than the provider charges."""

AMOUNT_NOT_CHARGEABLE = "amount_not_chargeable"
"""The code of `Declined` where the provider cannot charge the amount exactly, such as single fils: it never will."""

PaymentOutcome = Succeeded | Declined | ActionRequired
RefundOutcome = Succeeded | Declined


class DisputeState(StrEnum):
    """How far a dispute is at the provider."""

    NEEDS_EVIDENCE = "NEEDS_EVIDENCE"
    UNDER_REVIEW = "UNDER_REVIEW"
    WON = "WON"
    LOST = "LOST"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFacts:
    """What the provider says of a dispute that it names `reference`; `reason` is its code, e.g. `fraudulent`.

    `refundable`: no money has been taken yet, so that a refund may still end it.
    """

    reference: str
    state: DisputeState
    reason: str
    amount: Money
    evidence_due_at: datetime | None
    refundable: bool = False


@runtime_checkable
class DisputingProvider(Protocol):
    """A provider that tells by itself what happens to payments, disputes among it. Every call may be repeated."""

    async def payment_of(self, reference: str) -> tuple[str, str] | None:
        """Return tenant and id of the payment that the provider names so, None when it is not of this installation."""
        ...

    async def dispute(self, tenant: str, reference: str, at: datetime) -> DisputeFacts:
        """Return how the dispute stands at the business time `at`."""
        ...

    async def submit_evidence(self, tenant: str, reference: str, text: str) -> None:
        """Give evidence to the bank, for good; InvalidState where the provider takes none any more."""
        ...

    async def accept_dispute(self, tenant: str, reference: str) -> None:
        """Let the bank have the money; InvalidState where the provider takes no answer any more."""
        ...


class PaymentProvider(Protocol):
    """Every call may be repeated with the same tenant and payment id, at any time and by several processes: money moves once.

    Where no answer tells what became of the money, a call raises NoAnswer and changes nothing that a repetition would not find.
    """

    def minimum_charge(self, currency: str) -> Money | None:
        """Return the least that can be charged in the currency, as far as that is known; None: any amount above zero."""
        ...

    async def charge(self, tenant: str, payment_id: str, token: str, amount: Money) -> PaymentOutcome:
        """Charge `amount` to the payment method `token`, or tell what became of this payment before."""
        ...

    async def confirm(self, tenant: str, payment_id: str) -> PaymentOutcome:
        """Complete a payment that the customer had to act on."""
        ...

    async def cancel(self, tenant: str, payment_id: str) -> PaymentOutcome:
        """Give up a payment that waits for the customer: `Declined` with the code `canceled`, or what it came to before."""
        ...

    async def refund(self, tenant: str, refund_id: str, payment_id: str, amount: Money) -> RefundOutcome:
        """Give back `amount` of a payment that succeeded, once per refund id, or tell why not: never more than was charged."""
        ...

    async def client_secret(self, tenant: str, payment_id: str) -> str | None:
        """Return what the provider's own client needs to let the customer confirm a payment that waits for it, if anything."""
        ...
