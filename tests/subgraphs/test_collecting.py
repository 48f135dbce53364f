"""How what is billed is collected, or is not: the subscription, invoice and customer subgraphs in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from subgraphs.customer.commands.change_balance import find_balance
from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.commands.pay_invoice import pay_invoice
from subgraphs.invoice.commands.replace_invoice import replace_invoice
from subgraphs.invoice.commands.void_invoice import void_invoice
from subgraphs.invoice.domain.dunning import DunningAction, DunningCampaign
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.kit.domain.period import IntervalUnit
from subgraphs.subscription.commands.start_plan_subscription import WantedStart, start_plan_subscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, ProrationBehavior
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

    async def void(self, invoice: Invoice, *, replaced: bool = False) -> None:
        services, context = self.flow.invoice, self.flow.context(self.flow.clock.at)
        await void_invoice(
            services.invoices, services.payments, services.providers, invoice.id, "A mistake.", context, replaced=replaced
        )
        if replaced:
            await replace_invoice(services.invoices, services.taxes, invoice.id, context)
        await self.flow.settle()


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


async def test_a_failed_yearly_renewal_that_is_void_is_not_past_due_and_can_be_changed() -> None:
    with world() as here:
        here.flow.facts.add_price(flat_amount_minor=10_000, interval_unit=IntervalUnit.YEAR)
        here.flow.campaigns.campaign = DunningCampaign(retry_after_days=(1,), action=DunningAction.LEAVE_PAST_DUE)
        await here.start("sandbox_success")
        await here.flow.settle()
        here.flow.tokens["cus_1"] = DECLINED
        renewed = AT.replace(year=AT.year + 1)
        await here.at(renewed)
        await here.flow.settle()
        assert here.status is PlanSubscriptionStatus.PAST_DUE
        await here.void(here.invoices[1])
        await here.at(renewed + 60 * DAY)
        shown = here.flow.subscriptions[here.id]
        assert (here.status, shown.past_due_reason, len(here.invoices)) == (PlanSubscriptionStatus.ACTIVE, None, 2)
        shown.change(replace(shown.terms, quantity=2), ProrationBehavior.NONE, here.flow.context(here.flow.clock.at))


async def test_one_that_is_replaced_is_past_due_until_the_other_one_is_paid() -> None:
    with world() as here:
        await here.start("sandbox_success")
        await here.flow.settle()
        here.flow.tokens["cus_1"] = DECLINED
        await here.at(AT + 31 * DAY)
        await here.flow.settle()
        await here.void(here.invoices[1], replaced=True)
        assert here.status is PlanSubscriptionStatus.PAST_DUE
        services, other = here.flow.invoice, here.invoices[2]
        context = here.flow.context(here.flow.clock.at)
        await finalize_invoice(services.invoices, services.numbers, services.billing_details, other.id, context)
        await here.flow.settle()
        await here.pay(other)
        await here.flow.settle()
        assert [one.amount_paid.minor_units for one in here.invoices] == [10_000, 0, 10_000]
        assert here.status is PlanSubscriptionStatus.ACTIVE
