"""The aggregate of a move of all subscribers of one price version to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.subscription.domain.values import ChangeTime, ProrationBehavior, SubscribedPrice

__all__ = [
    "MOST_SHOWN_REFUSALS",
    "MigrationStatus",
    "PriceMigration",
    "PriceMigrationCanceled",
    "PriceMigrationCompleted",
    "PriceMigrationStarted",
    "Refusal",
    "SubscribersMoved",
    "SubscribersTaken",
    "check_migration",
]

MOST_SHOWN_REFUSALS = 100


class MigrationStatus(StrEnum):
    """RUNNING → COMPLETED | CANCELED."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A plan subscription that stays as it is, and why."""

    plan_subscription_id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceMigrationStarted(Event):
    """From now on subscribers of `from_price_id` are moved `to` another price version, NOW or at the end of their periods.

    Those who are scheduled to come to it come to the other one instead.
    """

    from_price_id: str
    to: SubscribedPrice
    when: ChangeTime
    proration: ProrationBehavior
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribersTaken(Event):
    """These are next: whoever goes on after a crash takes the same ones, and counts each of them once."""

    plan_subscription_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribersMoved(Event):
    """Of those that were taken, `moved` have the other price or will have it, and the others stay as they are."""

    moved: int
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceMigrationCompleted(Event):
    completed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceMigrationCanceled(Event):
    """Those that were not reached stay as they are."""

    canceled_at: datetime


class PriceMigration(Aggregate):
    """It walks the subscribers by their ids, once, some at a time."""

    kind: ClassVar[str] = "PriceMigration"
    codec: ClassVar[EventCodec] = EventCodec(
        PriceMigrationStarted, SubscribersTaken, SubscribersMoved, PriceMigrationCompleted, PriceMigrationCanceled
    )

    started: PriceMigrationStarted
    status: MigrationStatus
    taken: tuple[str, ...]
    walked_to: str | None
    moved: int
    refused: int
    refusals: tuple[Refusal, ...]
    ended_at: datetime | None

    @classmethod
    def start(
        cls,
        id: str,
        from_price: SubscribedPrice,
        to: SubscribedPrice,
        when: ChangeTime,
        proration: ProrationBehavior,
        context: CommandContext,
    ) -> "PriceMigration":
        """Return a new one, which has moved nobody yet.

        Raises:
            InvalidInput: the prices are the same one or in different currencies, or it is to happen on a date.
        """
        check_migration(from_price, to, when)
        migration = cls(id, context.tenant)
        migration.record(
            PriceMigrationStarted(from_price_id=from_price.price_id, to=to, when=when, proration=proration, started_at=context.at)
        )
        return migration

    def take(self, plan_subscription_ids: Sequence[str], context: CommandContext) -> None:
        """Note who is moved next, None of them: that all are; nothing happens when some are being moved, or it has ended."""
        if self.status is not MigrationStatus.RUNNING or self.taken:
            return
        if plan_subscription_ids:
            self.record(SubscribersTaken(plan_subscription_ids=tuple(plan_subscription_ids)))
        else:
            self.record(PriceMigrationCompleted(completed_at=context.at))

    def note_moved(self, taken: Sequence[str], refused: Sequence[Refusal]) -> None:
        """Note what became of those that were `taken`; nothing happens when that is known."""
        if tuple(taken) == self.taken and taken:
            self.record(SubscribersMoved(moved=len(taken) - len(refused), refused=tuple(refused)))

    def cancel(self, context: CommandContext) -> None:
        """Move nobody more; nothing happens when it has ended."""
        if self.status is MigrationStatus.RUNNING:
            self.record(PriceMigrationCanceled(canceled_at=context.at))

    def apply(self, event: Event) -> None:
        match event:
            case PriceMigrationStarted():
                self.started, self.status = event, MigrationStatus.RUNNING
                self.taken, self.walked_to, self.ended_at = (), None, None
                self.moved, self.refused, self.refusals = 0, 0, ()
            case SubscribersTaken():
                self.taken = event.plan_subscription_ids
            case SubscribersMoved():
                self.walked_to, self.taken = self.taken[-1], ()
                self.moved, self.refused = self.moved + event.moved, self.refused + len(event.refused)
                self.refusals = (*self.refusals, *event.refused)[:MOST_SHOWN_REFUSALS]
            case PriceMigrationCompleted():
                self.status, self.ended_at = MigrationStatus.COMPLETED, event.completed_at
            case PriceMigrationCanceled():
                self.status, self.ended_at, self.taken = MigrationStatus.CANCELED, event.canceled_at, ()
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a price migration")


def check_migration(from_price: SubscribedPrice, to: SubscribedPrice, when: ChangeTime) -> None:
    """Check that subscribers of one price can be moved to the other.

    Raises:
        InvalidInput: the prices are the same one or in different currencies, or it is to happen on a date.
    """
    if from_price.price_id == to.price_id:
        raise InvalidInput("the two prices are the same one", field=("toPriceId",))
    if from_price.currency != to.currency:
        raise InvalidInput(
            f"price {to.price_id!r} is in {to.currency}, its subscribers pay in {from_price.currency}",
            field=("toPriceId",),
        )
    if when is ChangeTime.DATE:
        raise InvalidInput("subscribers are moved NOW or at the end of their periods", field=("when",))
