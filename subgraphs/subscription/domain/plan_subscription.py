"""The plan subscription aggregate."""

from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.period import Period, boundary
from subgraphs.subscription.domain.events import (
    BillingPeriodOpened,
    CancellationScheduled,
    CancellationUnscheduled,
    PlanSubscriptionActivated,
    PlanSubscriptionCanceled,
    PlanSubscriptionIncomplete,
    PlanSubscriptionStarted,
)
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, SubscribedPrice, checked_quantity

__all__ = ["PlanSubscription"]

REASON_LENGTH = 500


class PlanSubscription(Aggregate):
    """A customer's subscription to one price. Its periods tile time from the anchor without gap or overlap."""

    kind: ClassVar[str] = "PlanSubscription"
    codec: ClassVar[EventCodec] = EventCodec(
        PlanSubscriptionStarted,
        BillingPeriodOpened,
        PlanSubscriptionActivated,
        PlanSubscriptionIncomplete,
        CancellationScheduled,
        CancellationUnscheduled,
        PlanSubscriptionCanceled,
    )

    started: PlanSubscriptionStarted
    status: PlanSubscriptionStatus
    period_number: int
    period: Period
    incomplete_reason: str | None
    activated_at: datetime | None
    cancel_at: datetime | None
    canceled_at: datetime | None
    cancellation_reason: str | None

    @classmethod
    def start(
        cls, id: str, customer_id: str, price: SubscribedPrice, quantity: int, time_zone: str, context: CommandContext
    ) -> "PlanSubscription":
        """Return a new subscription with its first billing period open from `context.at`.

        Raises:
            InvalidInput: the quantity is out of range.
        """
        subscription = cls(id, context.tenant)
        subscription.record(
            PlanSubscriptionStarted(
                customer_id=customer_id,
                price=price,
                quantity=checked_quantity(quantity),
                time_zone=time_zone,
                anchor=context.at,
            )
        )
        subscription._open_period(0)
        return subscription

    @property
    def customer_id(self) -> str:
        """Who subscribes."""
        return self.started.customer_id

    @property
    def ever_active(self) -> bool:
        """Whether its first invoice was ever paid."""
        return self.activated_at is not None

    def activate(self, context: CommandContext) -> None:
        """Note that the first invoice is paid; nothing happens when it is active or canceled already."""
        if self.status in {PlanSubscriptionStatus.PENDING, PlanSubscriptionStatus.INCOMPLETE}:
            self.record(PlanSubscriptionActivated(customer_id=self.customer_id, activated_at=context.at))

    def mark_incomplete(self, reason: str) -> None:
        """Note that the first payment failed; nothing happens unless it is still awaited."""
        if self.status is PlanSubscriptionStatus.PENDING:
            self.record(PlanSubscriptionIncomplete(customer_id=self.customer_id, reason=reason))

    def renew(self, now: datetime) -> None:
        """Open the period that follows an ended one, or end the subscription where that is scheduled.

        One period per call, so that each is a commit of its own; nothing happens before the current period has ended.
        """
        if self.status is not PlanSubscriptionStatus.ACTIVE or now < self.period.end:
            return
        if self.cancel_at is not None and self.cancel_at <= self.period.end:
            self._cancel(self.cancel_at, self.cancellation_reason)
        else:
            self._open_period(self.period_number + 1)

    def schedule_cancellation(self) -> None:
        """End it with the current period; scheduling again changes nothing.

        Raises:
            InvalidState: it is not active.
        """
        if self.status is not PlanSubscriptionStatus.ACTIVE:
            raise InvalidState(
                f"plan subscription {self.id!r} is {self.status.value}: only an ACTIVE one ends with its period; cancel it NOW"
            )
        if self.cancel_at != self.period.end:
            self.record(CancellationScheduled(customer_id=self.customer_id, cancel_at=self.period.end))

    def unschedule_cancellation(self) -> None:
        """Let it go on after all; nothing happens when no cancellation is scheduled.

        Raises:
            InvalidState: it is canceled.
        """
        if self.status is PlanSubscriptionStatus.CANCELED:
            raise InvalidState(f"plan subscription {self.id!r} is CANCELED, which is final; start a new one")
        if self.cancel_at is not None:
            self.record(CancellationUnscheduled(customer_id=self.customer_id))

    def cancel(self, reason: str | None, context: CommandContext) -> None:
        """End it at `context.at`; canceling again changes nothing.

        Raises:
            InvalidInput: the reason is too long.
        """
        if reason is not None and len(reason) > REASON_LENGTH:
            raise InvalidInput(f"a reason has at most {REASON_LENGTH} characters", field=("reason",))
        if self.status is not PlanSubscriptionStatus.CANCELED:
            self._cancel(context.at, reason)

    def apply(self, event: Event) -> None:
        match event:
            case PlanSubscriptionStarted():
                self.started, self.status = event, PlanSubscriptionStatus.PENDING
                self.incomplete_reason = self.cancellation_reason = None
                self.activated_at = self.cancel_at = self.canceled_at = None
            case BillingPeriodOpened():
                self.period_number, self.period = event.number, Period(event.start, event.end)
            case PlanSubscriptionActivated():
                self.status, self.activated_at = PlanSubscriptionStatus.ACTIVE, event.activated_at
                self.incomplete_reason = None
            case PlanSubscriptionIncomplete():
                self.status, self.incomplete_reason = PlanSubscriptionStatus.INCOMPLETE, event.reason
            case CancellationScheduled():
                self.cancel_at = event.cancel_at
            case CancellationUnscheduled():
                self.cancel_at = None
            case PlanSubscriptionCanceled():
                self.status = PlanSubscriptionStatus.CANCELED
                self.canceled_at, self.cancel_at, self.cancellation_reason = event.canceled_at, None, event.reason
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a plan subscription")

    def _cancel(self, at: datetime, reason: str | None) -> None:
        self.record(
            PlanSubscriptionCanceled(customer_id=self.customer_id, ever_active=self.ever_active, canceled_at=at, reason=reason)
        )

    def _open_period(self, number: int) -> None:
        anchor, interval = self.started.anchor, self.started.price.interval
        zone = ZoneInfo(self.started.time_zone)
        self.record(
            BillingPeriodOpened(
                customer_id=self.customer_id,
                price=self.started.price,
                quantity=self.started.quantity,
                number=number,
                start=boundary(anchor, interval, number, zone),
                end=boundary(anchor, interval, number + 1, zone),
            )
        )
