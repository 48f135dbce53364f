"""Changing the catalogue."""

from typing import Annotated, Self

import strawberry

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.graphql.writes import write
from subgraphs.plan import projections
from subgraphs.plan.commands.archive_plan import archive_plan
from subgraphs.plan.commands.archive_price import archive_price
from subgraphs.plan.commands.change_plan_features import remove_plan_feature, set_metered_plan_feature, set_plan_feature
from subgraphs.plan.commands.create_feature import create_feature
from subgraphs.plan.commands.create_plan import create_plan
from subgraphs.plan.commands.create_price import create_price
from subgraphs.plan.commands.create_product import create_product
from subgraphs.plan.commands.set_plan_tax_category import set_plan_tax_category
from subgraphs.plan.domain.price import Price as PriceAggregate
from subgraphs.plan.schema.context import Info
from subgraphs.plan.schema.coupon_mutation import CouponMutation
from subgraphs.plan.schema.inputs import (
    FeatureCreateInput,
    PlanArchiveInput,
    PlanCreateInput,
    PlanFeatureRemoveInput,
    PlanFeatureSetInput,
    PlanTaxCategorySetInput,
    PriceArchiveInput,
    ProductCreateInput,
)
from subgraphs.plan.schema.meters import MeterMutation
from subgraphs.plan.schema.naming_mutation import NamingMutation
from subgraphs.plan.schema.payloads import PlanPayload, RefusablePayload
from subgraphs.plan.schema.price_inputs import PriceCreateInput
from subgraphs.plan.schema.types import Feature, Price, Product

__all__ = ["Mutation"]

WRITE = [["plans:write"]]
WHAT = strawberry.argument(description="What to do.")


@strawberry.type(description="Answer of productCreate.")
class ProductCreatePayload(RefusablePayload):
    """Answer of productCreate."""

    product: Product | None = strawberry.field(default=None, description="The new product, null when refused.")


@strawberry.type(description="Answer of featureCreate.")
class FeatureCreatePayload(RefusablePayload):
    """Answer of featureCreate."""

    feature: Feature | None = strawberry.field(default=None, description="The new feature, null when refused.")


@strawberry.type(description="Answer of planCreate.")
class PlanCreatePayload(PlanPayload):
    """Answer of planCreate."""


@strawberry.type(description="Answer of planArchive.")
class PlanArchivePayload(PlanPayload):
    """Answer of planArchive."""


@strawberry.type(description="Answer of planTaxCategorySet.")
class PlanTaxCategorySetPayload(PlanPayload):
    """Answer of planTaxCategorySet."""


@strawberry.type(description="Answer of planFeatureSet.")
class PlanFeatureSetPayload(PlanPayload):
    """Answer of planFeatureSet."""


@strawberry.type(description="Answer of planFeatureRemove.")
class PlanFeatureRemovePayload(PlanPayload):
    """Answer of planFeatureRemove."""


@strawberry.type
class PricePayload(RefusablePayload):
    """Base of payloads with a price."""

    price: Price | None = strawberry.field(default=None, description="The price afterwards, null when refused.")

    @classmethod
    def done(cls, price: PriceAggregate) -> Self:
        return cls(price=Price.of(projections.price_document(price)))


@strawberry.type(description="Answer of priceCreate.")
class PriceCreatePayload(PricePayload):
    """Answer of priceCreate."""


@strawberry.type(description="Answer of priceArchive.")
class PriceArchivePayload(PricePayload):
    """Answer of priceArchive."""


@strawberry.type
class Mutation(NamingMutation, CouponMutation, MeterMutation):
    """Root fields."""

    @strawberry.federation.field(requires_scopes=WRITE, description="Create a product.")
    @write(ProductCreatePayload)
    async def product_create(self, info: Info, input: Annotated[ProductCreateInput, WHAT]) -> ProductCreatePayload:
        services = info.context.deps
        product = await create_product(
            services.products,
            services.claims,
            input.name,
            input.description,
            await _command(info),
            external_id=input.external_id,
        )
        return ProductCreatePayload(product=Product.of(projections.product_document(product)))

    @strawberry.federation.field(requires_scopes=WRITE, description="Create a feature.")
    @write(FeatureCreatePayload)
    async def feature_create(self, info: Info, input: Annotated[FeatureCreateInput, WHAT]) -> FeatureCreatePayload:
        services = info.context.deps
        feature = await create_feature(
            services.features, services.claims, input.code, input.name, input.description, await _command(info)
        )
        return FeatureCreatePayload(feature=Feature.of(projections.feature_document(feature)))

    @strawberry.federation.field(requires_scopes=WRITE, description="Create a plan of a product that is not archived.")
    @write(PlanCreatePayload)
    async def plan_create(self, info: Info, input: Annotated[PlanCreateInput, WHAT]) -> PlanCreatePayload:
        services = info.context.deps
        plan = await create_plan(
            services.plans,
            services.products,
            services.claims,
            input.product_id,
            input.code,
            input.name,
            input.description,
            await _command(info),
            tax_category=input.tax_category,
        )
        return PlanCreatePayload.done(plan)

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Sell a plan no longer; who has it keeps it. Repeating it changes nothing."
    )
    @write(PlanArchivePayload)
    async def plan_archive(self, info: Info, input: Annotated[PlanArchiveInput, WHAT]) -> PlanArchivePayload:
        return PlanArchivePayload.done(await archive_plan(info.context.deps.plans, input.id, await _command(info)))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Say how what a plan sells is taxed, on what is drafted from then on: by the tax rates of a category where there are "
            "some. Repeating it changes nothing."
        ),
    )
    @write(PlanTaxCategorySetPayload)
    async def plan_tax_category_set(
        self, info: Info, input: Annotated[PlanTaxCategorySetInput, WHAT]
    ) -> PlanTaxCategorySetPayload:
        plans, command = info.context.deps.plans, await _command(info)
        return PlanTaxCategorySetPayload.done(await set_plan_tax_category(plans, input.id, input.tax_category, command))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Include a feature in a plan, or change its limit. One that is archived is included in no further plan. Repeating it "
            "changes nothing."
        ),
    )
    @write(PlanFeatureSetPayload)
    async def plan_feature_set(self, info: Info, input: Annotated[PlanFeatureSetInput, WHAT]) -> PlanFeatureSetPayload:
        services, context, metered = info.context.deps, await _command(info), input.metered()
        plans, features, plan_id, feature_id = services.plans, services.features, input.plan_id, input.feature_id
        if metered is None:
            plan = await set_plan_feature(plans, features, plan_id, feature_id, input.limit, context)
        else:
            plan = await set_metered_plan_feature(
                plans, features, services.meters, plan_id, feature_id, input.limit, metered, context
            )
        return PlanFeatureSetPayload.done(plan)

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Include a feature in a plan no longer. Repeating it changes nothing."
    )
    @write(PlanFeatureRemovePayload)
    async def plan_feature_remove(self, info: Info, input: Annotated[PlanFeatureRemoveInput, WHAT]) -> PlanFeatureRemovePayload:
        plan = await remove_plan_feature(info.context.deps.plans, input.plan_id, input.feature_id, await _command(info))
        return PlanFeatureRemovePayload.done(plan)

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Create the next version of what a plan costs in a currency, per interval or once. Subscribers keep theirs.",
    )
    @write(PriceCreatePayload)
    async def price_create(self, info: Info, input: Annotated[PriceCreateInput, WHAT]) -> PriceCreatePayload:
        services = info.context.deps
        price = await create_price(
            services.prices,
            services.plans,
            services.meters,
            services.claims,
            input.plan_id,
            input.terms(),
            await _command(info),
            external_id=input.external_id,
        )
        return PriceCreatePayload.done(price)

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Sell at a price no longer; who pays it goes on. Repeating it changes nothing."
    )
    @write(PriceArchivePayload)
    async def price_archive(self, info: Info, input: Annotated[PriceArchiveInput, WHAT]) -> PriceArchivePayload:
        return PriceArchivePayload.done(await archive_price(info.context.deps.prices, input.id, await _command(info)))


async def _command(info: Info) -> CommandContext:
    return await info.context.command()
