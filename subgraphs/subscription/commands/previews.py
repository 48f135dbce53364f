"""What would be billed: found by doing it, with the code that does it, without saving it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange, DomainError, InvalidInput, NotReady
from subgraphs.kit.domain.event import Event
from subgraphs.subscription.commands.cancel_plan_subscription import WantedCancellation, cancel
from subgraphs.subscription.commands.change_plan_subscription import WantedChange, change, offer_of
from subgraphs.subscription.commands.known_facts import KnownFacts
from subgraphs.subscription.commands.metered import Metered
from subgraphs.subscription.commands.migrate_price import WantedMigration, migrate, prices_of_migration
from subgraphs.subscription.commands.redeem_coupon import KnownCoupons, quoted_discount
from subgraphs.subscription.commands.renew_plan_subscription import can_pay_after_trial
from subgraphs.subscription.commands.sell_fees import WantedFee, offered_fee
from subgraphs.subscription.commands.start_plan_subscription import WantedStart, prepared_start
from subgraphs.subscription.domain.billed import Bill, bill_of
from subgraphs.subscription.domain.events import PlanSubscriptionCanceled
from subgraphs.subscription.domain.plan_subscription import PlanSubscription, Used
from subgraphs.subscription.domain.price_migration import PriceMigrationStarted, check_migration
from subgraphs.subscription.domain.values import ScheduledChange, UnusedCredit, UsageWanted
from subgraphs.subscription.published import bill_of_event
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = [
    "MOST_UPCOMING",
    "CancellationPreview",
    "ChangePreview",
    "MovePreview",
    "PreviewedBill",
    "Previews",
    "StartPreview",
]

# More than time takes to come to the next bill.
STEPS = 50
MOST_UPCOMING = 12


@dataclass(frozen=True, slots=True)
class PreviewedBill:
    """A bill, when it is billed, and what the invoice subgraph would be told of it: the public event's type and data."""

    bill: Bill
    at: datetime
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What a change would be billed with: at once, nothing or several bills, and with the next period; None: it ends before."""

    at_once: tuple[PreviewedBill, ...]
    next: PreviewedBill | None

    @property
    def now(self) -> PreviewedBill | None:
        """The last of what is billed at once: that of the change itself, where it has one."""
        return self.at_once[-1] if self.at_once else None


@dataclass(frozen=True, slots=True)
class MovePreview:
    """What a move to another price would be billed with, and what would be scheduled then."""

    change: ChangePreview
    schedule: tuple[ScheduledChange, ...]


@dataclass(frozen=True, slots=True)
class StartPreview:
    """When a subscription would begin, its trial end, and the first invoices that it would be billed with."""

    starts_at: datetime
    trial_end: datetime | None
    bills: tuple[PreviewedBill, ...]


@dataclass(frozen=True, slots=True)
class CancellationPreview:
    """When it would end, what would still be billed until then, and what would be given back."""

    ends_at: datetime
    currency: str
    bills: tuple[PreviewedBill, ...]
    credit: UnusedCredit | None


@dataclass(frozen=True, slots=True)
class Previews:
    """Each takes what its command takes, and is refused as that is. Usage counts as far as it is known."""

    subscriptions: PlanSubscriptionRepository
    known: KnownFacts
    coupons: KnownCoupons
    metered: Metered

    async def change(self, id: str, wanted: WantedChange, context: CommandContext) -> ChangePreview:
        """Return what the change would be billed with. What is used after it is not known yet.

        Raises:
            As `change_plan_subscription`.
        """
        subscription = await self._subscription(id, context)
        used = await self._used(context, id, subscription.usage_wanted(context.at))
        change(subscription, await offer_of(self.known, wanted, subscription, context), wanted, context, used)
        return await self._changed(subscription, context)

    async def fee(self, id: str, wanted: WantedFee, context: CommandContext) -> ChangePreview:
        """Return what the fee would be billed with.

        Raises:
            As `add_fee`.
        """
        subscription = await self._subscription(id, context)
        subscription.add_fee(await offered_fee(self.known, wanted, context), wanted.when, context)
        return await self._changed(subscription, context)

    async def start(self, wanted: WantedStart, count: int, context: CommandContext) -> StartPreview:
        """Return the first `count` invoices of the subscription that would be started, as if each is paid.

        Whether a coupon's redemptions are used up is not looked at: that is known when it is redeemed.

        Raises:
            As `start_plan_subscription`.
            InvalidInput: `count` is out of range.
        """
        _check_count(count)
        prepared = await prepared_start(self.known, wanted, context)
        discount = None
        if wanted.discount is not None:
            discount = await quoted_discount(self.coupons, wanted.discount, prepared.terms.price.currency, context)
        subscription = prepared.started(discount)
        bills = _bills(subscription, subscription.unsaved, context.at)
        bills += await self._upcoming(subscription, count - len(bills), context)
        return StartPreview(subscription.started_at, subscription.trial_end, tuple(bills))

    async def cancellation(self, id: str, wanted: WantedCancellation, context: CommandContext) -> CancellationPreview:
        """Return what would still be billed until it ends, at most MOST_UPCOMING invoices, and what would be given back.

        Raises:
            As `cancel_plan_subscription`.
        """
        subscription = await self._subscription(id, context)
        used = await self._used(context, id, subscription.usage_wanted(context.at, with_end=True))
        cancel(subscription, wanted, context, used)
        bills = _bills(subscription, subscription.unsaved, context.at)
        ends_at = subscription.cancel_at or subscription.canceled_at or context.at
        bills += await self._upcoming(subscription, MOST_UPCOMING, context)
        credits = [event.credit for event in subscription.unsaved if isinstance(event, PlanSubscriptionCanceled)]
        return CancellationPreview(ends_at, subscription.terms.price.currency, tuple(bills), credits[0] if credits else None)

    async def migration(
        self, subscription_ids: Sequence[str], move: WantedMigration, context: CommandContext
    ) -> list[MovePreview | DomainError]:
        """Return what moving each of them to another price would bill and leave scheduled, or why it would stay as it is.

        Raises:
            As `start_price_migration`.
        """
        from_price, to = await prices_of_migration(self.known, context.tenant, move.from_price_id, move.to_price_id)
        check_migration(from_price, to, move.when)
        started = PriceMigrationStarted(
            from_price_id=from_price.price_id, to=to, when=move.when, proration=move.proration, started_at=context.at
        )
        return [await self._move(id, started, context) for id in subscription_ids]

    async def _move(self, id: str, started: PriceMigrationStarted, context: CommandContext) -> MovePreview | DomainError:
        try:
            subscription = await self._subscription(id, context)
            used = await self._used(context, id, subscription.usage_wanted(context.at))
            migrate(subscription, started, context, used)
        except DomainError as refused:
            return refused
        schedule = subscription.schedule  # before what is to come is looked for by letting it happen
        return MovePreview(await self._changed(subscription, context), schedule)

    async def _changed(self, subscription: PlanSubscription, context: CommandContext) -> ChangePreview:
        now = _bills(subscription, subscription.unsaved, context.at)
        upcoming = await self._upcoming(subscription, 1, context)
        return ChangePreview(tuple(now), upcoming[0] if upcoming else None)

    async def upcoming(self, id: str, count: int, context: CommandContext) -> Sequence[PreviewedBill]:
        """Return its next `count` invoices, if nothing but what is scheduled changes and each is paid.

        Raises:
            NotFound: there is no such plan subscription.
            InvalidInput: `count` is out of range.
        """
        _check_count(count)
        return await self._upcoming(await self._subscription(id, context), count, context)

    async def _subscription(self, id: str, context: CommandContext) -> PlanSubscription:
        subscription = await self.subscriptions.get(context.tenant, id)
        name_plans = await self.metered.name_plans(subscription)
        name_plans(subscription)
        return subscription

    async def _used(self, context: CommandContext, id: str, wanted: Sequence[UsageWanted]) -> Used:
        try:
            return await self.metered.used(context.tenant, id, wanted)
        except NotReady as error:
            raise ConcurrentChange(f"{error}; try again") from error

    async def _upcoming(self, subscription: PlanSubscription, count: int, context: CommandContext) -> list[PreviewedBill]:
        found: list[PreviewedBill] = []
        for _ in range(STEPS * count):
            if subscription.period_number >= 0 and not subscription.ever_active:
                subscription.period_paid(0, context)
            due, seen = subscription.due_at, len(subscription.unsaved)
            if due is None or len(found) >= count:
                break
            can_pay = await can_pay_after_trial(self.known, subscription)
            used = await self._used(context, subscription.id, subscription.usage_wanted(due))
            subscription.renew(due, can_pay=can_pay, used=used)
            found += _bills(subscription, subscription.unsaved[seen:], max(due, subscription.started.told_at or due))
        return found[:count]


def _check_count(count: int) -> None:
    if not 1 <= count <= MOST_UPCOMING:
        raise InvalidInput(f"1 to {MOST_UPCOMING} invoices are previewed, not {count}", field=("first",))


def _bills(subscription: PlanSubscription, recorded: Sequence[Event], at: datetime) -> list[PreviewedBill]:
    return [
        PreviewedBill(bill, at, bill_of_event(subscription.id, event))
        for event in recorded
        if (bill := bill_of(event)) is not None
    ]
