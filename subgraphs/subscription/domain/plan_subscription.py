"""The plan subscription aggregate. Its states are drawn at `PlanSubscriptionStatus`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.adjustments import (
    change_adjustments,
    credits_for_rest,
    elapsed_adjustments,
    revoked_credit,
)
from subgraphs.subscription.domain.billed_subscription import (
    NOTHING_USED,
    PENDING_ADJUSTMENTS,
    BilledSubscription,
    Used,
)
from subgraphs.subscription.domain.fees import Fee, FeeTime
from subgraphs.subscription.domain.moved_price import moved_schedule, moved_terms, subscribed_to
from subgraphs.subscription.domain.plan_names import prices_of
from subgraphs.subscription.domain.schedule import Phase, ScheduleEnding, planned
from subgraphs.subscription.domain.values import (
    Adjustment,
    CreditedLine,
    Discount,
    Pause,
    PlanSubscriptionStatus,
    ProrationBehavior,
    ScheduledChange,
    SubscribedPrice,
    Terms,
    TrialEnding,
    UnusedTime,
)

__all__ = ["LONGEST_TRIAL_DAYS", "NOTHING_USED", "PlanSubscription", "RenewalDue", "Used"]

LONGEST_TRIAL_DAYS = 730
# Who asks for now has a clock that is not ours, and is heard a moment later.
NOW_WITHIN = timedelta(minutes=1)

# What an invoice that was sent is past due for, beside the codes of payments.
OVERDUE = "overdue"
REASON_LENGTH = 500
EXTERNAL_ID_LENGTH = 200
# Discounts at one time, used up ones not counted.
MOST_DISCOUNTS = 20

_Status = PlanSubscriptionStatus


class RenewalDue(InvalidState):
    """Its period is over and the next one not begun yet: try again shortly."""


class PlanSubscription(BilledSubscription):
    """A customer's subscription to a price. Its periods tile time without gap or overlap, except where it is paused.

    A period that a change of the interval cuts short ends where the next one begins.
    """

    @classmethod
    def start(
        cls,
        id: str,
        customer_id: str,
        terms: Terms,
        time_zone: str,
        context: CommandContext,
        *,
        trial_end: datetime | None = None,
        trial_ending: TrialEnding = TrialEnding.CREATE_INVOICE,
        on_test_clock: bool = False,
        discount: Discount | None = None,
        starts_at: datetime | None = None,
        anchor: datetime | None = None,
        paid_through: datetime | None = None,
        cancel_at: datetime | None = None,
        pause: Pause | None = None,
        external_id: str | None = None,
        fees: Sequence[tuple[Fee, FeeTime]] = (),
        days_until_due: int | None = None,
    ) -> "PlanSubscription":
        """Return a new subscription from `starts_at`: with its first billing period open, or in a trial until `trial_end`.

        `starts_at` None: at `context.at`. Later than that, it is SCHEDULED until then. Periods are counted from `anchor`, None:
        from where the first of them begins. What of the first natural period lies before it is not billed.

        With `paid_through` it was billed elsewhere until then: it is ACTIVE in the natural period that this instant ends, or is
        in, and the next one is billed from there. It ends at `cancel_at`, and begins paused with `pause`.

        `fees` are billed with its first invoice, which comes after a trial; those for NOW at once, where that comes later.

        With `days_until_due` its invoices are sent, and due so many days after they are finalised: it is ACTIVE at once.

        Raises:
            InvalidInput: a quantity is out of range, or the add-ons cannot be billed together with the price, nor a fee; or what
                is told of another billing system does not fit together.
        """
        terms.check()
        for number, (fee, _) in enumerate(fees):
            fee.check(terms.price.currency, ("fees", str(number)))
        if external_id is not None and not 1 <= len(external_id) <= EXTERNAL_ID_LENGTH:
            raise InvalidInput(f"an external id has 1 to {EXTERNAL_ID_LENGTH} characters", field=("externalId",))
        begins = starts_at or context.at
        first = trial_end or begins
        subscription = cls(id, context.tenant)
        subscription.record(
            events.PlanSubscriptionStarted(
                customer_id=customer_id,
                price=terms.price,
                quantity=terms.quantity,
                add_ons=terms.add_ons,
                time_zone=time_zone,
                anchor=anchor or first,
                trial_start=begins if trial_end else None,
                trial_ending=trial_ending,
                on_test_clock=on_test_clock,
                starts_at=begins if anchor and anchor != first else None,
                trial_end=trial_end if trial_end and anchor and anchor != first else None,
                told_at=context.at if begins != context.at else None,
                paid_through=paid_through,
                external_id=external_id,
                days_until_due=days_until_due,
            )
        )
        if discount is not None:
            subscription.add_discount(discount)
        for fee, _ in fees:
            subscription.record(events.FeeAdded(customer_id=customer_id, fee=fee))
        if paid_through is not None:
            subscription._take_over(paid_through, context.at)
        elif trial_end is None and begins <= context.at:
            subscription._open_period(0, begins)
        if at_once := tuple(fee for fee, when in fees if when is FeeTime.NOW and fee in subscription.fees):
            subscription._bill_fees(at_once)
        if cancel_at is not None:
            if cancel_at <= max(begins, context.at):
                raise InvalidInput("a scheduled end lies ahead, and after the start", field=("cancelAt",))
            subscription.record(events.CancellationScheduled(customer_id=customer_id, cancel_at=cancel_at))
        if pause is not None:
            subscription._begin_paused(pause, context.at)
        return subscription

    def period_paid(self, number: int, context: CommandContext) -> None:
        """Note that the invoice of period `number` is paid; nothing happens when that is known or it has ended.

        The first one that is paid counts as the first payment, whichever it is: those before may be settled otherwise.
        """
        if self.status.is_final:
            return
        if not self.ever_active:
            self.record(events.PlanSubscriptionActivated(customer_id=self.customer_id, activated_at=context.at))
        if self._is_awaited(number):
            self.record(events.BillingPeriodPaid(customer_id=self.customer_id, number=number))

    def period_settled(self, number: int) -> None:
        """Note that nobody waits for the invoice of period `number` any more: it is void or uncollectible.

        Where it is past due for that, or for one before, it is active again, as if it had been paid. Nothing happens when it is
        paid, and to one that waits for its first payment: that becomes active by a payment, or not at all.
        """
        waits = self.status in {_Status.PENDING, _Status.INCOMPLETE}
        if not self.status.is_final and not waits and self._is_awaited(number):
            self.record(events.BillingPeriodSettled(customer_id=self.customer_id, number=number))

    def _is_awaited(self, number: int) -> bool:
        """Tell whether it matters that a period is paid: it is a later one than was paid last, or not known to be paid."""
        return number > self.paid_through or number in self.sent_numbers or number in self.open_numbers

    def is_settled(self, number: int) -> bool:
        """Tell whether nothing of the invoice of a period that was billed is owed any more."""
        return number <= self.period_number and not self._is_awaited(number)

    def payment_failed(self, number: int, reason: str) -> None:
        """Note that the payment of period `number` failed; nothing happens when the period is paid by now.

        Nor does it where its invoice was sent: that may be tried to be paid as often as wanted until it is due.
        """
        if number <= self.paid_through or number in self.sent_numbers:
            return
        if self.status is _Status.PENDING:
            self.record(events.PlanSubscriptionIncomplete(customer_id=self.customer_id, reason=reason))
        else:
            self._fall_behind(number, reason)

    def payment_overdue(self, number: int) -> None:
        """Note that the invoice of period `number` was sent and not paid when due; nothing happens when it is paid by now."""
        if number in self.sent_numbers:
            self._fall_behind(number, OVERDUE)

    def _fall_behind(self, number: int, reason: str) -> None:
        if self.status in {_Status.ACTIVE, _Status.PAST_DUE} and number > self.past_due_number:
            self.record(events.PlanSubscriptionPastDue(customer_id=self.customer_id, number=number, reason=reason))

    def set_collection(self, days_until_due: int | None, context: CommandContext) -> None:
        """Send what is billed from now on, due after so many days, None: charge it automatically. What is billed stays as it is.

        Nothing happens when it is so already.

        Raises:
            InvalidState: it has ended, or waits for its first payment.
        """
        self._check_not_final()
        if self.status in {_Status.PENDING, _Status.INCOMPLETE}:
            raise InvalidState(f"plan subscription {self.id!r} is {self.status.value}: its first invoice is to be paid before")
        if days_until_due != self.days_until_due:
            self.record(events.CollectionSet(customer_id=self.customer_id, days_until_due=days_until_due, set_at=context.at))

    def mark_unpaid(self, invoice_id: str, context: CommandContext, number: int | None = None) -> None:
        """Bill nothing more until the invoice is paid, which its last retry did not do; nothing happens in other states.

        It bills period `number`, None: it bills none.
        """
        if self.status in {_Status.ACTIVE, _Status.PAST_DUE}:
            self._record_unpaid(invoice_id, number, context)

    def debt_replaced(self, invoice_id: str, by_invoice_id: str, context: CommandContext) -> None:
        """Be unpaid for the invoice that takes the place of the one it was marked unpaid for; no other one counts."""
        if self.owes(invoice_id):
            self._record_unpaid(by_invoice_id, self.unpaid_number, context)

    def _record_unpaid(self, invoice_id: str, number: int | None, context: CommandContext) -> None:
        self.record(
            events.PlanSubscriptionUnpaid(
                customer_id=self.customer_id, invoice_id=invoice_id, unpaid_at=context.at, number=number
            )
        )

    def owes(self, invoice_id: str) -> bool:
        """Whether this is the invoice that it was marked unpaid for."""
        return self.status is _Status.UNPAID and self.unpaid_invoice_id == invoice_id

    def debt_paid(self, invoice_id: str, context: CommandContext, *, used: Used = NOTHING_USED) -> None:
        """Go on as `resume` does when nothing of the invoice that it was marked unpaid for is owed; no other one counts.

        Where the payment of a later period had failed as well, and is still owed, it is past due for that.
        """
        if not self.owes(invoice_id):
            return
        number, reason = self.unpaid_number, self.past_due_reason
        self._resume(context.at, used)
        owed = number is not None and self.past_due_number > max(number, self.paid_through)
        if owed and reason is not None and self.status is _Status.ACTIVE:
            self.record(events.PlanSubscriptionPastDue(customer_id=self.customer_id, number=self.past_due_number, reason=reason))

    def bill_credited(
        self,
        credit_note_id: str,
        period_number: int | None,
        adjustments_number: int | None,
        lines: Sequence[CreditedLine],
    ) -> None:
        """Note that a credit note took something back of a bill: that of a period or, by its number, of adjustments.

        What is pending as a credit falls to what is left of the bills. Nothing happens when that is known, or it has ended, or
        nothing of the bill can be in use.
        """
        name = period_number, adjustments_number
        bill = next((one for one in self.creditable if one.is_named(*name)), None)
        if self.status.is_final or bill is None or credit_note_id in {one.credit_note_id for one in bill.credited}:
            return
        in_advance = sum(one.amount_minor for one in lines if one.ends_at is not None and one.ends_at > bill.since)
        credited = events.BillCredited(
            customer_id=self.customer_id,
            credit_note_id=credit_note_id,
            period_number=period_number,
            adjustments_number=adjustments_number,
            amount_minor=sum(one.amount_minor for one in lines),
            in_advance_minor=in_advance,
        )
        left = sum((one.with_change(credited) if one is bill else one).left_minor for one in self.creditable)
        less = bill.left_minor - bill.with_change(credited).left_minor
        over = min(-sum(one.amount_minor for one in self.pending) - left, less)
        if over > 0:
            revoked = revoked_credit(Money(over, self.terms.price.currency), self.terms.price, self.period)
            credited = replace(credited, revoked=(revoked,))
        self.record(credited)

    def bill_unpaid(self, period_number: int | None, adjustments_number: int | None, unpaid: int, whole: int) -> None:
        """Note that of a bill, which came to `whole` with taxes, `unpaid` is not expected any more; 0: it is paid after all.

        Nothing happens when that is known, or it has ended, or nothing of the bill can be in use.
        """
        bill = next((one for one in self.creditable if one.is_named(period_number, adjustments_number)), None)
        if self.status.is_final or bill is None or unpaid == (bill.unpaid.unpaid_minor if bill.unpaid else 0):
            return
        self.record(
            events.BillUnpaid(
                customer_id=self.customer_id,
                period_number=period_number,
                adjustments_number=adjustments_number,
                unpaid_minor=unpaid,
                total_minor=whole,
            )
        )

    @property
    def plan_ids(self) -> list[str]:
        """The plans that it is billed for, now, by what is scheduled, or once."""
        return sorted({price.plan_id for price in prices_of(self.terms, self.schedule, self.fees)})

    def call_plans(self, names: Mapping[str, str]) -> None:
        """Call plans so, by their ids, on lines that are drafted from now on; nothing happens when they are called so already."""
        if self.status.is_final:
            return
        prices = prices_of(self.terms, self.schedule, self.fees)
        known = [(price.plan_id, price.plan_name) for price in prices]
        changed = {id: names[id] for id, name in known if id in names and names[id] != name}
        if changed:
            self.record(events.PlansRenamed(customer_id=self.customer_id, names=changed))

    def renew(self, now: datetime, *, can_pay: bool = True, used: Used = NOTHING_USED) -> None:
        """Do what time asks for by `now`, one step per call; nothing happens before `due_at`.

        A period that ended is followed by the next one, a trial by the first (as `can_pay`, whether the customer has a payment
        method, has it); a pause ends; what is scheduled happens; what was never paid expires. What was `used` is that of
        `usage_wanted(due_at)`.
        """
        due = self.due_at
        if due is None or now < due:
            return
        match self.status:
            case _Status.INCOMPLETE:
                self.record(events.PlanSubscriptionExpired(customer_id=self.customer_id, expired_at=due))
            case _ if self.cancel_at is not None and self.cancel_at <= due:
                self._bill_usage(self.cancel_at, used, with_pending=True)
                self._cancel(self.cancel_at, self.cancellation_reason, with_pending=True)
            case _Status.PAUSED:
                self._resume(due, used)
            case _Status.SCHEDULED:
                self._open_period(0, due)
            case _ if self.scheduled is not None and self._changes_at == due < self.period.end:
                self._change(self.scheduled.terms, self.scheduled.proration, due, used, of_schedule=True)
            case _Status.TRIALING:
                self._end_trial(due, can_pay)
            case _:
                self._open_period(self.period_number + 1, due, used=used)

    def change(self, terms: Terms, proration: ProrationBehavior, context: CommandContext, *, used: Used = NOTHING_USED) -> None:
        """Let other terms apply from `context.at`; nothing happens when they apply already. A scheduled change is dropped.

        With another interval, a new period begins now and all further ones are counted from here. What was `used`, that of
        `usage_wanted(context.at)`, is billed at once where its price goes.

        Raises:
            InvalidInput: a quantity is out of range, a price is in another currency, or the add-ons cannot be billed with it.
            InvalidState: it is neither active nor in its trial, its end is scheduled and the interval changes, its period is
                over and not renewed yet, or too much has changed in this period.
        """
        self._check_change(terms, context.at)
        if terms == self.terms:
            return
        if self.status is not _Status.TRIALING and self._has_other_interval(terms):
            self._check_interval_lasts()
        self._change(terms, proration, context.at, used)

    def _change(self, terms: Terms, proration: ProrationBehavior, at: datetime, used: Used, *, of_schedule: bool = False) -> None:
        old = self.terms
        if self.status is _Status.TRIALING:
            self._record_change(terms, at, None, of_schedule=of_schedule)
            return
        rest, whole = Period(at, self.period.end), self._whole()
        same_interval = not self._has_other_interval(terms)
        adjustments: tuple[Adjustment, ...] | None = None
        undiscounted: tuple[Adjustment, ...] = ()
        if proration is not ProrationBehavior.NONE:
            billed, elsewhere = self.billed_terms.items, self._paid_elsewhere(old.items)
            if same_interval:
                goes_paid = [item for item in elsewhere if item not in terms.items]
                adjustments = change_adjustments(billed, terms.items, self.billed_discounts, rest, whole, self.zone)
                adjustments += credits_for_rest((), self.billed_discounts, rest, whole, self.zone, goes_paid)
                used_time = {
                    item: Period(since, at)
                    for item in old.items
                    if (since := self._billed_since(item)) < at and item not in elsewhere
                }
                adjustments += elapsed_adjustments(old.items, terms.items, self.active_percentages, used_time, whole, self.zone)
                undiscounted = change_adjustments(billed, terms.items, (), rest, whole, self.zone)
                undiscounted += elapsed_adjustments(old.items, terms.items, (), used_time, whole, self.zone)
            else:
                adjustments = credits_for_rest(billed, self.billed_discounts, rest, whole, self.zone, elsewhere)
                undiscounted = credits_for_rest(billed, (), rest, whole, self.zone)
            adjustments = self._within_paid(adjustments)
            self._make_room(adjustments, must=of_schedule)
        goes = {item.price.price_id for item in old.items if item.is_metered} - {one.price.price_id for one in terms.items}
        unbilled = self._bill_usage(at, used, only=goes) if same_interval and goes else ()
        self._record_change(terms, at, adjustments, undiscounted, of_schedule=of_schedule, unbilled=unbilled)
        if not same_interval:
            self._open_period(self.period_number + 1, at, anchor=at, used=used, of_terms=old)
        elif proration is ProrationBehavior.INVOICE_NOW:
            self._bill_pending()

    def schedule_change(
        self,
        terms: Terms,
        context: CommandContext,
        at: datetime | None = None,
        proration: ProrationBehavior = ProrationBehavior.NONE,
    ) -> None:
        """Let other terms apply from `at`, None: the end of the period; nothing happens when that is so already.

        It takes the place of all that was scheduled. Where `at` is within a period, `proration` says what is billed for the rest
        of it.

        Raises:
            InvalidInput: a quantity is out of range, a price is in another currency, the add-ons cannot be billed with it, or
                `at` is not later.
            InvalidState: it is neither active nor in its trial, it ends before or the interval changes before its end, or its
                period is over and not renewed yet.
        """
        self._check_change(terms, context.at)
        if at is not None and at <= context.at:
            raise InvalidInput("a change on a date lies ahead", field=("at",))
        if terms == self.terms:
            self.unschedule_change()
            return
        wanted = ScheduledChange(terms=terms, change_at=at or self.period.end, proration=proration)
        self._check_before_end([wanted])
        if self.schedule != (wanted,):
            self.record(
                events.ChangeScheduled(customer_id=self.customer_id, terms=terms, change_at=wanted.change_at, proration=proration)
            )

    def schedule_phases(
        self, phases: Sequence[Phase], begins: datetime | None, ending: ScheduleEnding, context: CommandContext
    ) -> None:
        """Let the terms of one phase after the other apply, the first from `begins`, None: the end of the period or trial.

        It takes the place of all that was scheduled, with CANCEL of a scheduled end too; nothing happens when it is so already.

        Raises:
            InvalidInput: `begins` is not later, or a phase cannot follow; or as `change` of the terms of a phase.
            InvalidState: it is neither active nor in its trial, its period is over and not renewed yet, or it is to go on after
                the last phase though it ends before a phase begins, or before its interval changes.
        """
        self._check_running(context.at)
        if begins is not None and begins <= context.at:
            raise InvalidInput("a schedule begins later", field=("startsAt",))
        for number, phase in enumerate(phases):
            self._check_terms(phase.terms, ("phases", str(number)))
        interval = self.terms.price.interval
        changes, end = planned(phases, begins or self.period.end, ending, self.anchor, interval, self.zone)
        if end is None:
            self._check_before_end(changes)
        self._schedule(changes)
        if end is not None and end != self.cancel_at:
            self.record(events.CancellationScheduled(customer_id=self.customer_id, cancel_at=end))

    def move_price(
        self,
        from_price_id: str,
        to: SubscribedPrice,
        proration: ProrationBehavior,
        context: CommandContext,
        *,
        now: bool,
        used: Used = NOTHING_USED,
    ) -> None:
        """Let one price take the place of another, `now` or from the end of the period, and in all that is scheduled.

        What is scheduled stays so, with the other price in it; nothing happens when the price is nowhere any more. `proration`
        and what was `used` count as for `change`.

        Raises:
            InvalidInput: the other price cannot be billed together with what else it has, or will have.
            InvalidState: it has the price and is neither active nor in its trial, or ends with its period; its end is scheduled
                and the interval would change before; what is due has not happened yet; or as `change`.
        """
        old = subscribed_to([self.terms, *(change.terms for change in self.schedule)], from_price_id)
        terms = moved_terms(self.terms, from_price_id, to)
        schedule = moved_schedule(self.terms, self.schedule, from_price_id, to, None if now else self.period.end)
        has_it = terms != self.terms
        if old is None or self.status.is_final or (schedule == self.schedule and not (has_it and now)):
            return
        if has_it:
            self._check_change(terms, context.at)
        if (due := self.due_at) is not None and due <= context.at:
            raise RenewalDue(f"plan subscription {self.id!r} is about to change as scheduled; try again")
        if old.interval != to.interval:
            self._check_interval_lasts()
        for change in schedule:
            self._check_terms(change.terms)
        if has_it and now:
            self.change(terms, proration, context, used=used)
        elif has_it:
            self._check_lasts_beyond(self.period.end)
        self._schedule(schedule, as_phases=False)

    def unschedule_change(self) -> None:
        """Let it go on with the terms it has; nothing happens when no change is scheduled.

        Raises:
            InvalidState: it has ended.
        """
        self._check_not_final()
        if self.scheduled is not None:
            self.record(events.ChangeUnscheduled(customer_id=self.customer_id))

    def check_discount(self, coupon_id: str) -> None:
        """Check that it can be given a discount of the coupon.

        Raises:
            InvalidState: it has ended, has too many discounts, or has one of this coupon that is not used up.
        """
        self._check_not_final()
        if any(one.coupon_id == coupon_id for one in self.active_discounts):
            raise InvalidState(
                f"plan subscription {self.id!r} has a discount of coupon {coupon_id!r} already: remove it, or wait until it "
                "is used up"
            )
        if len(self.active_discounts) >= MOST_DISCOUNTS:
            raise InvalidState(f"plan subscription {self.id!r} has {MOST_DISCOUNTS} discounts: remove one first")

    def add_discount(self, discount: Discount) -> None:
        """Bill it with the discount from the next period on; nothing happens when it has this very one.

        Raises:
            InvalidState: it has ended, has too many discounts, or has one of the same coupon.
        """
        if discount.id in self.discount_uses:
            return
        self.check_discount(discount.coupon_id)
        self.record(events.DiscountAdded(customer_id=self.customer_id, discount=discount))

    def remove_discount(self, discount_id: str) -> None:
        """Bill it without the discount from the next period on; nothing happens when it was removed before.

        Raises:
            NotFound: it never had this discount.
            InvalidState: it has ended.
        """
        if discount_id not in self.discount_uses:
            raise NotFound("Discount", discount_id, field=("discountId",))
        self._check_not_final()
        if any(one.id == discount_id for one in self.discounts):
            self.record(events.DiscountRemoved(customer_id=self.customer_id, discount_id=discount_id))

    def add_fee(self, fee: Fee, when: FeeTime, context: CommandContext) -> None:
        """Bill it once with the fee, with the next invoice or at once; nothing happens when this very one was added before.

        Raises:
            InvalidInput: the fee is in another currency, or out of range.
            InvalidState: it has ended, it is to be billed at once and is paused or unpaid, its period is over and not renewed
                yet, or too much is pending.
        """
        if fee.id in self.fee_ids:
            return
        self._check_not_final()
        if when is FeeTime.NOW and self.status in {_Status.PAUSED, _Status.UNPAID}:
            raise InvalidState(
                f"plan subscription {self.id!r} is {self.status.value}, and nothing is billed to it now: bill it with the "
                "NEXT_INVOICE, or the customer with invoiceCreate",
                field=("when",),
            )
        if self.due_at is not None and context.at >= self.due_at:
            raise RenewalDue(f"the period of plan subscription {self.id!r} has ended and is about to be renewed; try again")
        fee.check(self.terms.price.currency)
        if len(self.pending) + len(self.fees) >= PENDING_ADJUSTMENTS:
            raise InvalidState(
                f"plan subscription {self.id!r} has {PENDING_ADJUSTMENTS} changes and fees pending: bill this with invoiceCreate"
            )
        self.record(events.FeeAdded(customer_id=self.customer_id, fee=fee))
        if when is FeeTime.NOW:
            self._bill_fees((fee,))

    def remove_fee(self, fee_id: str) -> None:
        """Bill it without a fee that is pending; nothing happens when it was removed before.

        Raises:
            NotFound: it never had this fee.
            InvalidState: it has ended, or the fee is billed.
        """
        if fee_id not in self.fee_ids:
            raise NotFound("Fee", fee_id, field=("feeId",))
        self._check_not_final()
        if fee_id in self.billed_fee_ids:
            raise InvalidState(f"fee {fee_id!r} is billed: give it back with creditNoteCreate", field=("feeId",))
        if any(fee.id == fee_id for fee in self.fees):
            self.record(events.FeeRemoved(customer_id=self.customer_id, fee_id=fee_id))

    def pause(self, resumes_at: datetime | None, context: CommandContext) -> None:
        """Bill nothing from `context.at` until it is resumed; of what is paused, only when it resumes becomes another time.

        The period that is paid for goes on running, and an end that is scheduled comes all the same.

        Raises:
            InvalidInput: `resumes_at` is not later.
            InvalidState: it is neither active nor in its trial, nor paused, or its period or pause is over and what follows has
                not happened yet.
        """
        if resumes_at is not None and resumes_at <= context.at:
            raise InvalidInput("a pause ends after it begins", field=("resumesAt",))
        if self.status is _Status.PAUSED:
            if self.due_at is not None and self.due_at <= context.at:
                raise RenewalDue(
                    f"the pause of plan subscription {self.id!r} has ended and it is about to go on or end; try again"
                )
            if resumes_at != self.resumes_at:
                since = self.paused_at or context.at
                self.record(events.PlanSubscriptionPaused(customer_id=self.customer_id, paused_at=since, resumes_at=resumes_at))
            return
        self._check_running(context.at)
        self.record(events.PlanSubscriptionPaused(customer_id=self.customer_id, paused_at=context.at, resumes_at=resumes_at))

    def resume(self, context: CommandContext, *, used: Used = NOTHING_USED) -> None:
        """Go on from `context.at`; nothing happens when it is not paused.

        Within the period that was paid for, nothing is billed. Afterwards the rest of the natural period that `context.at` lies
        in is, in proportion; the days on which periods begin stay the same. What was `used` in the period before, that of
        `usage_wanted(context.at)`, is billed with it. Where its end was scheduled and has come, it ends, and what was used until
        then is billed: that of `usage_wanted(cancel_at)`.

        Raises:
            InvalidState: it was never active, is unpaid, or has ended.
        """
        if self.status in {_Status.PENDING, _Status.INCOMPLETE} or self.status.is_final:
            raise InvalidState(f"plan subscription {self.id!r} is {self.status.value} and cannot be resumed: {self._next_step()}")
        if self.status is _Status.UNPAID:
            raise InvalidState(
                f"plan subscription {self.id!r} is UNPAID: it goes on when {self.unpaid_invoice_id!r} is paid or void"
            )
        if self.status is _Status.PAUSED:
            self._resume(context.at, used)

    def set_trial_end(self, at: datetime | None, context: CommandContext, *, can_pay: bool = True) -> None:
        """Let its trial end at `at`, None: now, with what follows as `can_pay`; nothing happens when it ends then already.

        What is scheduled for the end of the trial, a change or its own end, comes with it; what is scheduled for a date stays.
        `at` counts as now when it is, or was within the last minute.

        Raises:
            InvalidInput: `at` has passed, or is later than the longest trial ends.
            InvalidState: it is in no trial, the trial is over and what follows has not happened yet, or its end or a change is
                scheduled for before then.
        """
        ends_now = at is None or context.at - NOW_WITHIN <= at <= context.at
        end = context.at if at is None or ends_now else at
        if self.trial_end == end:
            return
        if self.status is not _Status.TRIALING:
            resumed = self.status is _Status.PAUSED and self.period_number < 0
            raise InvalidState(
                f"plan subscription {self.id!r} is {self.status.value}, not TRIALING: "
                + (self._next_step() if resumed else "only the end of a running trial is set")
            )
        if self.due_at is not None and context.at >= self.due_at:
            raise RenewalDue(f"the trial of plan subscription {self.id!r} is about to end or change; try again")
        if end < context.at:
            raise InvalidInput("a trial ends later, or now with null", field=("trialEndsAt",))
        latest = self.period.start + timedelta(days=LONGEST_TRIAL_DAYS)
        if end > latest:
            raise InvalidInput(
                f"a trial ends within {LONGEST_TRIAL_DAYS} days of its start: by {latest.isoformat()}", field=("trialEndsAt",)
            )
        cancel_at, schedule = self._moved_with_trial(end)
        self.record(events.TrialEndSet(customer_id=self.customer_id, trial_end=end))
        if cancel_at is not None and cancel_at != self.cancel_at:
            reason = self.cancellation_reason
            self.record(events.CancellationScheduled(customer_id=self.customer_id, cancel_at=cancel_at, reason=reason))
        self._schedule(schedule, as_phases=False)
        if ends_now and cancel_at == end:
            self._cancel(end, self.cancellation_reason)
        elif ends_now:
            self._end_trial(end, can_pay)

    def _moved_with_trial(self, end: datetime) -> tuple[datetime | None, tuple[ScheduledChange, ...]]:
        """Return when it ends and what is scheduled where the trial ends at `end`."""
        was = self.period.end
        cancel_at = end if self.cancel_at == was else self.cancel_at
        if cancel_at is not None and cancel_at < end:
            raise InvalidState(
                f"plan subscription {self.id!r} ends at {cancel_at.isoformat()}, before its trial would: let it go on first with "
                "planSubscriptionUndoCancellation"
            )
        schedule = tuple(replace(one, change_at=end) if one.change_at == was else one for one in self.schedule)
        if any(later.change_at <= earlier.change_at for earlier, later in pairwise(schedule)):
            raise InvalidState(
                f"what is scheduled for plan subscription {self.id!r} would come in another order: undo it first with "
                "planSubscriptionUndoChange"
            )
        return cancel_at, schedule

    def schedule_cancellation(self, at: datetime | None, context: CommandContext, reason: str | None = None) -> None:
        """End it at `at`, None: with the current period or trial; scheduling the same again changes nothing.

        It is canceled for the `reason` then; None: for the one that was told before, if one was.

        Raises:
            InvalidInput: `at` is not later, or the reason is too long.
            InvalidState: it has not begun or is unpaid or final, is paused and its period is over, or its interval is to change
                before.
        """
        _check_reason(reason)
        if at is not None and at <= context.at:
            raise InvalidInput("a scheduled end lies ahead", field=("at",))
        self._check_not_final()
        if self.status not in {_Status.ACTIVE, _Status.PAST_DUE, _Status.TRIALING, _Status.PAUSED}:
            raise InvalidState(
                f"plan subscription {self.id!r} is {self.status.value}: what is ACTIVE, TRIALING, PAST_DUE or PAUSED can end "
                "later; cancel this one NOW"
            )
        end = at or self.period.end
        if self.status is _Status.PAUSED and end <= context.at:
            raise InvalidState(
                f"plan subscription {self.id!r} is PAUSED and its period ended at {end.isoformat()}: cancel it NOW or on a DATE"
            )
        if any(one.change_at < end and self._has_other_interval(one.terms) for one in self.schedule):
            raise InvalidState(f"the interval of plan subscription {self.id!r} is to change before that: undo the change first")
        because = self.cancellation_reason if reason is None else reason
        if (self.cancel_at, self.cancellation_reason) != (end, because):
            self.record(events.CancellationScheduled(customer_id=self.customer_id, cancel_at=end, reason=because))

    def unschedule_cancellation(self) -> None:
        """Let it go on after all; nothing happens when no cancellation is scheduled.

        Raises:
            InvalidState: it has ended.
        """
        self._check_not_final()
        if self.cancel_at is not None:
            self.record(events.CancellationUnscheduled(customer_id=self.customer_id))

    def cancel(
        self,
        reason: str | None,
        context: CommandContext,
        *,
        used: Used = NOTHING_USED,
        unused: UnusedTime = UnusedTime.KEEP,
        bill_usage: bool = True,
    ) -> None:
        """End it at `context.at`; canceling again changes nothing. What is pending of changes is dropped, fees are billed.

        A scheduled end keeps what is pending: it is billed then, or goes to the customer's balance. Credit that invoices did not
        use up is no such change: the last one uses it, and what it leaves is given back.

        What was `used` until then, that of `usage_wanted(context.at, with_end=True)`, is billed unless `bill_usage` is false,
        with what is pending of time that has elapsed. Where it was never paid for, fees are dropped, too. The rest of the period,
        with what else is pending, is given back as `unused` says; where the latter comes to more, both are billed.

        Raises:
            InvalidInput: the reason is too long.
            InvalidState: what is to be given back was billed by another system.
        """
        _check_reason(reason)
        if not self.status.is_final:
            if unused is not UnusedTime.KEEP and self.is_billed_elsewhere:
                raise InvalidState(f"the period of plan subscription {self.id!r} was billed elsewhere: give it back there")
            elapsed = [one for one in self.pending if one.elapsed_minor is not None] if bill_usage else []
            rest, seen = self._rest_credits(context.at, unused), self.bill_count
            owes = rest is not None and sum(one.amount_minor for one in (*rest, *self._changes(elapsed))) > 0
            rest = rest if rest is not None and owes else ()
            if bill_usage:
                self._bill_usage(context.at, used, unused=unused, with_pending=owes, rest=rest)
            rest = rest if self.bill_count == seen else ()
            self._cancel(context.at, reason, unused=unused, with_pending=owes, rest=rest)

    def _schedule(self, changes: Sequence[ScheduledChange], *, as_phases: bool = True) -> None:
        """Let the changes happen instead of those that are scheduled; one to the terms that apply before it is left out.

        Without `as_phases`, one alone is told as what it is.
        """
        before = (self.terms, *(change.terms for change in changes))
        wanted = tuple(change for change, terms in zip(changes, before, strict=False) if change.terms != terms)
        if wanted == self.schedule:
            return
        match wanted:
            case ():
                self.record(events.ChangeUnscheduled(customer_id=self.customer_id))
            case (one,) if not as_phases:
                self.record(
                    events.ChangeScheduled(
                        customer_id=self.customer_id, terms=one.terms, change_at=one.change_at, proration=one.proration
                    )
                )
            case _:
                self.record(events.PhasesScheduled(customer_id=self.customer_id, changes=wanted))

    def _check_before_end(self, changes: Sequence[ScheduledChange]) -> None:
        """Check that each of the changes comes before a scheduled end, and none of them to an interval that it cuts short."""
        for change in changes:
            self._check_lasts_beyond(change.change_at)
            if self._has_other_interval(change.terms):
                self._check_interval_lasts()

    def _check_lasts_beyond(self, at: datetime) -> None:
        if self.cancel_at is not None and self.cancel_at <= at:
            raise InvalidState(
                f"plan subscription {self.id!r} ends at {self.cancel_at.isoformat()} and would change at {at.isoformat()}: let "
                "it go on first with planSubscriptionUndoCancellation"
            )

    def _check_interval_lasts(self) -> None:
        if self.cancel_at is not None:
            raise InvalidState(
                f"plan subscription {self.id!r} ends at {self.cancel_at.isoformat()}, and its interval would change before: let "
                "it go on first with planSubscriptionUndoCancellation"
            )

    def _begin_paused(self, pause: Pause, at: datetime) -> None:
        if pause.resumes_at is not None and pause.resumes_at <= at:
            raise InvalidInput("a pause ends after it begins", field=("pause", "resumesAt"))
        if self.status not in {_Status.ACTIVE, _Status.TRIALING}:
            raise InvalidInput("only what is paid through some time, or in its trial, begins paused", field=("pause",))
        self.record(events.PlanSubscriptionPaused(customer_id=self.customer_id, paused_at=at, resumes_at=pause.resumes_at))

    def _end_trial(self, at: datetime, can_pay: bool) -> None:
        can_pay = can_pay or self.days_until_due is not None
        ending = TrialEnding.CREATE_INVOICE if can_pay else self.started.trial_ending
        match ending:
            case TrialEnding.CREATE_INVOICE:
                self.record(events.TrialEnded(customer_id=self.customer_id, ended_at=at))
                self._open_period(0, at)
            case TrialEnding.PAUSE:
                self.record(events.PlanSubscriptionPaused(customer_id=self.customer_id, paused_at=at, resumes_at=None))
            case TrialEnding.CANCEL:
                self._cancel(at, "The trial ended without a payment method.")

    def _resume(self, at: datetime, used: Used) -> None:
        was_paused = self.status is _Status.PAUSED
        self.record(events.PlanSubscriptionResumed(customer_id=self.customer_id, resumed_at=at))
        if self.cancel_at is not None and self.cancel_at <= at:
            if was_paused:
                self._bill_usage(self.cancel_at, used, with_pending=True)
            self._cancel(self.cancel_at, self.cancellation_reason, with_pending=True)
        elif self.period_number < 0 and at >= self.period.end:
            told = self.started.trial_end is not None  # periods are counted from what was told, not from the end of the trial
            self._open_period(0, at, anchor=None if told else at)
        elif at >= self.period.end:
            self._open_period(self.period_number + 1, at, used=used)

    def _cancel(
        self,
        at: datetime,
        reason: str | None,
        *,
        unused: UnusedTime = UnusedTime.KEEP,
        with_pending: bool = False,
        rest: tuple[Adjustment, ...] = (),
    ) -> None:
        """End it at `at`, and give back credit that was kept. What is pending of changes is dropped, or billed `with_pending`, or
        given back where it is a credit, with credits for the `rest` of the period.
        """
        seen = self.bill_count
        if with_pending and self.ever_active:  # where nothing else was billed that it could come with
            self._bill_pending(rest)
        rest = rest if self.bill_count == seen else ()
        if self.fees and self.ever_active:  # they were sold; whatever else ends with it billed them already
            self._bill_fees(self.fees)
        credit = self._unused_credit(at, unused, with_pending=with_pending, rest=rest)
        self.record(
            events.PlanSubscriptionCanceled(
                customer_id=self.customer_id, ever_active=self.ever_active, canceled_at=at, reason=reason, credit=credit
            )
        )

    def _check_change(self, terms: Terms, at: datetime) -> None:
        self._check_terms(terms)
        self._check_running(at)

    def _check_terms(self, terms: Terms, within: tuple[str, ...] = ()) -> None:
        terms.check(within)
        currency = self.terms.price.currency
        if terms.price.currency != currency:
            raise InvalidInput(
                f"price {terms.price.price_id!r} is in {terms.price.currency}, the subscription in {currency}",
                field=(*within, "priceId"),
            )

    def _check_running(self, at: datetime) -> None:
        if self.status not in {_Status.ACTIVE, _Status.TRIALING}:
            raise InvalidState(
                f"plan subscription {self.id!r} is {self.status.value}, not ACTIVE or TRIALING: {self._next_step()}"
            )
        if at >= self.period.end:
            raise RenewalDue(f"the period of plan subscription {self.id!r} has ended and is about to be renewed; try again")

    def _check_not_final(self) -> None:
        if self.status.is_final:
            raise InvalidState(f"plan subscription {self.id!r} is {self.status.value}, which is final; start a new one")

    def _next_step(self) -> str:
        """Return what is to be done before what its state does not allow."""
        match self.status:
            case _Status.SCHEDULED:
                return f"wait until it begins at {self.started_at.isoformat()}, or cancel it NOW and start a new one"
            case _Status.PENDING:
                return "its first invoice is being paid; try again shortly"
            case _Status.INCOMPLETE:
                return "pay its first invoice with invoicePay, or start a new one"
            case _Status.PAST_DUE:
                return "pay its open invoice with invoicePay, or change the customer's payment method, which is charged at once"
            case _Status.UNPAID:
                return f"it goes on when {self.unpaid_invoice_id!r} is paid or void"
            case _Status.PAUSED:
                return "let it go on with planSubscriptionResume"
        return "that is final; start a new one"


def _check_reason(reason: str | None) -> None:
    if reason is not None and len(reason) > REASON_LENGTH:
        raise InvalidInput(f"a reason has at most {REASON_LENGTH} characters", field=("reason",))
