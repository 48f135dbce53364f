"""What products, plans and features are called, and archiving what is given out no longer."""

from typing import Annotated, Self

import strawberry

from subgraphs.kit.graphql.writes import write
from subgraphs.plan import projections
from subgraphs.plan.commands.archive_feature import archive_feature
from subgraphs.plan.commands.archive_product import archive_product
from subgraphs.plan.commands.update_feature import update_feature
from subgraphs.plan.commands.update_plan import update_plan
from subgraphs.plan.commands.update_product import update_product
from subgraphs.plan.domain.feature import Feature as FeatureAggregate
from subgraphs.plan.domain.product import Product as ProductAggregate
from subgraphs.plan.schema.context import Info
from subgraphs.plan.schema.inputs import (
    FeatureArchiveInput,
    FeatureUpdateInput,
    PlanUpdateInput,
    ProductArchiveInput,
    ProductUpdateInput,
)
from subgraphs.plan.schema.payloads import PlanPayload, RefusablePayload
from subgraphs.plan.schema.types import Feature, Product

__all__ = ["NamingMutation"]

WRITE = [["plans:write"]]
WHAT = strawberry.argument(description="What to do.")


@strawberry.type
class ProductPayload(RefusablePayload):
    """Base of payloads with a product."""

    product: Product | None = strawberry.field(default=None, description="The product afterwards, null when refused.")

    @classmethod
    def done(cls, product: ProductAggregate) -> Self:
        return cls(product=Product.of(projections.product_document(product)))


@strawberry.type
class FeaturePayload(RefusablePayload):
    """Base of payloads with a feature."""

    feature: Feature | None = strawberry.field(default=None, description="The feature afterwards, null when refused.")

    @classmethod
    def done(cls, feature: FeatureAggregate) -> Self:
        return cls(feature=Feature.of(projections.feature_document(feature)))


@strawberry.type(description="Answer of productUpdate.")
class ProductUpdatePayload(ProductPayload):
    """Answer of productUpdate."""


@strawberry.type(description="Answer of productArchive.")
class ProductArchivePayload(ProductPayload):
    """Answer of productArchive."""


@strawberry.type(description="Answer of planUpdate.")
class PlanUpdatePayload(PlanPayload):
    """Answer of planUpdate."""


@strawberry.type(description="Answer of featureUpdate.")
class FeatureUpdatePayload(FeaturePayload):
    """Answer of featureUpdate."""


@strawberry.type(description="Answer of featureArchive.")
class FeatureArchivePayload(FeaturePayload):
    """Answer of featureArchive."""


@strawberry.type
class NamingMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=("Change the name or description of a product, archived or not. Repeating it changes nothing."),
    )
    @write(ProductUpdatePayload)
    async def product_update(self, info: Info, input: Annotated[ProductUpdateInput, WHAT]) -> ProductUpdatePayload:
        context = await info.context.command()
        return ProductUpdatePayload.done(await update_product(info.context.deps.products, input.id, input.changes(), context))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Give a product no further plans. Those that it has are sold on: archive them with planArchive. Repeating it changes "
            "nothing."
        ),
    )
    @write(ProductArchivePayload)
    async def product_archive(self, info: Info, input: Annotated[ProductArchiveInput, WHAT]) -> ProductArchivePayload:
        context = await info.context.command()
        return ProductArchivePayload.done(await archive_product(info.context.deps.products, input.id, context))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Change the name or description of a plan, archived or not. Lines that are drafted from then on bear the new name, "
            "also those of who subscribes already; what was billed keeps its own. Its code stays. Repeating it changes nothing."
        ),
    )
    @write(PlanUpdatePayload)
    async def plan_update(self, info: Info, input: Annotated[PlanUpdateInput, WHAT]) -> PlanUpdatePayload:
        context = await info.context.command()
        return PlanUpdatePayload.done(await update_plan(info.context.deps.plans, input.id, input.changes(), context))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Change the name or description of a feature, archived or not. Its code stays. Repeating it changes nothing."
        ),
    )
    @write(FeatureUpdatePayload)
    async def feature_update(self, info: Info, input: Annotated[FeatureUpdateInput, WHAT]) -> FeatureUpdatePayload:
        context = await info.context.command()
        return FeatureUpdatePayload.done(await update_feature(info.context.deps.features, input.id, input.changes(), context))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Include a feature in no further plans. Those that include it go on granting it, until planFeatureRemove. Repeating "
            "it changes nothing."
        ),
    )
    @write(FeatureArchivePayload)
    async def feature_archive(self, info: Info, input: Annotated[FeatureArchiveInput, WHAT]) -> FeatureArchivePayload:
        context = await info.context.command()
        return FeatureArchivePayload.done(await archive_feature(info.context.deps.features, input.id, context))
