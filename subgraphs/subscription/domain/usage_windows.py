"""When usage has to have happened to be on an invoice that is still to come."""

from collections.abc import Iterable
from datetime import datetime

from subgraphs.subscription.domain.subscription_state import SubscriptionState
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, Terms, UsageWindow

__all__ = ["usage_windows"]

_Status = PlanSubscriptionStatus
_WAITING = {_Status.PAUSED, _Status.UNPAID}


def usage_windows(subscription: SubscriptionState) -> tuple[UsageWindow, ...]:
    """Return when usage is billed that becomes known, or is withdrawn, now: by meter and instant, without overlaps.

    That is as it stands: where nothing else changes, and what waits for a payment goes on. What was used in a trial, or in a
    pause after the period that was paid for, is in none of them; nor is what no price bills, what of billed periods is not
    looked at any more, and anything once it has ended or will end without a bill.
    """
    waits, ends = subscription.status in _WAITING, subscription.cancel_at
    if subscription.status.is_final or (waits and ends is not None and not _goes_on_before(subscription, ends)):
        return ()
    found = [
        UsageWindow(meter_id=billed.item.price.meter_id, start=period.start, end=period.end)
        for (_, period), billed in subscription.billed_usage.items()
        if billed.item.price.meter_id is not None
    ]
    for terms, start, end in _phases(subscription):
        for since, until in _billed(subscription, start, end):
            found += _of_terms(subscription, terms, since, until)
    return tuple(_merged(found))


def _goes_on_before(subscription: SubscriptionState, ends: datetime) -> bool:
    """Whether it goes on by itself before it ends."""
    resumes = subscription.resumes_at
    return subscription.status is _Status.PAUSED and resumes is not None and resumes < ends


def _phases(subscription: SubscriptionState) -> Iterable[tuple[Terms, datetime, datetime | None]]:
    """Yield the terms of the current period and of what is scheduled, and from when until when they apply."""
    terms, start = subscription.terms, subscription.period.start
    for change in subscription.schedule:
        at = max(change.change_at, subscription.resumed_at or change.change_at)
        yield terms, start, at
        terms, start = change.terms, at
    yield terms, start, None


def _billed(subscription: SubscriptionState, start: datetime, end: datetime | None) -> Iterable[tuple[datetime, datetime | None]]:
    """Yield what of the time is billed: no trial, no pause after the current period, nothing after the end."""
    period, ends = subscription.period, subscription.cancel_at
    resumes: datetime | None = period.end
    if subscription.status in _WAITING:
        resumes = max(period.end, subscription.resumes_at) if subscription.resumes_at is not None else None
    spans: list[tuple[datetime, datetime | None]] = [] if subscription.period_number < 0 else [(period.start, period.end)]
    if resumes is not None:
        spans.append((resumes, None))
    for since, until in spans:
        first = max(since, start)
        last = min((one for one in (until, end, ends) if one is not None), default=None)
        if last is None or first < last:
            yield first, last


def _of_terms(subscription: SubscriptionState, terms: Terms, start: datetime, end: datetime | None) -> Iterable[UsageWindow]:
    for item in terms.items:
        if item.price.meter_id is None:
            continue
        since = max(start, subscription.billed_since.get(item.price.price_id, start))
        if end is None or since < end:
            yield UsageWindow(meter_id=item.price.meter_id, start=since, end=end)


def _merged(windows: Iterable[UsageWindow]) -> Iterable[UsageWindow]:
    """Yield the same time in as few windows as there can be, by meter and start."""
    last: UsageWindow | None = None
    for window in sorted(windows, key=lambda one: (one.meter_id, one.start)):
        if last is None or window.meter_id != last.meter_id or (last.end is not None and window.start > last.end):
            if last is not None:
                yield last
            last = window
        elif last.end is not None and (window.end is None or window.end > last.end):
            last = UsageWindow(meter_id=last.meter_id, start=last.start, end=window.end)
    if last is not None:
        yield last
