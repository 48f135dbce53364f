"""Give a plan subscription a discount, or take one away."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange
from subgraphs.subscription.commands.redeem_coupon import KnownCoupons, Redemptions, WantedDiscount, redeemable, redeemed
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
    """Give it the coupon's discount from the next billing period on; a coupon that it had before is redeemed once more.

    Raises:
        NotFound: there is no such plan subscription, coupon or promotion code.
        InvalidInput: not exactly one of coupon and code is named, or the coupon takes off an amount in another currency.
        InvalidState: it has ended, has the coupon or too many discounts, or the customer had a coupon before that is given once
            per customer; or the coupon or code cannot be redeemed any more.
        ConcurrentChange: it was given the coupon by another request meanwhile.
    """
    subscription = await subscriptions.get(context.tenant, id)
    if context.write is not None and context.new_id("dis") in subscription.discount_uses:  # done, though nobody was told so
        return subscription
    found = await redeemable(known, wanted, subscription.terms.price.currency, context)
    coupon_id = found.coupon.id
    subscription.check_discount(coupon_id)
    customer_id, before = subscription.customer_id, subscription.times_given(coupon_id)
    async with redeemed(redemptions, found, id, customer_id, context, given_before=before) as discount:

        def give(current: PlanSubscription) -> None:
            current.add_discount(discount)
            if current.times_given(coupon_id) > before + 1:  # this redemption is that of another request
                raise ConcurrentChange(f"plan subscription {id!r} was given coupon {coupon_id!r} meanwhile; try again")

        return await subscriptions.update(id, context, give, loaded=subscription)


async def remove_discount(
    subscriptions: PlanSubscriptionRepository, id: str, discount_id: str, context: CommandContext
) -> PlanSubscription:
    """Take a discount away from the next billing period on; nothing happens when it was taken away before.

    Raises:
        NotFound: there is no such plan subscription, or it never had this discount.
        InvalidState: it has ended.
    """
    return await subscriptions.update(id, context, lambda current: current.remove_discount(discount_id))
