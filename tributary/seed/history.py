"""What the demo customers have done until now, all of them in the order of time, as a tenant would have seen it."""

import heapq
from collections.abc import AsyncGenerator, Callable, Iterable
from datetime import datetime, timedelta

from subgraphs.customer.commands.archive_customer import archive_customer
from subgraphs.customer.commands.attach_payment_method import attach_payment_method
from subgraphs.customer.commands.create_customer import create_customer
from subgraphs.customer.domain.values import Address, CustomerProfile
from subgraphs.subscription.commands.cancel_plan_subscription import WantedCancellation, cancel_plan_subscription
from subgraphs.subscription.commands.renew_plan_subscription import renew_plan_subscription
from subgraphs.subscription.commands.start_plan_subscription import WantedStart, start_plan_subscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus
from tributary.seed.catalogue import DemoTenant
from tributary.seed.installation import NewTenant
from tributary.seed.people import DemoCustomer, DemoSubscription
from tributary.seed.stock import PriceIds

__all__ = ["live_through"]

ATTACHED_AFTER = timedelta(minutes=1)
ARCHIVED_AFTER = timedelta(days=2)


async def live_through(
    shop: NewTenant,
    tenant: DemoTenant,
    customers: Iterable[DemoCustomer],
    prices: PriceIds,
    now: datetime,
    on_customer: Callable[[], None],
) -> None:
    """Do everything the customers do until `now`; `on_customer` is called after each one's first step.

    One step after the other over all customers, so that invoice numbers rise with time.
    """
    waiting = [(one.created_at, one.external_id, _life(shop, tenant, one, prices, now)) for one in customers]
    heapq.heapify(waiting)
    begun: set[str] = set()
    while waiting:
        _, external_id, life = heapq.heappop(waiting)
        next_step = await anext(life, None)
        await shop.tell()
        if external_id not in begun:
            begun.add(external_id)
            on_customer()
        if next_step is not None and next_step <= now:
            heapq.heappush(waiting, (next_step, external_id, life))
        else:
            await life.aclose()


async def _life(
    shop: NewTenant, tenant: DemoTenant, customer: DemoCustomer, prices: PriceIds, now: datetime
) -> AsyncGenerator[datetime]:
    """Take one step at a time; yields when the next one is due."""
    services, at = shop.customer, customer.created_at
    created = await create_customer(
        services.customers,
        services.claims,
        _profile(customer, tenant.time_zone),
        tenant.currency,
        customer.external_id,
        shop.context(at),
    )
    if customer.payment_token is not None:
        yield (at := at + ATTACHED_AFTER)
        await attach_payment_method(
            services.customers,
            created.id,
            "sandbox",
            customer.payment_token,
            customer.payment_label,
            default=True,
            context=shop.context(at),
        )
    if customer.subscription is not None:
        async for step in _subscribe(shop, created.id, customer.subscription, prices, now):
            yield step
    elif customer.archived:
        yield (at := at + ARCHIVED_AFTER)
        await archive_customer(services.customers, created.id, shop.context(at))


async def _subscribe(
    shop: NewTenant, customer_id: str, wanted: DemoSubscription, prices: PriceIds, now: datetime
) -> AsyncGenerator[datetime]:
    services = shop.subscription
    price_id = prices[wanted.plan.code, wanted.price.unit]
    yield wanted.starts_at
    started = await start_plan_subscription(
        services.subscriptions,
        services.known,
        WantedStart(customer_id=customer_id, price_id=price_id, quantity=wanted.quantity),
        shop.context(wanted.starts_at),
        coupons=services.coupons,
        redemptions=services.redemptions,
        claims=services.claims,
    )
    while True:
        # The invoice, its payment and what follows from that happen as soon as this step is told of.
        yield wanted.starts_at
        current = await services.subscriptions.get(shop.tenant, started.id)
        if current.status is not PlanSubscriptionStatus.ACTIVE:
            return
        if wanted.cancels_at is not None and wanted.cancels_at <= current.period.end:
            yield wanted.cancels_at
            why, context = WantedCancellation(reason="No longer needed."), shop.context(wanted.cancels_at)
            await cancel_plan_subscription(services.subscriptions, services.metered, started.id, why, context)
            return
        yield current.period.end
        await renew_plan_subscription(
            services.subscriptions, services.known, services.metered, started.id, now, shop.context(now)
        )


def _profile(customer: DemoCustomer, time_zone: str) -> CustomerProfile:
    return CustomerProfile(
        name=customer.name,
        email=customer.email,
        time_zone=time_zone,
        language=customer.language,
        address=Address(line1=customer.line1, city=customer.city, country=customer.country, postal_code=customer.postal_code),
    )
