"""Give a plan subscription a coupon's discount, by the coupon's id or by a promotion code."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import DomainError, InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.money import Money
from subgraphs.kit.persistence.places import Place
from subgraphs.subscription.documents import CouponReplica, PromotionCodeReplica
from subgraphs.subscription.domain.values import Discount

__all__ = ["KnownCoupons", "Redeemable", "Redemptions", "WantedDiscount", "quoted_discount", "redeemable", "redeemed"]


@dataclass(frozen=True, slots=True)
class WantedDiscount:
    """Which coupon: by its id or by a promotion code, one of the two."""

    coupon_id: str | None = None
    promotion_code: str | None = None


@dataclass(frozen=True, slots=True)
class Redeemable:
    """A coupon that is given, the promotion code that it was named by, and the input field that named it."""

    coupon: CouponReplica
    code: PromotionCodeReplica | None
    field: tuple[str, ...]


class KnownCoupons(Protocol):
    """What is known of coupons; each call waits a moment for what may just have been created."""

    async def coupon(self, tenant: str, id: str) -> CouponReplica | None: ...
    async def promotion_code(self, tenant: str, code: str) -> PromotionCodeReplica | None: ...


class Redemptions(Protocol):
    """Counts who redeems what: N have one of the places 1 to N, whoever asks at the same time."""

    async def take(self, tenant: str, series: str, owner: str) -> Place: ...
    async def give_back(self, tenant: str, place: Place) -> None: ...


@asynccontextmanager
async def redeemed(
    redemptions: Redemptions,
    found: Redeemable,
    subscription_id: str,
    customer_id: str,
    context: CommandContext,
    *,
    given_before: int = 0,
) -> AsyncIterator[Discount]:
    """Give the discount that the subscription has from `context.at`, for what is done within; what is refused redeems nothing.

    A subscription that was given the coupon `given_before` times redeems it anew: that counts as another redemption. One that a
    process did not come to the end of counts, and is the one that the subscription redeems next.

    Raises:
        InvalidState: the coupon or code is used up, or the customer had the coupon before.
    """
    limits = _limits(found, subscription_id, customer_id, given_before)
    places: list[Place] = []
    try:
        for limit in limits:
            places.append(await redemptions.take(context.tenant, limit.series, limit.owner))
            if places[-1].number > limit.most:
                raise InvalidState(limit.refusal, field=found.field)
        yield _discount(found, context)
    except DomainError:
        for place in reversed(places):
            await redemptions.give_back(context.tenant, place)
        raise


@dataclass(frozen=True, slots=True)
class _Limit:
    """How often something can be redeemed at most, who redeems it, and what is said when it was."""

    series: str
    owner: str
    most: int
    refusal: str


def _limits(found: Redeemable, subscription_id: str, customer_id: str, given_before: int) -> list[_Limit]:
    """Return what limits the redemption, the narrowest limit first: until a place is given back, others may be refused by it.

    Raises:
        InvalidState: the subscription was given before what a customer is given once.
    """
    coupon, code = found.coupon, found.code
    redemption = subscription_id if given_before == 0 else f"{subscription_id}#{given_before + 1}"
    limits = []
    if coupon.once_per_customer:
        series = f"{coupon.id}@{customer_id}"
        refusal = (
            f"customer {customer_id!r} was given coupon {coupon.id!r} before, and it is given once per customer: use another"
        )
        if given_before:
            raise InvalidState(refusal, field=found.field)
        limits.append(_Limit(series, f"{series}:{subscription_id}", 1, refusal))
    if code is not None and code.max_redemptions is not None:
        refusal = f"the promotion code was redeemed {code.max_redemptions} times, as often as it can be"
        limits.append(_Limit(code.id, f"{code.id}:{redemption}", code.max_redemptions, refusal))
    if coupon.max_redemptions is not None:
        refusal = f"the coupon was redeemed {coupon.max_redemptions} times, as often as it can be"
        limits.append(_Limit(coupon.id, f"{coupon.id}:{redemption}", coupon.max_redemptions, refusal))
    return limits


async def quoted_discount(known: KnownCoupons, wanted: WantedDiscount, currency: str, context: CommandContext) -> Discount:
    """Return the discount as it would be given at `context.at`; whether redemptions are left is known only by redeeming.

    Raises:
        As `redeemable`.
    """
    return _discount(await redeemable(known, wanted, currency, context), context)


async def redeemable(known: KnownCoupons, wanted: WantedDiscount, currency: str, context: CommandContext) -> Redeemable:
    """Return what is to be redeemed, if it is given at `context.at`; whether redemptions are left is not looked at.

    Raises:
        NotFound: there is no such coupon or promotion code.
        InvalidInput: not exactly one of coupon and promotion code is named, or the coupon takes off an amount in another
            currency.
        InvalidState: the coupon or code is archived, deactivated or expired.
    """
    if (wanted.coupon_id is None) == (wanted.promotion_code is None):
        raise InvalidInput("name either a coupon or a promotion code", field=("couponId",))
    field = ("promotionCode",) if wanted.coupon_id is None else ("couponId",)
    code = await _usable_code(known, wanted.promotion_code, context) if wanted.promotion_code is not None else None
    coupon = await _usable_coupon(known, code.coupon_id if code and code.coupon_id else wanted.coupon_id or "", field, context)
    amount_off = Money(coupon.amount_off_minor, coupon.currency) if coupon.amount_off_minor and coupon.currency else None
    if amount_off is not None and amount_off.currency != currency:
        raise InvalidInput(f"coupon {coupon.id!r} takes off {amount_off}, the subscription is in {currency}", field=field)
    return Redeemable(coupon, code, field)


def _discount(found: Redeemable, context: CommandContext) -> Discount:
    coupon, code = found.coupon, found.code
    amount_off = Money(coupon.amount_off_minor, coupon.currency) if coupon.amount_off_minor and coupon.currency else None
    return Discount(
        id=context.new_id("dis"),
        coupon_id=coupon.id,
        promotion_code_id=code.id if code else None,
        name=coupon.name or "",
        percent_off=None if coupon.percent_off is None else Decimal(coupon.percent_off),
        amount_off=amount_off,
        periods=coupon.periods,
        plan_ids=tuple(coupon.plan_ids),
        added_at=context.at,
    )


async def _usable_code(known: KnownCoupons, text: str, context: CommandContext) -> PromotionCodeReplica:
    field = ("promotionCode",)
    code = await known.promotion_code(context.tenant, text)
    if code is None or code.coupon_id is None:
        raise NotFound("PromotionCode", text, field=field)
    if code.deactivated:
        raise InvalidState(f"promotion code {code.code!r} is not accepted any more", field=field)
    if code.expires_at is not None and code.expires_at <= context.at:
        raise InvalidState(f"promotion code {code.code!r} expired on {code.expires_at:%Y-%m-%d}", field=field)
    return code


async def _usable_coupon(known: KnownCoupons, id: str, field: tuple[str, ...], context: CommandContext) -> CouponReplica:
    coupon = await known.coupon(context.tenant, id)
    if coupon is None or coupon.name is None:
        raise NotFound("Coupon", id, field=field)
    if coupon.archived:
        raise InvalidState(f"coupon {id!r} is archived and not given any more", field=field)
    if coupon.redeem_by is not None and coupon.redeem_by <= context.at:
        raise InvalidState(f"coupon {id!r} was given until {coupon.redeem_by:%Y-%m-%d}", field=field)
    return coupon
