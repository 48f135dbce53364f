"""How what is billed is collected, or is not: the subscription, invoice and customer subgraphs in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from subgraphs.customer.commands.change_balance import find_balance
from subgraphs.invoice.commands.pay_invoice import pay_invoice
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.subscription.commands.start_plan_subscription import WantedStart, start_plan_subscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus
from subgraphs.subscription.sagas.renewal import RenewalTimer
from tests.testkit.billing import VISA
from tests.testkit.memory import AT
from tests.testkit.memory_flow import TENANT, MemoryFlow, memory_flow

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
DECLINED = "sandbox_declined"


class World:
    """One customer with a price of 100.00 EUR a month."""

    def __init__(self, flow: MemoryFlow) -> None:
        self.flow, self.id = flow, ""
        flow.facts.add_customer()
        flow.facts.add_plan()
        flow.facts.add_price(flat_amount_minor=10_000)

    async def start(self, token: str) -> None:
        await self.flow.add_customer("cus_1", AT)
        self.flow.tokens["cus_1"] = token
        services = self.flow.subscription
        wanted = WantedStart(customer_id="cus_1", price_id="price_1")
        started = await start_plan_subscription(
            services.subscriptions,
            services.known,
            wanted,
            self.flow.context(AT),
            coupons=services.coupons,
            redemptions=services.redemptions,
            claims=services.claims,
        )
        self.id = started.id

    async def at(self, now: datetime) -> None:
        """Let time come to `now`, with all that is due by then."""
        self.flow.clock.at = now
        while await RenewalTimer(self.flow.subscription).renew_due():
            continue

    @property
    def status(self) -> PlanSubscriptionStatus:
        return self.flow.subscriptions[self.id].status

    @property
    def invoices(self) -> list[Invoice]:
        return list(self.flow.invoices)

    async def balance(self) -> int:
        customer = await self.flow.customer.customers.get(TENANT, "cus_1")
        found = await find_balance(self.flow.customer.balances, customer, "EUR")
        return found.balance.minor_units if found else 0

    async def pay(self, invoice: Invoice) -> None:
        services, context = self.flow.invoice, self.flow.context(self.flow.clock.at)
        await pay_invoice(services.invoices, services.payments, services.providers, invoice.id, VISA, context)


@contextmanager
def world() -> Iterator[World]:
    with memory_flow(with_customers=True) as flow:
        yield World(flow)


async def test_what_was_paid_a_second_before_the_subscription_expired_is_in_the_balance_once() -> None:
    with world() as here:
        await here.start(DECLINED)
        await here.flow.settle()
        assert here.status is PlanSubscriptionStatus.INCOMPLETE
        here.flow.clock.at = AT + 23 * HOUR - SECOND
        await here.pay(here.invoices[0])
        await here.at(AT + 23 * HOUR)  # and nobody was told of the payment
        for _ in range(2):
            await here.flow.relay(mark=False)
        await here.flow.settle()
        [invoice] = here.invoices
        assert here.status is PlanSubscriptionStatus.INCOMPLETE_EXPIRED
        assert (invoice.status, invoice.amount_credited.minor_units) == (InvoiceStatus.PAID, 10_000)
        assert await here.balance() == 10_000  # 100.00 paid, 0.00 had
