"""What mutations of the catalogue take."""

import strawberry
from strawberry import UNSET

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.graphql.writes import WriteInput
from subgraphs.plan.domain.values import FeatureMeter, Naming
from subgraphs.plan.schema.enums import FeatureLimitKind

__all__ = [
    "FeatureArchiveInput",
    "FeatureCreateInput",
    "FeatureUpdateInput",
    "PlanArchiveInput",
    "PlanCreateInput",
    "PlanFeatureRemoveInput",
    "PlanFeatureSetInput",
    "PlanTaxCategorySetInput",
    "PlanUpdateInput",
    "PriceArchiveInput",
    "ProductArchiveInput",
    "ProductCreateInput",
    "ProductUpdateInput",
]


@strawberry.input(description="What productCreate takes.")
class ProductCreateInput(WriteInput):
    """Input of productCreate."""

    name: str = strawberry.field(description="What customers read, 1 to 200 characters.")
    description: str | None = strawberry.field(default=None, description="More about it, up to 2000 characters.")
    external_id: str | None = strawberry.field(
        default=None, description="Your own id of this product, 1 to 200 characters, unique in your tenant."
    )


@strawberry.input
class NamingInput(WriteInput):
    """Base of what changes a name: what is left out stays as it is."""

    id: strawberry.ID = strawberry.field(description="What to change.")
    name: str | None = strawberry.field(
        default=UNSET, description="What customers read, 1 to 200 characters; cannot be cleared. Left out: it stays."
    )
    description: str | None = strawberry.field(
        default=UNSET, description="More about it, up to 2000 characters; null clears it. Left out: it stays."
    )

    def changes(self) -> Naming:
        """Return what changes; a null name counts as an empty one, which is refused."""
        found = Naming()
        if self.name is not UNSET:
            found["name"] = self.name or ""
        if self.description is not UNSET:
            found["description"] = self.description
        return found


@strawberry.input(description="What productUpdate takes.")
class ProductUpdateInput(NamingInput):
    """Input of productUpdate."""


@strawberry.input(description="What planUpdate takes.")
class PlanUpdateInput(NamingInput):
    """Input of planUpdate."""


@strawberry.input(description="What featureUpdate takes.")
class FeatureUpdateInput(NamingInput):
    """Input of featureUpdate."""


@strawberry.input(description="What productArchive takes.")
class ProductArchiveInput(WriteInput):
    """Input of productArchive."""

    id: strawberry.ID = strawberry.field(description="The product to archive.")


@strawberry.input(description="What featureArchive takes.")
class FeatureArchiveInput(WriteInput):
    """Input of featureArchive."""

    id: strawberry.ID = strawberry.field(description="The feature to archive.")


@strawberry.input(description="What featureCreate takes.")
class FeatureCreateInput(WriteInput):
    """Input of featureCreate."""

    code: str = strawberry.field(
        description="Your own name of it: up to 64 lower-case letters and digits, with - or _ between; unique in your tenant."
    )
    name: str = strawberry.field(description="What customers read, 1 to 200 characters.")
    description: str | None = strawberry.field(default=None, description="More about it, up to 2000 characters.")


@strawberry.input(description="What planCreate takes.")
class PlanCreateInput(WriteInput):
    """Input of planCreate."""

    product_id: strawberry.ID = strawberry.field(description="The product it is a way to buy.")
    code: str = strawberry.field(
        description="Your own name of it: up to 64 lower-case letters and digits, with - or _ between; unique in your tenant."
    )
    name: str = strawberry.field(description="What customers read, also on invoices; 1 to 200 characters.")
    description: str | None = strawberry.field(default=None, description="More about it, up to 2000 characters.")
    tax_category: str | None = strawberry.field(
        default=None,
        description="Your code of how it is taxed, such as reduced: lower-case letters, digits, - and _ (see taxRateAdd).",
    )


@strawberry.input(description="What planTaxCategorySet takes.")
class PlanTaxCategorySetInput(WriteInput):
    """Input of planTaxCategorySet."""

    id: strawberry.ID = strawberry.field(description="The plan, sold or archived.")
    tax_category: str | None = strawberry.field(
        default=None, description="Your code of the category, as that of taxRateAdd; null: none, as of every plan at first."
    )


@strawberry.input(description="What planArchive takes.")
class PlanArchiveInput(WriteInput):
    """Input of planArchive."""

    id: strawberry.ID = strawberry.field(description="The plan to archive.")


@strawberry.input(description="What planFeatureSet takes.")
class PlanFeatureSetInput(WriteInput):
    """Input of planFeatureSet."""

    plan_id: strawberry.ID = strawberry.field(description="The plan that includes the feature.")
    feature_id: strawberry.ID = strawberry.field(description="What it includes.")
    limit: int | None = strawberry.field(default=None, description="Up to how much; null: without limit.")
    meter_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "The limit is of what this meter counts in a billing period of a subscription, with any aggregation but "
            "WEIGHTED_SUM; null: nothing is counted."
        ),
    )
    limit_kind: FeatureLimitKind = strawberry.field(
        default=FeatureLimitKind.HARD, description="What reaching the limit means, with a meter."
    )

    def metered(self) -> FeatureMeter | None:
        """Return by what its use is counted.

        Raises:
            InvalidInput: a soft limit has no meter.
        """
        soft = self.limit_kind is FeatureLimitKind.SOFT
        if self.meter_id is None:
            if soft:
                raise InvalidInput("a limit is SOFT where a meter counts: give its meterId", field=("limitKind",))
            return None
        return FeatureMeter(meter_id=self.meter_id, soft=soft)


@strawberry.input(description="What planFeatureRemove takes.")
class PlanFeatureRemoveInput(WriteInput):
    """Input of planFeatureRemove."""

    plan_id: strawberry.ID = strawberry.field(description="The plan that included the feature.")
    feature_id: strawberry.ID = strawberry.field(description="What it includes no longer.")


@strawberry.input(description="What priceArchive takes.")
class PriceArchiveInput(WriteInput):
    """Input of priceArchive."""

    id: strawberry.ID = strawberry.field(description="The price to archive.")
