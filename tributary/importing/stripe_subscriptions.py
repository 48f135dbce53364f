"""From Stripe's subscriptions to records. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tributary.importing.records import SubscribedItem, SubscriptionRecord, TrialEnd, refused, skipped
from tributary.importing.stripe_values import StripeOptions, id_of, instant, integer, reference

__all__ = ["subscription_record"]

_TRIAL_ENDINGS = {"create_invoice": "CREATE_INVOICE", "pause": "PAUSE", "cancel": "CANCEL"}
# What a subscription is over by, or has never become.
_SKIPPED = {
    "canceled": "it has ended",
    "incomplete": "its first invoice was never paid",
    "incomplete_expired": "its first invoice was never paid",
}


def subscription_record(object: Mapping[str, Any], options: StripeOptions, now: datetime) -> SubscriptionRecord:
    """Return the subscription as it stands at `now`, with notes of what it had and is not taken over.

    Raises:
        Problem: it is over, or cannot be imported as it is.
    """
    status = str(object.get("status"))
    if status in _SKIPPED:
        raise skipped("STATUS", f"it is {status}: {_SKIPPED[status]}")
    if status == "unpaid":
        raise refused("STATUS", "it is unpaid: collect or void its open invoices at Stripe, and export it again")
    if status not in {"active", "past_due", "trialing", "paused"}:
        raise refused("STATUS", f"its status {status!r} is not known")
    notes = _subscription_notes(object, status)
    items = _items(object)
    trialing = status == "trialing"
    trial_end = instant(object.get("trial_end"), "trial_end")
    period_start, period_end = _period(object)
    starts_at = instant(object.get("start_date") or object.get("created"), "start_date")
    if trialing:
        starts_at, paid_through = instant(object.get("trial_start"), "trial_start") or starts_at, None
    elif status == "paused" and trial_end and period_start and period_start <= trial_end:
        paid_through = trial_end  # it was paused when its trial ended: nothing after that has been paid
    else:
        paid_through = period_end
    if (trial_end if trialing else paid_through) is None:
        raise refused("PERIOD_MISSING", "its current period is not in the export: export whole subscriptions, with their items")
    paused, resumes_at = _pause(object, status, now)
    return SubscriptionRecord(
        id=id_of(object),
        customer_id=reference(object.get("customer"), "customer"),
        items=items,
        starts_at=starts_at,
        billing_anchor=instant(object.get("billing_cycle_anchor"), "billing_cycle_anchor"),
        paid_through=paid_through,
        trial=TrialEnd(trial_end, _trial_ending(object)) if trialing and trial_end else None,
        cancel_at=_cancel_at(object, trial_end if trialing else period_end, now),
        paused=paused,
        resumes_at=resumes_at,
        coupon_id=_coupon(object, options, notes),
        days_until_due=_days_until_due(object),
        notes=tuple(notes),
    )


def _subscription_notes(object: Mapping[str, Any], status: str) -> list[tuple[str, str]]:
    notes = []
    if status == "past_due":
        notes.append(("DEBT_LEFT", "it is past due: what is open stays at Stripe, and is to be collected there"))
    if object.get("schedule"):
        notes.append(("SCHEDULE_LEFT", "its schedule is not taken over: make later changes with planSubscriptionChange"))
    return notes


def _days_until_due(object: Mapping[str, Any]) -> int | None:
    """Return the payment term of invoices that are sent, None: they are charged automatically."""
    if object.get("collection_method") != "send_invoice":
        return None
    if object.get("days_until_due") is None:
        raise refused("TERM_MISSING", "its invoices are sent, and it has no days_until_due: set it at Stripe")
    return integer(object["days_until_due"], "days_until_due")


def _items(object: Mapping[str, Any]) -> tuple[SubscribedItem, ...]:
    list_ = object.get("items") or {}
    data = list_.get("data") or []
    if not data:
        raise refused("ITEMS_MISSING", "it has no items: export whole subscriptions")
    if list_.get("has_more"):
        raise refused("ITEMS_MISSING", "not all of its items are in the export: add the others to its items.data")
    return tuple(
        SubscribedItem(reference(item.get("price") or item.get("plan"), "price"), integer(item.get("quantity", 1), "quantity"))
        for item in data
    )


def _period(object: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """Return the current period: since 2025-03-31 each item has it, before the subscription had."""
    [*items] = (object.get("items") or {}).get("data") or []
    found = []
    for name in ("current_period_start", "current_period_end"):
        values = {object[name]} if object.get(name) else {item[name] for item in items if item.get(name)}
        if len(values) > 1:
            raise refused("PERIODS_DIFFER", "its items are billed at different times: split it at Stripe, one per interval")
        found.append(instant(values.pop(), name) if values else None)
    return found[0], found[1]


def _trial_ending(object: Mapping[str, Any]) -> str:
    behavior = ((object.get("trial_settings") or {}).get("end_behavior") or {}).get("missing_payment_method", "create_invoice")
    return _TRIAL_ENDINGS.get(str(behavior), "CREATE_INVOICE")


def _cancel_at(object: Mapping[str, Any], end: datetime | None, now: datetime) -> datetime | None:
    at = instant(object.get("cancel_at"), "cancel_at") or (end if object.get("cancel_at_period_end") else None)
    if at is not None and at <= now:
        raise skipped("STATUS", f"it ended at {at.isoformat()}")
    return at


def _pause(object: Mapping[str, Any], status: str, now: datetime) -> tuple[bool, datetime | None]:
    collection = object.get("pause_collection")
    if not collection:
        return status == "paused", None
    if collection.get("behavior") == "keep_as_draft":
        raise refused(
            "PAUSE_KEEPS_DRAFTS",
            "while it is paused its invoices are kept as drafts, to be sent later: resume it at Stripe, or void them",
        )
    resumes_at = instant(collection.get("resumes_at"), "resumes_at")
    return (False, None) if resumes_at is not None and resumes_at <= now else (True, resumes_at)


def _coupon(object: Mapping[str, Any], options: StripeOptions, notes: list[tuple[str, str]]) -> str | None:
    items = (object.get("items") or {}).get("data") or []
    own = object.get("discounts") or ([object["discount"]] if object.get("discount") else [])
    found = [*own, *(one for item in items for one in item.get("discounts") or [])]
    if not found:
        return None
    if options.ignore_discounts:
        notes.append(("DISCOUNT_LEFT_OUT", "its discount is not taken over: give it one with planSubscriptionDiscountAdd"))
        return None
    coupon = _coupon_of(found[0]) if len(found) == 1 and len(own) == 1 else None
    if coupon is None or coupon not in options.coupons:
        raise refused(
            "DISCOUNT",
            f"it has a discount ({coupon or 'see its discounts'}), and would be billed without: make a coupon of what is left of "
            f"it and give --coupon {coupon or 'ID'}=cou_…, or --ignore-discounts",
        )
    return options.coupons[coupon]


def _coupon_of(discount: Any) -> str | None:
    if not isinstance(discount, Mapping):
        return None
    coupon = discount.get("coupon") or (discount.get("source") or {}).get("coupon")
    return coupon.get("id") if isinstance(coupon, Mapping) else coupon
