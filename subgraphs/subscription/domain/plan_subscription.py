"""The plan subscription aggregate. Its states are drawn at `PlanSubscriptionStatus`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar, TypeAlias
from zoneinfo import ZoneInfo

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.money import total
from subgraphs.kit.domain.period import Interval, Period, boundary, period_number
from subgraphs.pricing.proration import share_of
from subgraphs.pricing.rating import Quantity
from subgraphs.pricing.thresholds import has_thresholds
from subgraphs.subscription.domain import commitment, events
from subgraphs.subscription.domain.adjustments import (
    carried_over,
    change_adjustments,
    credits_for_rest,
    elapsed_adjustments,
    late_adjustment,
)
from subgraphs.subscription.domain.billed import charges
from subgraphs.subscription.domain.progress import billed_before, progressed
from subgraphs.subscription.domain.schedule import Phase, ScheduleEnding, planned
from subgraphs.subscription.domain.usage import LATE_DAYS
from subgraphs.subscription.domain.values import (
    Adjustment,
    BilledItem,
    BilledUsage,
    CommitmentTerm,
    Discount,
    Item,
    LateUsage,
    Pause,
    PlanSubscriptionStatus,
    ProrationBehavior,
    ScheduledChange,
    Terms,
    TrialEnding,
    UnusedCredit,
    UnusedTime,
    UsageProgress,
    UsageWanted,
)

__all__ = ["NOTHING_USED", "PlanSubscription", "Used"]

REASON_LENGTH = 500
EXTERNAL_ID_LENGTH = 200
# How long the first invoice may stay unpaid.
INCOMPLETE_EXPIRES_AFTER = timedelta(hours=23)
# Changes within a period leave two of them each; more than this is a program running wild.
PENDING_ADJUSTMENTS = 100
# How many billed periods are looked at again for usage that came late.
MOST_BILLED_PERIODS = 40
# Discounts at one time, used up ones not counted.
MOST_DISCOUNTS = 20

_Status = PlanSubscriptionStatus
_MILLISECOND = timedelta(milliseconds=1)

Used: TypeAlias = Mapping[tuple[str, Period], Quantity]
"""What was used, by price and period."""

NOTHING_USED: Used = MappingProxyType({})


class PlanSubscription(Aggregate):
    """A customer's subscription to a price. Its periods tile time without gap or overlap, except where it is paused.

    A period that a change of the interval cuts short ends where the next one begins.
    """

    kind: ClassVar[str] = "PlanSubscription"
    codec: ClassVar[EventCodec] = EventCodec(
        *(getattr(events, name) for name in events.__all__),
    )

    started: events.PlanSubscriptionStarted
    status: PlanSubscriptionStatus
    terms: Terms
    anchor: datetime
    period_number: int
    index: int
    period: Period
    billed_terms: Terms
    discounts: tuple[Discount, ...]
    discount_uses: dict[str, int]
    billed_discounts: tuple[Discount, ...]
    billed_since: dict[str, datetime]
    billed_usage: dict[tuple[str, Period], BilledUsage]
    progress: dict[str, UsageProgress]
    commitment: CommitmentTerm | None
    pending: tuple[Adjustment, ...]
    bill_count: int
    paid_through: int
    past_due_number: int
    schedule: tuple[ScheduledChange, ...]
    incomplete_reason: str | None
    past_due_reason: str | None
    unpaid_invoice_id: str | None
    activated_at: datetime | None
    paused_at: datetime | None
    resumed_at: datetime | None
    resumes_at: datetime | None
    cancel_at: datetime | None
    canceled_at: datetime | None
    cancellation_reason: str | None

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
    ) -> "PlanSubscription":
        """Return a new subscription from `starts_at`: with its first billing period open, or in a trial until `trial_end`.

        `starts_at` None: at `context.at`. Later than that, it is SCHEDULED until then. Periods are counted from `anchor`, None:
        from where the first of them begins. What of the first natural period lies before it is not billed.

        With `paid_through` it was billed elsewhere until then: it is ACTIVE in the natural period that this instant ends, or is
        in, and the next one is billed from there. It ends at `cancel_at`, and begins paused with `pause`.

        Raises:
            InvalidInput: a quantity is out of range, or the add-ons cannot be billed together with the price; or what is told
                of another billing system does not fit together.
        """
        terms.check()
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
            )
        )
        if discount is not None:
            subscription.add_discount(discount)
        if paid_through is not None:
            subscription._take_over(paid_through, context.at)
        elif trial_end is None and begins <= context.at:
            subscription._open_period(0, begins)
        if cancel_at is not None:
            if cancel_at <= max(begins, context.at):
                raise InvalidInput("a scheduled end lies ahead, and after the start", field=("cancelAt",))
            subscription.record(events.CancellationScheduled(customer_id=customer_id, cancel_at=cancel_at))
        if pause is not None:
            subscription._begin_paused(pause, context.at)
        return subscription

    @property
    def customer_id(self) -> str:
        """Who subscribes."""
        return self.started.customer_id

    @property
    def started_at(self) -> datetime:
        """When it began, with a trial or without."""
        return self.started.starts_at or self.started.trial_start or self.started.anchor

    @property
    def trial_end(self) -> datetime | None:
        """When its trial ends or ended; None: it never had one."""
        return (self.started.trial_end or self.started.anchor) if self.started.trial_start else None

    @property
    def is_billed_elsewhere(self) -> bool:
        """Whether the current period was billed by another system."""
        return self.period_number == 0 and self.started.paid_through is not None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of its calendar."""
        return ZoneInfo(self.started.time_zone)

    @property
    def ever_active(self) -> bool:
        """Whether its first invoice was ever paid."""
        return self.activated_at is not None

    @property
    def due_at(self) -> datetime | None:
        """When time next changes it; None: it does not."""
        match self.status:
            case _Status.SCHEDULED:
                return self.started_at
            case _Status.TRIALING | _Status.ACTIVE | _Status.PAST_DUE:
                return min(self.period.end, self.cancel_at or self.period.end, self._changes_at or self.period.end)
            case _Status.INCOMPLETE:
                return max(self.started_at, self.started.told_at or self.started_at) + INCOMPLETE_EXPIRES_AFTER
            case _Status.PAUSED:
                return self.resumes_at
            case _Status.UNPAID:
                return self.cancel_at
        return None

    @property
    def scheduled(self) -> ScheduledChange | None:
        """The change that comes next; None: none is scheduled."""
        return self.schedule[0] if self.schedule else None

    @property
    def _changes_at(self) -> datetime | None:
        """When what is scheduled next happens: a change that a pause went over, when the pause ends."""
        if self.scheduled is None:
            return None
        return max(self.scheduled.change_at, self.resumed_at or self.scheduled.change_at)

    @property
    def commitment_ends_at(self) -> datetime | None:
        """When the term of its commitment ends if it goes on like this; None: it has none, or has ended itself."""
        term = self.commitment
        if term is None or self.status.is_final:
            return None
        last = self.index + 1 + term.periods - term.opened
        return self.period.end if last == self.index + 1 else boundary(self.anchor, term.interval, last, self.zone)

    @property
    def active_discounts(self) -> tuple[Discount, ...]:
        """The discounts that the next period is billed with, as they were added."""
        return tuple(one for one in self.discounts if one.periods is None or self.discount_uses[one.id] < one.periods)

    def period_paid(self, number: int, context: CommandContext) -> None:
        """Note that the invoice of period `number` is paid; nothing happens when that is known or it has ended."""
        if self.status.is_final or number <= self.paid_through:
            return
        if number == 0:
            self.record(events.PlanSubscriptionActivated(customer_id=self.customer_id, activated_at=context.at))
        else:
            self.record(events.BillingPeriodPaid(customer_id=self.customer_id, number=number))

    def payment_failed(self, number: int, reason: str) -> None:
        """Note that the payment of period `number` failed; nothing happens when the period is paid by now."""
        if number <= self.paid_through:
            return
        if self.status is _Status.PENDING:
            self.record(events.PlanSubscriptionIncomplete(customer_id=self.customer_id, reason=reason))
        elif self.status in {_Status.ACTIVE, _Status.PAST_DUE} and number > self.past_due_number:
            self.record(events.PlanSubscriptionPastDue(customer_id=self.customer_id, number=number, reason=reason))

    def mark_unpaid(self, invoice_id: str, context: CommandContext) -> None:
        """Bill nothing more until the invoice is paid, which its last retry did not do; nothing happens in other states."""
        if self.status in {_Status.ACTIVE, _Status.PAST_DUE}:
            self.record(events.PlanSubscriptionUnpaid(customer_id=self.customer_id, invoice_id=invoice_id, unpaid_at=context.at))

    def debt_paid(self, invoice_id: str, context: CommandContext) -> None:
        """Go on as it does after a pause when the invoice that it was marked unpaid for is paid; nothing happens otherwise."""
        if self.status is _Status.UNPAID and self.unpaid_invoice_id == invoice_id:
            self._resume(context.at)

    def usage_wanted(self, at: datetime) -> tuple[UsageWanted, ...]:
        """Return of what it is to be known what was used, for whatever ends the period or a price at `at`.

        That is the usage of the period, and that of periods billed before, of which more may have become known since.
        """
        if self.period_number < 0 or not (self.billed_usage or any(item.is_metered for item in self.terms.items)):
            return ()
        end = min(self.period.end, at)
        found = [
            UsageWanted.of(item.price, item.price.meter_id, Period(since, end))
            for item in self.terms.items
            if item.price.meter_id is not None and (since := self._billed_since(item)) < end
        ]
        for (_, period), billed in self.billed_usage.items():
            if billed.item.price.meter_id is not None and period.end > at - timedelta(days=LATE_DAYS):
                found.append(UsageWanted.of(billed.item.price, billed.item.price.meter_id, period))
        return tuple(dict.fromkeys(found))

    def thresholds_wanted(self, at: datetime) -> tuple[UsageWanted, ...]:
        """Return of what it is to be known what was used by `at`, that instant included, to tell which thresholds it reached."""
        if self.status not in {_Status.ACTIVE, _Status.PAST_DUE} or not self.period.start <= at < self.period.end:
            return ()
        return tuple(
            UsageWanted.of(item.price, item.price.meter_id, Period(since, at + _MILLISECOND))
            for item in self.terms.items
            if item.price.meter_id is not None
            and has_thresholds(item.price.details)
            and (since := self._billed_since(item)) <= at
        )

    def reach_thresholds(self, used: Used) -> None:
        """Bill what was used so far of prices whose usage reached a threshold; nothing happens where none did.

        What was `used` is that of `thresholds_wanted`.
        """
        items = {item.price.price_id: item for item in self.terms.items}
        found = [
            one
            for (id, period), quantity in used.items()
            if id in items
            and (one := progressed(items[id], period, quantity, self.progress.get(id), self.active_discounts)) is not None
        ]
        if found:
            self.record(
                events.UsageThresholdsReached(
                    customer_id=self.customer_id,
                    number=self.bill_count + 1,
                    currency=self.terms.price.currency,
                    progress=tuple(progress for progress, _ in found),
                    adjustments=tuple(adjustment for _, adjustment in found),
                )
            )

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
            case _Status.PAUSED:
                self._resume(due)
            case _ if self.cancel_at is not None and self.cancel_at <= due:
                self._bill_usage(self.cancel_at, used)
                self._cancel(self.cancel_at, self.cancellation_reason)
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
        if self.cancel_at is not None and self.status is not _Status.TRIALING and self._has_other_interval(terms):
            raise InvalidState(f"plan subscription {self.id!r} ends with its period: let it go on before its interval changes")
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
            billed = self.billed_terms.items
            if same_interval:
                adjustments = change_adjustments(billed, terms.items, self.billed_discounts, rest, whole, self.zone)
                used_time = {item: Period(since, at) for item in old.items if (since := self._billed_since(item)) < at}
                adjustments += elapsed_adjustments(old.items, terms.items, self.billed_discounts, used_time, whole, self.zone)
                undiscounted = change_adjustments(billed, terms.items, (), rest, whole, self.zone)
                undiscounted += elapsed_adjustments(old.items, terms.items, (), used_time, whole, self.zone)
            else:
                adjustments = credits_for_rest(billed, self.billed_discounts, rest, whole, self.zone)
                undiscounted = credits_for_rest(billed, (), rest, whole, self.zone)
            self._check_pending(adjustments)
        goes = {item.price.price_id for item in old.items if item.is_metered} - {one.price.price_id for one in terms.items}
        if same_interval and goes:
            self._bill_usage(at, used, only=goes)
        term = commitment.pending(self.commitment, _sum(undiscounted)) if self.commitment else None
        self._record_change(terms, at, adjustments, term, of_schedule=of_schedule)
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
            InvalidState: it is neither active nor in its trial, its end is scheduled, or its period is over and not renewed yet.
        """
        self._check_change(terms, context.at)
        if at is not None and at <= context.at:
            raise InvalidInput("a change on a date lies ahead", field=("at",))
        if self.cancel_at is not None:
            raise InvalidState(f"plan subscription {self.id!r} ends with its period; let it go on before it changes then")
        if terms == self.terms:
            self.unschedule_change()
            return
        wanted = ScheduledChange(terms=terms, change_at=at or self.period.end, proration=proration)
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
                the last phase though its end is scheduled.
        """
        self._check_running(context.at)
        if begins is not None and begins <= context.at:
            raise InvalidInput("a schedule begins later", field=("startsAt",))
        if self.cancel_at is not None and ending is ScheduleEnding.RELEASE:
            raise InvalidState(f"the end of plan subscription {self.id!r} is scheduled; let it go on before its phases are")
        for number, phase in enumerate(phases):
            self._check_terms(phase.terms, ("phases", str(number)))
        interval = self.terms.price.interval
        changes, end = planned(phases, begins or self.period.end, ending, self.anchor, interval, self.zone)
        before = (self.terms, *(change.terms for change in changes))
        wanted = tuple(change for change, terms in zip(changes, before, strict=False) if change.terms != terms)
        if wanted != self.schedule:
            if wanted:
                self.record(events.PhasesScheduled(customer_id=self.customer_id, changes=wanted))
            else:
                self.record(events.ChangeUnscheduled(customer_id=self.customer_id))
        if end is not None and end != self.cancel_at:
            self.record(events.CancellationScheduled(customer_id=self.customer_id, cancel_at=end))

    def unschedule_change(self) -> None:
        """Let it go on with the terms it has; nothing happens when no change is scheduled.

        Raises:
            InvalidState: it has ended.
        """
        self._check_not_final()
        if self.scheduled is not None:
            self.record(events.ChangeUnscheduled(customer_id=self.customer_id))

    def check_discounts(self) -> None:
        """Check that it can be given one more discount.

        Raises:
            InvalidState: it has ended, or has too many.
        """
        self._check_not_final()
        if len(self.active_discounts) >= MOST_DISCOUNTS:
            raise InvalidState(f"plan subscription {self.id!r} has {MOST_DISCOUNTS} discounts: remove one first")

    def add_discount(self, discount: Discount) -> None:
        """Bill it with the discount from the next period on; nothing happens when it has this very one.

        Raises:
            InvalidState: it has ended, has too many discounts, or has one of the same coupon.
        """
        if discount.id in self.discount_uses:
            return
        self.check_discounts()
        if any(one.coupon_id == discount.coupon_id for one in self.active_discounts):
            raise InvalidState(f"plan subscription {self.id!r} has a discount of coupon {discount.coupon_id!r} already")
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

    def pause(self, resumes_at: datetime | None, context: CommandContext) -> None:
        """Bill nothing from `context.at` until it is resumed; pausing again changes nothing.

        The period that is paid for goes on running.

        Raises:
            InvalidInput: `resumes_at` is not later.
            InvalidState: it is neither active nor in its trial, or its period is over and not renewed yet.
        """
        if resumes_at is not None and resumes_at <= context.at:
            raise InvalidInput("a pause ends after it begins", field=("resumesAt",))
        if self.status is _Status.PAUSED:
            return
        self._check_running(context.at)
        self.record(events.PlanSubscriptionPaused(customer_id=self.customer_id, paused_at=context.at, resumes_at=resumes_at))

    def resume(self, context: CommandContext) -> None:
        """Go on from `context.at`; nothing happens when it is not paused.

        Within the period that was paid for, nothing is billed. Afterwards the rest of the natural period that `context.at` lies
        in is, in proportion; the days on which periods begin stay the same.

        Raises:
            InvalidState: it was never active, is unpaid, or has ended.
        """
        if self.status in {_Status.PENDING, _Status.INCOMPLETE} or self.status.is_final:
            raise InvalidState(f"plan subscription {self.id!r} is {self.status.value} and cannot be resumed")
        if self.status is _Status.UNPAID:
            raise InvalidState(f"plan subscription {self.id!r} is UNPAID: it goes on when {self.unpaid_invoice_id!r} is paid")
        if self.status is _Status.PAUSED:
            self._resume(context.at)

    def schedule_cancellation(self, at: datetime | None, context: CommandContext) -> None:
        """End it at `at`, None: with the current period or trial; scheduling the same again changes nothing.

        Raises:
            InvalidInput: `at` is not later.
            InvalidState: it is not active, or its interval is to change before.
        """
        if at is not None and at <= context.at:
            raise InvalidInput("a scheduled end lies ahead", field=("at",))
        if self.status not in {_Status.ACTIVE, _Status.PAST_DUE, _Status.TRIALING}:
            raise InvalidState(
                f"plan subscription {self.id!r} is {self.status.value}: only an ACTIVE one ends with its period; cancel it NOW"
            )
        end = at or self.period.end
        if any(one.change_at < end and self._has_other_interval(one.terms) for one in self.schedule):
            raise InvalidState(f"the interval of plan subscription {self.id!r} is to change before that: undo the change first")
        if self.cancel_at != end:
            self.record(events.CancellationScheduled(customer_id=self.customer_id, cancel_at=end))

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
        """End it at `context.at`; canceling again changes nothing. What is pending for the next invoice is dropped.

        What was `used` until then, that of `usage_wanted(context.at)`, is billed unless `bill_usage` is false. The rest of the
        period, with what is pending, is given back as `unused` says.

        Raises:
            InvalidInput: the reason is too long.
            InvalidState: what is to be given back was billed by another system.
        """
        if reason is not None and len(reason) > REASON_LENGTH:
            raise InvalidInput(f"a reason has at most {REASON_LENGTH} characters", field=("reason",))
        if not self.status.is_final:
            if unused is not UnusedTime.KEEP and self.is_billed_elsewhere:
                raise InvalidState(f"the period of plan subscription {self.id!r} was billed elsewhere: give it back there")
            if bill_usage:
                self._bill_usage(context.at, used, unused=unused)
            self._cancel(context.at, reason, self._unused_credit(context.at, unused))

    def apply(self, event: Event) -> None:
        match event:
            case events.PlanSubscriptionStarted():
                self._apply_start(event)
            case events.BillingPeriodOpened():
                self._apply_period(event)
            case events.BillingPeriodTakenOver():
                self.period_number, self.index, self.period = 0, event.index, Period(event.start, event.end)
                self.billed_discounts = self.active_discounts  # what was paid elsewhere was paid with them
            case events.PlanSubscriptionActivated():
                self.activated_at, self.incomplete_reason = event.activated_at, None
                self._apply_paid(0)
            case events.BillingPeriodPaid():
                self._apply_paid(event.number)
            case events.PlanSubscriptionIncomplete():
                self.status, self.incomplete_reason = _Status.INCOMPLETE, event.reason
            case events.PlanSubscriptionPastDue():
                self.status, self.past_due_number, self.past_due_reason = _Status.PAST_DUE, event.number, event.reason
            case events.PlanSubscriptionUnpaid():
                self.status, self.unpaid_invoice_id = _Status.UNPAID, event.invoice_id
            case events.PlanSubscriptionExpired():
                self.status, self.canceled_at = _Status.INCOMPLETE_EXPIRED, event.expired_at
            case events.TrialEnded():
                self.status = _Status.ACTIVE
            case events.UsageBilled():
                self._apply_usage(event)
                self.bill_count, self.pending = event.number, (*self.pending, *event.carried)
                self.commitment = event.commitment or self.commitment
                gone = {one.item.price.price_id for one in event.usage}
                self.progress = {id: progress for id, progress in self.progress.items() if id not in gone}
            case events.UsageThresholdsReached():
                self.progress = {**self.progress, **{one.price_id: one for one in event.progress}}
                self.bill_count = event.number
            case events.PlanSubscriptionChanged():
                self.billed_since = {**self.billed_since, **dict.fromkeys(self._new_in_arrears(event), event.changed_at)}
                self.terms, self.schedule = event.terms, self.schedule[1:] if event.of_schedule else ()
                self.commitment = event.commitment or self.commitment
                if event.adjustments is not None:
                    self.pending, self.billed_terms = (*self.pending, *event.adjustments), event.terms
            case events.AdjustmentsBilled():
                self.pending, self.bill_count = (), event.number
                self.commitment = commitment.billed(self.commitment, 0, with_pending=True) if self.commitment else None
            case events.ChangeScheduled():
                change = ScheduledChange(terms=event.terms, change_at=event.change_at, proration=event.proration)
                self.schedule = (change,)
            case events.PhasesScheduled():
                self.schedule = event.changes
            case events.ChangeUnscheduled():
                self.schedule = ()
            case events.DiscountAdded(discount=discount):
                self.discounts, self.discount_uses = (*self.discounts, discount), {**self.discount_uses, discount.id: 0}
            case events.DiscountRemoved():
                self.discounts = tuple(one for one in self.discounts if one.id != event.discount_id)
            case events.PlanSubscriptionPaused():
                self.status, self.paused_at, self.resumes_at = _Status.PAUSED, event.paused_at, event.resumes_at
            case events.PlanSubscriptionResumed():
                in_trial = self.period_number < 0 and event.resumed_at < self.period.end
                self.status = _Status.TRIALING if in_trial else _Status.ACTIVE
                self.paused_at = self.resumes_at = self.unpaid_invoice_id = self.past_due_reason = None
                self.resumed_at = event.resumed_at
            case events.CancellationScheduled():
                self.cancel_at = event.cancel_at
            case events.CancellationUnscheduled():
                self.cancel_at = None
            case events.PlanSubscriptionCanceled():
                self.status, self.pending, self.schedule = _Status.CANCELED, (), ()
                self.canceled_at, self.cancel_at, self.cancellation_reason = event.canceled_at, None, event.reason
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a plan subscription")

    def _apply_start(self, event: events.PlanSubscriptionStarted) -> None:
        self.started, self.anchor = event, event.anchor
        self.terms = self.billed_terms = Terms(price=event.price, quantity=event.quantity, add_ons=event.add_ons)
        begins = event.starts_at or event.trial_start or event.anchor
        later = event.told_at is not None and event.told_at < begins
        self.status = _Status.SCHEDULED if later else _Status.TRIALING if event.trial_start else _Status.PENDING
        self.period_number = self.index = self.paid_through = self.past_due_number = -1
        if event.trial_start is not None:
            self.period = Period(event.trial_start, event.trial_end or event.anchor)
        elif later and event.told_at is not None:
            self.period = Period(event.told_at, begins)
        self.pending, self.bill_count, self.schedule = (), 0, ()
        self.discounts, self.billed_discounts, self.discount_uses = (), (), {}
        self.billed_since, self.billed_usage, self.progress, self.commitment = {}, {}, {}, None
        self.incomplete_reason = self.past_due_reason = self.cancellation_reason = self.unpaid_invoice_id = None
        self.activated_at = self.cancel_at = self.canceled_at = self.paused_at = self.resumes_at = None
        self.resumed_at = None

    def _apply_period(self, event: events.BillingPeriodOpened) -> None:
        if self.status is _Status.SCHEDULED:
            self.status = _Status.PENDING
        self.period_number, self.period = event.number, Period(event.start, event.end)
        self.index = event.number if event.index is None else event.index
        self.anchor = event.anchor or self.anchor
        add_ons = tuple(billed.item for billed in event.add_ons)
        self.billed_terms = Terms(price=event.price, quantity=event.quantity, add_ons=add_ons)
        self.pending, self.billed_discounts, self.billed_since = event.carried, event.discounts, {}
        self._apply_usage(event)
        self.progress, self.commitment = {}, event.commitment
        if event.discounts:
            used = {one.id for one in event.discounts}
            self.discount_uses = {id: uses + (id in used) for id, uses in self.discount_uses.items()}

    def _apply_usage(self, event: events.BillingPeriodOpened | events.UsageBilled) -> None:
        late_usage = event.late_usage if isinstance(event, events.BillingPeriodOpened) else ()
        if not event.usage and not late_usage:
            return
        known = dict(self.billed_usage)
        for one in event.usage:
            if one.period is not None and one.used is not None:
                key = one.item.price.price_id, one.period
                known[key] = BilledUsage(item=one.item, discounts=event.discounts, used=one.used)
        for late in late_usage:
            key = late.price_id, late.period
            known[key] = replace(known[key], used=late.used)
        self.billed_usage = dict(list(known.items())[-MOST_BILLED_PERIODS:])

    def _apply_paid(self, number: int) -> None:
        self.paid_through = max(self.paid_through, number)
        waiting = self.status in {_Status.PENDING, _Status.INCOMPLETE}
        if waiting or (self.status is _Status.PAST_DUE and number >= self.past_due_number):
            self.status, self.past_due_reason = _Status.ACTIVE, None

    def _take_over(self, paid_through: datetime, at: datetime) -> None:
        """Be in the natural period that `paid_through` ends or is in, and active: it was billed and paid elsewhere."""
        begins, interval, zone = self.started_at, self.terms.price.interval, self.zone
        if self.status is not _Status.PENDING or paid_through <= begins:
            raise InvalidInput("what is paid through has begun, and is in no trial", field=("paidThrough",))
        latest = boundary(self.anchor, interval, period_number(self.anchor, interval, max(begins, at), zone) + 1, zone)
        if paid_through > latest:
            raise InvalidInput(
                f"it is paid through at most the end of the current period, {latest.isoformat()}: what was paid beyond that is "
                "a balance, or has a longer interval",
                field=("paidThrough",),
            )
        index = period_number(self.anchor, interval, paid_through, zone)
        if boundary(self.anchor, interval, index, zone) == paid_through:
            index -= 1
        start = max(begins, boundary(self.anchor, interval, index, zone))
        self.record(events.BillingPeriodTakenOver(customer_id=self.customer_id, start=start, end=paid_through, index=index))
        self.record(events.PlanSubscriptionActivated(customer_id=self.customer_id, activated_at=begins))

    def _begin_paused(self, pause: Pause, at: datetime) -> None:
        if pause.resumes_at is not None and pause.resumes_at <= at:
            raise InvalidInput("a pause ends after it begins", field=("pause", "resumesAt"))
        if self.status not in {_Status.ACTIVE, _Status.TRIALING}:
            raise InvalidInput("only what is paid through some time, or in its trial, begins paused", field=("pause",))
        self.record(events.PlanSubscriptionPaused(customer_id=self.customer_id, paused_at=at, resumes_at=pause.resumes_at))

    def _end_trial(self, at: datetime, can_pay: bool) -> None:
        ending = TrialEnding.CREATE_INVOICE if can_pay else self.started.trial_ending
        match ending:
            case TrialEnding.CREATE_INVOICE:
                self.record(events.TrialEnded(customer_id=self.customer_id, ended_at=at))
                self._open_period(0, at)
            case TrialEnding.PAUSE:
                self.record(events.PlanSubscriptionPaused(customer_id=self.customer_id, paused_at=at, resumes_at=None))
            case TrialEnding.CANCEL:
                self._cancel(at, "The trial ended without a payment method.")

    def _resume(self, at: datetime) -> None:
        self.record(events.PlanSubscriptionResumed(customer_id=self.customer_id, resumed_at=at))
        if self.cancel_at is not None and self.cancel_at <= at:
            self._cancel(self.cancel_at, self.cancellation_reason)
        elif self.period_number < 0 and at >= self.period.end:
            self._open_period(0, at, anchor=at)
        elif at >= self.period.end:
            self._open_period(self.period_number + 1, at)

    def _unused_credit(self, at: datetime, unused: UnusedTime) -> UnusedCredit | None:
        if unused is UnusedTime.KEEP or self.period_number < 0 or not self.period.start <= at < self.period.end:
            return None
        credits = credits_for_rest(
            self.billed_terms.items, self.billed_discounts, Period(at, self.period.end), self._whole(), self.zone
        )
        amount = -sum(adjustment.amount_minor for adjustment in (*credits, *self.pending))
        if amount <= 0:
            return None
        return UnusedCredit(period_number=self.period_number, amount_minor=amount, refund=unused is UnusedTime.REFUND)

    def _cancel(self, at: datetime, reason: str | None, credit: UnusedCredit | None = None) -> None:
        self.record(
            events.PlanSubscriptionCanceled(
                customer_id=self.customer_id, ever_active=self.ever_active, canceled_at=at, reason=reason, credit=credit
            )
        )

    def _billed_since(self, item: Item) -> datetime:
        return self.billed_since.get(item.price.price_id, self.period.start)

    def _new_in_arrears(self, event: events.PlanSubscriptionChanged) -> set[str]:
        """Return what is billed in arrears from the change on: new metered prices, and others where it prorates."""
        known = {item.price.price_id for item in self.terms.items}
        metered = {item.price.price_id for item in event.terms.items if item.is_metered} - known
        if event.adjustments is None:
            return metered
        return metered | {
            item.price.price_id for item in event.terms.items if item.is_in_arrears and item not in self.terms.items
        }

    def _usage(self, at: datetime, used: Used, terms: Terms, only: Collection[str] | None = None) -> tuple[BilledItem, ...]:
        """Return what is billed in arrears of the terms in the period, until `at` where that is earlier."""
        if self.period_number < 0:
            return ()
        found, end = [], min(self.period.end, at)
        for item in terms.items:
            id, since = item.price.price_id, self._billed_since(item)
            if since >= end or (only is not None and id not in only):
                continue
            period = Period(since, end)
            if item.is_in_arrears:
                whole = self._whole(terms)
                share = share_of(period, whole, item.price.details.prorated_by, self.zone) if period != whole else None
                found.append(BilledItem(item=item, share=share, period=period))
            elif item.is_metered:
                known = self.progress[id].used if id in self.progress else Decimal(0)
                found.append(BilledItem(item=item, used=used.get((id, period), known), period=period))
        return tuple(found)

    def _billed_before(self, usage: Sequence[BilledItem]) -> tuple[Adjustment, ...]:
        """Return what takes off what was billed of the usage at thresholds."""
        return tuple(
            billed_before(one.item, one.period, self.progress[one.item.price.price_id])
            for one in usage
            if one.period is not None and one.item.price.price_id in self.progress
        )

    def _late_usage(self, at: datetime, used: Used) -> list[tuple[LateUsage, Adjustment]]:
        """Return the differences that usage makes which became known, or was withdrawn, after its period was billed."""
        found = []
        for (id, period), billed in self.billed_usage.items():
            now = used.get((id, period), billed.used)
            if now != billed.used:
                difference = late_adjustment(billed, period, now)
                found.append((LateUsage(price_id=id, period=period, used=now), difference))
        return found

    def _used_in_term(self, usage: Sequence[BilledItem], late: Sequence[LateUsage] = ()) -> CommitmentTerm | None:
        """Return the term of its commitment with what was used in the period that ends, and what is late, before discounts."""
        if self.commitment is None:
            return None
        amount = sum(line.amount.minor_units for line in charges(usage, (), self.period))
        for one in late:
            billed = replace(self.billed_usage[one.price_id, one.period], discounts=())
            amount += late_adjustment(billed, one.period, one.used).amount_minor
        return commitment.billed(self.commitment, amount)

    def _true_up(self, term: CommitmentTerm | None, at: datetime, *, cut_short: bool = False) -> Adjustment | None:
        """Return what was committed to in the term that ends at `at` and is not billed."""
        if term is None or not self.ever_active:
            return None
        unused = None
        if cut_short and self.period.start <= at < self.period.end:
            whole = Period(boundary(self.anchor, term.interval, self.index, self.zone), self.period.end)
            granularity = self.billed_terms.price.details.prorated_by
            unused = share_of(Period(at, self.period.end), whole, granularity, self.zone)
        billed_for = Period(term.start, at if at > term.start else self.period.end)
        return commitment.true_up(term, billed_for, unused, cut_short=cut_short)

    def _bill_usage(
        self, at: datetime, used: Used, only: Collection[str] | None = None, unused: UnusedTime = UnusedTime.KEEP
    ) -> None:
        """Bill what was used until `at` by an invoice of its own; where it ends then, so does the term of its commitment."""
        usage = self._usage(at, used, self.terms, only)
        if self.status in {_Status.TRIALING, _Status.UNPAID}:
            return
        lines = charges(usage, self.billed_discounts, self.period)
        charge = total([line.amount for line in lines], self.terms.price.currency)
        term = self._used_in_term(usage)
        besides = self._billed_before(usage)
        if only is None and term is not None:
            if self._unused_credit(at, unused) is not None:
                rest = credits_for_rest(self.billed_terms.items, (), Period(at, self.period.end), self._whole(), self.zone)
                term = commitment.billed(term, _sum(rest), with_pending=True)
            missing = self._true_up(term, at, cut_short=True)
            besides = (*besides, missing) if missing else besides
        if charge or besides:
            adjustments, carried = carried_over(besides, charge, self.terms.price, self.period)
            self.record(
                events.UsageBilled(
                    customer_id=self.customer_id,
                    number=self.bill_count + 1,
                    currency=self.terms.price.currency,
                    usage=usage,
                    discounts=self.billed_discounts,
                    adjustments=adjustments,
                    carried=carried,
                    commitment=term,
                )
            )

    def _open_period(
        self,
        number: int,
        at: datetime,
        *,
        anchor: datetime | None = None,
        used: Used = NOTHING_USED,
        of_terms: Terms | None = None,
    ) -> None:
        """Open period `number` at `at`, up to the next boundary counted from the anchor, or from a new `anchor`.

        What was used is that of the terms of the period before.
        """
        usage = self._usage(at, used, of_terms or self.terms)
        interval = self.terms.price.interval
        while self.scheduled is not None and self.scheduled.change_at <= at:  # several, where a pause went over them
            self._record_change(self.scheduled.terms, at, None, of_schedule=True)
        if self._has_other_interval(self.terms, interval):
            interval, anchor = self.terms.price.interval, anchor or at
        origin, zone = anchor or self.anchor, self.zone
        index = 0 if anchor else period_number(origin, interval, at, zone)
        whole = Period(boundary(origin, interval, index, zone), boundary(origin, interval, index + 1, zone))
        period = Period(at, whole.end)
        billed = [
            BilledItem(
                item=item, share=share_of(period, whole, item.price.details.prorated_by, zone) if period != whole else None
            )
            for item in self.terms.items
        ]
        in_advance = [one for one in billed if one.item.is_in_advance]
        late = self._late_usage(at, used)
        discounts = self.active_discounts
        charge = total([line.amount for line in charges([*in_advance, *usage], discounts, period)], self.terms.price.currency)
        pending = (*self.pending, *(adjustment for _, adjustment in late), *self._billed_before(usage))
        ended = self._used_in_term(usage, [one for one, _ in late])
        ended = commitment.billed(ended, 0, with_pending=True) if ended else None
        term = ended
        if ended is None or ended.opened == ended.periods or ended.interval != interval:
            missing = self._true_up(ended, at, cut_short=ended is not None and ended.opened < ended.periods)
            pending = (*pending, missing) if missing else pending
            term = commitment.begun(self.terms.price, at)
        if term is not None:
            in_term = sum(line.amount.minor_units for line in charges(in_advance, (), period))
            term = commitment.billed(commitment.opened(term, billed[0].share), in_term)
        adjustments, carried = carried_over(pending, charge, self.terms.price, period)
        self.record(
            events.BillingPeriodOpened(
                customer_id=self.customer_id,
                price=self.terms.price,
                quantity=self.terms.quantity,
                number=number,
                start=period.start,
                end=period.end,
                adjustments=adjustments,
                carried=carried,
                share=billed[0].share,
                index=None if index == number else index,
                anchor=anchor,
                add_ons=tuple(billed[1:]),
                discounts=discounts,
                usage=usage,
                late_usage=tuple(one for one, _ in late),
                after_trial=number == 0 and self.status is _Status.ACTIVE,
                commitment=term,
            )
        )

    def _record_change(
        self,
        terms: Terms,
        at: datetime,
        adjustments: tuple[Adjustment, ...] | None,
        term: CommitmentTerm | None = None,
        *,
        of_schedule: bool = False,
    ) -> None:
        self.record(
            events.PlanSubscriptionChanged(
                customer_id=self.customer_id,
                terms=terms,
                changed_at=at,
                adjustments=adjustments,
                commitment=term,
                of_schedule=of_schedule,
            )
        )

    def _bill_pending(self) -> None:
        if sum(adjustment.amount_minor for adjustment in self.pending) > 0:
            self.record(
                events.AdjustmentsBilled(
                    customer_id=self.customer_id,
                    number=self.bill_count + 1,
                    currency=self.terms.price.currency,
                    adjustments=self.pending,
                )
            )

    def _whole(self, terms: Terms | None = None) -> Period:
        """Return the natural period that the current one is, or is a part of: by default that of the terms it was billed with."""
        interval, zone = (terms or self.billed_terms).price.interval, self.zone
        start, end = (boundary(self.anchor, interval, number, zone) for number in (self.index, self.index + 1))
        return Period(start, end)

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

    def _has_other_interval(self, terms: Terms, interval: Interval | None = None) -> bool:
        return terms.price.interval != (interval or self.terms.price.interval)

    def _check_pending(self, adjustments: tuple[Adjustment, ...]) -> None:
        if len(self.pending) + len(adjustments) > PENDING_ADJUSTMENTS:
            raise InvalidState(f"plan subscription {self.id!r} has changed too often in this period; schedule the change")

    def _check_running(self, at: datetime) -> None:
        if self.status not in {_Status.ACTIVE, _Status.TRIALING}:
            raise InvalidState(f"plan subscription {self.id!r} is {self.status.value}, not ACTIVE or TRIALING")
        if at >= self.period.end:
            raise InvalidState(f"the period of plan subscription {self.id!r} has ended and is about to be renewed; try again")

    def _check_not_final(self) -> None:
        if self.status.is_final:
            raise InvalidState(f"plan subscription {self.id!r} is {self.status.value}, which is final; start a new one")


def _sum(adjustments: Sequence[Adjustment]) -> int:
    return sum(adjustment.amount_minor for adjustment in adjustments)
