"""What a change within a billing period is billed with. Pure, and the same for a preview as for the change itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.proration import share_of
from subgraphs.pricing.rating import Quantity
from subgraphs.subscription.domain.billed import charges
from subgraphs.subscription.domain.discounts import net_amounts
from subgraphs.subscription.domain.values import Adjustment, BilledItem, BilledUsage, Discount, Item, SubscribedPrice

__all__ = [
    "carried_over",
    "change_adjustments",
    "credits_for_rest",
    "elapsed_adjustments",
    "late_adjustment",
    "revoked_credit",
    "within_limit",
]


def credits_for_rest(
    billed: Sequence[Item],
    discounts: Sequence[Discount],
    rest: Period,
    whole: Period,
    zone: ZoneInfo,
    paid_elsewhere: Sequence[Item] = (),
) -> tuple[Adjustment, ...]:
    """Return the credits for the `rest` of a period in which these items are used no longer, each rounded once.

    They are what the `whole` natural period was billed with, discounts taken off: what was never billed is not credited. What
    was `paid_elsewhere` is, also in arrears.
    """
    priced = _priced(billed, discounts) + list(zip(paid_elsewhere, net_amounts(paid_elsewhere, discounts), strict=True))
    return tuple(_credit(item, amount, rest, whole, zone) for item, amount in priced)


def within_limit(adjustments: Sequence[Adjustment], most: Money) -> tuple[Adjustment, ...]:
    """Return them with credits that come to at most `most`: the first ones are given in full, what is over is left out."""
    left, found = max(most.minor_units, 0), []
    for one in adjustments:
        if one.amount_minor >= 0:
            found.append(one)
            continue
        part = min(-one.amount_minor, left)
        left -= part
        if part == -one.amount_minor:
            found.append(one)
        elif part:
            limit = Money(part, most.currency)
            explanation = f"{one.explanation}, up to {limit} that is paid and not given back"
            found.append(replace(one, amount_minor=-part, explanation=explanation))
    return tuple(found)


def revoked_credit(amount: Money, price: SubscribedPrice, period: Period) -> Adjustment:
    """Return the line that takes off a credit that waits for the next invoice, and was given back by a credit note."""
    item = Item(price=price, quantity=1)
    return _adjustment(item, "Credit that was given back", period, amount, f"{amount} given back by a credit note")


def change_adjustments(
    billed: Sequence[Item], new: Sequence[Item], discounts: Sequence[Discount], rest: Period, whole: Period, zone: ZoneInfo
) -> tuple[Adjustment, ...]:
    """Return credits for the rest of the period of what is changed or removed, and charges for what is new, each rounded once.

    Both are with the discounts that the period was billed with. What stays as it was billed is left alone.
    """
    before, after = _priced(billed, discounts), _priced(new, discounts)
    credits = (_credit(item, amount, rest, whole, zone) for item, amount in before if (item, amount) not in after)
    charges = (_charge(item, amount, rest, whole, zone) for item, amount in after if (item, amount) not in before)
    return (*credits, *charges)


def elapsed_adjustments(
    old: Sequence[Item],
    new: Sequence[Item],
    discounts: Sequence[Discount],
    elapsed: Mapping[Item, Period],
    whole: Period,
    zone: ZoneInfo,
) -> tuple[Adjustment, ...]:
    """Return charges for the time that has `elapsed` of what is billed in arrears and changes or goes, each rounded once."""
    items = [item for item in old if item.is_in_arrears]
    found = []
    for item, amount in zip(items, net_amounts(items, discounts), strict=True):
        if item not in new and item in elapsed:
            share = share_of(elapsed[item], whole, item.price.details.prorated_by, zone)
            name = f"Used time of {item.price.plan_name}"
            adjustment = _adjustment(item, name, elapsed[item], share.of(amount), f"{amount} × {share}")
            found.append(replace(adjustment, elapsed_minor=share.of(item.amount).minor_units))
    return tuple(found)


def _priced(items: Sequence[Item], discounts: Sequence[Discount]) -> list[tuple[Item, Money]]:
    """Return what whole periods of the items that are billed in advance come to."""
    in_advance = [item for item in items if item.is_in_advance]
    return list(zip(in_advance, net_amounts(in_advance, discounts), strict=True))


def _credit(item: Item, amount: Money, rest: Period, whole: Period, zone: ZoneInfo) -> Adjustment:
    share, name = share_of(rest, whole, item.price.details.prorated_by, zone), item.price.plan_name
    return _adjustment(item, f"Unused time of {name}", rest, -share.of(amount), f"-{amount} × {share}")


def _charge(item: Item, amount: Money, rest: Period, whole: Period, zone: ZoneInfo) -> Adjustment:
    share, name = share_of(rest, whole, item.price.details.prorated_by, zone), item.price.plan_name
    return _adjustment(item, f"Remaining time of {name}", rest, share.of(amount), f"{amount} × {share}")


def late_adjustment(billed: BilledUsage, period: Period, used: Quantity) -> Adjustment:
    """Return the difference between what `used` comes to and what was billed for the period, percentages taken off both.

    What a discount takes off as an amount was taken off when the period was billed.
    """
    discounts = [one for one in billed.discounts if one.percent_off is not None]
    before, now = (
        charges([BilledItem(item=billed.item, used=quantity, period=period, share=billed.share)], discounts, period)[0]
        for quantity in (billed.used, used)
    )
    name = f"Late usage of {billed.item.price.line_name}"
    return _adjustment(billed.item, name, period, now.amount - before.amount, f"{now.explanation} − {before.amount} billed")


def carried_over(
    pending: Sequence[Adjustment], charge: Money, price: SubscribedPrice, period: Period
) -> tuple[tuple[Adjustment, ...], tuple[Adjustment, ...]]:
    """Split `pending` over an invoice with `charge`: what is billed on it, and what is left for the next one.

    An invoice is never negative: a credit that it does not use up is carried over, as one line that takes it off and one that
    brings it back.
    """
    due = charge.minor_units + sum(adjustment.amount_minor for adjustment in pending)
    if due >= 0:
        return tuple(pending), ()
    left = Money(-due, charge.currency)

    item, explanation = Item(price=price, quantity=1), f"{left} of credit left"
    kept = _adjustment(item, "Credit kept for the next invoice", period, left, explanation)
    return (*pending, kept), (_adjustment(item, "Credit from the last invoice", period, -left, explanation),)


def _adjustment(item: Item, description: str, period: Period, amount: Money, explanation: str) -> Adjustment:
    return Adjustment(
        description=description,
        price_id=item.price.price_id,
        plan_id=item.price.plan_id,
        quantity=item.quantity,
        start=period.start,
        end=period.end,
        amount_minor=amount.minor_units,
        explanation=explanation,
    )
