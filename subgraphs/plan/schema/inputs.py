"""What mutations of the catalogue take."""

from decimal import Decimal

import strawberry

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.period import Interval
from subgraphs.kit.graphql.scalars import CurrencyCode, MoneyInput
from subgraphs.kit.graphql.writes import WriteInput
from subgraphs.plan.domain.values import PriceTerms
from subgraphs.plan.schema.enums import IntervalUnit, PriceModel

__all__ = [
    "BillingIntervalInput",
    "FeatureCreateInput",
    "PlanArchiveInput",
    "PlanCreateInput",
    "PlanFeatureRemoveInput",
    "PlanFeatureSetInput",
    "PriceArchiveInput",
    "PriceCreateInput",
    "ProductCreateInput",
]


@strawberry.input
class ProductCreateInput(WriteInput):
    """Input of productCreate."""

    name: str = strawberry.field(description="What customers read, 1 to 200 characters.")
    description: str | None = strawberry.field(default=None, description="More about it, up to 2000 characters.")


@strawberry.input
class FeatureCreateInput(WriteInput):
    """Input of featureCreate."""

    code: str = strawberry.field(description="Your own name of it: lower-case letters, digits, - and _; unique in your tenant.")
    name: str = strawberry.field(description="What customers read, 1 to 200 characters.")
    description: str | None = strawberry.field(default=None, description="More about it, up to 2000 characters.")


@strawberry.input
class PlanCreateInput(WriteInput):
    """Input of planCreate."""

    product_id: strawberry.ID = strawberry.field(description="The product it is a way to buy.")
    code: str = strawberry.field(description="Your own name of it: lower-case letters, digits, - and _; unique in your tenant.")
    name: str = strawberry.field(description="What customers read, also on invoices; 1 to 200 characters.")
    description: str | None = strawberry.field(default=None, description="More about it, up to 2000 characters.")


@strawberry.input
class PlanArchiveInput(WriteInput):
    """Input of planArchive."""

    id: strawberry.ID = strawberry.field(description="The plan to archive.")


@strawberry.input
class PlanFeatureSetInput(WriteInput):
    """Input of planFeatureSet."""

    plan_id: strawberry.ID = strawberry.field(description="The plan that includes the feature.")
    feature_id: strawberry.ID = strawberry.field(description="What it includes.")
    limit: int | None = strawberry.field(default=None, description="Up to how much; null: without limit.")


@strawberry.input
class PlanFeatureRemoveInput(WriteInput):
    """Input of planFeatureRemove."""

    plan_id: strawberry.ID = strawberry.field(description="The plan that included the feature.")
    feature_id: strawberry.ID = strawberry.field(description="What it includes no longer.")


@strawberry.input(description="How often a price is billed.")
class BillingIntervalInput:
    """As the API takes it."""

    unit: IntervalUnit = strawberry.field(description="The unit counted.")
    count: int = strawberry.field(default=1, description="How many units: up to 365 days, 52 weeks, 36 months or 3 years.")


@strawberry.input
class PriceCreateInput(WriteInput):
    """Input of priceCreate."""

    plan_id: strawberry.ID = strawberry.field(description="The plan it is a price of.")
    model: PriceModel = strawberry.field(description="How a quantity becomes an amount.")
    currency_code: CurrencyCode = strawberry.field(description="The price's currency.")
    interval: BillingIntervalInput = strawberry.field(description="How often it is billed.")
    flat_amount: MoneyInput | None = strawberry.field(default=None, description="The amount per interval, with model FLAT.")
    unit_amount: Decimal | None = strawberry.field(
        default=None, description="The amount per unit and interval in major units, up to 12 decimals, with model PER_UNIT."
    )

    def terms(self) -> PriceTerms:
        """Return the terms.

        Raises:
            InvalidInput: the flat amount is in another currency than the price, or the interval is out of range.
        """
        if self.flat_amount is not None and self.flat_amount.currency_code != self.currency_code:
            raise InvalidInput(
                f"the flat amount is in {self.flat_amount.currency_code}, the price in {self.currency_code}",
                field=("flatAmount", "currencyCode"),
            )
        return PriceTerms(
            currency=self.currency_code,
            model=self.model,
            flat_amount_minor=self.flat_amount.minor_units if self.flat_amount else None,
            unit_amount=self.unit_amount,
            interval=Interval(self.interval.unit, self.interval.count),
        )


@strawberry.input
class PriceArchiveInput(WriteInput):
    """Input of priceArchive."""

    id: strawberry.ID = strawberry.field(description="The price to archive.")
