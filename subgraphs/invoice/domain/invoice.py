"""The invoice aggregate.

DRAFT → OPEN ──────────────────┬→ PAID
          └→ UNCOLLECTIBLE ────┴→ VOID

Once it is OPEN, the customer's wallets and balance are asked to pay it first; until they answered it can only be voided.
While OPEN or UNCOLLECTIBLE, at most one payment is unsettled: under way at the provider, or waiting for the customer to act.
Once it has a number, credit notes can take back what was billed, one after the other and never more than the total: first what
is still due, and of a PAID one what was paid.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from subgraphs.invoice.domain.crediting import CreditRequest, credited_lines, split_excess
from subgraphs.invoice.domain.dunning import NO_DUNNING, Dunning, DunningCampaign
from subgraphs.invoice.domain.events import (
    InvoiceBillAdded,
    InvoiceCreditApplied,
    InvoiceCredited,
    InvoiceCreditNoteSettled,
    InvoiceCreditRequested,
    InvoiceDrafted,
    InvoiceDunningExhausted,
    InvoiceFinalized,
    InvoiceMarkedUncollectible,
    InvoicePaid,
    InvoicePaymentActionRequired,
    InvoicePaymentContinued,
    InvoicePaymentFailed,
    InvoicePaymentStarted,
    InvoiceRetryScheduled,
    InvoiceRetryTaken,
    InvoiceVoided,
)
from subgraphs.invoice.domain.payment_provider import ActionRequired, Declined, PaymentOutcome, Succeeded
from subgraphs.invoice.domain.values import (
    Bill,
    BillToVersion,
    Charge,
    CreditNoteTerms,
    InvoiceDraft,
    InvoiceFacts,
    InvoiceLine,
    InvoiceStatus,
    PaymentMethod,
    PaymentOperation,
    PaymentSubject,
    PendingCreditNote,
    PendingPayment,
)
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.currency import check_currency
from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.money import Money, total

__all__ = ["Invoice"]

# Lines are read and shown whole; more charges than this belong on several invoices.
LINES = 250
# The largest sum the stores and the API's BigInt hold.
LARGEST = 2**63 - 1
COLLECTIBLE = (InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE)


class Invoice(Aggregate):
    """What a customer owes for something. The number is given once, when it is finalised; lines and total never change then.

    They never change before either, except that a consolidated draft takes further bills.
    """

    kind: ClassVar[str] = "Invoice"
    codec: ClassVar[EventCodec] = EventCodec(
        InvoiceDrafted,
        InvoiceBillAdded,
        InvoiceFinalized,
        InvoiceCreditRequested,
        InvoiceCreditApplied,
        InvoicePaymentStarted,
        InvoicePaymentActionRequired,
        InvoicePaymentContinued,
        InvoicePaymentFailed,
        InvoicePaid,
        InvoiceMarkedUncollectible,
        InvoiceVoided,
        InvoiceCredited,
        InvoiceCreditNoteSettled,
        InvoiceRetryScheduled,
        InvoiceRetryTaken,
        InvoiceDunningExhausted,
    )

    drafted: InvoiceDrafted
    status: InvoiceStatus
    number: str | None
    finalized_at: datetime | None
    due_at: datetime | None
    bill_to: BillToVersion | None
    paid_at: datetime | None
    uncollectible_at: datetime | None
    uncollectible_reason: str | None
    voided_at: datetime | None
    void_reason: str | None
    awaits_credit: bool
    charge: Charge | None
    credit_applied: Money
    credit_from_wallets: Money
    dunning: Dunning
    pending_payment: PendingPayment | None
    payment_count: int
    paid_by: str | None
    amount_paid: Money
    amount_credited: Money
    tax_credited: Money
    amount_refunded: Money
    line_credits: tuple[Money, ...]
    credit_note_ids: tuple[str, ...]
    pending_credit_note: PendingCreditNote | None
    _credited_from_due: Money

    @classmethod
    def create(cls, id: str, draft: InvoiceDraft, context: CommandContext) -> "Invoice":
        """Return a new draft.

        Raises:
            InvalidInput: there are too many lines, one is in another currency, or their sum is out of range.
        """
        invoice = cls(id, context.tenant)
        owed = _owed(draft)
        invoice.record(InvoiceDrafted(draft=draft, total=owed, created_by=context.actor, created_at=context.at))
        return invoice

    @property
    def bills(self) -> tuple[Bill, ...]:
        """What a consolidated invoice bills; of one plan subscription's own invoice nothing is said here."""
        return self.drafted.draft.bills

    def takes(self, draft: InvoiceDraft) -> bool:
        """Tell whether a bill with these lines can still be added: it is a consolidated draft with room for them."""
        room = len(self.lines) + len(draft.lines) <= LINES
        return self.status is InvoiceStatus.DRAFT and self.drafted.draft.finalize_at is not None and room

    def with_bill(self, bill: Bill, draft: InvoiceDraft) -> InvoiceDraft:
        """Return all that is to be billed with one more bill, before taxes."""
        mine, lines = self.drafted.draft, tuple(replace(line, taxes=()) for line in self.lines)
        return replace(mine, lines=(*lines, *draft.lines), bills=(*mine.bills, bill), tax_exemption=None)

    def add_bill(self, bill: Bill, draft: InvoiceDraft, context: CommandContext) -> None:
        """Bill this as well; `draft` is `with_bill` of it, with taxes. Adding it again changes nothing.

        Raises:
            InvalidInput: the sum is out of range.
            InvalidState: it is finalised, or no consolidated draft.
        """
        if bill in self.bills:
            return
        if self.status is not InvoiceStatus.DRAFT or self.drafted.draft.finalize_at is None:
            raise InvalidState(f"invoice {self.id!r} takes no further bills")
        self.record(InvoiceBillAdded(bill=bill, draft=draft, total=_owed(draft), added_at=context.at))

    @property
    def lines(self) -> tuple[InvoiceLine, ...]:
        return self.drafted.draft.lines

    @property
    def currency(self) -> str:
        return self.drafted.draft.currency

    @property
    def total(self) -> Money:
        return self.drafted.total

    @property
    def tax(self) -> Money:
        """All tax in the total."""
        return total([line.tax for line in self.lines], self.currency)

    @property
    def amount_due(self) -> Money:
        """What is still to be paid, expected or not; nothing once paid or void."""
        settled = self.status in (InvoiceStatus.PAID, InvoiceStatus.VOID)
        return Money.zero(self.currency) if settled else self.total - self.credit_applied - self._credited_from_due

    @property
    def is_collectible(self) -> bool:
        """Tell whether a payment would be accepted."""
        return self.status in COLLECTIBLE

    @property
    def facts(self) -> InvoiceFacts:
        return InvoiceFacts(
            customer_id=self.drafted.draft.customer_id,
            plan_subscription_id=self.drafted.draft.plan_subscription_id,
            period_number=self.drafted.draft.period_number,
            number=self.number,
            total=self.total,
            amount_due=self.amount_due,
            bills=self.bills,
        )

    @property
    def payment_subject(self) -> PaymentSubject:
        draft = self.drafted.draft
        return PaymentSubject(
            invoice_id=self.id,
            customer_id=draft.customer_id,
            plan_subscription_id=draft.plan_subscription_id,
            period_number=draft.period_number,
            amount=self.pending_payment.amount if self.pending_payment else self.amount_due,
            bills=self.bills,
        )

    def finalize(
        self, number: str, context: CommandContext, charge: Charge | None = None, bill_to: BillToVersion | None = None
    ) -> None:
        """Give the invoice its number and open it for payment; with nothing to pay it is paid at once. Again: nothing happens.

        The customer's credit is asked for what is to be paid; `charge`, or else what was drafted, says that what is left then is
        charged by itself.
        `bill_to` says which of the customer's billing details it bears for good.
        """
        if self.status is not InvoiceStatus.DRAFT:
            return
        facts = replace(self.facts, number=number)
        due_at = context.at + timedelta(days=self.drafted.draft.days_until_due)
        self.record(InvoiceFinalized(facts=facts, number=number, finalized_at=context.at, due_at=due_at, bill_to=bill_to))
        if not self.total:
            self._pay(None, context)
        else:
            customer_id, draft_charge = self.drafted.draft.customer_id, self.drafted.draft.charge
            self.record(InvoiceCreditRequested(customer_id=customer_id, amount=self.amount_due, charge=charge or draft_charge))

    def apply_credit(self, amount: Money, from_wallets: Money, context: CommandContext) -> None:
        """Take over what the customer's credit pays; with nothing left it is paid. Nothing happens when that is known.

        Of a void invoice it is not taken: it goes back to where it came from.
        """
        if not self.awaits_credit:
            return
        facts = replace(self.facts, amount_due=self.amount_due - amount)
        self.record(InvoiceCreditApplied(facts=facts, amount=amount, from_wallets=from_wallets, applied_at=context.at))
        if not self.amount_due:
            self._pay(None, context)

    def start_payment(self, payment_id: str, method: PaymentMethod | None, context: CommandContext) -> None:
        """Reserve the invoice for a payment.

        Raises:
            InvalidState: the invoice is neither open nor uncollectible, the customer's credit has not answered yet, or another
                payment is not settled.
        """
        self._require_collectible()
        self._require_credit()
        self._require_no_pending_payment()
        self.record(InvoicePaymentStarted(payment_id=payment_id, method=method, amount=self.amount_due, started_at=context.at))

    def continue_payment(self, payment_id: str, operation: PaymentOperation) -> None:
        """Take up a payment that waits for the customer; nothing happens when that operation is already under way.

        Raises:
            InvalidState: the invoice is settled or a draft, the payment is settled, or something else is under way with it.
        """
        self._require_collectible()
        pending = self.pending_payment
        if pending is None or pending.payment_id != payment_id:
            raise InvalidState(f"payment {payment_id!r} is settled", field=("id",))
        if pending.operation is None:
            self.record(InvoicePaymentContinued(payment_id=payment_id, operation=operation))
        elif pending.operation is not operation:
            raise InvalidState(f"payment {payment_id!r} does not wait for the customer", field=("id",))

    def settle_payment(
        self, payment_id: str, operation: PaymentOperation, outcome: PaymentOutcome, context: CommandContext
    ) -> None:
        """Take over what `operation` came to; nothing happens when the invoice knows already."""
        pending = self.pending_payment
        if pending is None or pending.payment_id != payment_id:
            return
        match outcome:
            case Succeeded():
                self._pay(payment_id, context)
            case Declined(code=code):
                method_id = pending.method.id if pending.method else None
                self.record(InvoicePaymentFailed(payment_id=payment_id, code=code, method_id=method_id, failed_at=context.at))
            case ActionRequired() if pending.operation is operation:
                self.record(InvoicePaymentActionRequired(payment_id=payment_id))

    @property
    def is_in_arrears(self) -> bool:
        """Whether it was to be charged by itself, that failed, and nothing is under way to pay it.

        The first invoice of a plan subscription never is: that is INCOMPLETE instead, until it is paid or expires.
        """
        return (
            self.status is InvoiceStatus.OPEN
            and self.charge is not None
            and self.drafted.draft.period_number != 0
            and self.dunning.failed_since is not None
            and self.pending_payment is None
        )

    @property
    def awaits_plan(self) -> bool:
        """Whether it is to be decided when it is charged again."""
        return self.is_in_arrears and self.dunning.retry_at is None and not self.dunning.exhausted

    def retry_is_due(self, now: datetime) -> bool:
        """Tell whether it is to be charged again by `now`."""
        return self.is_in_arrears and self.dunning.retry_at is not None and self.dunning.retry_at <= now

    def plan_retry(self, campaign: DunningCampaign, context: CommandContext) -> None:
        """Plan the next retry by the campaign, or note that there is no further one; nothing happens where none is awaited."""
        if not self.awaits_plan:
            return
        at, number = self.dunning.next_retry(campaign), self.dunning.retry_number
        if at is not None:
            self.record(InvoiceRetryScheduled(facts=self.facts, number=number + 1, retry_at=max(at, context.at)))
        else:
            self.record(
                InvoiceDunningExhausted(facts=self.facts, retries=number, action=campaign.action, exhausted_at=context.at)
            )

    def take_retry(self, in_vain: bool, context: CommandContext) -> None:
        """Note that the planned retry's time came; nothing happens when it has not."""
        if self.retry_is_due(context.at):
            self.record(InvoiceRetryTaken(number=self.dunning.retry_number, in_vain=in_vain, taken_at=context.at))

    def void(self, reason: str, context: CommandContext) -> None:
        """Declare that the invoice is not to be paid; it keeps its number. Voiding again changes nothing.

        Raises:
            InvalidInput: the reason is empty or too long.
            InvalidState: the invoice is a draft or paid, or a payment is not settled.
        """
        self.check_reason(reason)
        if self.status is InvoiceStatus.VOID:
            return
        self._require_collectible()
        self._require_no_pending_payment()
        facts = replace(self.facts, amount_due=Money.zero(self.currency))
        self.record(InvoiceVoided(facts=facts, reason=reason.strip(), voided_at=context.at))

    def mark_uncollectible(self, reason: str, context: CommandContext) -> None:
        """Give up expecting the money: a bad debt, still owed and gladly taken. Marking it again changes nothing.

        Raises:
            InvalidInput: the reason is empty or too long.
            InvalidState: the invoice is a draft, paid or void, or a payment is not settled.
        """
        self.check_reason(reason)
        if self.status is InvoiceStatus.UNCOLLECTIBLE:
            return
        if self.status is not InvoiceStatus.OPEN:
            raise InvalidState(f"invoice {self.id!r} is {self.status}, not {InvoiceStatus.OPEN}")
        self._require_credit()
        self._require_no_pending_payment()
        self.record(InvoiceMarkedUncollectible(facts=self.facts, reason=reason.strip(), marked_at=context.at))

    def credit(self, credit_note_id: str, request: CreditRequest, context: CommandContext) -> None:
        """Take back what was billed: what is due falls first, what was paid is refunded or goes to the customer's balance.

        An open invoice that nothing is left of is paid. Crediting again under the same id changes nothing.

        Raises:
            InvalidInput: the reason, a line or an amount is malformed, or more than is left; the parts do not add up.
            InvalidState: the invoice is a draft or void, nothing is left to credit, a payment is not settled, or another credit
                note is not issued yet.
        """
        if credit_note_id in self.credit_note_ids:
            return
        terms = self.credit_terms(request)
        self._require_no_pending_payment()
        self.record(InvoiceCredited(credit_note_id=credit_note_id, terms=terms, credited_at=context.at))
        if self.is_collectible and not self.amount_due:
            self._pay(None, context)

    def credit_terms(self, request: CreditRequest) -> CreditNoteTerms:
        """Return what a credit note would take back, and where it would go.

        Raises:
            InvalidInput: the reason, a line or an amount is malformed, or more than is left; the parts do not add up.
            InvalidState: the invoice is a draft or void, nothing is left to credit, or another note is not issued yet.
        """
        self.check_reason(request.reason)
        if self.status is not InvoiceStatus.PAID:
            self._require_collectible()
            self._require_credit()
        if self.pending_credit_note is not None:
            raise InvalidState(f"credit note {self.pending_credit_note.credit_note_id!r} is not issued yet")
        left = self.total - self.amount_credited
        if left.minor_units <= 0:
            raise InvalidState(f"nothing is left to credit of invoice {self.id!r}")
        lines = credited_lines(self.lines, self.line_credits, left, self.tax - self.tax_credited, request.lines)
        amount = total([line.amount + line.added_tax for line in lines], self.currency)
        from_due = min(amount, self.amount_due)
        refundable = self.amount_paid - self.amount_refunded
        refund, balance = split_excess(amount - from_due, request.refund, request.balance, refundable)
        return CreditNoteTerms(
            invoice_id=self.id,
            invoice_number=self.number or "",
            customer_id=self.drafted.draft.customer_id,
            plan_subscription_id=self.drafted.draft.plan_subscription_id,
            reason=request.reason.strip(),
            lines=lines,
            amount=amount,
            from_due=from_due,
            refund=refund,
            balance=balance,
            payment_id=self.paid_by if refund else None,
        )

    def settle_credit_note(self, credit_note_id: str, refunded: Money) -> None:
        """Note that the pending credit note was issued; nothing happens when the invoice knows already."""
        pending = self.pending_credit_note
        if pending is not None and pending.credit_note_id == credit_note_id:
            self.record(InvoiceCreditNoteSettled(credit_note_id=credit_note_id, refunded=refunded))

    @staticmethod
    def check_reason(reason: str) -> None:
        """Raise InvalidInput unless the reason has 1 to 500 characters."""
        if not 1 <= len(reason.strip()) <= 500:
            raise InvalidInput("a reason has 1 to 500 characters", field=("reason",))

    def apply(self, event: Event) -> None:
        match event:
            case InvoiceDrafted():
                self.drafted = event
                self.status = InvoiceStatus.DRAFT
                self.number = self.uncollectible_reason = self.void_reason = self.pending_payment = None
                self.bill_to = None
                self.finalized_at = self.due_at = self.paid_at = self.uncollectible_at = self.voided_at = None
                self.payment_count, self.paid_by = 0, None
                self.awaits_credit, self.charge, self.dunning = False, None, NO_DUNNING
                nothing = Money.zero(event.draft.currency)
                self.amount_paid = self.amount_credited = self.amount_refunded = self._credited_from_due = nothing
                self.credit_applied = self.credit_from_wallets = nothing
                self.tax_credited, self.line_credits = nothing, (nothing,) * len(event.draft.lines)
                self.credit_note_ids, self.pending_credit_note = (), None
            case InvoiceBillAdded():
                self.drafted = replace(self.drafted, draft=event.draft, total=event.total)
                self.line_credits = (Money.zero(event.draft.currency),) * len(event.draft.lines)
            case InvoiceFinalized():
                self.status, self.number = InvoiceStatus.OPEN, event.number
                self.finalized_at, self.due_at, self.bill_to = event.finalized_at, event.due_at, event.bill_to
            case InvoiceCreditRequested():
                self.awaits_credit, self.charge = True, event.charge
            case InvoiceCreditApplied():
                self.awaits_credit = False
                self.credit_applied, self.credit_from_wallets = event.amount, event.from_wallets
            case InvoicePaymentStarted():
                self.payment_count += 1
                self.pending_payment = PendingPayment(
                    payment_id=event.payment_id, method=event.method, amount=event.amount, operation=PaymentOperation.CHARGE
                )
            case InvoicePaymentActionRequired():
                self._operation(None)
            case InvoicePaymentContinued():
                self._operation(event.operation)
            case InvoicePaymentFailed():
                self.pending_payment = None
                self.dunning = replace(
                    self.dunning,
                    failed_since=self.dunning.failed_since or event.failed_at,
                    failure_code=event.code,
                    failed_method_id=event.method_id,
                )
            case InvoiceRetryScheduled():
                self.dunning = replace(self.dunning, retry_number=event.number, retry_at=event.retry_at)
            case InvoiceRetryTaken():
                self.dunning = replace(self.dunning, retry_at=None)
            case InvoiceDunningExhausted():
                self.dunning = replace(self.dunning, exhausted=True)
            case InvoicePaid():
                self.amount_paid, self.paid_by = self.amount_due, event.payment_id
                self.status, self.paid_at, self.pending_payment = InvoiceStatus.PAID, event.paid_at, None
            case InvoiceMarkedUncollectible():
                self.status = InvoiceStatus.UNCOLLECTIBLE
                self.uncollectible_at, self.uncollectible_reason = event.marked_at, event.reason
            case InvoiceVoided():
                self.status, self.voided_at, self.void_reason = InvoiceStatus.VOID, event.voided_at, event.reason
                self.awaits_credit = False
            case InvoiceCredited():
                self._credit(event)
            case InvoiceCreditNoteSettled():
                self.amount_refunded += event.refunded
                self.pending_credit_note = None
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of an invoice")

    def _operation(self, operation: PaymentOperation | None) -> None:
        if self.pending_payment is not None:
            self.pending_payment = replace(self.pending_payment, operation=operation)

    def _credit(self, event: InvoiceCredited) -> None:
        credits = {line.line_number: line.amount for line in event.terms.lines}
        nothing = Money.zero(self.currency)
        self.line_credits = tuple(before + credits.get(number, nothing) for number, before in enumerate(self.line_credits, 1))
        self.amount_credited += event.terms.amount
        self.tax_credited += total([line.tax for line in event.terms.lines], self.currency)
        self._credited_from_due += event.terms.from_due
        self.credit_note_ids += (event.credit_note_id,)
        self.pending_credit_note = PendingCreditNote(credit_note_id=event.credit_note_id, terms=event.terms)

    def _pay(self, payment_id: str | None, context: CommandContext) -> None:
        facts = replace(self.facts, amount_due=Money.zero(self.currency))
        self.record(InvoicePaid(facts=facts, payment_id=payment_id, paid_at=context.at))

    def _require_collectible(self) -> None:
        if not self.is_collectible:
            raise InvalidState(f"invoice {self.id!r} is {self.status}, not {InvoiceStatus.OPEN}")

    def _require_credit(self) -> None:
        if self.awaits_credit:
            raise InvalidState(f"the customer's credit is being applied to invoice {self.id!r}: try again in a moment")

    def _require_no_pending_payment(self) -> None:
        if self.pending_payment is not None:
            raise InvalidState(f"payment {self.pending_payment.payment_id!r} of invoice {self.id!r} is not settled yet")


def _owed(draft: InvoiceDraft) -> Money:
    """Return what the draft comes to.

    Raises:
        InvalidInput: there are too many lines, one is in another currency, or their sum is out of range.
    """
    check_currency(draft.currency)
    if len(draft.lines) > LINES:
        raise InvalidInput(f"an invoice has at most {LINES} lines", field=("lines",))
    if any(line.amount.currency != draft.currency for line in draft.lines):
        raise InvalidInput(f"every line of this invoice is in {draft.currency}", field=("lines",))
    owed = total([line.amount + line.added_tax for line in draft.lines], draft.currency)
    if abs(owed.minor_units) > LARGEST:
        raise InvalidInput(f"{owed} is more than can be billed on one invoice", field=("lines",))
    return owed
