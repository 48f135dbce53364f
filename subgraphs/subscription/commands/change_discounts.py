"""Give a plan subscription a discount, or take one away."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.subscription.commands.redeem_coupon import KnownCoupons, Redemptions, WantedDiscount, redeem_coupon
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["add_discount", "remove_discount"]


async def add_discount(
    subscriptions: PlanSubscriptionRepository,
    known: KnownCoupons,
    redemptions: Redemptions,
    id: str,
    wanted: WantedDiscount,
    context: CommandContext,
) -> PlanSubscription:
    """Give it the coupon's discount from the next billing period on.

    Raises:
        NotFound: there is no such plan subscription, coupon or promotion code.
        InvalidInput: not exactly one of coupon and code is named, or the coupon takes off an amount in another currency.
        InvalidState: it has ended, has the coupon or too many discounts; or the coupon or code cannot be redeemed any more.
    """
    subscription = await subscriptions.get(context.tenant, id)
    subscription.check_discounts()
    customer_id, currency = subscription.customer_id, subscription.terms.price.currency
    discount = await redeem_coupon(known, redemptions, wanted, id, customer_id, currency, context)
    return await subscriptions.update(id, context, lambda current: current.add_discount(discount), loaded=subscription)


async def remove_discount(
    subscriptions: PlanSubscriptionRepository, id: str, discount_id: str, context: CommandContext
) -> PlanSubscription:
    """Take a discount away from the next billing period on; nothing happens when it was taken away before.

    Raises:
        NotFound: there is no such plan subscription, or it never had this discount.
        InvalidState: it has ended.
    """
    return await subscriptions.update(id, context, lambda current: current.remove_discount(discount_id))
