"""How what is billed is collected, or is not: the subscription, invoice and customer subgraphs in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from subgraphs.customer.commands.change_balance import adjust_balance, find_balance
from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.commands.pay_invoice import pay_invoice
from subgraphs.invoice.commands.record_payment import record_payment
from subgraphs.invoice.commands.replace_invoice import replace_invoice
from subgraphs.invoice.commands.void_invoice import void_invoice
from subgraphs.invoice.domain.dunning import DunningAction, DunningCampaign
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceStatus, ReceivedPayment
from subgraphs.invoice.published import publish
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import IntervalUnit
from subgraphs.pricing.collection import CollectionMethod
from subgraphs.subscription.commands.move_tenant_clock import advance_tenant_clock, freeze_tenant_clock
from subgraphs.subscription.commands.set_collection import set_collection
from subgraphs.subscription.commands.start_plan_subscription import Trial, WantedStart, start_plan_subscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, ProrationBehavior, TrialEnding
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

    async def start(self, token: str, **more: Any) -> None:
        if await self.flow.customer.customers.find(TENANT, "cus_1") is None:
            await self.flow.add_customer("cus_1", AT)
        self.flow.tokens["cus_1"] = token
        services = self.flow.subscription
        wanted = WantedStart(customer_id="cus_1", price_id="price_1", **more)
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

    async def live_by_a_clock(self) -> None:
        """Let the tenant have a clock of its own, which stands at AT."""
        self.flow.facts.clocks.add(TENANT)
        await freeze_tenant_clock(self.flow.subscription.clocks, self.flow.subscription.due, AT, self.flow.context(AT))

    async def jump(self, to: datetime) -> None:
        """Let the tenant's clock come to `to` in one jump."""
        self.flow.clock.at = to
        await advance_tenant_clock(self.flow.subscription.clocks, to, self.flow.context(to))
        await self.flow.walk().walk(TENANT)

    async def receive(self, invoice: Invoice, minor_units: int) -> None:
        """Record a bank transfer that has come."""
        services, context = self.flow.invoice, self.flow.context(self.flow.clock.at)
        came = ReceivedPayment(reference="transfer", received_at=context.at)
        amount = Money(minor_units, "EUR")
        await record_payment(services.invoices, services.payments, services.providers, invoice.id, amount, came, context)
        await self.flow.settle()

    def told(self, type: str) -> list[datetime]:
        """Return when each event of the invoice subgraph of this type happened."""
        found = [(commit.context.at, event) for commit in self.flow.streams[1].commits for event in publish(commit)]
        return [at for at, event in found if event.type == type]

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


def subscription_events(here: World) -> list[str]:
    """Return the types of all events of plan subscriptions."""
    return [event.type for commit in here.flow.streams[0].commits for event in commit.events]


@contextmanager
def world(*, at_once: bool = False) -> Iterator[World]:
    with memory_flow(with_customers=True, at_once=at_once) as flow:
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


SENT: dict[str, Any] = {"collection_method": CollectionMethod.SEND_INVOICE, "days_until_due": 14}
S = PlanSubscriptionStatus


async def test_a_subscription_whose_invoices_are_sent_is_active_and_paid_by_bank_transfer() -> None:
    with world(at_once=True) as here:
        await here.live_by_a_clock()
        await here.start(DECLINED, **SENT)  # the card is never charged
        [invoice] = here.invoices
        assert (here.status, here.flow.subscriptions[here.id].activated_at) == (S.ACTIVE, AT)
        assert (invoice.status, invoice.due_at, invoice.charge) == (InvoiceStatus.OPEN, AT + 14 * DAY, None)
        await here.jump(AT + 13 * DAY)
        await here.receive(invoice, 4_000)
        await here.receive(invoice, 6_000)
        await here.jump(AT + 60 * DAY)  # renewed on February 28 and March 31
        paid, renewed = here.invoices
        assert (paid.status, paid.amount_paid.minor_units) == (InvoiceStatus.PAID, 10_000)  # 40.00 + 60.00
        assert renewed.due_at == AT.replace(month=3, day=14)  # 14 days after February 28
        # Overdue on March 14, reminded of 1, 3 and 5 days later, and on the seventh day, March 21, the campaign ends.
        assert here.told("invoice-overdue.v1") == [AT.replace(month=3, day=14)]
        assert here.told("invoice-reminder-due.v1") == [AT.replace(month=3, day=day) for day in (15, 17, 19)]
        assert here.told("dunning-exhausted.v1") == [AT.replace(month=3, day=21)]
        ended = here.flow.subscriptions[here.id]
        assert (ended.status, ended.canceled_at) == (S.CANCELED, AT.replace(month=3, day=21))
        assert ended.cancellation_reason == f"Invoice {renewed.id} was due on 2026-03-14 and was not paid."
        assert (renewed.status, renewed.amount_due.minor_units) == (InvoiceStatus.OPEN, 10_000)  # it was had, and is owed
        assert here.flow.provider.moved == []
        assert [one.method for one in here.flow.payments] == [None, None]


async def test_what_is_paid_late_is_past_due_and_then_active_again() -> None:
    with world(at_once=True) as here:
        await here.live_by_a_clock()
        await here.start(DECLINED, **SENT)
        await here.jump(AT + 16 * DAY)
        shown = here.flow.subscriptions[here.id]
        assert (shown.status, shown.past_due_reason) == (S.PAST_DUE, "overdue")
        await here.receive(here.invoices[0], 9_999)
        assert here.status is S.PAST_DUE
        await here.receive(here.invoices[0], 1)
        assert here.status is S.ACTIVE
        await here.jump(AT + 27 * DAY)
        assert (here.status, here.told("dunning-exhausted.v1")) == (S.ACTIVE, [])


async def test_a_campaign_without_retries_ends_when_the_invoice_is_due() -> None:
    with world(at_once=True) as here:
        here.flow.campaigns.campaign = DunningCampaign(retry_after_days=(), action=DunningAction.MARK_UNPAID)
        await here.live_by_a_clock()
        await here.start(DECLINED, **SENT)
        await here.jump(AT + 20 * DAY)
        assert (here.status, here.told("dunning-exhausted.v1")) == (S.UNPAID, [AT + 14 * DAY])
        await here.receive(here.invoices[0], 10_000)
        assert here.status is S.ACTIVE


async def test_credit_pays_what_is_sent_first() -> None:
    with world(at_once=True) as here:
        await here.live_by_a_clock()
        customer, context = here.flow.customer, here.flow.context(AT)
        await here.flow.add_customer("cus_1", AT)
        credit = Money(10_000, "EUR")
        await adjust_balance(customer.customers, customer.balances, "cus_1", credit, None, allow_negative=False, context=context)
        await here.start(DECLINED, **SENT)
        await here.jump(AT + 20 * DAY)
        [invoice] = here.invoices
        assert (here.status, invoice.status, await here.balance()) == (S.ACTIVE, InvoiceStatus.PAID, 0)
        assert here.told("invoice-overdue.v1") == []


async def test_after_a_trial_without_a_payment_method_it_is_sent_and_not_paused() -> None:
    with world(at_once=True) as here:
        await here.live_by_a_clock()
        await here.start(DECLINED, trial=Trial(7, TrialEnding.PAUSE), **SENT)
        assert (here.status, here.invoices) == (S.TRIALING, [])
        await here.jump(AT + 8 * DAY)
        [invoice] = here.invoices
        assert (here.status, invoice.due_at) == (S.ACTIVE, AT + 21 * DAY)  # 7 + 14
        assert here.flow.subscriptions[here.id].ever_active


async def test_what_is_billed_after_a_change_of_the_collection_follows_it() -> None:
    with world(at_once=True) as here:
        await here.live_by_a_clock()
        await here.start("sandbox_success")
        subscriptions = here.flow.subscription.subscriptions
        for _ in range(2):
            await set_collection(subscriptions, here.id, CollectionMethod.SEND_INVOICE, 30, here.flow.context(AT))
        await here.jump(AT + 30 * DAY)
        at = here.flow.context(AT + 30 * DAY)
        await set_collection(subscriptions, here.id, CollectionMethod.CHARGE_AUTOMATICALLY, None, at)
        await here.jump(AT + 60 * DAY)
        charged, sent, again = here.invoices
        assert [one.status for one in here.invoices] == [InvoiceStatus.PAID, InvoiceStatus.OPEN, InvoiceStatus.PAID]
        assert [one.due_at for one in (charged, sent, again)] == [
            AT,
            AT.replace(month=3, day=30),  # 30 days after February 28
            AT.replace(month=3, day=31),
        ]
        assert [amount.minor_units for _, amount in here.flow.provider.moved] == [10_000, 10_000]
        assert len([one for one in subscription_events(here) if one == "CollectionSet"]) == 2
