"""Keeps what this subgraph needs of others' facts, from their events, which may come twice and in any order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from subgraphs.kit.messaging.consumer import EventHandler, Received
from subgraphs.kit.persistence.documents import TenantDocument, merge_forward
from subgraphs.subscription.documents import (
    CouponReplica,
    CustomerReplica,
    FeatureReplica,
    MeterReplica,
    PlanReplica,
    PriceReplica,
    PromotionCodeReplica,
)

__all__ = ["replica_handlers"]


def replica_handlers() -> Mapping[str, EventHandler]:
    """Return what is kept of each public event of other subgraphs."""
    return {
        "customer-created.v1": _customer_created,
        "customer-updated.v1": _customer_updated,
        "default-payment-method-changed.v1": _default_payment_method_changed,
        "customer-merged.v1": _customer_merged,
        "customer-archived.v1": _archiving(CustomerReplica, "customerId"),
        "customer-unarchived.v1": _customer_unarchived,
        "plan-created.v1": _plan_created,
        "plan-updated.v1": _plan_created,
        "plan-archived.v1": _archiving(PlanReplica, "planId"),
        "plan-feature-set.v1": _plan_feature_set,
        "plan-feature-removed.v1": _plan_feature_removed,
        "feature-created.v1": _feature_created,
        "price-created.v1": _price_created,
        "one-time-price-created.v1": _price_created,
        "price-archived.v1": _archiving(PriceReplica, "priceId"),
        "meter-created.v1": _meter_created,
        "meter-archived.v1": _archiving(MeterReplica, "meterId"),
        "coupon-created.v1": _coupon_created,
        "coupon-archived.v1": _archiving(CouponReplica, "couponId"),
        "promotion-code-created.v1": _promotion_code_created,
        "promotion-code-deactivated.v1": _promotion_code_deactivated,
    }


async def _customer_created(received: Received) -> None:
    data = received.event.data
    await _merge(received, CustomerReplica, data["customerId"], "created", {"currency": data["currency"]})
    await _customer_updated(received)


async def _customer_updated(received: Received) -> None:
    data = received.event.data
    await _merge(received, CustomerReplica, data["customerId"], "profile", {"time_zone": data["timeZone"]})


async def _customer_merged(received: Received) -> None:
    data = received.event.data
    await _merge(received, CustomerReplica, data["customerId"], "merged", {"merged_into_id": data["intoCustomerId"]})


async def _default_payment_method_changed(received: Received) -> None:
    data = received.event.data
    values = {"payment_method_id": data["paymentMethodId"]}
    await _merge(received, CustomerReplica, data["customerId"], "payment", values)


async def _customer_unarchived(received: Received) -> None:
    await _merge(received, CustomerReplica, received.event.data["customerId"], "archived", {"archived": False})


async def _plan_created(received: Received) -> None:
    """Note what it is called, from then on or since it was renamed."""
    data = received.event.data
    await _merge(received, PlanReplica, data["planId"], "created", {"name": data["name"]})


async def _plan_feature_set(received: Received) -> None:
    data = received.event.data
    metered = {"meter_id": data.get("meterId"), "soft": data.get("soft", False)}
    await _plan_feature(received, {"included": True, "limit": data["limit"], **metered})


async def _plan_feature_removed(received: Received) -> None:
    await _plan_feature(received, {"included": False, "limit": None, "meter_id": None, "soft": False})


async def _plan_feature(received: Received, part: dict[str, Any]) -> None:
    data = received.event.data
    place = f"features.{data['featureId']}"
    values = {f"{place}.{name}": value for name, value in part.items()}
    await _merge(received, PlanReplica, data["planId"], f"{place}.told", values)


async def _feature_created(received: Received) -> None:
    data = received.event.data
    await _merge(received, FeatureReplica, data["featureId"], "created", {"code": data["code"]})


async def _price_created(received: Received) -> None:
    data = received.event.data
    values = {
        "plan_id": data["planId"],
        "plan_name": data["planName"],
        "currency": data["currency"],
        "model": data["model"],
        "flat_amount_minor": data.get("flatAmountMinor"),
        "unit_amount": data.get("unitAmount"),
        "details": data.get("details"),
        "meter_id": data.get("meterId"),
        "interval_unit": data.get("intervalUnit"),
        "interval_count": data.get("intervalCount"),
    }
    await _merge(received, PriceReplica, data["priceId"], "created", values)


async def _meter_created(received: Received) -> None:
    data = received.event.data
    values = {"code": data["code"], "name": data["name"], "aggregation": data["aggregation"]}
    await _merge(received, MeterReplica, data["meterId"], "created", values)


async def _coupon_created(received: Received) -> None:
    data = received.event.data
    values = {
        "name": data["name"],
        "percent_off": data["percentOff"],
        "amount_off_minor": data["amountOffMinor"],
        "currency": data["currency"],
        "periods": data["periods"],
        "plan_ids": list(data["planIds"]),
        "max_redemptions": data["maxRedemptions"],
        "once_per_customer": data["oncePerCustomer"],
        "redeem_by": _instant(data["redeemBy"]),
    }
    await _merge(received, CouponReplica, data["couponId"], "created", values)


async def _promotion_code_created(received: Received) -> None:
    data = received.event.data
    values = {
        "coupon_id": data["couponId"],
        "code": data["code"],
        "max_redemptions": data["maxRedemptions"],
        "expires_at": _instant(data["expiresAt"]),
    }
    await _merge(received, PromotionCodeReplica, data["promotionCodeId"], "created", values)


async def _promotion_code_deactivated(received: Received) -> None:
    id = received.event.data["promotionCodeId"]
    await _merge(received, PromotionCodeReplica, id, "deactivated", {"deactivated": True})


def _instant(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told is not None else None


def _archiving(type_: type[TenantDocument], id_field: str) -> EventHandler:
    async def archive(received: Received) -> None:
        await _merge(received, type_, received.event.data[id_field], "archived", {"archived": True})

    return archive


async def _merge(received: Received, type_: type[TenantDocument], id: str, part: str, values: dict[str, Any]) -> None:
    await merge_forward(type_, received.tenant, id, part, received.event.sequence, values)
