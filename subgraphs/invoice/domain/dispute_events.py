"""What happens to disputes."""

from dataclasses import dataclass
from datetime import datetime

from subgraphs.invoice.domain.values import Bill
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.money import Money

__all__ = [
    "DisputeDeadlineSet",
    "DisputeEvidenceSubmitted",
    "DisputeLost",
    "DisputeOpened",
    "DisputeReviewed",
    "DisputeSubject",
    "DisputeWon",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeSubject:
    """What is disputed: `amount` of a payment, for the bank's `reason`; `reference` is the dispute's name at the provider."""

    payment_id: str
    invoice_id: str
    customer_id: str
    plan_subscription_id: str | None
    provider: str
    reference: str
    reason: str
    amount: Money
    bills: tuple[Bill, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOpened(Event):
    subject: DisputeSubject
    evidence_due_at: datetime | None
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeDeadlineSet(Event):
    evidence_due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeEvidenceSubmitted(Event):
    """The evidence is at the provider, and nowhere else."""

    subject: DisputeSubject
    submitted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeReviewed(Event):
    """The bank looks at the evidence."""

    subject: DisputeSubject
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeWon(Event):
    subject: DisputeSubject
    closed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeLost(Event):
    """The bank has taken the money back for good."""

    subject: DisputeSubject
    closed_at: datetime
