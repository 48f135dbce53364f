"""The only translator from what happens to invoices, payments and credit notes to what other subgraphs and partners are told."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypedDict

import msgspec

from subgraphs.invoice.domain import customer_tax_rates, dispute_events, events, tax_configuration
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.customer_tax_rates import CustomerTaxRates
from subgraphs.invoice.domain.dispute import Dispute
from subgraphs.invoice.domain.dunning_configuration import DunningConfiguration
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.invoice_grouping import InvoiceGrouping
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.seller_profile import SellerProfile
from subgraphs.invoice.domain.tax_configuration import TaxConfiguration
from subgraphs.invoice.domain.values import Bill, InvoiceDraft, InvoiceFacts, PaymentSubject
from subgraphs.kit.domain.clock_answer import ClockAnswer, ClockAnswered
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.money import Money
from subgraphs.kit.messaging.clock_contracts import ClockAnsweredContract
from subgraphs.kit.messaging.envelope import PublicEvent
from subgraphs.kit.messaging.published import Contract, json_schemas_of, public_event
from subgraphs.kit.persistence.commit import Commit

__all__ = ["json_schemas", "publish"]


class PublishedBill(msgspec.Struct, frozen=True, rename="camel"):
    """A period of a plan subscription that an invoice bills together with others."""

    plan_subscription_id: str
    period_number: int


class InvoiceContract(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """What every event about an invoice tells. Amounts are minor units of `currency`; period 0 is a subscription's first.

    A consolidated invoice has several `bills` instead of one plan subscription and period; one of changes within a period, or of
    fees, has the `adjustmentsNumber` that adjustments-billed.v1 gave it.
    """

    invoice_id: str
    customer_id: str
    plan_subscription_id: str | None
    period_number: int | None
    number: str | None
    currency: str
    total_minor: int
    amount_due_minor: int
    bills: tuple[PublishedBill, ...] = ()
    adjustments_number: int | None = None


class InvoiceDrafted(InvoiceContract, frozen=True):
    """An invoice was put together; it has no number and is not owed yet."""

    event_type = "invoice-drafted.v1"


class InvoiceBillAdded(InvoiceContract, frozen=True):
    """A draft bills a period of a further plan subscription."""

    event_type = "invoice-bill-added.v1"


class InvoiceFinalized(InvoiceContract, frozen=True):
    """An invoice has its number and is owed: lines, total and number stand from now on."""

    event_type = "invoice-finalized.v1"


class InvoiceCreditRequested(Contract, frozen=True):
    """An invoice was finalised and is not charged yet: the customer's credit may pay up to `amountMinor` of it.

    Answered by invoice-credit-applied.v1.
    """

    event_type = "invoice-credit-requested.v1"

    invoice_id: str
    customer_id: str
    currency: str
    amount_minor: int


class InvoiceAmountDueChanged(InvoiceContract, frozen=True):
    """The customer's credit or a payment paid a part of an invoice, or it collects what was owed before: what is left is due."""

    event_type = "invoice-amount-due-changed.v1"


class InvoiceCarriedForward(InvoiceContract, frozen=True, kw_only=True):
    """What was left of an invoice is too little to charge: `carriedForwardMinor` moves to the customer's balance.

    The customer owes it there, and the invoice is paid; a later one collects it.
    """

    event_type = "invoice-carried-forward.v1"

    carried_forward_minor: int


class InvoicePaid(InvoiceContract, frozen=True):
    """An invoice is settled."""

    event_type = "invoice-paid.v1"


class InvoiceRetryScheduled(InvoiceContract, frozen=True, kw_only=True):
    """An invoice that could not be charged is charged again at `retryAt`; `retryNumber` counts from 1."""

    event_type = "invoice-retry-scheduled.v1"

    retry_number: int
    retry_at: datetime


class InvoiceOverdue(InvoiceContract, frozen=True, kw_only=True):
    """An invoice was sent to be paid, and is not though it is due since `overdueSince`."""

    event_type = "invoice-overdue.v1"

    overdue_since: datetime


class InvoiceReminderDue(InvoiceContract, frozen=True, kw_only=True):
    """The customer is to be reminded of an invoice that is not paid since `overdueSince`; `reminderNumber` counts from 1."""

    event_type = "invoice-reminder-due.v1"

    reminder_number: int
    overdue_since: datetime


class DunningExhausted(InvoiceContract, frozen=True, kw_only=True):
    """An invoice could not be charged by its last retry. `action` is what becomes of the plan subscription that it bills.

    With `overdueSince` it was sent, and not paid by the last day of its campaign.
    """

    event_type = "dunning-exhausted.v1"

    retries: int
    action: str
    overdue_since: datetime | None = None


class InvoiceMarkedUncollectible(InvoiceContract, frozen=True):
    """Nobody expects an invoice's money any more, or a dispute took it back; it is still owed, and may yet be paid or voided."""

    event_type = "invoice-marked-uncollectible.v1"


class InvoiceRevised(InvoiceContract, frozen=True):
    """A draft bills something else now; it has no number and is not owed yet."""

    event_type = "invoice-revised.v1"


class InvoiceDeleted(InvoiceContract, frozen=True):
    """A draft was given up; it never had a number."""

    event_type = "invoice-deleted.v1"


class InvoiceVoided(InvoiceContract, frozen=True, kw_only=True):
    """An invoice is not to be paid; it keeps its number. `replacedBy` takes its place; null: no other one does."""

    event_type = "invoice-voided.v1"

    replaced_by: str | None = None


class PaymentContract(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """What every event about a payment tells. `code` and `message` say why it failed or what is needed.

    One for a consolidated invoice has several `bills` instead of one plan subscription and period.
    """

    payment_id: str
    invoice_id: str
    customer_id: str
    plan_subscription_id: str | None
    period_number: int | None
    amount_minor: int
    currency: str
    code: str | None
    message: str | None
    bills: tuple[PublishedBill, ...] = ()


class PaymentSucceeded(PaymentContract, frozen=True):
    """An invoice's amount was collected."""

    event_type = "payment-succeeded.v1"


class PaymentFailed(PaymentContract, frozen=True):
    """An attempt to collect an invoice came to nothing."""

    event_type = "payment-failed.v1"


class PaymentActionRequired(PaymentContract, frozen=True):
    """A payment waits for the customer to confirm it."""

    event_type = "payment-action-required.v1"


class PaymentRefunded(Contract, frozen=True):
    """A part of a payment, or all of it, went back to where it came from; `creditNoteId` is null for a refund made there."""

    event_type = "payment-refunded.v1"

    payment_id: str
    invoice_id: str
    customer_id: str
    credit_note_id: str | None
    currency: str
    amount_minor: int


class DisputeContract(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """What every event about a dispute tells. `reason` is the bank's, such as fraudulent.

    One about a consolidated invoice has several `bills` instead of one plan subscription.
    """

    dispute_id: str
    payment_id: str
    invoice_id: str
    customer_id: str
    plan_subscription_id: str | None
    reason: str
    currency: str
    amount_minor: int
    bills: tuple[PublishedBill, ...] = ()


class DisputeOpened(DisputeContract, frozen=True, kw_only=True):
    """A customer's bank questions a payment; evidence is due at `evidenceDueAt`, where that is known."""

    event_type = "dispute-opened.v1"

    evidence_due_at: datetime | None


class DisputeEvidenceSubmitted(DisputeContract, frozen=True):
    """The bank was given evidence."""

    event_type = "dispute-evidence-submitted.v1"


class DisputeWon(DisputeContract, frozen=True):
    """A disputed payment stands after all."""

    event_type = "dispute-won.v1"


class DisputeLost(DisputeContract, frozen=True):
    """The bank took a payment back: its invoice is owed again, and uncollectible."""

    event_type = "dispute-lost.v1"


class CreditedLine(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """`amountMinor` of a line of the invoice was taken back, in minor units before taxes on top; lines are numbered from 1.

    The line billed the time from `periodStart` up to but not including `periodEnd`, null: none; with `isUsage`, what was used in
    it. `planSubscriptionId` is told on a consolidated invoice.
    """

    line_number: int
    amount_minor: int
    period_start: datetime | None = None
    period_end: datetime | None = None
    is_usage: bool = False
    plan_subscription_id: str | None = None


class CreditNoteIssued(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """A part of an invoice was taken back: `amountMinor` = `fromDueMinor` + `refundMinor` + `balanceMinor`, in minor units.

    `fromDueMinor` is no longer owed, `refundMinor` went back to where the payment came from, but for `outOfBandMinor` of it,
    which was given back otherwise, and `balanceMinor` is the customer's: it goes to the balance. `lines` are the lines of it;
    what the invoice bills is told as by its own events.
    """

    event_type = "credit-note-issued.v1"

    credit_note_id: str
    number: str
    invoice_id: str
    invoice_number: str
    customer_id: str
    plan_subscription_id: str | None
    reason: str
    currency: str
    amount_minor: int
    from_due_minor: int
    refund_minor: int
    balance_minor: int
    out_of_band_minor: int = 0
    period_number: int | None = None
    adjustments_number: int | None = None
    bills: tuple[PublishedBill, ...] = ()
    lines: tuple[CreditedLine, ...] = ()


class TaxRateAdded(Contract, frozen=True):
    """A tax is charged from now on to customers in a country: `percentage`, within the prices when `inclusive`.

    With a `region` (ISO 3166-2) it is for customers there, beside the taxes of the whole country. With a `taxCategory` it is for
    what is sold in that category, instead of the taxes there without one.
    """

    event_type = "tax-rate-added.v1"

    tax_rate_id: str
    name: str
    percentage: str
    inclusive: bool
    country: str
    region: str | None = None
    tax_category: str | None = None


class TaxRateRemoved(Contract, frozen=True):
    """A tax is charged no more."""

    event_type = "tax-rate-removed.v1"

    tax_rate_id: str


class CustomerTaxRatesSet(Contract, frozen=True):
    """A customer bears these tax rates from now on, whatever is charged where it is; none: what is charged there."""

    event_type = "customer-tax-rates-set.v1"

    customer_id: str
    tax_rate_ids: tuple[str, ...]


class InvoiceClockAnswered(ClockAnsweredContract, frozen=True):
    """Answers round `round` of a tenant's own clock: of its invoices, all that was due or followed from it has happened.

    `handled` is how far in the streams of others it was when it was at rest, `sent` where in its own its last event of the tenant
    is. `due` is what is due next before `dueUntil`, null: nothing is.
    """

    event_type = "invoice-clock-answered.v1"


_CONTRACTS: tuple[type[Contract], ...] = (
    InvoiceDrafted,
    InvoiceBillAdded,
    InvoiceFinalized,
    InvoiceCreditRequested,
    InvoiceAmountDueChanged,
    InvoiceCarriedForward,
    InvoicePaid,
    InvoiceRetryScheduled,
    InvoiceOverdue,
    InvoiceReminderDue,
    DunningExhausted,
    InvoiceMarkedUncollectible,
    InvoiceRevised,
    InvoiceDeleted,
    InvoiceVoided,
    PaymentSucceeded,
    PaymentFailed,
    PaymentActionRequired,
    PaymentRefunded,
    DisputeOpened,
    DisputeEvidenceSubmitted,
    DisputeWon,
    DisputeLost,
    CreditNoteIssued,
    TaxRateAdded,
    TaxRateRemoved,
    CustomerTaxRatesSet,
    InvoiceClockAnswered,
)
_CODECS = {
    aggregate.kind: aggregate.codec
    for aggregate in (
        Invoice,
        Payment,
        CreditNote,
        Dispute,
        TaxConfiguration,
        DunningConfiguration,
        SellerProfile,
        InvoiceGrouping,
        CustomerTaxRates,
        ClockAnswer,
    )
}


def publish(commit: Commit) -> Sequence[PublicEvent]:
    """Return the public events of one commit."""
    codec = _CODECS[commit.kind]
    contracts = (
        contract
        for stored in commit.events
        for contract in _translate(commit.aggregate_id, codec.decode(stored.type, stored.data))
    )
    return [public_event(commit, number, contract) for number, contract in enumerate(contracts)]


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every public event by its type."""
    return json_schemas_of(_CONTRACTS)


def _translate(id: str, event: Event) -> Iterator[Contract]:
    match event:
        case events.InvoiceDrafted():
            yield InvoiceDrafted(**_invoice(id, _drafted(event.draft, event.total)))
        case events.InvoiceBillAdded():
            yield InvoiceBillAdded(**_invoice(id, _drafted(event.draft, event.total)))
        case events.InvoiceFinalized():
            yield InvoiceFinalized(**_invoice(id, event.facts))
        case events.InvoiceCreditRequested():
            yield InvoiceCreditRequested(
                invoice_id=id,
                customer_id=event.customer_id,
                currency=event.amount.currency,
                amount_minor=event.amount.minor_units,
            )
        case events.InvoiceCreditApplied():
            if event.amount or event.brought_forward:
                yield InvoiceAmountDueChanged(**_invoice(id, event.facts))
        case events.InvoiceCarriedForward():
            yield InvoiceCarriedForward(**_invoice(id, event.facts), carried_forward_minor=event.amount.minor_units)
        case events.InvoicePaid():
            yield InvoicePaid(**_invoice(id, event.facts))
        case events.InvoiceRetryScheduled():
            yield InvoiceRetryScheduled(**_invoice(id, event.facts), retry_number=event.number, retry_at=event.retry_at)
        case events.InvoiceDunningExhausted():
            yield DunningExhausted(
                **_invoice(id, event.facts),
                retries=event.retries,
                action=event.action.value,
                overdue_since=event.overdue_since,
            )
        case events.InvoiceOverdue():
            yield InvoiceOverdue(**_invoice(id, event.facts), overdue_since=event.overdue_since)
        case events.InvoiceReminderDue():
            yield InvoiceReminderDue(**_invoice(id, event.facts), reminder_number=event.number, overdue_since=event.overdue_since)
        case events.InvoiceMarkedUncollectible():
            yield InvoiceMarkedUncollectible(**_invoice(id, event.facts))
        case events.InvoiceRevised():
            yield InvoiceRevised(**_invoice(id, _drafted(event.draft, event.total)))
        case events.InvoiceDeleted():
            yield InvoiceDeleted(**_invoice(id, event.facts))
        case events.InvoiceVoided():
            yield InvoiceVoided(**_invoice(id, event.facts), replaced_by=event.replaced_by)
        case events.InvoicePartPaid():
            yield InvoiceAmountDueChanged(**_invoice(id, event.facts))
        case events.PaymentSucceeded():
            yield PaymentSucceeded(**_payment(id, event.subject), code=None, message=None)
        case events.PaymentFailed():
            yield PaymentFailed(**_payment(id, event.subject), code=event.code, message=event.message)
        case events.PaymentActionRequired():
            yield PaymentActionRequired(
                **_payment(id, event.subject), code="action_required", message="The customer must confirm the payment."
            )
        case events.PaymentRefunded():
            yield PaymentRefunded(
                payment_id=id,
                invoice_id=event.subject.invoice_id,
                customer_id=event.subject.customer_id,
                credit_note_id=event.credit_note_id,
                currency=event.amount.currency,
                amount_minor=event.amount.minor_units,
            )
        case events.InvoiceDisputeLost():
            if event.amount:
                yield InvoiceMarkedUncollectible(**_invoice(id, event.facts))
        case dispute_events.DisputeOpened():
            yield DisputeOpened(**_dispute(id, event.subject), evidence_due_at=event.evidence_due_at)
        case dispute_events.DisputeEvidenceSubmitted():
            yield DisputeEvidenceSubmitted(**_dispute(id, event.subject))
        case dispute_events.DisputeWon():
            yield DisputeWon(**_dispute(id, event.subject))
        case dispute_events.DisputeLost():
            yield DisputeLost(**_dispute(id, event.subject))
        case events.CreditNoteIssued():
            yield _credit_note(id, event)
        case tax_configuration.TaxRateAdded(rate=rate):
            yield TaxRateAdded(
                tax_rate_id=rate.id,
                name=rate.name,
                percentage=f"{rate.percentage:f}",
                inclusive=rate.inclusive,
                country=rate.country,
                region=rate.region,
                tax_category=rate.tax_category,
            )
        case tax_configuration.TaxRateRemoved(rate_id=rate_id):
            yield TaxRateRemoved(tax_rate_id=rate_id)
        case customer_tax_rates.CustomerTaxRatesSet():
            yield CustomerTaxRatesSet(customer_id=event.customer_id, tax_rate_ids=event.rate_ids)
        case ClockAnswered():
            yield InvoiceClockAnswered.of(event)


def _drafted(draft: InvoiceDraft, total: Money) -> InvoiceFacts:
    return InvoiceFacts(
        customer_id=draft.customer_id,
        plan_subscription_id=draft.plan_subscription_id,
        period_number=draft.period_number,
        number=None,
        total=total,
        amount_due=total,
        bills=draft.bills,
        adjustments_number=draft.adjustments_number,
    )


def _bills(bills: Sequence[Bill]) -> tuple[PublishedBill, ...]:
    return tuple(
        PublishedBill(plan_subscription_id=bill.plan_subscription_id, period_number=bill.period_number) for bill in bills
    )


class _InvoiceFields(TypedDict):
    invoice_id: str
    customer_id: str
    plan_subscription_id: str | None
    period_number: int | None
    number: str | None
    currency: str
    total_minor: int
    amount_due_minor: int
    bills: tuple[PublishedBill, ...]
    adjustments_number: int | None


class _PaymentFields(TypedDict):
    payment_id: str
    invoice_id: str
    customer_id: str
    plan_subscription_id: str | None
    period_number: int | None
    amount_minor: int
    currency: str
    bills: tuple[PublishedBill, ...]


def _invoice(id: str, facts: InvoiceFacts) -> _InvoiceFields:
    return _InvoiceFields(
        invoice_id=id,
        customer_id=facts.customer_id,
        plan_subscription_id=facts.plan_subscription_id,
        period_number=facts.period_number,
        number=facts.number,
        currency=facts.total.currency,
        total_minor=facts.total.minor_units,
        amount_due_minor=facts.amount_due.minor_units,
        bills=_bills(facts.bills),
        adjustments_number=facts.adjustments_number,
    )


def _payment(id: str, subject: PaymentSubject) -> _PaymentFields:
    return _PaymentFields(
        payment_id=id,
        invoice_id=subject.invoice_id,
        customer_id=subject.customer_id,
        plan_subscription_id=subject.plan_subscription_id,
        period_number=subject.period_number,
        amount_minor=subject.amount.minor_units,
        currency=subject.amount.currency,
        bills=_bills(subject.bills),
    )


class _DisputeFields(TypedDict):
    dispute_id: str
    payment_id: str
    invoice_id: str
    customer_id: str
    plan_subscription_id: str | None
    reason: str
    currency: str
    amount_minor: int
    bills: tuple[PublishedBill, ...]


def _dispute(id: str, subject: dispute_events.DisputeSubject) -> _DisputeFields:
    return _DisputeFields(
        dispute_id=id,
        payment_id=subject.payment_id,
        invoice_id=subject.invoice_id,
        customer_id=subject.customer_id,
        plan_subscription_id=subject.plan_subscription_id,
        reason=subject.reason,
        currency=subject.amount.currency,
        amount_minor=subject.amount.minor_units,
        bills=_bills(subject.bills),
    )


def _credit_note(id: str, event: events.CreditNoteIssued) -> CreditNoteIssued:
    terms = event.terms
    return CreditNoteIssued(
        credit_note_id=id,
        number=event.number,
        invoice_id=terms.invoice_id,
        invoice_number=terms.invoice_number,
        customer_id=terms.customer_id,
        plan_subscription_id=terms.plan_subscription_id,
        reason=terms.reason,
        currency=terms.amount.currency,
        amount_minor=terms.amount.minor_units,
        from_due_minor=terms.from_due.minor_units,
        refund_minor=event.refunded.minor_units,
        balance_minor=event.balance.minor_units,
        out_of_band_minor=terms.out_of_band.minor_units,
        period_number=terms.period_number,
        adjustments_number=terms.adjustments_number,
        bills=_bills(terms.bills),
        lines=tuple(
            CreditedLine(
                line_number=line.line_number,
                amount_minor=line.amount.minor_units,
                period_start=line.period.start if line.period else None,
                period_end=line.period.end if line.period else None,
                is_usage=line.is_usage,
                plan_subscription_id=line.plan_subscription_id,
            )
            for line in terms.lines
        ),
    )
