"""Create a coupon."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import NotFound
from subgraphs.plan.domain.coupon import Coupon, CouponTerms
from subgraphs.plan.repository import CouponRepository, PlanRepository

__all__ = ["create_coupon"]


async def create_coupon(
    coupons: CouponRepository, plans: PlanRepository, name: str, terms: CouponTerms, context: CommandContext
) -> Coupon:
    """Create a coupon and return it.

    Raises:
        NotFound: it is limited to a plan that does not exist.
        InvalidInput: the name or the terms are malformed or out of range.
    """
    coupon = Coupon.create(context.new_id("cou"), name, terms, context)
    for number, id in enumerate(terms.plan_ids):
        if await plans.find(context.tenant, id) is None:
            raise NotFound("Plan", id, field=("planIds", str(number)))
    return await coupons.create(coupon, context)
