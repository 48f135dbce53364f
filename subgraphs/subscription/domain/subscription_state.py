"""What a plan subscription is: what its events have made of it, and what follows from that by itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.period import Interval, Period, boundary
from subgraphs.subscription.domain import commitment, events
from subgraphs.subscription.domain.creditable import CreditableBill
from subgraphs.subscription.domain.fees import Fee
from subgraphs.subscription.domain.plan_names import (
    named_commitment,
    named_fee,
    named_schedule,
    named_terms,
    named_usage,
)
from subgraphs.subscription.domain.usage import LATE_DAYS
from subgraphs.subscription.domain.values import (
    Adjustment,
    BilledItem,
    BilledUsage,
    CommitmentTerm,
    Discount,
    Item,
    LateUsage,
    PlanSubscriptionStatus,
    ScheduledChange,
    Terms,
    UsageProgress,
)

__all__ = ["SubscriptionState"]

# How long the first invoice may stay unpaid.
INCOMPLETE_EXPIRES_AFTER = timedelta(hours=23)
# For longer than an invoice is dunned, in days, the shortest periods.
MOST_OPEN = 400
# How many billed periods of prices are looked at again for usage that came late: more than 20 prices billed daily have.
MOST_BILLED_PERIODS = 1_000
# How many bills are remembered of which credit is left: more than a year that was paid gives in days.
MOST_CREDITABLE_BILLS = 1_000

_Status = PlanSubscriptionStatus
_MILLISECOND = timedelta(milliseconds=1)


class SubscriptionState(Aggregate):
    """The state of a plan subscription. It decides nothing."""

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
    coupons_given: dict[str, int]
    billed_discounts: tuple[Discount, ...]
    billed_since: dict[str, datetime]
    billed_usage: dict[tuple[str, Period], BilledUsage]
    progress: dict[str, UsageProgress]
    commitment: CommitmentTerm | None
    pending: tuple[Adjustment, ...]
    carried: tuple[Adjustment, ...]
    """What of `pending` is credit that invoices did not use up: it was invoiced, and is the customer's whatever comes."""
    creditable: tuple[CreditableBill, ...]
    """Bills that can be given back, oldest first: of the running period, and those before whose credit is in use."""
    fees: tuple[Fee, ...]
    fee_ids: frozenset[str]
    billed_fee_ids: frozenset[str]
    bill_count: int
    paid_through: int
    past_due_number: int
    schedule: tuple[ScheduledChange, ...]
    incomplete_reason: str | None
    past_due_reason: str | None
    unpaid_invoice_id: str | None
    unpaid_number: int | None
    days_until_due: int | None
    sent_numbers: frozenset[int]
    """The periods whose invoices are sent, and not paid as far as is known."""
    open_numbers: frozenset[int]
    """The last periods of whose invoices it is not known that they are paid, void or uncollectible."""
    activated_at: datetime | None
    paused_at: datetime | None
    resumed_at: datetime | None
    resumes_at: datetime | None
    trial_end_set: datetime | None
    cancel_at: datetime | None
    canceled_at: datetime | None
    cancellation_reason: str | None

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
        return (self.trial_end_set or self.started.trial_end or self.started.anchor) if self.started.trial_start else None

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
        """Whether its first invoice was ever paid, or it is active without that: what it owes is owed when it ends."""
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
                return min((at for at in (self.resumes_at, self.cancel_at) if at is not None), default=None)
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
        """The discounts that the next period is billed with, and what is used in this one, as they were added."""
        return tuple(one for one in self.discounts if one.periods is None or self.discount_uses[one.id] < one.periods)

    @property
    def active_percentages(self) -> tuple[Discount, ...]:
        """Those that are off what is billed before the period has ended; amounts are off once, when it has."""
        return tuple(one for one in self.active_discounts if one.percent_off is not None)

    def times_given(self, coupon_id: str) -> int:
        """Return how often it was given discounts of the coupon, those that are used up or removed included."""
        return self.coupons_given.get(coupon_id, 0)

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
                if not event.before_payment:
                    self._apply_paid(0)
                elif self.status is _Status.PENDING:
                    self.status = _Status.ACTIVE
            case events.CollectionSet():
                self.days_until_due = event.days_until_due
            case events.BillingPeriodPaid():
                self._apply_paid(event.number)
            case events.BillingPeriodSettled():
                self._apply_paid(event.number)
            case events.PlanSubscriptionIncomplete():
                self.status, self.incomplete_reason = _Status.INCOMPLETE, event.reason
            case events.PlanSubscriptionPastDue():
                self.status, self.past_due_number, self.past_due_reason = _Status.PAST_DUE, event.number, event.reason
            case events.PlanSubscriptionUnpaid():
                self.status, self.unpaid_invoice_id, self.unpaid_number = _Status.UNPAID, event.invoice_id, event.number
            case events.PlanSubscriptionExpired():
                self.status, self.canceled_at, self.fees = _Status.INCOMPLETE_EXPIRED, event.expired_at, ()
            case events.TrialEndSet():
                self.trial_end_set = event.trial_end
                # Where time stands still, it can end when it begins.
                self.period = Period(self.period.start, max(event.trial_end, self.period.start + _MILLISECOND))
                if self.started.trial_end is None:
                    self.anchor = event.trial_end
            case events.TrialEnded():
                self.status = _Status.ACTIVE
            case events.UsageBilled():
                self._apply_usage(event.usage, event.discounts)
                left = tuple(one for one in self.pending if one not in event.adjustments)
                self.bill_count, self.pending = event.number, (*left, *event.carried)
                self.carried = (*(one for one in self.carried if one not in event.adjustments), *event.carried)
                self._apply_fees_billed(event.fees)
                self.commitment = event.commitment or self.commitment
                gone = {one.item.price.price_id for one in event.usage}
                self.progress = {id: progress for id, progress in self.progress.items() if id not in gone}
            case events.UsageThresholdsReached():
                self.progress = {**self.progress, **{one.price_id: one for one in event.progress}}
                self.bill_count = event.number
            case events.PlanSubscriptionChanged():
                self._apply_usage(event.unbilled, self.active_percentages)
                self.billed_since = {**self.billed_since, **self._new_in_arrears(event)}
                self.terms, self.schedule = event.terms, self.schedule[1:] if event.of_schedule else ()
                self.commitment = event.commitment or self.commitment
                if event.adjustments is not None:
                    self.pending, self.billed_terms = (*self.pending, *event.adjustments), event.terms
            case events.AdjustmentsBilled():
                carried = sum(one.amount_minor for one in self.carried)
                self._apply_creditable(CreditableBill(billed=event, since=self.period.start, carried_minor=carried))
                self.pending, self.carried, self.bill_count = (), (), event.number
                self._apply_fees_billed(event.fees)
                self.commitment = commitment.billed(self.commitment, 0, with_pending=True) if self.commitment else None
            case events.BillCredited() | events.BillUnpaid():
                name = event.period_number, event.adjustments_number
                self.creditable = tuple(one.with_change(event) if one.is_named(*name) else one for one in self.creditable)
                if isinstance(event, events.BillCredited):
                    self.pending = (*self.pending, *event.revoked)
            case events.PlansRenamed(names=names):
                self.terms, self.billed_terms = named_terms(self.terms, names), named_terms(self.billed_terms, names)
                self.schedule = named_schedule(self.schedule, names)
                self.fees = tuple(named_fee(fee, names) for fee in self.fees)
                self.billed_usage = {key: named_usage(billed, names) for key, billed in self.billed_usage.items()}
                self.commitment = named_commitment(self.commitment, names)
            case events.FeeAdded(fee=fee):
                self.fees, self.fee_ids = (*self.fees, fee), self.fee_ids | {fee.id}
            case events.FeeRemoved():
                self.fees = tuple(one for one in self.fees if one.id != event.fee_id)
            case events.FeesBilled():
                self.bill_count = event.number
                self._apply_fees_billed(event.fees)
            case events.ChangeScheduled():
                change = ScheduledChange(terms=event.terms, change_at=event.change_at, proration=event.proration)
                self.schedule = (change,)
            case events.PhasesScheduled():
                self.schedule = event.changes
            case events.ChangeUnscheduled():
                self.schedule = ()
            case events.DiscountAdded(discount=discount):
                self.discounts, self.discount_uses = (*self.discounts, discount), {**self.discount_uses, discount.id: 0}
                given = self.times_given(discount.coupon_id) + 1
                self.coupons_given = {**self.coupons_given, discount.coupon_id: given}
            case events.DiscountRemoved():
                self.discounts = tuple(one for one in self.discounts if one.id != event.discount_id)
            case events.PlanSubscriptionPaused():
                self.status, self.paused_at, self.resumes_at = _Status.PAUSED, event.paused_at, event.resumes_at
            case events.PlanSubscriptionResumed():
                in_trial = self.period_number < 0 and event.resumed_at < self.period.end
                self.status = _Status.TRIALING if in_trial else _Status.ACTIVE
                self.paused_at = self.resumes_at = self.unpaid_invoice_id = self.past_due_reason = None
                self.unpaid_number = None
                self.resumed_at = event.resumed_at
            case events.CancellationScheduled():
                self.cancel_at, self.cancellation_reason = event.cancel_at, event.reason
            case events.CancellationUnscheduled():
                self.cancel_at = self.cancellation_reason = None
            case events.PlanSubscriptionCanceled():
                self.status, self.pending, self.fees, self.schedule = _Status.CANCELED, (), (), ()
                self.carried = ()
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
        self.carried, self.creditable = (), ()
        self.fees, self.fee_ids, self.billed_fee_ids = (), frozenset(), frozenset()
        self.discounts, self.billed_discounts, self.discount_uses, self.coupons_given = (), (), {}, {}
        self.billed_since, self.billed_usage, self.progress, self.commitment = {}, {}, {}, None
        self.incomplete_reason = self.past_due_reason = self.cancellation_reason = self.unpaid_invoice_id = None
        self.activated_at = self.cancel_at = self.canceled_at = self.paused_at = self.resumes_at = None
        self.resumed_at = self.trial_end_set = self.unpaid_number = None
        self.days_until_due, self.sent_numbers, self.open_numbers = event.days_until_due, frozenset(), frozenset()

    def _apply_period(self, event: events.BillingPeriodOpened) -> None:
        if self.status is _Status.SCHEDULED:
            self.status = _Status.PENDING
        self.period_number, self.period = event.number, Period(event.start, event.end)
        self.index = event.number if event.index is None else event.index
        if event.days_until_due is not None:
            self.sent_numbers |= {event.number}
        self.open_numbers = frozenset(sorted(self.open_numbers | {event.number})[-MOST_OPEN:])
        self.anchor = event.anchor or self.anchor
        add_ons = tuple(billed.item for billed in event.add_ons)
        self.billed_terms = Terms(price=event.price, quantity=event.quantity, add_ons=add_ons)
        self.pending, self.billed_discounts, self.billed_since = event.carried, event.discounts, {}
        self.carried = event.carried
        if not event.carried and all(one.amount_minor >= 0 for one in event.adjustments):
            self.creditable = ()  # nothing that an earlier bill paid for is in this one
        self._apply_creditable(CreditableBill(billed=event, since=event.start))
        self._apply_fees_billed(event.fees)
        self._apply_usage(event.usage, event.discounts, event.late_usage)
        since = event.start - timedelta(days=LATE_DAYS)  # what ended before was looked at when nothing could come any more
        late = {key: billed for key, billed in self.billed_usage.items() if key[1].end > since}
        # Whether a key is new in a part depends on the parts before: they are looked at as long as it is.
        before = [(one.item.price.meter_id, part) for one in late.values() for part in one.after or ()]
        self.billed_usage = {
            key: billed for key, billed in self.billed_usage.items() if key in late or _is_within(key[1], billed, before)
        }
        self.progress, self.commitment = {}, event.commitment
        if event.discounts and event.billed:  # the first period of what is billed in arrears alone uses nothing up
            used = {one.id for one in event.discounts}
            self.discount_uses = {id: uses + (id in used) for id, uses in self.discount_uses.items()}

    def _apply_creditable(self, bill: CreditableBill) -> None:
        self.creditable = (*self.creditable, bill)[-MOST_CREDITABLE_BILLS:]

    def _apply_usage(
        self, usage: Sequence[BilledItem], discounts: tuple[Discount, ...], late_usage: Sequence[LateUsage] = ()
    ) -> None:
        if not usage and not late_usage:
            return
        known = dict(self.billed_usage)
        for one in usage:
            if one.period is not None and one.used is not None:
                key = one.item.price.price_id, one.period
                known[key] = BilledUsage(
                    item=one.item, discounts=discounts, used=one.used, whole=one.whole, share=one.share, after=one.after
                )
        for late in late_usage:
            key = late.price_id, late.period
            known[key] = replace(known[key], used=late.used)
        self.billed_usage = dict(list(known.items())[-MOST_BILLED_PERIODS:])

    def _apply_fees_billed(self, fees: Sequence[Fee]) -> None:
        self.billed_fee_ids |= {fee.id for fee in fees}
        self.fees = tuple(fee for fee in self.fees if fee not in fees)

    def _apply_paid(self, number: int) -> None:
        self.paid_through = max(self.paid_through, number)
        self.sent_numbers -= {number}
        self.open_numbers -= {number}
        waiting = self.status in {_Status.PENDING, _Status.INCOMPLETE}
        if waiting or (self.status is _Status.PAST_DUE and number >= self.past_due_number):
            self.status, self.past_due_reason = _Status.ACTIVE, None

    def _billed_since(self, item: Item) -> datetime:
        return self.billed_since.get(item.price.price_id, self.period.start)

    def _new_in_arrears(self, event: events.PlanSubscriptionChanged) -> dict[str, datetime]:
        """Return what is billed in arrears from the change on: new metered prices, and others where it prorates.

        Where it does not, what is new counts for the time that what it replaces was to be billed for: none of this period where
        that was billed in advance, and all of it where it replaces nothing.
        """
        known = {item.price.price_id for item in self.terms.items}
        found = {
            id: event.changed_at for item in event.terms.items if item.is_metered and (id := item.price.price_id) not in known
        }
        if event.adjustments is not None:
            for item in event.terms.items:
                if item.is_in_arrears and (item not in self.terms.items or self._billed_since(item) > event.changed_at):
                    found[item.price.price_id] = event.changed_at
            return found
        (plan, *add_ons), (new_plan, *new_add_ons) = self.terms.items, event.terms.items
        return found | self._replaced([plan], [new_plan]) | self._replaced(add_ons, new_add_ons)

    def _replaced(self, old: Sequence[Item], new: Sequence[Item]) -> dict[str, datetime]:
        """Return from when on the new prices in arrears are billed that replace old ones without proration."""
        before, after = {item.price.price_id for item in old}, {item.price.price_id for item in new}
        goes = [item for item in old if item.price.price_id not in after]
        comes = [item for item in new if item.price.price_id not in before]
        replaced = [self._billed_since(item) for item in goes if item.is_in_arrears]
        if not replaced and sum(item.is_in_advance for item in goes) > sum(item.is_in_advance for item in comes):
            replaced = [self.period.end]
        return {item.price.price_id: max(replaced) for item in comes if item.is_in_arrears and replaced}

    def _whole(self, terms: Terms | None = None) -> Period:
        """Return the natural period that the current one is, or is a part of: by default that of the terms it was billed with."""
        interval, zone = (terms or self.billed_terms).price.interval, self.zone
        start, end = (boundary(self.anchor, interval, number, zone) for number in (self.index, self.index + 1))
        return Period(start, end)

    def _has_other_interval(self, terms: Terms, interval: Interval | None = None) -> bool:
        return terms.price.interval != (interval or self.terms.price.interval)


def _is_within(period: Period, billed: BilledUsage, parts: Sequence[tuple[str | None, Period]]) -> bool:
    """Tell whether it is of one of the parts, each with its meter."""
    meter_id = billed.item.price.meter_id
    return any(meter_id == of and part.start <= period.start and period.end <= part.end for of, part in parts)
