"""What a change within a billing period is billed with. Pure, and the same for a preview as for the change itself."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.proration import share_of
from subgraphs.subscription.domain.values import Adjustment, Item, SubscribedPrice

__all__ = ["carried_over", "change_adjustments", "credits_for_rest"]


def credits_for_rest(billed: Sequence[Item], rest: Period, whole: Period, zone: ZoneInfo) -> tuple[Adjustment, ...]:
    """Return the credits for the `rest` of a period in which these items are used no longer, each rounded once.

    They are what the `whole` natural period was billed with: what was never billed is not credited.
    """
    found = []
    for item in billed:
        share, name = share_of(rest, whole, item.price.details.prorated_by, zone), item.price.plan_name
        found.append(_adjustment(item, f"Unused time of {name}", rest, -share.of(item.amount), f"-{item.amount} × {share}"))
    return tuple(found)


def change_adjustments(
    billed: Sequence[Item], new: Sequence[Item], rest: Period, whole: Period, zone: ZoneInfo
) -> tuple[Adjustment, ...]:
    """Return credits for the rest of the period of what is changed or removed, and charges for what is new, each rounded once.

    What stays as it was billed is left alone.
    """
    charges = []
    for item in new:
        if item not in billed:
            share, name = share_of(rest, whole, item.price.details.prorated_by, zone), item.price.plan_name
            charges.append(
                _adjustment(item, f"Remaining time of {name}", rest, share.of(item.amount), f"{item.amount} × {share}")
            )
    return (*credits_for_rest([item for item in billed if item not in new], rest, whole, zone), *charges)


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

    def line(description: str, amount: Money) -> Adjustment:
        return Adjustment(
            description=description,
            price_id=price.price_id,
            plan_id=price.plan_id,
            quantity=1,
            start=period.start,
            end=period.end,
            amount_minor=amount.minor_units,
            explanation=f"{left} of credit left",
        )

    return (*pending, line("Credit kept for the next invoice", left)), (line("Credit from the last invoice", -left),)


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
