"""From the catalogue's aggregates to their documents."""

import msgspec

from subgraphs.kit.persistence.documents import DocumentProjection
from subgraphs.plan.documents import (
    CouponDocument,
    FeatureDocument,
    MeterDocument,
    PlanDocument,
    PlanFeatureValue,
    PriceDocument,
    ProductDocument,
    PromotionCodeDocument,
)
from subgraphs.plan.domain.coupon import Coupon
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.domain.meter import Meter
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.price import Price
from subgraphs.plan.domain.product import Product
from subgraphs.plan.domain.promotion_code import PromotionCode
from subgraphs.pricing.charge import NO_DETAILS

__all__ = [
    "coupon_document",
    "coupon_projection",
    "feature_document",
    "feature_projection",
    "meter_document",
    "meter_projection",
    "plan_document",
    "plan_projection",
    "price_document",
    "price_projection",
    "product_document",
    "product_projection",
    "promotion_code_document",
    "promotion_code_projection",
]


def product_projection() -> DocumentProjection[Product, ProductDocument]:
    """Return the projection that keeps `products`."""
    return DocumentProjection(ProductDocument, product_document)


def feature_projection() -> DocumentProjection[Feature, FeatureDocument]:
    """Return the projection that keeps `features`."""
    return DocumentProjection(FeatureDocument, feature_document)


def plan_projection() -> DocumentProjection[Plan, PlanDocument]:
    """Return the projection that keeps `plans`."""
    return DocumentProjection(PlanDocument, plan_document)


def price_projection() -> DocumentProjection[Price, PriceDocument]:
    """Return the projection that keeps `prices`."""
    return DocumentProjection(PriceDocument, price_document)


def coupon_projection() -> DocumentProjection[Coupon, CouponDocument]:
    """Return the projection that keeps `coupons`."""
    return DocumentProjection(CouponDocument, coupon_document)


def promotion_code_projection() -> DocumentProjection[PromotionCode, PromotionCodeDocument]:
    """Return the projection that keeps `promotion_codes`."""
    return DocumentProjection(PromotionCodeDocument, promotion_code_document)


def product_document(product: Product) -> ProductDocument:
    """Return what is read about a product in this state."""
    return ProductDocument(
        id=product.id,
        tenant=product.tenant,
        version=product.version,
        name=product.name,
        description=product.description,
        created_at=product.created.created_at,
        external_id=product.created.external_id,
        state=product.state,
    )


def feature_document(feature: Feature) -> FeatureDocument:
    """Return what is read about a feature in this state."""
    return FeatureDocument(
        id=feature.id,
        tenant=feature.tenant,
        version=feature.version,
        code=feature.created.code,
        name=feature.name,
        description=feature.description,
        created_at=feature.created.created_at,
        state=feature.state,
    )


def plan_document(plan: Plan) -> PlanDocument:
    """Return what is read about a plan in this state."""
    return PlanDocument(
        id=plan.id,
        tenant=plan.tenant,
        version=plan.version,
        product_id=plan.created.product_id,
        code=plan.created.code,
        name=plan.name,
        description=plan.description,
        state=plan.state,
        features=[
            PlanFeatureValue(
                feature_id=id,
                limit=limit,
                meter_id=plan.metered[id].meter_id if id in plan.metered else None,
                soft=id in plan.metered and plan.metered[id].soft,
            )
            for id, limit in plan.features.items()
        ],
        tax_category=plan.tax_category,
        created_at=plan.created.created_at,
    )


def price_document(price: Price) -> PriceDocument:
    """Return what is read about a price in this state."""
    terms = price.created.terms
    return PriceDocument(
        id=price.id,
        tenant=price.tenant,
        version=price.version,
        plan_id=price.created.plan_id,
        currency=terms.currency,
        model=terms.model,
        flat_amount_minor=terms.flat_amount_minor,
        unit_amount=None if terms.unit_amount is None else format(terms.unit_amount, "f"),
        details=msgspec.to_builtins(terms.details) if terms.details != NO_DETAILS else None,
        meter_id=terms.meter_id,
        interval_unit=terms.interval.unit if terms.interval else None,
        interval_count=terms.interval.count if terms.interval else None,
        price_version=price.created.version,
        state=price.state,
        created_at=price.created.created_at,
        external_id=price.created.external_id,
    )


def coupon_document(coupon: Coupon) -> CouponDocument:
    """Return what is read about a coupon in this state."""
    terms = coupon.created.terms
    return CouponDocument(
        id=coupon.id,
        tenant=coupon.tenant,
        version=coupon.version,
        name=coupon.created.name,
        percent_off=None if terms.percent_off is None else format(terms.percent_off, "f"),
        amount_off_minor=terms.amount_off.minor_units if terms.amount_off else None,
        currency=terms.amount_off.currency if terms.amount_off else None,
        duration=terms.duration,
        periods=terms.periods,
        plan_ids=list(terms.plan_ids),
        max_redemptions=terms.max_redemptions,
        once_per_customer=terms.once_per_customer,
        redeem_by=terms.redeem_by,
        state=coupon.state,
        created_at=coupon.created.created_at,
    )


def promotion_code_document(code: PromotionCode) -> PromotionCodeDocument:
    """Return what is read about a promotion code in this state."""
    return PromotionCodeDocument(
        id=code.id,
        tenant=code.tenant,
        version=code.version,
        coupon_id=code.created.coupon_id,
        code=code.created.code,
        max_redemptions=code.created.max_redemptions,
        expires_at=code.created.expires_at,
        active=code.active,
        created_at=code.created.created_at,
    )


def meter_projection() -> DocumentProjection[Meter, MeterDocument]:
    """Return the projection that keeps `meters`."""
    return DocumentProjection(MeterDocument, meter_document)


def meter_document(meter: Meter) -> MeterDocument:
    """Return what is read about a meter in this state."""
    return MeterDocument(
        id=meter.id,
        tenant=meter.tenant,
        version=meter.version,
        code=meter.created.code,
        name=meter.created.name,
        aggregation=meter.created.aggregation,
        state=meter.state,
        created_at=meter.created.created_at,
    )
