"""Archive a coupon."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.plan.domain.coupon import Coupon
from subgraphs.plan.repository import CouponRepository

__all__ = ["archive_coupon"]


async def archive_coupon(coupons: CouponRepository, id: str, context: CommandContext) -> Coupon:
    """Give the coupon no longer; who has it keeps it. Repeating it changes nothing.

    Raises:
        NotFound: there is no such coupon.
    """
    return await coupons.update(id, context, lambda coupon: coupon.archive(context))
