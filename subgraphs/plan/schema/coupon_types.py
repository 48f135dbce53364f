"""Coupons and promotion codes as the API shows them."""

from datetime import datetime
from decimal import Decimal

import strawberry

from subgraphs.kit.domain import money
from subgraphs.kit.graphql.children import children
from subgraphs.kit.graphql.pagination import After, Before, Connection, Edge, First, Last, PageArguments, connection
from subgraphs.kit.graphql.scalars import Money
from subgraphs.plan.documents import CouponDocument, PromotionCodeDocument
from subgraphs.plan.schema.context import Info
from subgraphs.plan.schema.enums import DiscountDuration, State
from subgraphs.plan.schema.loaders import load_coupon, load_plan, load_promotion_code
from subgraphs.plan.schema.types import READ, Plan

__all__ = ["Coupon", "CouponConnection", "CouponEdge", "PromotionCode"]


@strawberry.federation.type(
    keys=["id"], requires_scopes=READ, description="What a customer types in to be given a coupon. Case does not matter."
)
class PromotionCode:
    """The PromotionCode entity."""

    coupon_id: strawberry.Private[str]
    id: strawberry.ID = strawberry.field(description="The promotion code's id, `promo_…`.")
    code: str = strawberry.field(description="The code, in upper case.")
    active: bool = strawberry.field(description="Whether it was not deactivated; it may be used up or expired nevertheless.")
    max_redemptions: int | None = strawberry.field(description="How often it can be used; null: as often as its coupon can.")
    expires_at: datetime | None = strawberry.field(description="When it stops being accepted; null: with its coupon.")
    created_at: datetime = strawberry.field(description="When it was created.")

    @strawberry.field(description="What it gives.")
    async def coupon(self, info: Info) -> "Coupon | None":
        document = await load_coupon(info.context, self.coupon_id)
        return Coupon.of(document) if document else None

    @classmethod
    def of(cls, document: PromotionCodeDocument) -> "PromotionCode":
        return cls(
            coupon_id=document.coupon_id,
            id=strawberry.ID(document.id),
            code=document.code,
            active=document.active,
            max_redemptions=document.max_redemptions,
            expires_at=document.expires_at,
            created_at=document.created_at,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "PromotionCode | None":
        document = await load_promotion_code(info.context, id)
        return cls.of(document) if document else None


@strawberry.type(description="One promotion code of a list and its place in it.")
class PromotionCodeEdge(Edge[PromotionCode]):
    """Edge of PromotionCode."""


@strawberry.type(description="A page of promotion codes, newest first.")
class PromotionCodeConnection(Connection[PromotionCode]):
    """Connection of PromotionCode."""


@strawberry.federation.type(
    keys=["id"],
    requires_scopes=READ,
    description="A discount that plan subscriptions can be given. It never changes; who has it keeps it when it is archived.",
)
class Coupon:
    """The Coupon entity."""

    plan_ids: strawberry.Private[list[str]]
    id: strawberry.ID = strawberry.field(description="The coupon's id, `cou_…`.")
    name: str = strawberry.field(description="What customers read, also on invoices.")
    percent_off: Decimal | None = strawberry.field(description="What share it takes off: 25 is 25 percent.")
    amount_off: Money | None = strawberry.field(description="What amount it takes off each billing period.")
    duration: DiscountDuration = strawberry.field(description="For how many billing periods.")
    periods: int | None = strawberry.field(description="How many billing periods with REPEATING, else null.")
    max_redemptions: int | None = strawberry.field(description="How many plan subscriptions it can be given to; null: any.")
    once_per_customer: bool = strawberry.field(description="Whether a customer is given it only once.")
    redeem_by: datetime | None = strawberry.field(description="When it stops being given; null: never.")
    status: State = strawberry.field(description="Whether it is still given.")
    created_at: datetime = strawberry.field(description="When it was created.")

    @strawberry.field(description="The plans it is limited to, at most 100; empty: any plan.")
    async def plans(self, info: Info) -> list[Plan]:
        found = [await load_plan(info.context, id) for id in self.plan_ids]
        return [Plan.of(document) for document in found if document is not None]

    @strawberry.field(description="The codes that give it, newest first.")
    async def promotion_codes(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> PromotionCodeConnection:
        page = PageArguments.parse(first, after, last, before)
        rows = await children(info.context, info.context.deps.promotion_code_reader, "coupon_id", self.id, page)
        return connection(PromotionCodeConnection, PromotionCodeEdge, page, rows, PromotionCode.of)

    @classmethod
    def of(cls, document: CouponDocument) -> "Coupon":
        minor, currency = document.amount_off_minor, document.currency
        return cls(
            plan_ids=document.plan_ids,
            id=strawberry.ID(document.id),
            name=document.name,
            percent_off=None if document.percent_off is None else Decimal(document.percent_off),
            amount_off=Money.of(money.Money(minor, currency)) if minor is not None and currency else None,
            duration=document.duration,
            periods=document.periods,
            max_redemptions=document.max_redemptions,
            once_per_customer=document.once_per_customer,
            redeem_by=document.redeem_by,
            status=document.state,
            created_at=document.created_at,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Coupon | None":
        document = await load_coupon(info.context, id)
        return cls.of(document) if document else None


@strawberry.type(description="One coupon of a list and its place in it.")
class CouponEdge(Edge[Coupon]):
    """Edge of Coupon."""


@strawberry.type(description="A page of coupons, newest first.")
class CouponConnection(Connection[Coupon]):
    """Connection of Coupon."""
