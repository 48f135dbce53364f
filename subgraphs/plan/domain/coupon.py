"""The coupon aggregate."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.money import Money
from subgraphs.plan.domain.values import State, checked_name
from subgraphs.pricing.discount import DiscountDuration

__all__ = ["Coupon", "CouponArchived", "CouponCreated", "CouponTerms"]

PERCENT_DECIMALS = 4
LARGEST_PERIODS = 1_200
LARGEST_REDEMPTIONS = 10_000_000
MOST_PLANS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponTerms:
    """What a coupon fixes for life: `percent_off` (25 for 25 %) or `amount_off`, and to whom and how long it is given.

    `periods` are billing periods, with REPEATING; `plan_ids` are those it is limited to, none: any; `redeem_by` is the first
    instant at which it is not given any more.
    """

    percent_off: Decimal | None
    amount_off: Money | None
    duration: DiscountDuration
    periods: int | None = None
    plan_ids: tuple[str, ...] = ()
    max_redemptions: int | None = None
    once_per_customer: bool = False
    redeem_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponCreated(Event):
    name: str
    terms: CouponTerms
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponArchived(Event):
    archived_at: datetime


class Coupon(Aggregate):
    """A discount that subscriptions can be given. Its terms never change; who has it keeps it when it is archived."""

    kind: ClassVar[str] = "Coupon"
    codec: ClassVar[EventCodec] = EventCodec(CouponCreated, CouponArchived)

    created: CouponCreated
    state: State

    @classmethod
    def create(cls, id: str, name: str, terms: CouponTerms, context: CommandContext) -> "Coupon":
        """Return a new coupon.

        Raises:
            InvalidInput: the name or the terms are malformed or out of range.
        """
        coupon = cls(id, context.tenant)
        coupon.record(CouponCreated(name=checked_name(name), terms=_checked(terms, context.at), created_at=context.at))
        return coupon

    def archive(self, context: CommandContext) -> None:
        """Give it no longer, by its promotion codes neither. Archiving again changes nothing."""
        if self.state is State.ACTIVE:
            self.record(CouponArchived(archived_at=context.at))

    def apply(self, event: Event) -> None:
        match event:
            case CouponCreated():
                self.created, self.state = event, State.ACTIVE
            case CouponArchived():
                self.state = State.ARCHIVED
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a coupon")


def checked_redemptions(number: int | None, redeem_by: datetime | None, at: datetime, expiry_field: str) -> None:
    """Check how often and until when something can be redeemed.

    Raises:
        InvalidInput: the number is not 1 to LARGEST_REDEMPTIONS, or the expiry does not lie ahead of `at`.
    """
    if number is not None and not 1 <= number <= LARGEST_REDEMPTIONS:
        raise InvalidInput(f"it can be redeemed 1 to {LARGEST_REDEMPTIONS} times", field=("maxRedemptions",))
    if redeem_by is not None and redeem_by <= at:
        raise InvalidInput("it expires in the future", field=(expiry_field,))


def _checked(terms: CouponTerms, at: datetime) -> CouponTerms:
    if (terms.percent_off is None) == (terms.amount_off is None):
        raise InvalidInput("a coupon takes off either a percentage or an amount", field=("percentOff",))
    percent = terms.percent_off
    if percent is not None:
        if not percent.is_finite() or not 0 < percent <= 100:
            raise InvalidInput("a percentage is above 0 and at most 100", field=("percentOff",))
        if percent != round(percent, PERCENT_DECIMALS):
            raise InvalidInput(f"a percentage has at most {PERCENT_DECIMALS} decimals", field=("percentOff",))
    if terms.amount_off is not None and terms.amount_off.minor_units <= 0:
        raise InvalidInput("an amount off is above zero", field=("amountOff",))
    if (terms.periods is not None) != (terms.duration is DiscountDuration.REPEATING):
        raise InvalidInput("REPEATING needs `periods`, and nothing else takes them", field=("periods",))
    if terms.periods is not None and not 1 <= terms.periods <= LARGEST_PERIODS:
        raise InvalidInput(f"a coupon repeats for 1 to {LARGEST_PERIODS} billing periods", field=("periods",))
    if len(set(terms.plan_ids)) != len(terms.plan_ids) or len(terms.plan_ids) > MOST_PLANS:
        raise InvalidInput(f"a coupon is limited to at most {MOST_PLANS} plans, each named once", field=("planIds",))
    checked_redemptions(terms.max_redemptions, terms.redeem_by, at, "redeemBy")
    return terms
