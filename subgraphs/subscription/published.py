"""The only translator from what happens to a plan subscription to what other subgraphs and partners are told."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from subgraphs.kit.domain.event import Event
from subgraphs.kit.messaging.envelope import PublicEvent
from subgraphs.kit.messaging.published import Contract, json_schemas_of, public_event
from subgraphs.kit.persistence.commit import Commit
from subgraphs.pricing.charge import NO_DETAILS, ChargeDetails
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.plan_subscription import PlanSubscription

__all__ = ["json_schemas", "publish"]


class PlanSubscriptionStarted(Contract, frozen=True):
    """A customer subscribes to a price; whether it stands is known once its first invoice is paid."""

    event_type = "plan-subscription-started.v1"

    plan_subscription_id: str
    customer_id: str
    plan_id: str
    price_id: str
    quantity: int
    started_at: datetime


class BilledItem(msgspec.Struct, frozen=True, rename="camel"):
    """What is billed: `flatAmountMinor` in minor units, or `unitAmount` as decimal text in major units, per `quantity`.

    `details` are the numbers of models other than FLAT and PER_UNIT, and what bounds the amount; null where there are none.
    """

    price_id: str
    plan_id: str
    description: str
    quantity: int
    model: str
    flat_amount_minor: int | None
    unit_amount: str | None
    details: ChargeDetails | None = None


class BillingPeriodOpened(Contract, frozen=True):
    """A period begins and is to be billed now. Number 0 is the first; it runs from start up to but not including end."""

    event_type = "billing-period-opened.v1"

    plan_subscription_id: str
    customer_id: str
    period_number: int
    period_start: datetime
    period_end: datetime
    currency: str
    payment_method_id: str | None
    items: tuple[BilledItem, ...]


class PlanSubscriptionActivated(Contract, frozen=True):
    """The first invoice is paid."""

    event_type = "plan-subscription-activated.v1"

    plan_subscription_id: str
    customer_id: str


class PlanSubscriptionIncomplete(Contract, frozen=True):
    """The first payment failed; `reason` is the payment's code."""

    event_type = "plan-subscription-incomplete.v1"

    plan_subscription_id: str
    customer_id: str
    reason: str


class PlanSubscriptionCancellationScheduled(Contract, frozen=True):
    """It ends with its current period."""

    event_type = "plan-subscription-cancellation-scheduled.v1"

    plan_subscription_id: str
    customer_id: str
    cancel_at: datetime


class PlanSubscriptionCancellationUnscheduled(Contract, frozen=True):
    """It goes on after all."""

    event_type = "plan-subscription-cancellation-unscheduled.v1"

    plan_subscription_id: str
    customer_id: str


class PlanSubscriptionCanceled(Contract, frozen=True):
    """It has ended. `everActive` tells whether its first invoice was ever paid."""

    event_type = "plan-subscription-canceled.v1"

    plan_subscription_id: str
    customer_id: str
    canceled_at: datetime
    ever_active: bool


_CONTRACTS: tuple[type[Contract], ...] = (
    PlanSubscriptionStarted,
    BillingPeriodOpened,
    PlanSubscriptionActivated,
    PlanSubscriptionIncomplete,
    PlanSubscriptionCancellationScheduled,
    PlanSubscriptionCancellationUnscheduled,
    PlanSubscriptionCanceled,
)


def publish(commit: Commit) -> Sequence[PublicEvent]:
    """Return the public events of one commit."""
    codec = PlanSubscription.codec
    contracts = (
        contract
        for stored in commit.events
        for contract in _translate(commit.aggregate_id, codec.decode(stored.type, stored.data))
    )
    return [public_event(commit, number, contract) for number, contract in enumerate(contracts)]


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every public event by its type."""
    return json_schemas_of(_CONTRACTS)


def _translate(id: str, event: Event) -> Iterator[Contract]:
    match event:
        case events.PlanSubscriptionStarted():
            yield PlanSubscriptionStarted(
                plan_subscription_id=id,
                customer_id=event.customer_id,
                plan_id=event.price.plan_id,
                price_id=event.price.price_id,
                quantity=event.quantity,
                started_at=event.anchor,
            )
        case events.BillingPeriodOpened():
            yield BillingPeriodOpened(
                plan_subscription_id=id,
                customer_id=event.customer_id,
                period_number=event.number,
                period_start=event.start,
                period_end=event.end,
                currency=event.price.currency,
                payment_method_id=None,
                items=(_item(event),),
            )
        case events.PlanSubscriptionActivated():
            yield PlanSubscriptionActivated(plan_subscription_id=id, customer_id=event.customer_id)
        case events.PlanSubscriptionIncomplete():
            yield PlanSubscriptionIncomplete(plan_subscription_id=id, customer_id=event.customer_id, reason=event.reason)
        case events.CancellationScheduled():
            yield PlanSubscriptionCancellationScheduled(
                plan_subscription_id=id, customer_id=event.customer_id, cancel_at=event.cancel_at
            )
        case events.CancellationUnscheduled():
            yield PlanSubscriptionCancellationUnscheduled(plan_subscription_id=id, customer_id=event.customer_id)
        case events.PlanSubscriptionCanceled():
            yield PlanSubscriptionCanceled(
                plan_subscription_id=id,
                customer_id=event.customer_id,
                canceled_at=event.canceled_at,
                ever_active=event.ever_active,
            )


def _item(event: events.BillingPeriodOpened) -> BilledItem:
    price = event.price
    return BilledItem(
        price_id=price.price_id,
        plan_id=price.plan_id,
        description=price.plan_name,
        quantity=event.quantity,
        model=price.model,
        flat_amount_minor=price.flat_amount_minor,
        unit_amount=None if price.unit_amount is None else format(price.unit_amount, "f"),
        details=price.details if price.details != NO_DETAILS else None,
    )
