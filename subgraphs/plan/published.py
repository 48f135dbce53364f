"""The only translator from what happens to the catalogue to what other subgraphs and partners are told."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from subgraphs.kit.domain.event import Event
from subgraphs.kit.messaging.envelope import PublicEvent
from subgraphs.kit.messaging.published import Contract, json_schemas_of, public_event
from subgraphs.kit.persistence.commit import Commit
from subgraphs.plan.domain import coupon, events, meter, promotion_code
from subgraphs.plan.domain.coupon import Coupon
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.domain.meter import Meter
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.price import Price
from subgraphs.plan.domain.product import Product
from subgraphs.plan.domain.promotion_code import PromotionCode
from subgraphs.pricing.charge import NO_DETAILS, ChargeDetails
from subgraphs.pricing.discount import DiscountDuration

__all__ = ["json_schemas", "publish"]


class ProductCreated(Contract, frozen=True):
    """A product exists from now on."""

    event_type = "product-created.v1"

    product_id: str
    name: str
    external_id: str | None = None


class ProductUpdated(Contract, frozen=True):
    """What a product is called from now on."""

    event_type = "product-updated.v1"

    product_id: str
    name: str


class ProductArchived(Contract, frozen=True):
    """A product is given no further plans."""

    event_type = "product-archived.v1"

    product_id: str


class FeatureCreated(Contract, frozen=True):
    """A feature exists from now on."""

    event_type = "feature-created.v1"

    feature_id: str
    code: str
    name: str


class FeatureUpdated(Contract, frozen=True):
    """What a feature is called from now on. Its code stays."""

    event_type = "feature-updated.v1"

    feature_id: str
    name: str


class FeatureArchived(Contract, frozen=True):
    """A feature is included in no further plans."""

    event_type = "feature-archived.v1"

    feature_id: str


class PlanCreated(Contract, frozen=True):
    """A plan exists from now on."""

    event_type = "plan-created.v1"

    plan_id: str
    product_id: str
    code: str
    name: str


class PlanUpdated(Contract, frozen=True):
    """What a plan is called from now on, also on what is billed from now on. Its code stays."""

    event_type = "plan-updated.v1"

    plan_id: str
    name: str


class PlanFeatureSet(Contract, frozen=True):
    """A plan includes a feature, up to `limit`; null: without limit.

    With `meterId` the limit is of what is used in a billing period; `soft`: it tells, and does not keep from using.
    """

    event_type = "plan-feature-set.v1"

    plan_id: str
    feature_id: str
    limit: int | None
    meter_id: str | None = None
    soft: bool = False


class PlanFeatureRemoved(Contract, frozen=True):
    """A plan includes a feature no longer."""

    event_type = "plan-feature-removed.v1"

    plan_id: str
    feature_id: str


class PlanTaxCategorySet(Contract, frozen=True):
    """What a plan sells is taxed by the rates of this category from now on; null: by those without one."""

    event_type = "plan-tax-category-set.v1"

    plan_id: str
    tax_category: str | None


class PlanArchived(Contract, frozen=True):
    """A plan is sold no longer."""

    event_type = "plan-archived.v1"

    plan_id: str


class PriceCreated(Contract, frozen=True):
    """A price version exists from now on. `unitAmount` is decimal text in major units, `flatAmountMinor` in minor units.

    `details` are the numbers of models other than FLAT and PER_UNIT, and what bounds the amount; null where there are none.
    With `meterId` it bills what is used, when a period has ended.
    """

    event_type = "price-created.v1"

    price_id: str
    plan_id: str
    plan_name: str
    currency: str
    model: str
    flat_amount_minor: int | None
    unit_amount: str | None
    interval_unit: str
    interval_count: int
    version: int
    details: ChargeDetails | None = None
    meter_id: str | None = None
    external_id: str | None = None


class OneTimePriceCreated(Contract, frozen=True):
    """A price version that is billed once, such as a set-up fee, exists from now on. Its numbers are as in price-created.v1.

    price-created.v1, which has an interval, does not tell of it.
    """

    event_type = "one-time-price-created.v1"

    price_id: str
    plan_id: str
    plan_name: str
    currency: str
    model: str
    flat_amount_minor: int | None
    unit_amount: str | None
    version: int
    details: ChargeDetails | None = None
    external_id: str | None = None


class PriceArchived(Contract, frozen=True):
    """A price version is sold no longer."""

    event_type = "price-archived.v1"

    price_id: str


class MeterCreated(Contract, frozen=True):
    """Usage is counted by a meter from now on."""

    event_type = "meter-created.v1"

    meter_id: str
    code: str
    name: str
    aggregation: str


class MeterArchived(Contract, frozen=True):
    """Nothing new is sold by a meter."""

    event_type = "meter-archived.v1"

    meter_id: str


class CouponCreated(Contract, frozen=True):
    """A coupon can be given from now on: `percentOff` (decimal text, 25 for 25 %) or `amountOffMinor` in minor units.

    `periods` is for how many billing periods; null: for all. Without `planIds` it is for any plan.
    """

    event_type = "coupon-created.v1"

    coupon_id: str
    name: str
    percent_off: str | None
    amount_off_minor: int | None
    currency: str | None
    duration: str
    periods: int | None
    plan_ids: tuple[str, ...]
    max_redemptions: int | None
    once_per_customer: bool
    redeem_by: datetime | None


class CouponArchived(Contract, frozen=True):
    """A coupon is given no longer."""

    event_type = "coupon-archived.v1"

    coupon_id: str


class PromotionCodeCreated(Contract, frozen=True):
    """A code, in upper case, gives a coupon from now on."""

    event_type = "promotion-code-created.v1"

    promotion_code_id: str
    coupon_id: str
    code: str
    max_redemptions: int | None
    expires_at: datetime | None


class PromotionCodeDeactivated(Contract, frozen=True):
    """A code is accepted no longer."""

    event_type = "promotion-code-deactivated.v1"

    promotion_code_id: str


_CONTRACTS: tuple[type[Contract], ...] = (
    ProductCreated,
    ProductUpdated,
    ProductArchived,
    FeatureCreated,
    FeatureUpdated,
    FeatureArchived,
    PlanCreated,
    PlanUpdated,
    PlanFeatureSet,
    PlanFeatureRemoved,
    PlanArchived,
    PlanTaxCategorySet,
    PriceCreated,
    OneTimePriceCreated,
    PriceArchived,
    MeterCreated,
    MeterArchived,
    CouponCreated,
    CouponArchived,
    PromotionCodeCreated,
    PromotionCodeDeactivated,
)
_CODECS = {kind.kind: kind.codec for kind in (Product, Feature, Plan, Price, Coupon, PromotionCode, Meter)}


def publish(commit: Commit) -> Sequence[PublicEvent]:
    """Return the public events of one commit."""
    codec = _CODECS[commit.kind]
    contracts = (
        contract
        for stored in commit.events
        for contract in _translate(commit.aggregate_id, codec.decode(stored.type, stored.data))
    )
    return [public_event(commit, number, contract) for number, contract in enumerate(contracts)]


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every public event by its type."""
    return json_schemas_of(_CONTRACTS)


def _translate(id: str, event: Event) -> Iterator[Contract]:
    match event:
        case events.ProductCreated():
            yield ProductCreated(product_id=id, name=event.name, external_id=event.external_id)
        case events.ProductUpdated():
            yield ProductUpdated(product_id=id, name=event.name)
        case events.ProductArchived():
            yield ProductArchived(product_id=id)
        case events.FeatureUpdated():
            yield FeatureUpdated(feature_id=id, name=event.name)
        case events.FeatureArchived():
            yield FeatureArchived(feature_id=id)
        case events.PlanUpdated():
            yield PlanUpdated(plan_id=id, name=event.name)
        case events.FeatureCreated():
            yield FeatureCreated(feature_id=id, code=event.code, name=event.name)
        case events.PlanCreated():
            yield PlanCreated(plan_id=id, product_id=event.product_id, code=event.code, name=event.name)
        case events.PlanFeatureSet():
            metered = event.metered
            yield PlanFeatureSet(
                plan_id=id,
                feature_id=event.feature_id,
                limit=event.limit,
                meter_id=metered.meter_id if metered else None,
                soft=metered.soft if metered else False,
            )
        case events.PlanFeatureRemoved():
            yield PlanFeatureRemoved(plan_id=id, feature_id=event.feature_id)
        case events.PlanTaxCategorySet():
            yield PlanTaxCategorySet(plan_id=id, tax_category=event.tax_category)
        case events.PlanArchived():
            yield PlanArchived(plan_id=id)
        case events.PriceCreated(terms=terms) if terms.interval is None:
            yield OneTimePriceCreated(
                price_id=id,
                plan_id=event.plan_id,
                plan_name=event.plan_name,
                currency=terms.currency,
                model=terms.model.value,
                flat_amount_minor=terms.flat_amount_minor,
                unit_amount=None if terms.unit_amount is None else format(terms.unit_amount, "f"),
                version=event.version,
                details=terms.details if terms.details != NO_DETAILS else None,
                external_id=event.external_id,
            )
        case events.PriceCreated(terms=terms):
            assert terms.interval is not None  # noqa: S101  the case before
            yield PriceCreated(
                price_id=id,
                plan_id=event.plan_id,
                plan_name=event.plan_name,
                currency=terms.currency,
                model=terms.model.value,
                flat_amount_minor=terms.flat_amount_minor,
                unit_amount=None if terms.unit_amount is None else format(terms.unit_amount, "f"),
                interval_unit=terms.interval.unit.value,
                interval_count=terms.interval.count,
                version=event.version,
                details=terms.details if terms.details != NO_DETAILS else None,
                meter_id=terms.meter_id,
                external_id=event.external_id,
            )
        case events.PriceArchived():
            yield PriceArchived(price_id=id)
        case coupon.CouponCreated(terms=given):
            yield CouponCreated(
                coupon_id=id,
                name=event.name,
                percent_off=None if given.percent_off is None else format(given.percent_off, "f"),
                amount_off_minor=given.amount_off.minor_units if given.amount_off else None,
                currency=given.amount_off.currency if given.amount_off else None,
                duration=given.duration.value,
                periods=1 if given.duration is DiscountDuration.ONCE else given.periods,
                plan_ids=given.plan_ids,
                max_redemptions=given.max_redemptions,
                once_per_customer=given.once_per_customer,
                redeem_by=given.redeem_by,
            )
        case coupon.CouponArchived():
            yield CouponArchived(coupon_id=id)
        case promotion_code.PromotionCodeCreated():
            yield PromotionCodeCreated(
                promotion_code_id=id,
                coupon_id=event.coupon_id,
                code=event.code,
                max_redemptions=event.max_redemptions,
                expires_at=event.expires_at,
            )
        case promotion_code.PromotionCodeDeactivated():
            yield PromotionCodeDeactivated(promotion_code_id=id)
        case meter.MeterCreated():
            yield MeterCreated(meter_id=id, code=event.code, name=event.name, aggregation=event.aggregation.value)
        case meter.MeterArchived():
            yield MeterArchived(meter_id=id)
