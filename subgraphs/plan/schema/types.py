"""The catalogue as the API shows it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
import strawberry

from subgraphs.kit.graphql.pagination import After, Before, Connection, Edge, First, Last, PageArguments, connection
from subgraphs.kit.graphql.scalars import BigInt, CurrencyCode, Money
from subgraphs.plan.commands.estimate_price import estimated
from subgraphs.plan.documents import FeatureDocument, PlanDocument, PlanFeatureValue, PriceDocument, ProductDocument
from subgraphs.plan.schema.context import Info
from subgraphs.plan.schema.enums import (
    FeatureLimitKind,
    Granularity,
    IntervalUnit,
    PartialPeriodAllowances,
    PriceBilling,
    PriceModel,
    PriceType,
    State,
)
from subgraphs.plan.schema.loaders import (
    load_feature,
    load_meter,
    load_plan,
    load_price,
    load_product,
    plans_of_product,
    prices_of_plan,
)
from subgraphs.plan.schema.meter_types import Meter
from subgraphs.plan.schema.price_types import (
    PriceAllowance,
    PriceEstimate,
    PriceMinimumCommitment,
    PriceTier,
    PriceTransactions,
    PriceUsageThresholds,
    allowance,
    bound,
    commitment,
    thresholds,
    tiers,
    transactions,
)
from subgraphs.pricing.charge import NO_DETAILS, Charge, ChargeDetails

__all__ = [
    "Feature",
    "FeatureConnection",
    "FeatureEdge",
    "Plan",
    "PlanConnection",
    "PlanEdge",
    "Price",
    "PriceConnection",
    "PriceEdge",
    "Product",
    "ProductConnection",
    "ProductEdge",
]

READ = [["plans:read"]]


@strawberry.type(description="How often a price is billed.")
class BillingInterval:
    """As the API shows it."""

    unit: IntervalUnit = strawberry.field(description="The unit counted.")
    count: int = strawberry.field(description="How many units: 3 months is a quarter.")


@strawberry.federation.type(
    keys=["id"], requires_scopes=READ, description="Something that plans include, with or without a limit."
)
class Feature:
    """The Feature entity."""

    id: strawberry.ID = strawberry.field(description="The feature's id, `feat_…`.")
    code: str = strawberry.field(description="Your own name of it, unique in your tenant.")
    name: str = strawberry.field(description="What customers read.")
    description: str | None = strawberry.field(description="More about it.")
    created_at: datetime = strawberry.field(description="When it was created.")
    status: State = strawberry.field(description="Whether further plans can include it.")

    @classmethod
    def of(cls, document: FeatureDocument) -> "Feature":
        return cls(
            id=strawberry.ID(document.id),
            code=document.code,
            name=document.name,
            description=document.description,
            created_at=document.created_at,
            status=document.state,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Feature | None":
        document = await load_feature(info.context, id)
        return cls.of(document) if document else None


@strawberry.type(description="A feature that a plan includes.")
class PlanFeature:
    """As the API shows it."""

    feature_id: strawberry.Private[str]
    meter_id: strawberry.Private[str | None]
    limit: int | None = strawberry.field(description="Up to how much of it the plan includes; null: without limit.")
    limit_kind: FeatureLimitKind | None = strawberry.field(
        description="What reaching the limit means; null where no meter counts what is used of it."
    )

    @strawberry.field(description="What counts how much of it is used in a billing period; null: nothing does.")
    async def meter(self, info: Info) -> Meter | None:
        document = await load_meter(info.context, self.meter_id) if self.meter_id else None
        return Meter.of(document) if document else None

    @strawberry.field(description="The feature.")
    async def feature(self, info: Info) -> Feature | None:
        document = await load_feature(info.context, self.feature_id)
        return Feature.of(document) if document else None

    @classmethod
    def of(cls, row: "_FeatureRow") -> "PlanFeature":
        value = row.value
        kind = FeatureLimitKind.SOFT if value.soft else FeatureLimitKind.HARD
        return cls(feature_id=row.id, meter_id=value.meter_id, limit=value.limit, limit_kind=kind if value.meter_id else None)


@strawberry.type(description="One feature of a plan and its place in the list.")
class PlanFeatureEdge(Edge[PlanFeature]):
    """Edge of PlanFeature."""


@strawberry.type(description="A page of a plan's features.")
class PlanFeatureConnection(Connection[PlanFeature]):
    """Connection of PlanFeature."""


@strawberry.federation.type(
    keys=["id"],
    requires_scopes=READ,
    description="What a plan costs, in one currency, per interval or once. It never changes: a new version takes its place.",
)
class Price:
    """The Price entity."""

    plan_id: strawberry.Private[str]
    meter_id: strawberry.Private[str | None]
    charge: strawberry.Private[Charge]
    id: strawberry.ID = strawberry.field(description="The price's id, `price_…`.")
    version: int = strawberry.field(description="Counts 1, 2, 3 … per plan, currency and interval, or of its one-time prices.")
    model: PriceModel = strawberry.field(description="How a quantity becomes an amount.")
    currency_code: CurrencyCode = strawberry.field(description="The price's currency.")
    flat_amount: Money | None = strawberry.field(description="The amount per interval, or once; null unless the model is FLAT.")
    unit_amount: Decimal | None = strawberry.field(
        description=(
            "The amount per unit (PER_UNIT) or package (PACKAGE), and interval where it recurs, in major units, exact, up to 12 "
            "decimals; null with other models."
        )
    )
    package_size: BigInt | None = strawberry.field(
        description="How many units make a package, of which each begun counts; null unless PACKAGE."
    )
    tiers: list[PriceTier] = strawberry.field(description="The tiers, upwards, at most 100; empty unless the model has tiers.")
    first_tier_at_zero: bool = strawberry.field(description="Whether the first tier's flat amount is due where nothing was used.")
    transactions: PriceTransactions | None = strawberry.field(
        description="How transactions are charged; null unless the model is PERCENTAGE."
    )
    billed: PriceBilling = strawberry.field(
        description="When a period is billed: when it begins, or when it has ended. A ONE_TIME price has none."
    )
    prorated_by: Granularity = strawberry.field(
        description="What a part of a billing period is measured in when a subscription changes."
    )
    free: PriceAllowance = strawberry.field(description="What of a period costs nothing.")
    partial_period_allowances: PartialPeriodAllowances = strawberry.field(
        description="What of free quantities and tiers' bounds usage of a part of a period has."
    )
    minimum: Money | None = strawberry.field(
        description="The least a period costs, and in proportion a part of one; null: no least."
    )
    maximum: Money | None = strawberry.field(
        description=(
            "The most a period costs, and in proportion a part of one. Of usage: what a part may cost together with what its "
            "meter was billed for in the period before. Null: no most."
        )
    )
    usage_thresholds: PriceUsageThresholds | None = strawberry.field(
        description="At which amounts usage is billed at once; null: all of it is billed when its period has ended."
    )
    minimum_commitment: PriceMinimumCommitment | None = strawberry.field(
        description="What whoever subscribes commits to; null: nothing."
    )
    type: PriceType = strawberry.field(description="Whether it is billed every interval, or once.")
    interval: BillingInterval | None = strawberry.field(description="How often it is billed; null: once, as a ONE_TIME price.")
    status: State = strawberry.field(description="Whether it can be subscribed to.")
    external_id: str | None = strawberry.field(description="Your own id of this price, unique in your tenant.")
    created_at: datetime = strawberry.field(description="When it was created.")

    @strawberry.field(
        description="What a quantity, or transactions, of one period would come to: the arithmetic that invoices are billed by."
    )
    def estimate(
        self,
        quantity: Annotated[
            BigInt | None, strawberry.argument(description="How many units; not with PERCENTAGE and GRADUATED_PERCENTAGE.")
        ] = None,
        transactions: Annotated[
            list[Decimal] | None,
            strawberry.argument(
                description="The amounts of up to 1000 transactions in major units, in their order; with those two models."
            ),
        ] = None,
    ) -> PriceEstimate:
        return PriceEstimate.of(estimated(self.charge, quantity, transactions))

    @strawberry.field(description="What counts the usage that it bills when a period has ended; null: it bills in advance.")
    async def meter(self, info: Info) -> Meter | None:
        document = await load_meter(info.context, self.meter_id) if self.meter_id else None
        return Meter.of(document) if document else None

    @strawberry.field(description="The plan it belongs to.")
    async def plan(self, info: Info) -> "Plan | None":
        document = await load_plan(info.context, self.plan_id)
        return Plan.of(document) if document else None

    @classmethod
    def of(cls, document: PriceDocument) -> "Price":
        flat, currency = document.flat_amount_minor, document.currency
        details = msgspec.convert(document.details, ChargeDetails) if document.details else NO_DETAILS
        unit_amount = None if document.unit_amount is None else Decimal(document.unit_amount)
        return cls(
            charge=Charge(
                currency=currency, model=document.model, flat_amount_minor=flat, unit_amount=unit_amount, details=details
            ),
            plan_id=document.plan_id,
            meter_id=document.meter_id,
            id=strawberry.ID(document.id),
            version=document.price_version,
            model=document.model,
            currency_code=CurrencyCode(currency),
            flat_amount=bound(flat, currency),
            unit_amount=unit_amount,
            package_size=None if details.package_size is None else BigInt(details.package_size),
            tiers=tiers(details, document.model, currency),
            first_tier_at_zero=details.first_tier_at_zero,
            billed=PriceBilling.IN_ARREARS if details.in_arrears or document.meter_id else PriceBilling.IN_ADVANCE,
            prorated_by=details.prorated_by,
            transactions=transactions(details, currency),
            free=allowance(details, currency),
            partial_period_allowances=(
                PartialPeriodAllowances.PROPORTIONAL if details.allowances_prorated else PartialPeriodAllowances.WHOLE
            ),
            minimum=bound(details.minimum_minor, currency),
            maximum=bound(details.maximum_minor, currency),
            usage_thresholds=thresholds(details, currency),
            minimum_commitment=commitment(details, currency),
            type=PriceType.RECURRING if document.interval_unit else PriceType.ONE_TIME,
            interval=(
                BillingInterval(unit=document.interval_unit, count=document.interval_count)
                if document.interval_unit and document.interval_count
                else None
            ),
            status=document.state,
            external_id=document.external_id,
            created_at=document.created_at,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Price | None":
        document = await load_price(info.context, id)
        return cls.of(document) if document else None


@strawberry.type(description="One price of a list and its place in it.")
class PriceEdge(Edge[Price]):
    """Edge of Price."""


@strawberry.type(description="A page of prices, newest first.")
class PriceConnection(Connection[Price]):
    """Connection of Price."""


@strawberry.federation.type(
    keys=["id"], requires_scopes=READ, description="A way to buy a product: what it includes and what it costs."
)
class Plan:
    """The Plan entity."""

    product_id: strawberry.Private[str]
    included: strawberry.Private[Sequence[PlanFeatureValue]]
    id: strawberry.ID = strawberry.field(description="The plan's id, `plan_…`.")
    code: str = strawberry.field(description="Your own name of it, unique in your tenant.")
    name: str = strawberry.field(description="What customers read, also on invoices.")
    description: str | None = strawberry.field(description="More about it.")
    status: State = strawberry.field(description="Whether it can be subscribed to.")
    tax_category: str | None = strawberry.field(
        description="Your code of how what it sells is taxed: by the tax rates of this category; null: by those without one."
    )
    created_at: datetime = strawberry.field(description="When it was created.")

    @strawberry.field(description="The product it is a way to buy.")
    async def product(self, info: Info) -> "Product | None":
        document = await load_product(info.context, self.product_id)
        return Product.of(document) if document else None

    @strawberry.field(description="What the plan includes.")
    async def features(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> PlanFeatureConnection:
        page = PageArguments.parse(first, after, last, before)
        rows = page.within([_FeatureRow(value.feature_id, value) for value in self.included])
        return connection(PlanFeatureConnection, PlanFeatureEdge, page, rows, PlanFeature.of)

    @strawberry.field(description="Its price versions, newest first.")
    async def prices(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> PriceConnection:
        page = PageArguments.parse(first, after, last, before)
        rows = await prices_of_plan(info.context, self.id, page)
        return connection(PriceConnection, PriceEdge, page, rows, Price.of)

    @classmethod
    def of(cls, document: PlanDocument) -> "Plan":
        return cls(
            product_id=document.product_id,
            included=document.features,
            id=strawberry.ID(document.id),
            code=document.code,
            name=document.name,
            description=document.description,
            status=document.state,
            tax_category=document.tax_category,
            created_at=document.created_at,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Plan | None":
        document = await load_plan(info.context, id)
        return cls.of(document) if document else None


@strawberry.type(description="One plan of a list and its place in it.")
class PlanEdge(Edge[Plan]):
    """Edge of Plan."""


@strawberry.type(description="A page of plans, newest first.")
class PlanConnection(Connection[Plan]):
    """Connection of Plan."""


@strawberry.federation.type(keys=["id"], requires_scopes=READ, description="Something sold, in one or several plans.")
class Product:
    """The Product entity."""

    id: strawberry.ID = strawberry.field(description="The product's id, `prod_…`.")
    name: str = strawberry.field(description="What customers read.")
    description: str | None = strawberry.field(description="More about it.")
    external_id: str | None = strawberry.field(description="Your own id of this product, unique in your tenant.")
    created_at: datetime = strawberry.field(description="When it was created.")
    status: State = strawberry.field(description="Whether it can be given further plans.")

    @strawberry.field(description="The ways to buy it, newest first.")
    async def plans(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> PlanConnection:
        page = PageArguments.parse(first, after, last, before)
        rows = await plans_of_product(info.context, self.id, page)
        return connection(PlanConnection, PlanEdge, page, rows, Plan.of)

    @classmethod
    def of(cls, document: ProductDocument) -> "Product":
        return cls(
            id=strawberry.ID(document.id),
            name=document.name,
            description=document.description,
            external_id=document.external_id,
            created_at=document.created_at,
            status=document.state,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Product | None":
        document = await load_product(info.context, id)
        return cls.of(document) if document else None


@strawberry.type(description="One product of a list and its place in it.")
class ProductEdge(Edge[Product]):
    """Edge of Product."""


@strawberry.type(description="A page of products, newest first.")
class ProductConnection(Connection[Product]):
    """Connection of Product."""


@strawberry.type(description="One feature of a list and its place in it.")
class FeatureEdge(Edge[Feature]):
    """Edge of Feature."""


@strawberry.type(description="A page of features, newest first.")
class FeatureConnection(Connection[Feature]):
    """Connection of Feature."""


class _FeatureRow:
    """A plan's feature as a row of a list."""

    def __init__(self, id: str, value: PlanFeatureValue) -> None:
        self.id, self.value = id, value
