"""What a plan subscription is billed with: periods, usage, changes within a period, commitments."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TypeAlias

import msgspec

from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.money import Money, total
from subgraphs.kit.domain.period import Period, boundary, period_number
from subgraphs.pricing.proration import share_of
from subgraphs.pricing.rating import Quantity, rate_usage
from subgraphs.pricing.share import Share
from subgraphs.pricing.thresholds import has_thresholds
from subgraphs.subscription.domain import commitment, events
from subgraphs.subscription.domain.adjustments import (
    carried_over,
    credits_for_rest,
    late_adjustment,
    within_limit,
)
from subgraphs.subscription.domain.billed import charges
from subgraphs.subscription.domain.creditable import credit_parts
from subgraphs.subscription.domain.fees import Fee, fees_total
from subgraphs.subscription.domain.progress import billed_before, progressed
from subgraphs.subscription.domain.subscription_state import SubscriptionState
from subgraphs.subscription.domain.values import (
    Adjustment,
    BilledItem,
    CommitmentTerm,
    Item,
    LateUsage,
    PlanSubscriptionStatus,
    Terms,
    UnusedCredit,
    UnusedTime,
    UsageProgress,
    UsageWanted,
)

__all__ = ["NOTHING_USED", "BilledSubscription", "Used"]

# Changes within a period leave two of them each, and fees count as well; more than this is a program running wild.
PENDING_ADJUSTMENTS = 100

_Status = PlanSubscriptionStatus
_MILLISECOND = timedelta(milliseconds=1)

Used: TypeAlias = Mapping[tuple[str, Period], Quantity]
"""What was used, by price and period."""

NOTHING_USED: Used = MappingProxyType({})


class BilledSubscription(SubscriptionState):
    """A plan subscription that can bill what it comes to. When that is, is decided elsewhere."""

    def _paid_elsewhere(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """Return what would be billed in arrears and was billed by another system, through the end of the period."""
        if not self.is_billed_elsewhere:
            return ()
        return tuple(item for item in items if item.is_in_arrears and item.price.price_id not in self.billed_since)

    def usage_wanted(self, at: datetime, *, with_end: bool = False) -> tuple[UsageWanted, ...]:
        """Return of what it is to be known what was used, for whatever ends the period or a price at `at`.

        `with_end`: that instant is part of it, for what ends the subscription within its period, or only looks.

        That is the usage of the period, and that of periods billed before, of which more may have become known since this one
        began, when they were looked at last.
        """
        if self.period_number < 0 or not (self.billed_usage or any(item.is_metered for item in self.terms.items)):
            return ()
        end, whole = min(self.period.end, at), self._whole(self.terms)
        found = [
            self._wanted(item, Period(since, end), whole, with_end=with_end and at < self.period.end)
            for item in self.terms.items
            if item.is_metered and (since := self._billed_since(item)) < end
        ]
        for (_, period), billed in self.billed_usage.items():
            if billed.item.price.meter_id is not None:
                found.append(
                    UsageWanted.of(
                        billed.item.price,
                        billed.item.price.meter_id,
                        period,
                        billed.whole,
                        share=billed.share,
                        after=billed.after,
                    )
                )
        return tuple(dict.fromkeys(found))

    def usage_so_far_wanted(self, at: datetime) -> tuple[UsageWanted, ...]:
        """Return of what it is to be known what was used by `at`, that instant included, of prices that go on from there."""
        if self.period_number < 0 or self.status.is_final:
            return ()
        end, whole = min(self.period.end, at), self._whole(self.terms)
        return tuple(
            self._wanted(item, Period(since, end), whole, until=self._lasts_until(item), with_end=at < self.period.end)
            for item in self.terms.items
            if item.is_metered and (since := self._billed_since(item)) < end
        )

    def thresholds_wanted(self, at: datetime) -> tuple[UsageWanted, ...]:
        """Return of what it is to be known what was used by `at`, that instant included, to tell which thresholds it reached."""
        if self.status not in {_Status.ACTIVE, _Status.PAST_DUE} or not self.period.start <= at < self.period.end:
            return ()
        end, whole = min(at + _MILLISECOND, self.period.end), self._whole(self.terms)
        return tuple(
            self._wanted(item, Period(since, end), whole, until=self._lasts_until(item))
            for item in self.terms.items
            if item.is_metered and has_thresholds(item.price.details) and (since := self._billed_since(item)) <= at
        )

    def _wanted(
        self, item: Item, period: Period, whole: Period, *, until: datetime | None = None, with_end: bool = False
    ) -> UsageWanted:
        """Return that it is to be known what was used in the part of the running period that ends with `period`, or `until`."""
        meter_id = item.price.meter_id
        assert meter_id is not None  # noqa: S101  only what is metered is asked for
        part = Period(period.start, max(until or period.end, period.end))
        return UsageWanted.of(
            item.price,
            meter_id,
            period,
            whole if period != whole else None,
            share=self._share_of_usage(item, part, whole),
            after=self._parts_before(item, part, whole),
            until=part.end if part != period else None,
            with_end=with_end,
        )

    def _lasts_until(self, item: Item) -> datetime:
        """Return when its price goes, as far as is known: with the period, or with what is scheduled before."""
        ends = [self.period.end, *([self.cancel_at] if self.cancel_at is not None else [])]
        goes = [
            max(change.change_at, self.resumed_at or change.change_at)
            for change in self.schedule
            if item.price.price_id not in {one.price.price_id for one in change.terms.items}
        ]
        return min(ends + goes)

    def _share_of_usage(self, item: Item, part: Period, whole: Period) -> Share | None:
        return share_of(part, whole, item.price.details.prorated_by, self.zone) if part != whole else None

    def _parts_before(self, item: Item, part: Period, whole: Period) -> tuple[Period, ...] | None:
        """Return the parts of the running period in which its meter was billed for prices that went; None: there is one."""
        if part == whole:
            return None
        found: list[Period] = []
        billed = (key[1] for key, one in self.billed_usage.items() if one.item.price.meter_id == item.price.meter_id)
        for before in sorted((one for one in billed if self.period.start <= one.start and one.end <= part.start), key=_order):
            if found and before.start <= found[-1].end:
                found[-1] = Period(found[-1].start, max(found[-1].end, before.end))
            else:
                found.append(before)
        return tuple(found)

    def within_maximum(self, item: Item, part: Period) -> Item:
        """Return the item with what its maximum leaves for the part: less what its meter was billed for in the parts before."""
        details = item.price.details
        if details.maximum_minor is None:
            return item
        billed = sum(
            rate_usage(one.item.price.charge, one.used, one.share).amount.minor_units
            for (_, before), one in self.billed_usage.items()
            if one.item.price.meter_id == item.price.meter_id and self.period.start <= before.start and before.end <= part.start
        )
        if not billed:
            return item
        details = msgspec.structs.replace(details, maximum_minor=max(details.maximum_minor - billed, 0))
        return replace(item, price=replace(item.price, details=details))

    def reach_thresholds(self, used: Used) -> None:
        """Bill what was used so far of prices whose usage reached a threshold; nothing happens where none did.

        What was `used` is that of `thresholds_wanted`.
        """
        items = {item.price.price_id: item for item in self.terms.items}
        found = [
            one
            for (id, period), quantity in used.items()
            if id in items and (one := self._progressed(items[id], period, quantity)) is not None
        ]
        if found:
            self.record(
                events.UsageThresholdsReached(
                    customer_id=self.customer_id,
                    days_until_due=self.days_until_due,
                    number=self.bill_count + 1,
                    currency=self.terms.price.currency,
                    progress=tuple(progress for progress, _ in found),
                    adjustments=tuple(adjustment for _, adjustment in found),
                )
            )

    def _progressed(self, item: Item, period: Period, used: Quantity) -> tuple[UsageProgress, Adjustment] | None:
        part = Period(period.start, max(self._lasts_until(item), period.end))
        share = self._share_of_usage(item, part, self._whole(self.terms))
        item = self.within_maximum(item, part)
        return progressed(item, period, used, self.progress.get(item.price.price_id), self.active_percentages, share)

    def _usage(self, at: datetime, used: Used, terms: Terms, only: Collection[str] | None = None) -> tuple[BilledItem, ...]:
        """Return what is billed in arrears of the terms in the period, until `at` where that is earlier."""
        if self.period_number < 0:
            return ()
        found, end, elsewhere = [], min(self.period.end, at), self._paid_elsewhere(terms.items)
        whole = self._whole(terms)
        for item in terms.items:
            id, since = item.price.price_id, self._billed_since(item)
            if since >= end or (only is not None and id not in only) or item in elsewhere:
                continue
            period = Period(since, end)
            if item.is_in_arrears:
                share = share_of(period, whole, item.price.details.prorated_by, self.zone) if period != whole else None
                found.append(BilledItem(item=item, share=share, period=period))
            elif item.is_metered:
                known = self.progress[id].used if id in self.progress else Decimal(0)
                found.append(
                    BilledItem(
                        item=self.within_maximum(item, period),
                        used=used.get((id, period), known),
                        period=period,
                        whole=whole if period != whole else None,
                        share=self._share_of_usage(item, period, whole),
                        after=self._parts_before(item, period, whole),
                    )
                )
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
        self,
        at: datetime,
        used: Used,
        only: Collection[str] | None = None,
        unused: UnusedTime = UnusedTime.KEEP,
        *,
        with_pending: bool = False,
        rest: tuple[Adjustment, ...] = (),
    ) -> tuple[BilledItem, ...]:
        """Bill what was used until `at` by an invoice of its own; return what came to nothing and is not billed.

        Where it ends then, what became known late, what is pending of time that has elapsed, credit that was kept, and fees are
        billed with it, and the term of its commitment ends; `with_pending`, all that is pending of changes is, too, with credits
        for the `rest` of the period. A credit that this does not use up is kept. The discounts are those that it would have been
        billed with when the period had ended: what they take off as an amount is off then, where it goes on.
        """
        usage = self._usage(at, used, self.terms, only)
        if self.status in {_Status.TRIALING, _Status.UNPAID}:
            return ()
        discounts = self.active_discounts if only is None else self.active_percentages
        lines = charges(usage, discounts, self.period)
        fees = self.fees if only is None and self.ever_active else ()
        currency = self.terms.price.currency
        charge = total([line.amount for line in lines], currency) + fees_total(fees, currency)
        late = self._late_usage(at, used) if only is None else []
        elapsed = [one for one in self.pending if one.elapsed_minor is not None] if only is None else []
        term = self._used_in_term(usage, [one for one, _ in late])
        besides = (*rest, *(adjustment for _, adjustment in late), *self._billed_before(usage))
        if only is None and term is not None:
            if rest or (not with_pending and self._unused_minor(at, unused, without=elapsed)):
                undiscounted = credits_for_rest(
                    self.billed_terms.items, (), Period(at, self.period.end), self._whole(), self.zone
                )
                term = commitment.billed(term, _sum(undiscounted), with_pending=True)
            elif with_pending:
                term = commitment.billed(term, 0, with_pending=True)
            else:
                term = commitment.billed(term, sum(one.elapsed_minor or 0 for one in elapsed))
            missing = self._true_up(term, at, cut_short=True)
            besides = (*besides, missing) if missing else besides
        pending = self.pending if with_pending else (*elapsed, *(self.carried if only is None else ()))
        # A credit alone needs no invoice. What is discounted to nothing counts for a commitment that goes on.
        owed = any(one.amount_minor for one in (*elapsed, *besides)) or _sum(pending) > 0
        if charge or fees or owed or (only is not None and term != self.commitment):
            adjustments, carried = carried_over((*pending, *besides), charge, self.terms.price, self.period)
            self.record(
                events.UsageBilled(
                    customer_id=self.customer_id,
                    days_until_due=self.days_until_due,
                    number=self.bill_count + 1,
                    currency=currency,
                    usage=usage,
                    discounts=discounts,
                    adjustments=adjustments,
                    carried=carried,
                    commitment=term,
                    fees=fees,
                )
            )
            return ()
        return usage

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

        What was used is that of the terms of the period before. The first one is active at once where its invoice is sent.
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
        fees, currency = self.fees, self.terms.price.currency
        charge = total([line.amount for line in charges([*in_advance, *usage], discounts, period)], currency)
        charge += fees_total(fees, currency)
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
                days_until_due=self.days_until_due,
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
                fees=fees,
            )
        )
        if number == 0 and self.days_until_due is not None:
            self.record(events.PlanSubscriptionActivated(customer_id=self.customer_id, activated_at=at, before_payment=True))

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

    def _unused_credit(
        self, at: datetime, unused: UnusedTime, *, with_pending: bool = False, rest: tuple[Adjustment, ...] = ()
    ) -> UnusedCredit | None:
        """Return what is given back when it ends at `at`: the rest of the period as `unused` says, and credit that was invoiced.

        `with_pending`, it is what all that is pending comes to, with credits for the `rest` of the period.
        """
        carried = _sum(self.carried)
        if with_pending:
            amount = -_sum((*self.pending, *rest))
        else:
            amount = self._unused_minor(at, unused) - carried
        end = at if at < self.period.end else self.period.start
        parts = credit_parts(amount, self.creditable, self.period.start, end)
        if not parts:
            return None
        return UnusedCredit(
            period_number=self.period_number,
            amount_minor=sum(part.amount_minor for part in parts),
            refund=unused is UnusedTime.REFUND,
            parts=parts,
        )

    def _unused_minor(self, at: datetime, unused: UnusedTime, *, without: Collection[Adjustment] = ()) -> int:
        """Return what the rest of the period from `at` on comes to, with what is pending of changes, where that is wanted."""
        credits = self._rest_credits(at, unused)
        return 0 if credits is None else max(-_sum((*credits, *self._changes(without))), 0)

    def _rest_credits(self, at: datetime, unused: UnusedTime) -> tuple[Adjustment, ...] | None:
        """Return the credits for the rest of the period from `at` on; None: they are not wanted, or it is over."""
        if unused is UnusedTime.KEEP or self.period_number < 0 or not self.period.start <= at < self.period.end:
            return None
        rest = Period(at, self.period.end)
        return self._within_paid(credits_for_rest(self.billed_terms.items, self.billed_discounts, rest, self._whole(), self.zone))

    def _changes(self, without: Collection[Adjustment] = ()) -> list[Adjustment]:
        """Return what is pending of changes; credit that was kept is no change."""
        return [one for one in self.pending if one not in without and one not in self.carried]

    def _within_paid(self, adjustments: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
        """Return them with credits for time of this period up to what was billed for it and not taken back by credit notes."""
        bills = [one for one in self.creditable if one.since == self.period.start]
        taken_back = sum(one.taken_back_minor for one in bills if one.credited or one.unpaid)
        if not taken_back:
            return adjustments
        changes = [one for one in self._changes() if one.elapsed_minor is None]
        most = sum(one.granted_minor for one in bills) + _sum(changes) - taken_back
        return within_limit(adjustments, Money(most, self.terms.price.currency))

    def _record_change(
        self,
        terms: Terms,
        at: datetime,
        adjustments: tuple[Adjustment, ...] | None,
        undiscounted: Sequence[Adjustment] | None = None,
        *,
        of_schedule: bool = False,
        unbilled: tuple[BilledItem, ...] = (),
    ) -> None:
        """Let other terms apply. What the change is billed without discounts, where it is, counts for the commitment."""
        term = None
        if self.commitment is not None and undiscounted is not None:
            term = commitment.pending(self.commitment, _sum(undiscounted))
        self.record(
            events.PlanSubscriptionChanged(
                customer_id=self.customer_id,
                terms=terms,
                changed_at=at,
                adjustments=adjustments,
                commitment=term,
                of_schedule=of_schedule,
                unbilled=unbilled,
            )
        )

    def _bill_pending(self, rest: tuple[Adjustment, ...] = ()) -> None:
        """Bill what is pending, with credits for the `rest` of a period that ends, where that comes to more than nothing."""
        if _sum((*self.pending, *rest)) + fees_total(self.fees, self.terms.price.currency).minor_units > 0:
            self.record(
                events.AdjustmentsBilled(
                    customer_id=self.customer_id,
                    days_until_due=self.days_until_due,
                    number=self.bill_count + 1,
                    currency=self.terms.price.currency,
                    adjustments=(*self.pending, *rest),
                    fees=self.fees,
                )
            )

    def _bill_fees(self, fees: tuple[Fee, ...]) -> None:
        """Bill fees by an invoice of their own; what else is pending stays for the next one."""
        self.record(
            events.FeesBilled(
                customer_id=self.customer_id,
                days_until_due=self.days_until_due,
                number=self.bill_count + 1,
                currency=self.terms.price.currency,
                fees=fees,
            )
        )

    def _make_room(self, adjustments: tuple[Adjustment, ...], *, must: bool) -> None:
        """Refuse more adjustments and fees than a period has; where there `must` be more, bill those that are pending."""
        if len(self.pending) + len(self.fees) + len(adjustments) <= PENDING_ADJUSTMENTS:
            return
        if not must:
            raise InvalidState(f"plan subscription {self.id!r} has changed too often in this period; schedule the change")
        self._bill_pending()


def _order(period: Period) -> datetime:
    return period.start


def _sum(adjustments: Sequence[Adjustment]) -> int:
    return sum(adjustment.amount_minor for adjustment in adjustments)
