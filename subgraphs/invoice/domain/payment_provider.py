"""The port to whoever moves the money."""

from dataclasses import dataclass
from typing import Protocol

from subgraphs.kit.domain.money import Money

__all__ = ["ActionRequired", "Declined", "NoAnswer", "PaymentOutcome", "PaymentProvider", "RefundOutcome", "Succeeded"]


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


PaymentOutcome = Succeeded | Declined | ActionRequired
RefundOutcome = Succeeded | Declined


class PaymentProvider(Protocol):
    """Every call may be repeated with the same tenant and payment id, at any time and by several processes: money moves once.

    Where no answer tells what became of the money, a call raises NoAnswer and changes nothing that a repetition would not find.
    """

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
