"""Changing coupons and promotion codes."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.scalars import MoneyInput
from subgraphs.kit.graphql.writes import WriteInput, write
from subgraphs.plan.commands.archive_coupon import archive_coupon
from subgraphs.plan.commands.create_coupon import create_coupon
from subgraphs.plan.commands.create_promotion_code import create_promotion_code
from subgraphs.plan.commands.deactivate_promotion_code import deactivate_promotion_code
from subgraphs.plan.domain.coupon import CouponTerms
from subgraphs.plan.projections import coupon_document, promotion_code_document
from subgraphs.plan.schema.context import Info
from subgraphs.plan.schema.coupon_types import Coupon, PromotionCode
from subgraphs.plan.schema.enums import DiscountDuration

__all__ = ["CouponMutation"]

WRITE = [["plans:write"]]
WHAT = strawberry.argument(description="What to do.")


@strawberry.input(description="What couponCreate takes: either percentOff or amountOff.")
class CouponCreateInput(WriteInput):
    """Input of couponCreate."""

    name: str = strawberry.field(description="What customers read, also on invoices; 1 to 200 characters.")
    percent_off: Decimal | None = strawberry.field(
        default=None, description="What share to take off, above 0 to 100 with at most 4 decimals: 25 is 25 percent."
    )
    amount_off: MoneyInput | None = strawberry.field(
        default=None, description="What to take off each billing period, for subscriptions in this currency."
    )
    duration: DiscountDuration = strawberry.field(description="For how many billing periods.")
    periods: int | None = strawberry.field(default=None, description="How many billing periods, 1 to 1200, with REPEATING.")
    plan_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The plans it is limited to, at most 100; empty: any plan."
    )
    max_redemptions: int | None = strawberry.field(
        default=None, description="How many plan subscriptions it can be given to, 1 to 10000000; null: any number."
    )
    once_per_customer: bool = strawberry.field(default=False, description="Whether a customer is given it only once.")
    redeem_by: datetime | None = strawberry.field(default=None, description="When it stops being given; null: never.")

    def terms(self) -> CouponTerms:
        return CouponTerms(
            percent_off=self.percent_off,
            amount_off=self.amount_off.to_domain() if self.amount_off else None,
            duration=self.duration,
            periods=self.periods,
            plan_ids=tuple(self.plan_ids),
            max_redemptions=self.max_redemptions,
            once_per_customer=self.once_per_customer,
            redeem_by=self.redeem_by,
        )


@strawberry.input(description="What couponArchive takes.")
class CouponArchiveInput(WriteInput):
    """Input of couponArchive."""

    id: strawberry.ID = strawberry.field(description="The coupon to archive.")


@strawberry.input(description="What promotionCodeCreate takes.")
class PromotionCodeCreateInput(WriteInput):
    """Input of promotionCodeCreate."""

    coupon_id: strawberry.ID = strawberry.field(description="The coupon it gives.")
    code: str = strawberry.field(
        description="1 to 50 letters A to Z, digits, - and _, unique in your tenant whatever the case; kept in upper case."
    )
    max_redemptions: int | None = strawberry.field(
        default=None, description="How often it can be used, 1 to 10000000; null: as often as its coupon can."
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="When it stops being accepted; null: with its coupon."
    )


@strawberry.input(description="What promotionCodeDeactivate takes.")
class PromotionCodeDeactivateInput(WriteInput):
    """Input of promotionCodeDeactivate."""

    id: strawberry.ID = strawberry.field(description="The promotion code to accept no longer.")


@strawberry.type
class CouponPayload:
    """Base of payloads with a coupon."""

    coupon: Coupon | None = strawberry.field(default=None, description="The coupon afterwards, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type(description="Answer of couponCreate.")
class CouponCreatePayload(CouponPayload):
    """Answer of couponCreate."""


@strawberry.type(description="Answer of couponArchive.")
class CouponArchivePayload(CouponPayload):
    """Answer of couponArchive."""


@strawberry.type
class PromotionCodePayload:
    """Base of payloads with a promotion code."""

    promotion_code: PromotionCode | None = strawberry.field(
        default=None, description="The promotion code afterwards, null when refused."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type(description="Answer of promotionCodeCreate.")
class PromotionCodeCreatePayload(PromotionCodePayload):
    """Answer of promotionCodeCreate."""


@strawberry.type(description="Answer of promotionCodeDeactivate.")
class PromotionCodeDeactivatePayload(PromotionCodePayload):
    """Answer of promotionCodeDeactivate."""


@strawberry.type
class CouponMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Create a coupon: a discount that plan subscriptions can be given."
    )
    @write(CouponCreatePayload)
    async def coupon_create(self, info: Info, input: Annotated[CouponCreateInput, WHAT]) -> CouponCreatePayload:
        services, context = info.context.deps, await info.context.command()
        coupon = await create_coupon(services.coupons, services.plans, input.name, input.terms(), context)
        return CouponCreatePayload(coupon=Coupon.of(coupon_document(coupon)))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Give a coupon no longer, by its promotion codes neither; who has it keeps it. Repeating it changes nothing.",
    )
    @write(CouponArchivePayload)
    async def coupon_archive(self, info: Info, input: Annotated[CouponArchiveInput, WHAT]) -> CouponArchivePayload:
        coupon = await archive_coupon(info.context.deps.coupons, input.id, await info.context.command())
        return CouponArchivePayload(coupon=Coupon.of(coupon_document(coupon)))

    @strawberry.federation.field(requires_scopes=WRITE, description="Create a code that gives a coupon to who types it in.")
    @write(PromotionCodeCreatePayload)
    async def promotion_code_create(
        self, info: Info, input: Annotated[PromotionCodeCreateInput, WHAT]
    ) -> PromotionCodeCreatePayload:
        services = info.context.deps
        code = await create_promotion_code(
            services.promotion_codes,
            services.coupons,
            services.claims,
            input.coupon_id,
            input.code,
            input.max_redemptions,
            input.expires_at,
            await info.context.command(),
        )
        return PromotionCodeCreatePayload(promotion_code=PromotionCode.of(promotion_code_document(code)))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Accept a promotion code no longer; who used it keeps its discount. Repeating it changes nothing.",
    )
    @write(PromotionCodeDeactivatePayload)
    async def promotion_code_deactivate(
        self, info: Info, input: Annotated[PromotionCodeDeactivateInput, WHAT]
    ) -> PromotionCodeDeactivatePayload:
        codes, context = info.context.deps.promotion_codes, await info.context.command()
        code = await deactivate_promotion_code(codes, input.id, context)
        return PromotionCodeDeactivatePayload(promotion_code=PromotionCode.of(promotion_code_document(code)))
