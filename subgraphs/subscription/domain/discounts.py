"""What the discounts of a plan subscription take off what is billed. Pure, and the same for a preview as for the invoice."""

from collections.abc import Sequence
from dataclasses import dataclass

from subgraphs.kit.domain.money import Money, total
from subgraphs.pricing.discount import in_order, reduce_charges
from subgraphs.pricing.proration import Share
from subgraphs.subscription.domain.values import Discount, Item

__all__ = ["TakenOff", "net_amounts", "taken_off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOff:
    """What one discount takes off one charge."""

    discount: Discount
    amount: Money


def taken_off(
    items: Sequence[Item],
    amounts: Sequence[Money],
    shares: Sequence[Share | None],
    discounts: Sequence[Discount],
    *,
    used: Sequence[bool] | None = None,
) -> list[tuple[TakenOff, ...]]:
    """Return, per item, what each discount takes off the `amounts` billed, which are these `shares` of the items' whole periods.

    Where `used`, the amount is that of what was used.

    A discount prorates with its item: of a part of a period it takes the same part of what it takes of the whole, rounded once,
    and never more than there is.
    """
    ordered = [discounts[index] for index in in_order([discount.reduction for discount in discounts])]
    wholes = [
        amount if is_used else item.amount
        for item, amount, is_used in zip(items, amounts, used or [False] * len(items), strict=True)
    ]
    charges = [(item.price.plan_id, whole) for item, whole in zip(items, wholes, strict=True)]
    parts = reduce_charges(charges, [discount.reduction for discount in ordered])
    return [
        _of_item(amount, share, zip(ordered, of_item, strict=True))
        for amount, share, of_item in zip(amounts, shares, parts, strict=True)
    ]


def net_amounts(items: Sequence[Item], discounts: Sequence[Discount]) -> list[Money]:
    """Return what whole billing periods of the items come to with the discounts."""
    amounts = [item.amount for item in items]
    taken = taken_off(items, amounts, [None] * len(items), discounts)
    return [
        amount - total([part.amount for part in parts], amount.currency) for amount, parts in zip(amounts, taken, strict=True)
    ]


def _of_item(amount: Money, share: Share | None, parts: "zip[tuple[Discount, Money]]") -> tuple[TakenOff, ...]:
    found, left = [], amount
    for discount, whole in parts:
        off = min(share.of(whole) if share else whole, left) if left.minor_units > 0 else Money.zero(amount.currency)
        if off:
            found.append(TakenOff(discount=discount, amount=off))
            left -= off
    return tuple(found)
