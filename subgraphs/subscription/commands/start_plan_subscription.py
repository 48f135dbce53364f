"""Start a plan subscription."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.ids import derived_id
from subgraphs.kit.domain.period import Interval, IntervalUnit, boundary
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.named import claimed_id
from subgraphs.pricing.collection import CollectionMethod, payment_term
from subgraphs.subscription.commands.known_facts import KnownFacts, WantedItem, sold_items, sold_price
from subgraphs.subscription.commands.redeem_coupon import KnownCoupons, Redemptions, WantedDiscount, redeemable, redeemed
from subgraphs.subscription.commands.sell_fees import SoldFee, WantedFee, sold_fees
from subgraphs.subscription.domain.anchors import calendar_anchor
from subgraphs.subscription.domain.plan_subscription import LONGEST_TRIAL_DAYS, PlanSubscription
from subgraphs.subscription.domain.values import Discount, Pause, Terms, TrialEnding
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["PreparedStart", "Trial", "WantedStart", "drafted_start", "prepared_start", "start_plan_subscription"]

# What lies further back is billed by an invoice of its own, not by dozens of periods at once.
LONGEST_BACKDATING_DAYS = 366
LONGEST_AHEAD_DAYS = 1_826
# A start or an anchor further back is a mistake of whoever wrote the year.
LONGEST_PAST_DAYS = 36_525


@dataclass(frozen=True, slots=True)
class Trial:
    """How many days are free, or until when, and what happens then to a customer without a payment method."""

    days: int | None = None
    ending: TrialEnding = TrialEnding.CREATE_INVOICE
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedStart:
    """What somebody subscribes to; with `paid_through`, what is taken over from another billing system."""

    customer_id: str
    price_id: str
    quantity: int = 1
    add_ons: tuple[WantedItem, ...] = ()
    trial: Trial | None = None
    discount: WantedDiscount | None = None
    starts_at: datetime | None = None
    billing_day: int | None = None
    billing_anchor: datetime | None = None
    paid_through: datetime | None = None
    cancel_at: datetime | None = None
    pause: Pause | None = None
    external_id: str | None = None
    fees: tuple[WantedFee, ...] = ()
    collection_method: CollectionMethod = CollectionMethod.CHARGE_AUTOMATICALLY
    days_until_due: int | None = None


async def start_plan_subscription(
    subscriptions: PlanSubscriptionRepository,
    known: KnownFacts,
    wanted: WantedStart,
    context: CommandContext,
    *,
    coupons: KnownCoupons,
    redemptions: Redemptions,
    claims: ClaimStore,
) -> PlanSubscription:
    """Subscribe a customer to a price, and what is added on, from `wanted.starts_at`, None: `context.at`.

    A start that lies ahead is SCHEDULED; one in the past is billed up to now, period by period. With a billing day, periods begin
    on it, and the first one is billed in proportion.

    Its fees are billed with its first invoice, which comes after a trial; those for NOW at once, where that comes later.

    Without a trial the first billing period is open, and it is PENDING until that is paid for. With one it is TRIALING. What is
    paid through some time is ACTIVE, and the next period is billed from then. So is it at once where its invoices are sent.

    Raises:
        NotFound: there is no such customer or price.
        AlreadyExists: another one of the tenant has this external id.
        InvalidInput: the start, the anchor, a quantity, the trial or what is told of another billing system is out of range,
            a price is in another currency than the customer is billed in,
            it is billed once or bills transactions, the add-ons cannot be billed together with it, or a fee's price recurs;
            invoices that are sent have no payment term, or others have one.
        InvalidState: the customer, plan or price is archived, or the coupon or promotion code cannot be redeemed any more.
    """
    prepared = await prepared_start(known, wanted, context)
    prepared.started()  # refuses what cannot be, before anything is claimed or redeemed
    id, name = prepared.id, wanted.external_id
    if name is not None:
        id = await claimed_id(subscriptions, claims, "external_id", name, id, context, field=("externalId",))
    prepared = replace(prepared, id=id)
    if wanted.discount is None:
        return await subscriptions.create(prepared.started(), context)
    found = await redeemable(coupons, wanted.discount, prepared.terms.price.currency, context)
    async with redeemed(redemptions, found, id, wanted.customer_id, context) as discount:
        return await subscriptions.create(prepared.started(discount), context)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedStart:
    """A start that nothing but a discount is missing from."""

    id: str
    wanted: WantedStart
    terms: Terms
    time_zone: str
    on_test_clock: bool
    context: CommandContext
    fees: tuple[SoldFee, ...] = ()

    def started(self, discount: Discount | None = None) -> PlanSubscription:
        """Return the subscription, as often as asked.

        Raises:
            InvalidInput: as `start_plan_subscription`.
        """
        return drafted_start(
            self.id,
            self.wanted,
            self.terms,
            self.time_zone,
            self.context,
            on_test_clock=self.on_test_clock,
            discount=discount,
            fees=self.fees,
        )


async def prepared_start(known: KnownFacts, wanted: WantedStart, context: CommandContext) -> PreparedStart:
    """Look up and check what is wanted.

    Raises:
        As `start_plan_subscription`, but for coupons and promotion codes.
    """
    customer_id = wanted.customer_id
    customer = await known.customer(context.tenant, customer_id)
    if customer is None or customer.currency is None or customer.time_zone is None:
        raise NotFound("Customer", customer_id, field=("customerId",))
    price = await sold_price(known, context.tenant, wanted.price_id)
    add_ons = await sold_items(known, context.tenant, wanted.add_ons)
    fees = await sold_fees(known, context.tenant, wanted.fees)
    if customer.archived:
        raise InvalidState(f"customer {customer_id!r} is archived and cannot subscribe", field=("customerId",))
    if price.currency != customer.currency:
        raise InvalidInput(
            f"price {price.price_id!r} is in {price.currency}, but the customer is billed in {customer.currency}",
            field=("priceId",),
        )
    return PreparedStart(
        id=context.new_id("psub"),
        wanted=wanted,
        terms=Terms(price=price, quantity=wanted.quantity, add_ons=add_ons),
        time_zone=customer.time_zone,
        on_test_clock=await known.on_test_clock(context.tenant),
        context=context,
        fees=fees,
    )


def drafted_start(
    id: str,
    wanted: WantedStart,
    terms: Terms,
    zone: str,
    context: CommandContext,
    *,
    on_test_clock: bool = False,
    discount: Discount | None = None,
    fees: Sequence[SoldFee] = (),
) -> PlanSubscription:
    """Return the subscription that a start makes of these terms, on the calendar of `zone`; pure, nothing is kept.

    Raises:
        InvalidInput: as `start_plan_subscription`.
    """
    begins, trial = _checked_start(wanted, context.at), wanted.trial
    trial_end = _trial_end(trial, zone, begins) if trial else None
    return PlanSubscription.start(
        id,
        wanted.customer_id,
        terms,
        zone,
        context,
        trial_end=trial_end,
        trial_ending=trial.ending if trial else TrialEnding.CREATE_INVOICE,
        on_test_clock=on_test_clock,
        discount=discount,
        starts_at=begins,
        anchor=_anchor(wanted, trial_end or begins, terms.price.interval, ZoneInfo(zone), context.at),
        paid_through=wanted.paid_through,
        cancel_at=wanted.cancel_at,
        pause=wanted.pause,
        external_id=wanted.external_id,
        days_until_due=payment_term(wanted.collection_method, wanted.days_until_due),
        fees=[(sold.fee(_fee_id(id, number, context), context), sold.wanted.when) for number, sold in enumerate(fees)],
    )


def _fee_id(id: str, number: int, context: CommandContext) -> str:
    return derived_id("fee", context.at, context.tenant, id, str(number))


def _checked_start(wanted: WantedStart, now: datetime) -> datetime:
    begins = wanted.starts_at or now
    earliest = now - timedelta(days=LONGEST_BACKDATING_DAYS)
    if wanted.paid_through is not None:
        if wanted.paid_through < earliest and wanted.pause is None:  # what is paused has nothing to catch up with
            raise InvalidInput(
                f"what was paid through ended at most {LONGEST_BACKDATING_DAYS} days ago: what follows is billed now",
                field=("paidThrough",),
            )
        earliest = now - timedelta(days=LONGEST_PAST_DAYS)
    elif wanted.trial is not None and wanted.trial.ends_at is not None and wanted.trial.ends_at >= earliest:
        earliest = now - timedelta(days=LONGEST_TRIAL_DAYS + LONGEST_BACKDATING_DAYS)
    if begins < earliest:
        raise InvalidInput(f"a subscription is backdated by at most {(now - earliest).days} days", field=("startsAt",))
    if begins > now + timedelta(days=LONGEST_AHEAD_DAYS):
        raise InvalidInput(f"a subscription starts within {LONGEST_AHEAD_DAYS} days", field=("startsAt",))
    if begins > now and wanted.trial is not None:
        raise InvalidInput("a subscription that starts later has no trial: start it when the trial begins", field=("trial",))
    return begins


def _anchor(wanted: WantedStart, first: datetime, interval: Interval, zone: ZoneInfo, now: datetime) -> datetime | None:
    if wanted.billing_anchor is None:
        return None if wanted.billing_day is None else calendar_anchor(first, interval, wanted.billing_day, zone)
    if wanted.billing_day is not None:
        raise InvalidInput("periods are counted from billingDay or billingAnchor, not from both", field=("billingAnchor",))
    past, ahead = timedelta(days=LONGEST_PAST_DAYS), timedelta(days=LONGEST_AHEAD_DAYS)
    if not now - past <= wanted.billing_anchor <= now + ahead:
        raise InvalidInput(
            f"an anchor lies up to {LONGEST_PAST_DAYS} days back or {LONGEST_AHEAD_DAYS} ahead", field=("billingAnchor",)
        )
    return wanted.billing_anchor


def _trial_end(trial: Trial, zone: str, at: datetime) -> datetime:
    if trial.ends_at is not None:
        if trial.days is not None:
            raise InvalidInput("a trial has days, or an end, not both", field=("trial", "endsAt"))
        if not at < trial.ends_at <= at + timedelta(days=LONGEST_TRIAL_DAYS):
            raise InvalidInput(f"a trial ends within {LONGEST_TRIAL_DAYS} days of its start", field=("trial", "endsAt"))
        return trial.ends_at
    if trial.days is None:
        raise InvalidInput("a trial needs days, or an end", field=("trial", "days"))
    if not 1 <= trial.days <= LONGEST_TRIAL_DAYS:
        raise InvalidInput(f"a trial has 1 to {LONGEST_TRIAL_DAYS} days", field=("trial", "days"))
    return boundary(at, Interval(IntervalUnit.DAY), trial.days, ZoneInfo(zone))
