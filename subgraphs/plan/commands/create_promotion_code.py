"""Create a promotion code."""

from datetime import datetime

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidState
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.named import create_named
from subgraphs.plan.domain.promotion_code import PromotionCode, normalized_code
from subgraphs.plan.domain.values import State
from subgraphs.plan.repository import CouponRepository, PromotionCodeRepository

__all__ = ["create_promotion_code"]


async def create_promotion_code(
    codes: PromotionCodeRepository,
    coupons: CouponRepository,
    claims: ClaimStore,
    coupon_id: str,
    code: str,
    max_redemptions: int | None,
    expires_at: datetime | None,
    context: CommandContext,
) -> PromotionCode:
    """Create a code for a coupon and return it. Codes are compared without regard to case.

    Raises:
        NotFound: there is no such coupon.
        InvalidInput: the code is malformed, or its limits are out of range.
        InvalidState: the coupon is archived.
        AlreadyExists: the tenant has this code already, active or not.
    """
    coupon = await coupons.get(context.tenant, coupon_id, field=("couponId",))
    if coupon.state is not State.ACTIVE:
        raise InvalidState(f"coupon {coupon_id!r} is archived and not given any more", field=("couponId",))

    def build(id: str) -> PromotionCode:
        return PromotionCode.create(id, coupon_id, code, max_redemptions, expires_at, context)

    name, id = normalized_code(code), context.new_id("promo")
    return await create_named(codes, claims, "promotion_code", name, id, build, context, field=("code",))
