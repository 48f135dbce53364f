"""What happens to invoices, payments and credit notes."""

from dataclasses import dataclass
from datetime import datetime

from subgraphs.invoice.domain.dunning import DunningAction
from subgraphs.invoice.domain.values import (
    Bill,
    BillToVersion,
    BroughtForward,
    Charge,
    CreditNoteTerms,
    InvoiceDraft,
    InvoiceFacts,
    PaymentMethod,
    PaymentOperation,
    PaymentSubject,
    ReceivedPayment,
    RefundPart,
)
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.money import Money

__all__ = [
    "CreditNoteIssued",
    "CreditNoteRequested",
    "InvoiceBillAdded",
    "InvoiceCarriedForward",
    "InvoiceCreditNoteSettled",
    "InvoiceCreditApplied",
    "InvoiceCreditRequested",
    "InvoiceCredited",
    "InvoiceDeleted",
    "InvoiceDisputeClosed",
    "InvoiceDisputeLost",
    "InvoiceDisputeOpened",
    "InvoiceDunningExhausted",
    "InvoiceOverdue",
    "InvoiceReminderDue",
    "InvoiceRetryScheduled",
    "InvoiceRetryTaken",
    "InvoiceDrafted",
    "InvoiceFinalizationBegun",
    "InvoiceFinalized",
    "InvoiceMarkedUncollectible",
    "InvoicePaid",
    "InvoicePartPaid",
    "InvoiceRefundNoted",
    "InvoicePaymentActionRequired",
    "InvoicePaymentContinued",
    "InvoicePaymentFailed",
    "InvoicePaymentStarted",
    "InvoiceRevised",
    "InvoiceVoided",
    "PaymentActionRequired",
    "PaymentFailed",
    "PaymentRefunded",
    "PaymentTakenBack",
    "PaymentStarted",
    "PaymentSucceeded",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDrafted(Event):
    draft: InvoiceDraft
    total: Money
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceBillAdded(Event):
    """A consolidated draft bills this as well: `draft` and `total` are all of it from now on, taxed anew."""

    bill: Bill
    draft: InvoiceDraft
    total: Money
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFinalized(Event):
    """Lines, total, number and who is billed stand from now on. `bill_to` is None where the customer was not known yet."""

    facts: InvoiceFacts
    number: str
    finalized_at: datetime
    due_at: datetime
    bill_to: BillToVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCreditRequested(Event):
    """The customer's wallets and balance are asked for `amount` first; what is left is charged where `charge` says so."""

    customer_id: str
    amount: Money
    charge: Charge | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCreditApplied(Event):
    """`amount` is paid by the customer's credit, `from_wallets` of it by wallets; possibly nothing.

    `brought_forward` was owed before: it is due with the invoice, and the credit has paid a part of both.
    """

    facts: InvoiceFacts
    amount: Money
    from_wallets: Money
    applied_at: datetime
    brought_forward: tuple[BroughtForward, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCarriedForward(Event):
    """`amount` was due and is too little to charge: it moves to the customer's balance, as a debt that a later invoice collects.

    `minimum` is the least that could be charged; None: the payment provider refused the amount.
    """

    facts: InvoiceFacts
    amount: Money
    minimum: Money | None
    carried_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaymentStarted(Event):
    """The invoice waits for this payment and accepts no other until it is settled. `received`: it came without a provider."""

    payment_id: str
    method: PaymentMethod | None
    amount: Money
    started_at: datetime
    received: ReceivedPayment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaymentActionRequired(Event):
    payment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaymentContinued(Event):
    """A payment that waited for the customer is confirmed or canceled at the provider."""

    payment_id: str
    operation: PaymentOperation


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaymentFailed(Event):
    """The invoice can be paid by another payment. `failed_at` and `method_id` are not known of the oldest ones."""

    payment_id: str
    code: str
    method_id: str | None = None
    failed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePartPaid(Event):
    """A payment paid a part of what was due; the rest still is."""

    facts: InvoiceFacts
    payment_id: str
    amount: Money
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaid(Event):
    """Nothing is due any more. `payment_id` paid what was left; it is None when nothing was."""

    facts: InvoiceFacts
    payment_id: str | None
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceMarkedUncollectible(Event):
    """Nobody expects the money any more; it is still owed."""

    facts: InvoiceFacts
    reason: str
    marked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRevised(Event):
    """A draft bills this instead; `draft` is all of it, with taxes."""

    draft: InvoiceDraft
    total: Money
    revised_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFinalizationBegun(Event):
    """A draft that people may change is about to get its number: it is not changed any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDeleted(Event):
    """A draft was given up. It never had a number."""

    facts: InvoiceFacts
    reason: str
    deleted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceVoided(Event):
    """It is not to be paid. `replaced_by` is the invoice that is drafted to take its place, where that was wanted with it."""

    facts: InvoiceFacts
    reason: str
    voided_at: datetime
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRetryScheduled(Event):
    """It is charged again at `retry_at`; `number` counts from 1."""

    facts: InvoiceFacts
    number: int
    retry_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRetryTaken(Event):
    """The retry's time came; `in_vain`: it was known to fail and not made."""

    number: int
    in_vain: bool
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceOverdue(Event):
    """It was sent, and is not paid though it is due since `overdue_since`.

    `remind_at` is when its campaign goes on, None: it ends at once.
    """

    facts: InvoiceFacts
    overdue_since: datetime
    remind_at: datetime | None
    noted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceReminderDue(Event):
    """The customer is reminded of an overdue invoice; `number` counts from 1. `remind_at` is when the campaign goes on."""

    facts: InvoiceFacts
    number: int
    overdue_since: datetime
    remind_at: datetime
    reminded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDunningExhausted(Event):
    """Every retry failed; `action` is what becomes of what it bills. What was sent has no retries, and is `overdue_since`."""

    facts: InvoiceFacts
    retries: int
    action: DunningAction
    exhausted_at: datetime
    overdue_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStarted(Event):
    subject: PaymentSubject
    method: PaymentMethod | None
    started_at: datetime
    received: ReceivedPayment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentActionRequired(Event):
    subject: PaymentSubject


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSucceeded(Event):
    subject: PaymentSubject
    reference: str
    settled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(Event):
    subject: PaymentSubject
    code: str
    message: str
    settled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded(Event):
    """`amount` went back to where the payment came from: by a credit note, or at the provider by itself when that is None.

    People gave back `out_of_band` of it themselves.
    """

    subject: PaymentSubject
    credit_note_id: str | None
    amount: Money
    refunded_at: datetime
    out_of_band: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTakenBack(Event):
    """The payer's bank took `amount` back: a dispute was lost."""

    subject: PaymentSubject
    dispute_id: str
    amount: Money
    taken_back_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDisputeOpened(Event):
    """A payment is disputed, and is not refunded until that is decided."""

    payment_id: str
    dispute_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDisputeClosed(Event):
    """The dispute was won: the payment stands."""

    payment_id: str
    dispute_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDisputeLost(Event):
    """`amount` of a payment is gone, and owed again; nobody is charged for it by itself."""

    facts: InvoiceFacts
    payment_id: str
    dispute_id: str
    amount: Money
    lost_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCredited(Event):
    """The invoice gave this much back, and accepts no other credit note until this one is issued."""

    credit_note_id: str
    terms: CreditNoteTerms
    credited_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCreditNoteSettled(Event):
    """The credit note was issued; `refunded` went back to where the payments came from, in these parts."""

    credit_note_id: str
    refunded: Money
    refunds: tuple[RefundPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRefundNoted(Event):
    """`amount` of a payment went back at its provider by itself: a credit note may still account for it."""

    payment_id: str
    amount: Money
    noted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteRequested(Event):
    terms: CreditNoteTerms
    requested_by: str
    requested_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteIssued(Event):
    """`refunded` and `balance` are where what was paid went in the end: a refund that was refused went to the balance.

    `refunds` are the parts of `refunded`; the oldest notes have none, and one payment.
    """

    terms: CreditNoteTerms
    number: str
    refunded: Money
    balance: Money
    refund_reference: str | None
    refund_failure_code: str | None
    refund_failure_message: str | None
    issued_at: datetime
    refunds: tuple[RefundPart, ...] = ()
