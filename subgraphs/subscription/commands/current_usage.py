"""What a plan subscription has used so far."""

from dataclasses import dataclass
from decimal import Decimal

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.rating import amount_used, rate_usage
from subgraphs.pricing.transactions import Transacted
from subgraphs.subscription.commands.metered import Metered
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import SubscribedPrice
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["UsedSoFar", "current_usage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedSoFar:
    """What was used of a price in a period until now, and what that comes to before discounts and tax.

    With a PERCENTAGE price the quantity is the amount of its `transactions`, in major units.
    """

    price: SubscribedPrice
    period: Period
    quantity: Decimal
    transactions: int | None
    amount: Money


async def current_usage(
    subscriptions: PlanSubscriptionRepository, metered: Metered, id: str, context: CommandContext
) -> list[UsedSoFar]:
    """Return what was used of each metered price of the current period by `context.at`; nothing once it has ended.

    Raises:
        NotFound: there is no such plan subscription.
    """
    subscription = await subscriptions.get(context.tenant, id)
    if subscription.status.is_final:
        return []
    current = {item.price.price_id: item.price for item in subscription.terms.items if item.is_metered}
    wanted = [one for one in subscription.usage_wanted(context.at) if (one.price_id, one.period) not in _billed(subscription)]
    try:
        used = await metered.used(context.tenant, id, wanted)
    except NotReady:
        return []  # a meter that has just been created has counted nothing
    return [
        UsedSoFar(
            price=current[id],
            period=period,
            quantity=amount_used(quantity),
            transactions=quantity.count if isinstance(quantity, Transacted) else None,
            amount=rate_usage(current[id].charge, quantity).amount,
        )
        for (id, period), quantity in used.items()
        if id in current
    ]


def _billed(subscription: PlanSubscription) -> set[tuple[str, Period]]:
    return set(subscription.billed_usage)
