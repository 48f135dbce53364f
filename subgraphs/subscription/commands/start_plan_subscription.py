"""Start a plan subscription."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.period import Interval, IntervalUnit, boundary
from subgraphs.subscription.commands.known_facts import KnownFacts, WantedItem, sold_items, sold_price
from subgraphs.subscription.commands.redeem_coupon import KnownCoupons, Redemptions, WantedDiscount, redeem_coupon
from subgraphs.subscription.domain.anchors import calendar_anchor
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import Discount, Terms, TrialEnding
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["KnownFacts", "Trial", "WantedStart", "start_plan_subscription"]

LONGEST_TRIAL_DAYS = 730
# What lies further back is billed by an invoice of its own, not by dozens of periods at once.
LONGEST_BACKDATING_DAYS = 366
LONGEST_AHEAD_DAYS = 1_826


@dataclass(frozen=True, slots=True)
class Trial:
    """How many days are free, and what happens then to a customer without a payment method."""

    days: int
    ending: TrialEnding = TrialEnding.CREATE_INVOICE


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedStart:
    """What somebody subscribes to."""

    customer_id: str
    price_id: str
    quantity: int = 1
    add_ons: tuple[WantedItem, ...] = ()
    trial: Trial | None = None
    discount: WantedDiscount | None = None
    starts_at: datetime | None = None
    billing_day: int | None = None


async def start_plan_subscription(
    subscriptions: PlanSubscriptionRepository,
    known: KnownFacts,
    wanted: WantedStart,
    context: CommandContext,
    *,
    coupons: KnownCoupons,
    redemptions: Redemptions,
) -> PlanSubscription:
    """Subscribe a customer to a price, and what is added on, from `wanted.starts_at`, None: `context.at`.

    A start that lies ahead is SCHEDULED; one in the past is billed up to now, period by period. With a billing day, periods begin
    on it, and the first one is billed in proportion.

    Without a trial the first billing period is open, and it is PENDING until that is paid for. With one it is TRIALING.

    Raises:
        NotFound: there is no such customer or price.
        InvalidInput: the start, the billing day, a quantity or the trial is out of range,
            a price is in another currency than the customer is billed in,
            or it bills transactions, or the add-ons cannot be billed together with it.
        InvalidState: the customer, plan or price is archived, or the coupon or promotion code cannot be redeemed any more.
    """
    customer_id, trial = wanted.customer_id, wanted.trial
    customer = await known.customer(context.tenant, customer_id)
    if customer is None or customer.currency is None or customer.time_zone is None:
        raise NotFound("Customer", customer_id, field=("customerId",))
    price = await sold_price(known, context.tenant, wanted.price_id)
    add_ons = await sold_items(known, context.tenant, wanted.add_ons)
    if customer.archived:
        raise InvalidState(f"customer {customer_id!r} is archived and cannot subscribe", field=("customerId",))
    if price.currency != customer.currency:
        raise InvalidInput(
            f"price {price.price_id!r} is in {price.currency}, but the customer is billed in {customer.currency}",
            field=("priceId",),
        )
    zone = customer.time_zone
    begins = _checked_start(wanted, context.at)
    trial_end = _trial_end(trial, zone, begins) if trial else None
    anchor = None
    if wanted.billing_day is not None:
        anchor = calendar_anchor(trial_end or begins, price.interval, wanted.billing_day, ZoneInfo(zone))
    id, on_test_clock = context.new_id("psub"), await known.on_test_clock(context.tenant)

    def started(discount: Discount | None) -> PlanSubscription:
        return PlanSubscription.start(
            id,
            customer_id,
            Terms(price=price, quantity=wanted.quantity, add_ons=add_ons),
            zone,
            context,
            trial_end=trial_end,
            trial_ending=trial.ending if trial else TrialEnding.CREATE_INVOICE,
            on_test_clock=on_test_clock,
            discount=discount,
            starts_at=begins,
            anchor=anchor,
        )

    subscription = started(None)
    if wanted.discount is not None:  # redeemed last: what is refused uses up no redemption
        subscription = started(
            await redeem_coupon(coupons, redemptions, wanted.discount, id, customer_id, price.currency, context)
        )
    return await subscriptions.create(subscription, context)


def _checked_start(wanted: WantedStart, now: datetime) -> datetime:
    begins = wanted.starts_at or now
    if begins < now - timedelta(days=LONGEST_BACKDATING_DAYS):
        raise InvalidInput(f"a subscription is backdated by at most {LONGEST_BACKDATING_DAYS} days", field=("startsAt",))
    if begins > now + timedelta(days=LONGEST_AHEAD_DAYS):
        raise InvalidInput(f"a subscription starts within {LONGEST_AHEAD_DAYS} days", field=("startsAt",))
    if begins > now and wanted.trial is not None:
        raise InvalidInput("a subscription that starts later has no trial: start it when the trial begins", field=("trial",))
    return begins


def _trial_end(trial: Trial, zone: str, at: datetime) -> datetime:
    if not 1 <= trial.days <= LONGEST_TRIAL_DAYS:
        raise InvalidInput(f"a trial has 1 to {LONGEST_TRIAL_DAYS} days", field=("trial", "days"))
    return boundary(at, Interval(IntervalUnit.DAY), trial.days, ZoneInfo(zone))
