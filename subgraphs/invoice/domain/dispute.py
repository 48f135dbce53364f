"""The dispute aggregate: a customer's bank takes a payment back, unless evidence speaks for it.

NEEDS_EVIDENCE → UNDER_REVIEW → WON
        └──────────────┴──────→ LOST

The provider decides; WON and LOST are final. What an invoice owes then, the invoice decides.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from subgraphs.invoice.domain.dispute_events import (
    DisputeDeadlineSet,
    DisputeEvidenceSubmitted,
    DisputeLost,
    DisputeOpened,
    DisputeReviewed,
    DisputeSubject,
    DisputeWon,
)
from subgraphs.invoice.domain.payment_provider import DisputeFacts, DisputeState
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.event import Event, EventCodec

__all__ = ["Dispute", "DisputeStatus"]

LONGEST_EVIDENCE = 20_000


class DisputeStatus(StrEnum):
    """How far a dispute is; WON and LOST are final."""

    NEEDS_EVIDENCE = "NEEDS_EVIDENCE"
    UNDER_REVIEW = "UNDER_REVIEW"
    WON = "WON"
    LOST = "LOST"


class Dispute(Aggregate):
    """A payment that its payer's bank questions. Evidence itself is the provider's to keep."""

    kind: ClassVar[str] = "Dispute"
    codec: ClassVar[EventCodec] = EventCodec(
        DisputeOpened, DisputeDeadlineSet, DisputeEvidenceSubmitted, DisputeReviewed, DisputeWon, DisputeLost
    )

    subject: DisputeSubject
    status: DisputeStatus
    opened_at: datetime
    evidence_due_at: datetime | None
    submitted_at: datetime | None
    closed_at: datetime | None

    @classmethod
    def open(cls, id: str, subject: DisputeSubject, evidence_due_at: datetime | None, context: CommandContext) -> "Dispute":
        """Return a new dispute."""
        dispute = cls(id, context.tenant)
        dispute.record(DisputeOpened(subject=subject, evidence_due_at=evidence_due_at, opened_at=context.at))
        return dispute

    @property
    def is_closed(self) -> bool:
        """Tell whether it is decided."""
        return self.status in (DisputeStatus.WON, DisputeStatus.LOST)

    def check_evidence(self, text: str, context: CommandContext) -> None:
        """Raise unless evidence can be given.

        Raises:
            InvalidInput: the text is empty or too long.
            InvalidState: evidence was given before, its time is over, or the dispute is decided.
        """
        if not 1 <= len(text.strip()) <= LONGEST_EVIDENCE:
            raise InvalidInput(f"evidence has 1 to {LONGEST_EVIDENCE} characters", field=("text",))
        if self.status is not DisputeStatus.NEEDS_EVIDENCE:
            raise InvalidState(f"dispute {self.id!r} is {self.status}, not {DisputeStatus.NEEDS_EVIDENCE}", field=("id",))
        if self.evidence_due_at is not None and self.evidence_due_at <= context.at:
            raise InvalidState(f"evidence for dispute {self.id!r} was due at {self.evidence_due_at}", field=("id",))

    def check_open(self) -> None:
        """Raise InvalidState when it is decided."""
        if self.is_closed:
            raise InvalidState(f"dispute {self.id!r} is {self.status} already", field=("id",))

    def note_evidence(self, context: CommandContext) -> None:
        """Note that the provider has been given evidence; nothing happens when that is known or it is decided."""
        if self.submitted_at is None and not self.is_closed:
            self.record(DisputeEvidenceSubmitted(subject=self.subject, submitted_at=context.at))

    def follow(self, facts: DisputeFacts, context: CommandContext) -> None:
        """Take over what the provider says; nothing happens when it says nothing new or the dispute is decided."""
        if self.is_closed:
            return
        if facts.evidence_due_at != self.evidence_due_at and facts.evidence_due_at is not None:
            self.record(DisputeDeadlineSet(evidence_due_at=facts.evidence_due_at))
        match facts.state:
            case DisputeState.UNDER_REVIEW if self.status is DisputeStatus.NEEDS_EVIDENCE:
                self.record(DisputeReviewed(subject=self.subject, since=context.at))
            case DisputeState.WON:
                self.record(DisputeWon(subject=self.subject, closed_at=context.at))
            case DisputeState.LOST:
                self.record(DisputeLost(subject=self.subject, closed_at=context.at))

    def apply(self, event: Event) -> None:
        match event:
            case DisputeOpened():
                self.subject, self.opened_at, self.evidence_due_at = event.subject, event.opened_at, event.evidence_due_at
                self.status, self.submitted_at, self.closed_at = DisputeStatus.NEEDS_EVIDENCE, None, None
            case DisputeDeadlineSet():
                self.evidence_due_at = event.evidence_due_at
            case DisputeEvidenceSubmitted():
                self.submitted_at = event.submitted_at
            case DisputeReviewed():
                self.status = DisputeStatus.UNDER_REVIEW
            case DisputeWon():
                self.status, self.closed_at = DisputeStatus.WON, event.closed_at
            case DisputeLost():
                self.status, self.closed_at = DisputeStatus.LOST, event.closed_at
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a dispute")
