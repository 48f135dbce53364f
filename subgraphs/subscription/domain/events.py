"""What happens to a plan subscription."""

from dataclasses import dataclass
from datetime import datetime

from subgraphs.kit.domain.event import Event
from subgraphs.subscription.domain.values import SubscribedPrice

__all__ = [
    "BillingPeriodOpened",
    "CancellationScheduled",
    "CancellationUnscheduled",
    "PlanSubscriptionActivated",
    "PlanSubscriptionCanceled",
    "PlanSubscriptionIncomplete",
    "PlanSubscriptionStarted",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubscriptionStarted(Event):
    """`anchor` is the instant from which all billing periods are counted, on the calendar of `time_zone`."""

    customer_id: str
    price: SubscribedPrice
    quantity: int
    time_zone: str
    anchor: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPeriodOpened(Event):
    """Period `number` (0 is the first) runs from `start` up to but not including `end`; it is billed in advance.

    It repeats what is billed, so that the event alone makes the invoice.
    """

    customer_id: str
    price: SubscribedPrice
    quantity: int
    number: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubscriptionActivated(Event):
    customer_id: str
    activated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubscriptionIncomplete(Event):
    """The first payment failed; `reason` is the payment's code."""

    customer_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationScheduled(Event):
    customer_id: str
    cancel_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationUnscheduled(Event):
    """It goes on after all."""

    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubscriptionCanceled(Event):
    """`ever_active` tells whether its first invoice was ever paid."""

    customer_id: str
    ever_active: bool
    canceled_at: datetime
    reason: str | None
