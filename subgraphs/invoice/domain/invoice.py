"""The invoice aggregate.

DRAFT → OPEN ──────────────────┬→ PAID
  │       └→ UNCOLLECTIBLE ────┴→ VOID
  └→ DELETED

Once it is OPEN, the customer's wallets and balance are asked to pay it first; until they answered it can only be voided.
With what the customer owed before (brought forward) its amount due is more than its total. What is due and too little to charge
moves to the customer's balance (carried forward), and the invoice is PAID: a later one collects it.
While OPEN or UNCOLLECTIBLE, at most one payment is unsettled: under way at the provider, or waiting for the customer to act. A
payment may pay a part of what is due, never more than that; PAID is what nothing is due of.
Once it has a number, credit notes can take back what was billed, one after the other and never more than the total: first what
went back at the payment provider by itself, then what is still due, then what was paid.
One that is sent is not charged: it is overdue when it is not paid by its due date, and its campaign reminds of it.
A payment whose dispute is lost is owed again: the invoice is UNCOLLECTIBLE then, so that nobody is charged for it by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from subgraphs.invoice.domain.crediting import CreditRequest, credited_lines, split_excess
from subgraphs.invoice.domain.dunning import NO_DUNNING, Dunning, DunningCampaign
from subgraphs.invoice.domain.events import (
    InvoiceBillAdded,
    InvoiceCarriedForward,
    InvoiceCreditApplied,
    InvoiceCredited,
    InvoiceCreditNoteSettled,
    InvoiceCreditRequested,
    InvoiceDeleted,
    InvoiceDisputeClosed,
    InvoiceDisputeLost,
    InvoiceDisputeOpened,
    InvoiceDrafted,
    InvoiceDunningExhausted,
    InvoiceFinalizationBegun,
    InvoiceFinalized,
    InvoiceMarkedUncollectible,
    InvoiceOverdue,
    InvoicePaid,
    InvoicePartPaid,
    InvoicePaymentActionRequired,
    InvoicePaymentContinued,
    InvoicePaymentFailed,
    InvoicePaymentStarted,
    InvoiceRefundNoted,
    InvoiceReminderDue,
    InvoiceRetryScheduled,
    InvoiceRetryTaken,
    InvoiceRevised,
    InvoiceVoided,
)
from subgraphs.invoice.domain.one_off import MOST_LINES
from subgraphs.invoice.domain.payment_provider import AMOUNT_TOO_SMALL, ActionRequired, Declined, PaymentOutcome, Succeeded
from subgraphs.invoice.domain.values import (
    Bill,
    BillToVersion,
    BroughtForward,
    Charge,
    CreditNoteTerms,
    InvoiceDraft,
    InvoiceFacts,
    InvoiceLine,
    InvoiceStatus,
    PaidPart,
    PaymentMethod,
    PaymentOperation,
    PaymentSubject,
    PendingCreditNote,
    PendingPayment,
    ReceivedPayment,
    RefundPart,
)
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.currency import check_currency
from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.money import Money, total
from subgraphs.kit.domain.period import Interval, IntervalUnit, boundary

__all__ = ["UTC_ZONE", "Invoice"]

# The largest sum the stores and the API's BigInt hold.
LARGEST = 2**63 - 1
UTC_ZONE = ZoneInfo("UTC")
COLLECTIBLE = (InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE)


class Invoice(Aggregate):
    """What a customer owes for something. The number is given once, when it is finalised; lines and total never change then.

    Before, a consolidated draft takes further bills, and people may revise or delete a draft of theirs.
    """

    kind: ClassVar[str] = "Invoice"
    codec: ClassVar[EventCodec] = EventCodec(
        InvoiceDrafted,
        InvoiceBillAdded,
        InvoiceRevised,
        InvoiceFinalizationBegun,
        InvoiceDeleted,
        InvoiceFinalized,
        InvoiceCreditRequested,
        InvoiceCreditApplied,
        InvoiceCarriedForward,
        InvoicePaymentStarted,
        InvoicePaymentActionRequired,
        InvoicePaymentContinued,
        InvoicePaymentFailed,
        InvoicePartPaid,
        InvoicePaid,
        InvoiceMarkedUncollectible,
        InvoiceVoided,
        InvoiceCredited,
        InvoiceCreditNoteSettled,
        InvoiceRefundNoted,
        InvoiceDisputeOpened,
        InvoiceDisputeClosed,
        InvoiceDisputeLost,
        InvoiceRetryScheduled,
        InvoiceRetryTaken,
        InvoiceOverdue,
        InvoiceReminderDue,
        InvoiceDunningExhausted,
    )

    drafted: InvoiceDrafted
    status: InvoiceStatus
    finalizing: bool
    number: str | None
    finalized_at: datetime | None
    due_at: datetime | None
    bill_to: BillToVersion | None
    paid_at: datetime | None
    uncollectible_at: datetime | None
    uncollectible_reason: str | None
    voided_at: datetime | None
    void_reason: str | None
    deleted_at: datetime | None
    deletion_reason: str | None
    awaits_credit: bool
    charge: Charge | None
    credit_applied: Money
    credit_from_wallets: Money
    brought_forward: tuple[BroughtForward, ...]
    amount_carried_forward: Money
    dunning: Dunning
    pending_payment: PendingPayment | None
    payment_count: int
    paid_parts: tuple[PaidPart, ...]
    lost_disputes: tuple[str, ...]
    amount_credited: Money
    tax_credited: Money
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
        room = len(self.lines) + len(draft.lines) <= MOST_LINES
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
        """What is still to be paid, expected or not; nothing once paid or void, or of a deleted draft."""
        settled = self.status in (InvoiceStatus.PAID, InvoiceStatus.VOID, InvoiceStatus.DELETED)
        if settled:
            return Money.zero(self.currency)
        return self._owed

    @property
    def amount_brought_forward(self) -> Money:
        """What the customer owed before, and this collects beside its total; of a void one it is owed in the balance again."""
        return total([part.amount for part in self.brought_forward], self.currency)

    @property
    def amount_paid(self) -> Money:
        """What payments have paid, with what was refunded of it since; what lost disputes took back is not in it."""
        return total([part.amount - part.lost for part in self.paid_parts], self.currency)

    @property
    def amount_refunded(self) -> Money:
        """What went back to where payments came from."""
        return total([part.refunded for part in self.paid_parts], self.currency)

    @property
    def refundable(self) -> Money:
        """What payments have paid that can still go back the way it came."""
        return total([part.refundable for part in self.paid_parts], self.currency)

    @property
    def credited_from_due(self) -> Money:
        """What credit notes took of what was due; the rest of them was given back."""
        return self._credited_from_due

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
            adjustments_number=self.drafted.draft.adjustments_number,
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

    @property
    def is_of_people(self) -> bool:
        """Whether people decide on this draft; what bills a subscription by itself is finalised by itself."""
        draft = self.drafted.draft
        by_itself = (draft.plan_subscription_id is not None or bool(draft.bills)) and draft.replaces is None
        return self.status is InvoiceStatus.DRAFT and not self.finalizing and not by_itself

    def check_revisable(self) -> None:
        """Raise what `revise` would, but for what is wrong with the draft."""
        self._require_draft_of_people()
        if self.drafted.draft.plan_subscription_id is not None or self.bills:
            raise InvalidState(
                f"invoice {self.id!r} bills what a void invoice of a plan subscription did: delete it and create another one"
            )

    def revise(self, draft: InvoiceDraft, context: CommandContext) -> None:
        """Bill this instead; nothing happens when it does already.

        Raises:
            InvalidInput: there are too many lines, one is in another currency, or their sum is out of range.
            InvalidState: it is no draft any more, or bills a plan subscription.
        """
        self.check_revisable()
        owed = _owed(draft)
        if draft != self.drafted.draft:
            self.record(InvoiceRevised(draft=draft, total=owed, revised_at=context.at))

    def delete(self, reason: str, context: CommandContext) -> None:
        """Give the draft up; it never gets a number. Deleting it again changes nothing.

        Raises:
            InvalidInput: the reason is empty or too long.
            InvalidState: it is no draft any more, or bills a plan subscription by itself.
        """
        self.check_reason(reason)
        if self.status is InvoiceStatus.DELETED:
            return
        self._require_draft_of_people()
        facts = replace(self.facts, amount_due=Money.zero(self.currency))
        self.record(InvoiceDeleted(facts=facts, reason=reason.strip(), deleted_at=context.at))

    def begin_finalizing(self) -> None:
        """Let it be neither revised nor deleted from now on, for it is given a number; nothing happens where that is so."""
        if self.is_of_people:
            self.record(InvoiceFinalizationBegun())

    def finalize(
        self,
        number: str,
        context: CommandContext,
        charge: Charge | None = None,
        bill_to: BillToVersion | None = None,
        zone: ZoneInfo = UTC_ZONE,
    ) -> None:
        """Give the invoice its number and open it for payment; with nothing to pay it is paid at once. Again: nothing happens.

        The customer's credit is asked for what is to be paid; `charge`, or else what was drafted, says that what is left then is
        charged by itself.
        `bill_to` says which of the customer's billing details it bears for good. It is due at the same time of day as many days
        later as was drafted, on the calendar of `zone`.
        """
        if self.status is not InvoiceStatus.DRAFT:
            return
        facts = replace(self.facts, number=number)
        due_at = boundary(context.at, Interval(IntervalUnit.DAY), self.drafted.draft.days_until_due, zone)
        self.record(InvoiceFinalized(facts=facts, number=number, finalized_at=context.at, due_at=due_at, bill_to=bill_to))
        if not self.total:
            self._pay(None, context)
        else:
            customer_id, draft_charge = self.drafted.draft.customer_id, self.drafted.draft.charge
            self.record(InvoiceCreditRequested(customer_id=customer_id, amount=self.amount_due, charge=charge or draft_charge))

    def apply_credit(
        self,
        amount: Money,
        from_wallets: Money,
        context: CommandContext,
        brought_forward: tuple[BroughtForward, ...] = (),
    ) -> None:
        """Take over what the customer owed before, and what credit pays of all that; with nothing left it is paid.

        Nothing happens when that is known. Of a void invoice it is not taken: it goes back to where it came from.
        """
        if not self.awaits_credit:
            return
        owed_before = total([part.amount for part in brought_forward], self.currency)
        facts = replace(self.facts, amount_due=self.amount_due + owed_before - amount)
        self.record(
            InvoiceCreditApplied(
                facts=facts,
                amount=amount,
                from_wallets=from_wallets,
                applied_at=context.at,
                brought_forward=brought_forward,
            )
        )
        if not self.amount_due:
            self._pay(None, context)

    def charge_or_carry(
        self, payment_id: str, method: PaymentMethod | None, minimum: Money | None, context: CommandContext
    ) -> None:
        """Reserve the open invoice for a payment of all that is due; less than `minimum` is carried forward instead.

        Raises:
            InvalidState: as for `start_payment`.
        """
        if minimum is None or minimum <= self.amount_due:
            self.start_payment(payment_id, method, context)
            return
        self.check_payable(None)
        self._require_no_pending_payment()
        self._carry_forward(minimum, context)

    def start_payment(
        self, payment_id: str, method: PaymentMethod | None, context: CommandContext, amount: Money | None = None
    ) -> None:
        """Reserve the invoice for a payment of `amount`, by default of all that is due.

        Raises:
            InvalidInput: the amount is not above zero, more than is due, or in another currency.
            InvalidState: the invoice is neither open nor uncollectible, the customer's credit has not answered yet, or another
                payment is not settled.
        """
        self.check_payable(amount)
        self._require_no_pending_payment()
        wanted = self.amount_due if amount is None else amount
        self.record(InvoicePaymentStarted(payment_id=payment_id, method=method, amount=wanted, started_at=context.at))

    def receive_payment(self, payment_id: str, amount: Money, received: ReceivedPayment, context: CommandContext) -> None:
        """Reserve the invoice for a payment that came without a provider.

        Raises:
            InvalidInput: the amount is not above zero, more than is due, or in another currency; the reference is malformed, or
                the payment is to arrive later than now.
            InvalidState: as for `start_payment`.
        """
        self.check_receivable(amount, received, context)
        self._require_no_pending_payment()
        self.record(
            InvoicePaymentStarted(payment_id=payment_id, method=None, amount=amount, started_at=context.at, received=received)
        )

    def check_receivable(self, amount: Money, received: ReceivedPayment, context: CommandContext) -> None:
        """Raise what `receive_payment` would, but for a payment that is not settled."""
        if not 1 <= len(received.reference.strip()) <= 200:
            raise InvalidInput("a reference has 1 to 200 characters", field=("reference",))
        if received.received_at > context.at:
            raise InvalidInput("a payment that has been received was received by now", field=("receivedAt",))
        self.check_payable(amount)

    def check_payable(self, amount: Money | None) -> None:
        """Raise what `start_payment` would, but for a payment that is not settled."""
        self._require_collectible()
        self._require_credit()
        if amount is None:
            return
        if amount.currency != self.currency:
            raise InvalidInput(f"the invoice is in {self.currency}", field=("amount",))
        if amount.minor_units <= 0:
            raise InvalidInput("an amount to pay is above zero", field=("amount",))
        if self.amount_due < amount:
            raise InvalidInput(f"{self.amount_due} of the invoice is due, and no more can be paid", field=("amount",))

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
            case Succeeded() if pending.amount < self.amount_due:
                facts = replace(self.facts, amount_due=self.amount_due - pending.amount)
                self.record(InvoicePartPaid(facts=facts, payment_id=payment_id, amount=pending.amount, paid_at=context.at))
            case Succeeded():
                self._pay(payment_id, context)
            case Declined(code=code):
                method_id = pending.method.id if pending.method else None
                too_small = code == AMOUNT_TOO_SMALL and pending.amount == self.amount_due
                self.record(InvoicePaymentFailed(payment_id=payment_id, code=code, method_id=method_id, failed_at=context.at))
                # Its own limit is higher than was known: what is to be charged by itself waits for a later invoice.
                if too_small and self.charge is not None and self.status is InvoiceStatus.OPEN:
                    self._carry_forward(None, context)
            case ActionRequired() if pending.operation is operation:
                self.record(InvoicePaymentActionRequired(payment_id=payment_id))

    @property
    def is_awaited(self) -> bool:
        """Whether a plan subscription waits for it to be active: the first one without a trial, unless it is sent."""
        draft = self.drafted.draft
        return draft.period_number == 0 and not draft.after_trial and not draft.is_sent

    @property
    def remind_at(self) -> datetime | None:
        """When it matters next that it was sent and is not paid: when it is due, and on each day of its campaign; None: never."""
        if self.status is not InvoiceStatus.OPEN or not self.drafted.draft.is_sent or self.dunning.exhausted:
            return None
        return self.due_at if self.dunning.overdue_since is None else self.dunning.remind_at

    def remind(self, campaign: DunningCampaign, context: CommandContext) -> None:
        """Note that it is overdue, or that the customer is reminded, or that the campaign has ended, as is due by `context.at`.

        Nothing happens before, nor while the customer's credit is asked to pay it.
        """
        at = self.remind_at
        if at is None or at > context.at or self.awaits_credit:
            return
        since, reminders = self.dunning.overdue_since, self.dunning.reminders
        if since is None:
            since = at
            after = campaign.reminder_after(since, 0)
            self.record(InvoiceOverdue(facts=self.facts, overdue_since=since, remind_at=after, noted_at=context.at))
        else:
            after = campaign.reminder_after(since, reminders + 1)
            if after is not None:
                self.record(
                    InvoiceReminderDue(
                        facts=self.facts,
                        number=reminders + 1,
                        overdue_since=since,
                        remind_at=max(after, context.at),
                        reminded_at=context.at,
                    )
                )
        if after is None:
            self.record(
                InvoiceDunningExhausted(
                    facts=self.facts, retries=0, action=campaign.action, exhausted_at=context.at, overdue_since=since
                )
            )

    @property
    def is_dunned(self) -> bool:
        """Whether a campaign says what comes of a charge that fails: it is to be charged by itself.

        The first invoice of a plan subscription without a trial never is: that is INCOMPLETE instead, until it is paid or
        expires.
        """
        return self.charge is not None and not self.is_awaited

    @property
    def is_in_arrears(self) -> bool:
        """Whether it is dunned, a charge of it failed, and nothing is under way to pay it."""
        return (
            self.status is InvoiceStatus.OPEN
            and self.is_dunned
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

    def void(self, reason: str, context: CommandContext, replaced_by: str | None = None) -> None:
        """Declare that the invoice is not to be paid; it keeps its number. Voiding again changes nothing.

        The invoice `replaced_by` takes its place; None: none does.

        Raises:
            InvalidInput: the reason is empty or too long.
            InvalidState: the invoice is a draft or paid, in part or in full, credit notes have given back what was paid of it to
                the customer's balance, a part of it was carried forward, or a payment is not settled.
        """
        self.check_voidable(reason)
        if self.status is InvoiceStatus.VOID:
            return
        self._require_no_pending_payment()
        facts = replace(self.facts, amount_due=Money.zero(self.currency))
        self.record(InvoiceVoided(facts=facts, reason=reason.strip(), voided_at=context.at, replaced_by=replaced_by))

    def check_voidable(self, reason: str) -> None:
        """Raise what `void` would, but for a payment that is not settled."""
        self.check_reason(reason)
        if self.status is InvoiceStatus.VOID:
            return
        self._require_collectible()
        kept = total([part.kept for part in self.paid_parts], self.currency)
        if kept:
            raise InvalidState(f"{kept} of invoice {self.id!r} was paid: take it back with a credit note instead")
        given = self.amount_credited - self._credited_from_due - (self.amount_refunded - self._returned)
        if given:
            self._require_no_pending_credit_note()
            raise InvalidState(
                f"{given} of invoice {self.id!r} went to the customer's balance: take back the rest with a credit note instead"
            )
        if self.amount_carried_forward:
            raise InvalidState(
                f"{self.amount_carried_forward} of invoice {self.id!r} is owed in the customer's balance: take it back with a "
                "credit note instead"
            )

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

        Before all, it accounts for what went back at the payment provider by itself.

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
        self._require_no_pending_credit_note()
        left = self.total - self.amount_credited
        if left.minor_units <= 0:
            raise InvalidState(f"nothing is left to credit of invoice {self.id!r}")
        lines = credited_lines(self.lines, self.line_credits, left, self.tax - self.tax_credited, request.lines)
        amount = total([line.amount + line.added_tax for line in lines], self.currency)
        # What has gone back already is not owed less for it: a note accounts for that before anything due falls.
        returned = min(amount, self._returned)
        from_due = min(amount - returned, self.amount_due)
        excess = amount - from_due
        kept = total([part.kept for part in self.paid_parts if not part.disputes], self.currency)
        split = split_excess(excess, request, self.refundable, kept, returned)
        refunds = self._refunds(split.refund, returned, split.out_of_band)
        return CreditNoteTerms(
            invoice_id=self.id,
            invoice_number=self.number or "",
            customer_id=self.drafted.draft.customer_id,
            plan_subscription_id=self.drafted.draft.plan_subscription_id,
            reason=request.reason.strip(),
            lines=lines,
            amount=amount,
            from_due=from_due,
            refund=split.refund + split.out_of_band,
            balance=split.balance,
            payment_id=refunds[0].payment_id if refunds else None,
            refunds=refunds,
            ends_period=request.ends_period,
            period_number=self.drafted.draft.period_number,
            adjustments_number=self.drafted.draft.adjustments_number,
            bills=self.bills,
        )

    def settle_credit_note(self, credit_note_id: str, refunds: Sequence[RefundPart]) -> None:
        """Note that the pending credit note was issued; nothing happens when the invoice knows already."""
        pending = self.pending_credit_note
        if pending is not None and pending.credit_note_id == credit_note_id:
            refunded = total([part.amount for part in refunds], self.currency)
            self.record(InvoiceCreditNoteSettled(credit_note_id=credit_note_id, refunded=refunded, refunds=tuple(refunds)))

    def note_returned(self, payment_id: str, returned_in_all: Money, context: CommandContext) -> None:
        """Take over what of a payment went back at its provider by itself so far; nothing happens when that is known."""
        for part in self.paid_parts:
            further = min(returned_in_all - part.returned_in_all, part.kept)
            if part.payment_id == payment_id and further.minor_units > 0:
                self.record(InvoiceRefundNoted(payment_id=payment_id, amount=further, noted_at=context.at))

    def note_dispute(self, payment_id: str, dispute_id: str) -> None:
        """Note that a payment is disputed; nothing happens when that is known."""
        part = self._part(payment_id)
        if part is not None and dispute_id not in part.disputes and dispute_id not in self.lost_disputes:
            self.record(InvoiceDisputeOpened(payment_id=payment_id, dispute_id=dispute_id))

    def win_dispute(self, payment_id: str, dispute_id: str) -> None:
        """Note that a payment stands after all; nothing happens when that is known."""
        part = self._part(payment_id)
        if part is not None and dispute_id in part.disputes:
            self.record(InvoiceDisputeClosed(payment_id=payment_id, dispute_id=dispute_id))

    def lose_dispute(self, payment_id: str, dispute_id: str, amount: Money, context: CommandContext) -> None:
        """Owe again what the payer's bank took back; it is uncollectible then. Nothing happens when that is known."""
        part = self._part(payment_id)
        if part is None or dispute_id in self.lost_disputes:
            return
        lost = min(amount, part.kept)
        due = self._owed + lost
        if self.status is InvoiceStatus.VOID:
            due = Money.zero(self.currency)
        facts = replace(self.facts, amount_due=due)
        self.record(
            InvoiceDisputeLost(facts=facts, payment_id=payment_id, dispute_id=dispute_id, amount=lost, lost_at=context.at)
        )

    @staticmethod
    def check_reason(reason: str) -> None:
        """Raise InvalidInput unless the reason has 1 to 500 characters."""
        if not 1 <= len(reason.strip()) <= 500:
            raise InvalidInput("a reason has 1 to 500 characters", field=("reason",))

    def apply(self, event: Event) -> None:
        match event:
            case InvoiceDrafted():
                self.drafted = event
                self.status, self.finalizing = InvoiceStatus.DRAFT, False
                self.deleted_at = self.deletion_reason = None
                self.number = self.uncollectible_reason = self.void_reason = self.pending_payment = None
                self.bill_to = None
                self.finalized_at = self.due_at = self.paid_at = self.uncollectible_at = self.voided_at = None
                self.payment_count, self.paid_parts, self.lost_disputes = 0, (), ()
                self.awaits_credit, self.charge, self.dunning = False, None, NO_DUNNING
                nothing = Money.zero(event.draft.currency)
                self.amount_credited = self._credited_from_due = nothing
                self.credit_applied = self.credit_from_wallets = self.amount_carried_forward = nothing
                self.brought_forward = ()
                self.tax_credited, self.line_credits = nothing, (nothing,) * len(event.draft.lines)
                self.credit_note_ids, self.pending_credit_note = (), None
            case InvoiceFinalizationBegun():
                self.finalizing = True
            case InvoiceDeleted():
                self.status = InvoiceStatus.DELETED
                self.deleted_at, self.deletion_reason = event.deleted_at, event.reason
            case InvoiceBillAdded() | InvoiceRevised():
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
                self.brought_forward = event.brought_forward
            case InvoiceCarriedForward():
                self.amount_carried_forward += event.amount
            case InvoicePaymentStarted():
                self.payment_count += event.received is None  # the tries to charge it
                self.pending_payment = PendingPayment(
                    payment_id=event.payment_id,
                    method=event.method,
                    amount=event.amount,
                    operation=PaymentOperation.RECORD if event.received else PaymentOperation.CHARGE,
                    received=event.received,
                )
            case InvoicePaymentActionRequired():
                self._operation(None)
            case InvoicePaymentContinued():
                self._operation(event.operation)
            case InvoicePaymentFailed():
                failed, self.pending_payment = self.pending_payment, None
                self.dunning = replace(
                    self.dunning,
                    failed_since=self.dunning.failed_since or event.failed_at,
                    failure_code=event.code,
                    failed_method_id=event.method_id,
                    failed_amount=failed.amount if failed else None,
                )
            case InvoiceRetryScheduled():
                self.dunning = replace(self.dunning, retry_number=event.number, retry_at=event.retry_at)
            case InvoiceRetryTaken():
                self.dunning = replace(self.dunning, retry_at=None)
            case InvoiceOverdue():
                self.dunning = replace(self.dunning, overdue_since=event.overdue_since, remind_at=event.remind_at)
            case InvoiceReminderDue():
                self.dunning = replace(self.dunning, reminders=event.number, remind_at=event.remind_at)
            case InvoiceDunningExhausted():
                self.dunning = replace(self.dunning, exhausted=True)
            case InvoicePartPaid():
                self._take_in(event.payment_id, event.amount)
            case InvoicePaid():
                if event.payment_id is not None:
                    self._take_in(event.payment_id, self.amount_due)
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
                self._give_back(event)
                self.pending_credit_note = None
            case InvoiceRefundNoted():
                self._change_part(
                    event.payment_id,
                    lambda part: replace(
                        part, refunded=part.refunded + event.amount, returned_in_all=part.returned_in_all + event.amount
                    ),
                )
            case InvoiceDisputeOpened():
                self._change_part(event.payment_id, lambda part: replace(part, disputes=(*part.disputes, event.dispute_id)))
            case InvoiceDisputeClosed():
                self._close_dispute(event.payment_id, event.dispute_id, Money.zero(self.currency))
            case InvoiceDisputeLost():
                self._close_dispute(event.payment_id, event.dispute_id, event.amount)
                self.lost_disputes += (event.dispute_id,)
                if self.status is not InvoiceStatus.VOID and event.amount:
                    self.status, self.paid_at = InvoiceStatus.UNCOLLECTIBLE, None
                    self.uncollectible_at = event.lost_at
                    self.uncollectible_reason = f"Dispute {event.dispute_id} was lost."
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of an invoice")

    @property
    def _owed(self) -> Money:
        """What is neither paid, nor credited, nor carried forward of the total and what was brought forward."""
        settled = self.credit_applied + self._credited_from_due + self.amount_paid + self.amount_carried_forward
        return self.total + self.amount_brought_forward - settled

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

    @property
    def _returned(self) -> Money:
        """What went back at the provider by itself, and no credit note accounts for yet."""
        return total([part.returned for part in self.paid_parts], self.currency)

    def _take_in(self, payment_id: str, amount: Money) -> None:
        pending, nothing = self.pending_payment, Money.zero(self.currency)
        through_provider = pending is None or pending.method is not None
        self.paid_parts += (
            PaidPart(
                payment_id=payment_id,
                through_provider=through_provider,
                amount=amount,
                refunded=nothing,
                returned_in_all=nothing,
                returned_credited=nothing,
                lost=nothing,
            ),
        )
        self.pending_payment = None

    def _give_back(self, event: InvoiceCreditNoteSettled) -> None:
        refunds = event.refunds
        if event.refunded and not refunds:  # of the oldest notes, when one payment had paid it all
            refunds = (RefundPart(payment_id=self.paid_parts[-1].payment_id, amount=event.refunded),)
        for refund in refunds:
            name = "returned_credited" if refund.made else "refunded"
            self.paid_parts = tuple(
                replace(part, **{name: getattr(part, name) + refund.amount}) if part.payment_id == refund.payment_id else part
                for part in self.paid_parts
            )

    def _close_dispute(self, payment_id: str, dispute_id: str, lost: Money) -> None:
        self._change_part(
            payment_id,
            lambda part: replace(
                part, lost=part.lost + lost, disputes=tuple(open_ for open_ in part.disputes if open_ != dispute_id)
            ),
        )

    def _part(self, payment_id: str) -> PaidPart | None:
        return next((part for part in self.paid_parts if part.payment_id == payment_id), None)

    def _change_part(self, payment_id: str, change: Callable[[PaidPart], PaidPart]) -> None:
        self.paid_parts = tuple(change(part) if part.payment_id == payment_id else part for part in self.paid_parts)

    def _refunds(self, refund: Money, returned: Money, out_of_band: Money) -> tuple[RefundPart, ...]:
        """Return of which payments what goes back, the newest first: `refund`, of which `returned` has gone back before, and what
        is given back `out_of_band`, of payments that came without a provider first.
        """
        found: list[RefundPart] = []
        for left, made in ((returned, True), (refund - returned, False)):
            for part in reversed(self.paid_parts):
                amount = min(left, part.returned if made else part.refundable)
                if amount:
                    found.append(RefundPart(payment_id=part.payment_id, amount=amount, made=made))
                    left -= amount
        taken = {part.payment_id: part.amount for part in found if not part.made}
        without = [part for part in self.paid_parts if not part.through_provider]
        through = [part for part in self.paid_parts if part.through_provider]
        for part in (*reversed(without), *reversed(through)):
            there = part.kept - taken.get(part.payment_id, Money.zero(self.currency))
            amount = min(out_of_band, there) if not part.disputes else Money.zero(self.currency)
            if amount:
                found.append(RefundPart(payment_id=part.payment_id, amount=amount, out_of_band=True))
                out_of_band -= amount
        return tuple(found)

    def _carry_forward(self, minimum: Money | None, context: CommandContext) -> None:
        facts = replace(self.facts, amount_due=Money.zero(self.currency))
        amount = self.amount_due
        self.record(InvoiceCarriedForward(facts=facts, amount=amount, minimum=minimum, carried_at=context.at))
        self._pay(None, context)

    def _pay(self, payment_id: str | None, context: CommandContext) -> None:
        facts = replace(self.facts, amount_due=Money.zero(self.currency))
        self.record(InvoicePaid(facts=facts, payment_id=payment_id, paid_at=context.at))

    def _require_collectible(self) -> None:
        if not self.is_collectible:
            raise InvalidState(f"invoice {self.id!r} is {self.status}, not {InvoiceStatus.OPEN}")

    def _require_draft_of_people(self) -> None:
        if self.is_of_people:
            return
        if self.status is not InvoiceStatus.DRAFT:
            raise InvalidState(f"invoice {self.id!r} is {self.status}, not {InvoiceStatus.DRAFT}")
        raise InvalidState(f"invoice {self.id!r} is about to get its number: void it then, if it is not owed")

    def _require_credit(self) -> None:
        if self.awaits_credit:
            raise InvalidState(f"the customer's credit is being applied to invoice {self.id!r}: try again in a moment")

    def _require_no_pending_payment(self) -> None:
        if self.pending_payment is not None:
            raise InvalidState(f"payment {self.pending_payment.payment_id!r} of invoice {self.id!r} is not settled yet")

    def _require_no_pending_credit_note(self) -> None:
        if self.pending_credit_note is not None:
            raise InvalidState(
                f"credit note {self.pending_credit_note.credit_note_id!r} is not issued yet: try again in a moment"
            )


def _owed(draft: InvoiceDraft) -> Money:
    """Return what the draft comes to.

    Raises:
        InvalidInput: there are too many lines, one is in another currency, or their sum is out of range.
    """
    check_currency(draft.currency)
    if len(draft.lines) > MOST_LINES:
        raise InvalidInput(f"an invoice has at most {MOST_LINES} lines", field=("lines",))
    if any(line.amount.currency != draft.currency for line in draft.lines):
        raise InvalidInput(f"every line of this invoice is in {draft.currency}", field=("lines",))
    owed = total([line.amount + line.added_tax for line in draft.lines], draft.currency)
    if abs(owed.minor_units) > LARGEST:
        raise InvalidInput(f"{owed} is more than can be billed on one invoice", field=("lines",))
    return owed
