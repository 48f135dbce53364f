"""Reading coupons and promotion codes."""

from typing import Annotated

import strawberry

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.graphql.pagination import After, Before, First, Last, PageArguments, connection
from subgraphs.plan.domain.promotion_code import normalized_code
from subgraphs.plan.schema.context import Info
from subgraphs.plan.schema.coupon_types import Coupon, CouponConnection, CouponEdge, PromotionCode
from subgraphs.plan.schema.loaders import load_coupon
from subgraphs.plan.schema.types import READ

__all__ = ["CouponQuery"]


@strawberry.type
class CouponQuery:
    """Root fields."""

    @strawberry.federation.field(requires_scopes=READ, description="One coupon, null when there is none with this id.")
    async def coupon(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The coupon's id, `cou_…`.")]
    ) -> Coupon | None:
        document = await load_coupon(info.context, id)
        return Coupon.of(document) if document else None

    @strawberry.federation.field(requires_scopes=READ, description="Coupons, newest first.")
    async def coupons(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> CouponConnection | None:
        page = PageArguments.parse(first, after, last, before)
        rows = await info.context.deps.coupon_reader.page(info.context.tenant, {}, **page.reading())
        return connection(CouponConnection, CouponEdge, page, rows, Coupon.of)

    @strawberry.federation.field(
        requires_scopes=READ, description="The promotion code with this text, whatever its case; null when there is none."
    )
    async def promotion_code(
        self, info: Info, code: Annotated[str, strawberry.argument(description="What the customer typed in.")]
    ) -> PromotionCode | None:
        try:
            wanted = normalized_code(code)
        except InvalidInput:
            return None  # no code is written so
        found = await info.context.deps.promotion_code_reader.page(info.context.tenant, {"code": wanted}, limit=1)
        return PromotionCode.of(found[0]) if found else None
