"""Usage that is billed before its period has ended, because it reached a threshold. Pure.

What is billed at a threshold is what all usage of the period so far comes to, less what was billed of it before; what the period
comes to in the end is billed less all of that. So whatever happens in between, the invoices add up to the period rated once.
"""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.rating import Quantity, rate_usage
from subgraphs.pricing.share import Share
from subgraphs.pricing.thresholds import reached, threshold
from subgraphs.subscription.domain.billed import charges
from subgraphs.subscription.domain.values import Adjustment, BilledItem, Discount, Item, SubscribedPrice, UsageProgress

__all__ = ["MOST_INVOICES", "billed_before", "progressed", "usage_amount"]

# Invoices at thresholds within one period; what is used beyond is billed when it has ended.
MOST_INVOICES = 100


def usage_amount(price: SubscribedPrice, used: Quantity, share: Share | None = None) -> Money:
    """Return what was used comes to, before discounts and tax and without what only the price's minimum asks for.

    It was used in a `share` of a billing period, None: in all of it.
    """
    rated = rate_usage(price.charge, used, share)
    return rated.amount - rated.true_up


def progressed(
    item: Item,
    period: Period,
    used: Quantity,
    before: UsageProgress | None,
    discounts: Sequence[Discount],
    share: Share | None = None,
) -> tuple[UsageProgress, Adjustment] | None:
    """Return how far usage has come and the line that bills it; None where no threshold was reached or nothing is to be billed.

    `period` is until now, `share` what the price is asked for when it goes on to the end. Percentages are off; what a discount
    takes off as an amount is taken off when the period has ended.
    """
    details, known = item.price.details, before or UsageProgress(price_id=item.price.price_id, used=used)
    number = reached(details, usage_amount(item.price, used, share).minor_units)
    if number <= known.reached or known.invoices >= MOST_INVOICES:
        return None
    percentages = [one for one in discounts if one.percent_off is not None]
    [line] = charges([BilledItem(item=_without_minimum(item), used=used, period=period, share=share)], percentages)
    due = line.amount.minor_units - known.billed_minor
    if due <= 0:
        return None
    name, currency = item.price.line_name, item.price.currency
    limit = Money(threshold(details, number) or 0, currency)
    explanation = line.explanation
    if known.billed_minor:
        explanation += f" − {Money(known.billed_minor, currency)} billed"
    adjustment = _adjustment(item, f"Usage of {name} that reached {limit}", period, due, explanation)
    progress = replace(known, used=used, reached=number, billed_minor=line.amount.minor_units, invoices=known.invoices + 1)
    return progress, adjustment


def billed_before(item: Item, period: Period, progress: UsageProgress) -> Adjustment:
    """Return the line that takes off what was billed of the period's usage at thresholds."""
    name, billed = f"Usage of {item.price.line_name} billed before", Money(progress.billed_minor, item.price.currency)
    return _adjustment(item, name, period, -progress.billed_minor, f"−{billed} billed at thresholds")


def _without_minimum(item: Item) -> Item:
    details = msgspec.structs.replace(item.price.details, minimum_minor=None)
    return replace(item, price=replace(item.price, details=details))


def _adjustment(item: Item, description: str, period: Period, amount_minor: int, explanation: str) -> Adjustment:
    return Adjustment(
        description=description,
        price_id=item.price.price_id,
        plan_id=item.price.plan_id,
        quantity=1,
        start=period.start,
        end=period.end,
        amount_minor=amount_minor,
        explanation=explanation,
    )
