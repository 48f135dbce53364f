"""One price version in the place of another: in what is subscribed to, and in what that is scheduled to become."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from subgraphs.subscription.domain.values import ProrationBehavior, ScheduledChange, SubscribedPrice, Terms

__all__ = ["moved_schedule", "moved_terms", "subscribed_to"]


def subscribed_to(terms: Sequence[Terms], price_id: str) -> SubscribedPrice | None:
    """Return the price where one of the terms has it, in the plan or the add-ons; None: none does."""
    return next((item.price for one in terms for item in one.items if item.price.price_id == price_id), None)


def moved_terms(terms: Terms, from_price_id: str, to: SubscribedPrice) -> Terms:
    """Return the terms with the one price in the place of the other, in the plan and the add-ons."""
    add_ons = tuple(replace(item, price=to) if item.price.price_id == from_price_id else item for item in terms.add_ons)
    return replace(terms, price=to if terms.price.price_id == from_price_id else terms.price, add_ons=add_ons)


def moved_schedule(
    terms: Terms, schedule: Sequence[ScheduledChange], from_price_id: str, to: SubscribedPrice, period_end: datetime | None
) -> tuple[ScheduledChange, ...]:
    """Return what happens after `terms` when the one price takes the place of the other: now, or at `period_end`.

    Until `period_end` what has the price keeps it, through changes before that; then a change of its own replaces it, unless
    one is scheduled for that instant. Whatever comes to the price afterwards, or after it was left, comes to the other one.
    """
    found: list[ScheduledChange] = []
    kept = terms if period_end is not None and subscribed_to([terms], from_price_id) else None
    for change in schedule:
        if kept is not None and period_end is not None and change.change_at < period_end:
            kept = change.terms if subscribed_to([change.terms], from_price_id) else None
            if kept is not None:
                found.append(change)
                continue
        elif kept is not None and period_end is not None:
            if change.change_at > period_end:
                found.append(_at_period_end(moved_terms(kept, from_price_id, to), period_end))
            kept = None
        found.append(replace(change, terms=moved_terms(change.terms, from_price_id, to)))
    if kept is not None and period_end is not None:
        found.append(_at_period_end(moved_terms(kept, from_price_id, to), period_end))
    return tuple(found)


def _at_period_end(terms: Terms, period_end: datetime) -> ScheduledChange:
    return ScheduledChange(terms=terms, change_at=period_end, proration=ProrationBehavior.NONE)
