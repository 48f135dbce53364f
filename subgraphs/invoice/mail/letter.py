"""What a mail is about, and the port to whoever takes it in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import EmailMessage
from enum import StrEnum
from typing import Protocol

__all__ = ["Letter", "MailKind", "MailRefused", "MailUncertain", "Postman"]


class MailKind(StrEnum):
    """Why a customer is written to."""

    PAYMENT_FAILED = "PAYMENT_FAILED"
    RETRY_SCHEDULED = "RETRY_SCHEDULED"
    FINAL_NOTICE = "FINAL_NOTICE"
    CANCELED = "CANCELED"
    UNPAID = "UNPAID"
    RECEIPT = "RECEIPT"
    CARD_EXPIRING = "CARD_EXPIRING"
    INVOICE = "INVOICE"
    OVERDUE = "OVERDUE"
    OVERDUE_CANCELED = "OVERDUE_CANCELED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail that is to be written: ids and facts only, so that what it says of people is read when it is sent.

    `event_id` and `kind` together are its name: there is one of that name, for ever.
    """

    tenant: str
    event_id: str
    kind: MailKind
    customer_id: str
    invoice_id: str | None = None
    retry_at: datetime | None = None
    payment_method_id: str | None = None
    expires_on: date | None = None
    created_at: datetime = field(kw_only=True)

    @property
    def id(self) -> str:
        """Its name."""
        return f"{self.event_id}/{self.kind}"


class MailRefused(Exception):
    """The mail was not taken in, and will not be: its address or its content is refused for good."""


class MailUncertain(Exception):
    """The mail was handed over, and no answer came: it may have been taken in."""


class Postman(Protocol):
    """Takes mail in. Any other error than those two means that it was not taken in, and may be later."""

    async def deliver(
        self, message: EmailMessage, sender: str, recipient: str, handing_over: Callable[[], Awaitable[None]]
    ) -> None:
        """Hand the mail in. `handing_over` is called just before its content is: from then on it may have been taken in.

        Raises:
            MailRefused: it is refused for good.
            MailUncertain: it was handed over, and no answer came.
        """
        ...
