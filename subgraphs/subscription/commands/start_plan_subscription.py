"""Start a plan subscription."""

from decimal import Decimal
from typing import Protocol

import msgspec

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.period import Interval
from subgraphs.pricing.charge import NO_DETAILS, ChargeDetails, PriceModel
from subgraphs.subscription.documents import CustomerReplica, PlanReplica, PriceReplica
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import SubscribedPrice
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["KnownFacts", "start_plan_subscription"]


class KnownFacts(Protocol):
    """What is known of other subgraphs' entities; each call waits a moment for what may just have been created."""

    async def customer(self, tenant: str, id: str) -> CustomerReplica | None: ...
    async def price(self, tenant: str, id: str) -> PriceReplica | None: ...
    async def plan(self, tenant: str, id: str) -> PlanReplica | None: ...


async def start_plan_subscription(
    subscriptions: PlanSubscriptionRepository,
    known: KnownFacts,
    customer_id: str,
    price_id: str,
    quantity: int,
    context: CommandContext,
) -> PlanSubscription:
    """Subscribe a customer to a price from `context.at`, with the first billing period open. It is PENDING until it is paid for.

    Raises:
        NotFound: there is no such customer or price.
        InvalidInput: the quantity is out of range, the price is in another currency than the customer is billed in, or it bills
            transactions.
        InvalidState: the customer, plan or price is archived.
    """
    customer = await known.customer(context.tenant, customer_id)
    if customer is None or customer.currency is None:
        raise NotFound("Customer", customer_id, field=("customerId",))
    price = await known.price(context.tenant, price_id)
    if price is None or price.plan_id is None:
        raise NotFound("Price", price_id, field=("priceId",))
    plan = await known.plan(context.tenant, price.plan_id)
    if customer.archived:
        raise InvalidState(f"customer {customer_id!r} is archived and cannot subscribe", field=("customerId",))
    if price.archived or (plan is not None and plan.archived):
        raise InvalidState(f"price {price_id!r} or its plan is archived and not sold any more", field=("priceId",))
    if price.currency != customer.currency:
        raise InvalidInput(
            f"price {price_id!r} is in {price.currency}, but the customer is billed in {customer.currency}", field=("priceId",)
        )
    if price.model is not None and PriceModel(price.model).is_of_transactions:
        raise InvalidInput(
            f"price {price_id!r} is {price.model}: it bills transactions, which a quantity does not tell", field=("priceId",)
        )
    subscription = PlanSubscription.start(
        context.new_id("psub"), customer_id, _terms(price), quantity, customer.time_zone or "UTC", context
    )
    return await subscriptions.create(subscription, context)


def _terms(price: PriceReplica) -> SubscribedPrice:
    assert price.plan_id is not None  # noqa: S101  whoever calls has checked that the price has arrived
    assert price.plan_name is not None  # noqa: S101  set in the same write
    assert price.currency is not None  # noqa: S101
    assert price.model is not None  # noqa: S101
    assert price.interval_unit is not None  # noqa: S101
    assert price.interval_count is not None  # noqa: S101
    return SubscribedPrice(
        price_id=price.id,
        plan_id=price.plan_id,
        plan_name=price.plan_name,
        currency=price.currency,
        model=price.model,
        flat_amount_minor=price.flat_amount_minor,
        unit_amount=None if price.unit_amount is None else Decimal(price.unit_amount),
        interval=Interval(price.interval_unit, price.interval_count),
        details=msgspec.convert(price.details, ChargeDetails) if price.details else NO_DETAILS,
    )
