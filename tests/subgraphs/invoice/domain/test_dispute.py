"""The dispute's rules: what the provider may say in every state."""

from dataclasses import replace
from datetime import timedelta

import pytest

from subgraphs.invoice.domain import dispute_events as events
from subgraphs.invoice.domain.dispute import Dispute, DisputeStatus
from subgraphs.invoice.domain.payment_provider import DisputeFacts, DisputeState
from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.money import Money
from tests.testkit.memory import AT, context

DUE = AT + timedelta(days=7)
LATER = context(at=AT + timedelta(hours=1))
SUBJECT = events.DisputeSubject(
    payment_id="pay_1",
    invoice_id="inv_1",
    customer_id="cus_1",
    plan_subscription_id=None,
    provider="sandbox",
    reference="dp_1",
    reason="fraudulent",
    amount=Money(5650, "EUR"),
)


def facts(state: DisputeState) -> DisputeFacts:
    return DisputeFacts(reference="dp_1", state=state, reason="fraudulent", amount=SUBJECT.amount, evidence_due_at=DUE)


def disputed(*told: DisputeState) -> Dispute:
    dispute = Dispute.open("dsp_1", SUBJECT, DUE, context())
    for state in told:
        dispute.follow(facts(state), LATER)
    return dispute


REVIEW, WON, LOST = DisputeState.UNDER_REVIEW, DisputeState.WON, DisputeState.LOST


@pytest.mark.parametrize(
    ("told", "status", "recorded"),
    [
        ((), DisputeStatus.NEEDS_EVIDENCE, []),
        ((DisputeState.NEEDS_EVIDENCE,), DisputeStatus.NEEDS_EVIDENCE, []),
        ((REVIEW, REVIEW), DisputeStatus.UNDER_REVIEW, ["DisputeReviewed"]),
        ((REVIEW, DisputeState.NEEDS_EVIDENCE), DisputeStatus.UNDER_REVIEW, ["DisputeReviewed"]),  # it comes late
        ((WON, WON, LOST, REVIEW), DisputeStatus.WON, ["DisputeWon"]),
        ((REVIEW, LOST, WON), DisputeStatus.LOST, ["DisputeReviewed", "DisputeLost"]),
    ],
)
def test_the_provider_decides_once(told: tuple[DisputeState, ...], status: DisputeStatus, recorded: list[str]) -> None:
    dispute = disputed(*told)
    assert (dispute.status, [type(event).__name__ for event in dispute.unsaved[1:]]) == (status, recorded)
    assert (dispute.closed_at is not None) == dispute.is_closed


def test_a_deadline_that_moves_is_followed() -> None:
    dispute = disputed()
    later = replace(facts(DisputeState.NEEDS_EVIDENCE), evidence_due_at=DUE + timedelta(days=1))
    dispute.follow(later, LATER)
    dispute.follow(replace(later, evidence_due_at=None), LATER)
    assert dispute.unsaved[1:] == (events.DisputeDeadlineSet(evidence_due_at=DUE + timedelta(days=1)),)


def test_evidence_is_noted_once_and_not_kept() -> None:
    dispute = disputed()
    for _ in range(2):
        dispute.note_evidence(LATER)
    assert dispute.unsaved[1:] == (events.DisputeEvidenceSubmitted(subject=SUBJECT, submitted_at=LATER.at),)
    assert disputed(LOST).unsaved[-1] == events.DisputeLost(subject=SUBJECT, closed_at=LATER.at)


def test_evidence_has_its_time_and_its_length() -> None:
    disputed().check_evidence("They used it.", LATER)
    for text in (" ", "x" * 20_001):
        with pytest.raises(InvalidInput):
            disputed().check_evidence(text, LATER)
    with pytest.raises(InvalidState, match="was due"):
        disputed().check_evidence("x", context(at=DUE))
    for state in (REVIEW, WON, LOST):
        with pytest.raises(InvalidState, match="not NEEDS_EVIDENCE"):
            disputed(state).check_evidence("x", LATER)
    disputed(REVIEW).check_open()
    with pytest.raises(InvalidState, match="is WON already"):
        disputed(WON).check_open()
