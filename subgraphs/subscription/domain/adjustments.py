"""What a change within a billing period is billed with. Pure, and the same for a preview as for the change itself."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.proration import share_of
from subgraphs.subscription.domain.values import Adjustment, SubscribedPrice, Terms

__all__ = ["carried_over", "change_adjustments", "credit_for_rest"]


def credit_for_rest(billed: Money, old: Terms, rest: Period, whole: Period, zone: ZoneInfo) -> Adjustment:
    """Return the credit for the `rest` of a period that is used no longer.

    `billed` is what the rest was billed at, as the price of the `whole` natural period: what was never billed is not credited.
    """
    share = share_of(rest, whole, old.price.details.prorated_by, zone)
    return _adjustment(old, f"Unused time of {old.price.plan_name}", rest, -share.of(billed), f"-{billed} × {share}")


def change_adjustments(
    billed: Money, old: Terms, new: Terms, rest: Period, whole: Period, zone: ZoneInfo
) -> tuple[Adjustment, Adjustment]:
    """Return the credit for the rest of the period at the old terms and the charge for it at the new ones, each rounded once."""
    share = share_of(rest, whole, new.price.details.prorated_by, zone)
    charge = _adjustment(new, f"Remaining time of {new.price.plan_name}", rest, share.of(new.amount), f"{new.amount} × {share}")
    return credit_for_rest(billed, old, rest, whole, zone), charge


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


def _adjustment(terms: Terms, description: str, period: Period, amount: Money, explanation: str) -> Adjustment:
    return Adjustment(
        description=description,
        price_id=terms.price.price_id,
        plan_id=terms.price.plan_id,
        quantity=terms.quantity,
        start=period.start,
        end=period.end,
        amount_minor=amount.minor_units,
        explanation=explanation,
    )
