"""Charging again what could not be charged: when, how often, by which method, and what happens in the end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from subgraphs.invoice.commands.collect_invoice import collect_invoice
from subgraphs.invoice.commands.configure_dunning import remove_dunning_campaign, set_dunning_campaign
from subgraphs.invoice.commands.draft_invoice import draft_invoice
from subgraphs.invoice.commands.dun_invoice import charge_again, plan_retry, retry_invoice
from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.commands.record_payment import record_payment
from subgraphs.invoice.domain.dunning import DunningAction, DunningCampaign
from subgraphs.invoice.domain.dunning_configuration import ANY_CURRENCY, DunningConfiguration, campaign_for
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment_provider import AMOUNT_NOT_CHARGEABLE, Declined
from subgraphs.invoice.domain.values import Charge, InvoiceStatus, PaymentMethod, PaymentOperation, ReceivedPayment
from subgraphs.invoice.published import publish
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import VISA, draft, method
from tests.testkit.memory import AT, context, repository
from tests.testkit.payments import Crash, InMemoryBilling

BAD = method("sandbox_declined")


def day(number: float) -> CommandContext:
    return context(at=AT + timedelta(days=number))


async def failed(period: int | None = 1, token: str = "sandbox_declined", after_trial: bool = False) -> InMemoryBilling:
    """Return a renewal of 56.50 EUR whose charge failed on day 0."""
    billing = InMemoryBilling()
    await draft_invoice(billing.invoices, "inv_1", replace(draft(), period_number=period, after_trial=after_trial), context())
    await finalize_invoice(billing.invoices, billing.numbers, billing.details, "inv_1", context(), Charge(payment_method_id=None))
    await billing.settled("acme", "inv_1")
    await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", method(token), context())
    await plan_retry(billing, "inv_1", context())
    return billing


async def invoice_of(billing: InMemoryBilling) -> Invoice:
    return await billing.invoices.get("acme", "inv_1")


def told(billing: InMemoryBilling, type: str) -> list[dict[str, object]]:
    commits = billing.store.commits.values()
    return [event.data for commit in commits for event in publish(commit) if event.type == type]


async def test_it_is_charged_again_after_1_3_5_and_7_days_and_then_it_is_over() -> None:
    billing = await failed()
    days = []
    while (at := (await invoice_of(billing)).dunning.retry_at) is not None:
        days.append((at - AT).days)
        early = context(at=at - timedelta(seconds=1))
        assert (await retry_invoice(billing, "inv_1", BAD, early)).dunning.retry_at == at
        await retry_invoice(billing, "inv_1", BAD, context(at=at))
    assert days == [1, 3, 5, 7]
    invoice = await invoice_of(billing)
    assert (invoice.status, invoice.dunning.exhausted, invoice.payment_count) == (InvoiceStatus.OPEN, True, 5)
    [exhausted] = told(billing, "dunning-exhausted.v1")
    assert (exhausted["action"], exhausted["retries"], exhausted["periodNumber"]) == ("CANCEL", 4, 1)
    assert [one["retryNumber"] for one in told(billing, "invoice-retry-scheduled.v1")] == [1, 2, 3, 4]


async def test_a_first_invoice_is_tried_again_only_after_a_trial() -> None:
    assert (await invoice_of(await failed(period=0))).dunning.retry_at is None
    after_trial = await invoice_of(await failed(period=0, after_trial=True))
    assert after_trial.dunning.retry_at == AT + timedelta(days=1)


async def test_it_stops_when_it_is_paid() -> None:
    billing = await failed()
    invoice = await retry_invoice(billing, "inv_1", VISA, day(1))
    assert (invoice.status, invoice.is_in_arrears, invoice.awaits_plan) == (InvoiceStatus.PAID, False, False)
    assert (await retry_invoice(billing, "inv_1", VISA, day(9))).payment_count == 2
    assert told(billing, "dunning-exhausted.v1") == []


async def test_a_retry_happens_once_however_many_ask() -> None:
    billing = await failed()
    for _ in range(3):
        await retry_invoice(billing, "inv_1", BAD, day(1))
    invoice = await invoice_of(billing)
    assert (invoice.payment_count, invoice.dunning.retry_at) == (2, AT + timedelta(days=3))


@pytest.mark.parametrize("gone", [None, BAD])
async def test_what_is_known_to_fail_is_counted_and_not_charged(gone: PaymentMethod | None) -> None:
    billing = await failed()
    await billing.invoices.update("inv_1", day(0), _lose_card)
    asked = len(billing.provider.asked)
    taken = await retry_invoice(billing, "inv_1", gone, day(1))
    assert len(billing.provider.asked) == asked
    assert (taken.dunning.retry_number, taken.dunning.retry_at) == (2, AT + timedelta(days=3))


async def test_an_amount_that_cannot_be_charged_is_not_tried_again_until_another_one_is_due() -> None:
    billing = await failed()
    payment_id = "pay_inexact"

    def refuse(invoice: Invoice) -> None:
        invoice.start_payment(payment_id, BAD, context())
        refused = Declined(AMOUNT_NOT_CHARGEABLE, "Not exactly.")
        invoice.settle_payment(payment_id, PaymentOperation.CHARGE, refused, context())

    await billing.invoices.update("inv_1", day(0), refuse)
    asked = len(billing.provider.asked)
    for at in (1, 3):
        await retry_invoice(billing, "inv_1", BAD, day(at))
    assert len(billing.provider.asked) == asked
    # 56.50 - 0.04 = 56.46 may be one that can
    came, stores = ReceivedPayment(reference="a", received_at=AT), (billing.invoices, billing.payments, billing.providers)
    await record_payment(*stores, "inv_1", Money(4, "EUR"), came, day(4))
    invoice = await retry_invoice(billing, "inv_1", BAD, day(5))
    assert (len(billing.provider.asked), invoice.amount_due.minor_units) == (asked + 1, 5646)


def _lose_card(invoice: Invoice) -> None:
    """Let a payment by the same method fail for good."""
    payment_id = "pay_lost"
    invoice.start_payment(payment_id, BAD, context())
    assert invoice.pending_payment is not None
    assert invoice.pending_payment.operation is not None
    invoice.settle_payment(payment_id, invoice.pending_payment.operation, Declined("lost_card", "Lost."), context())


async def test_another_payment_method_is_charged_at_once_and_the_same_one_is_not() -> None:
    billing = await failed()
    assert (await charge_again(billing, "inv_1", BAD, day(0.5))).payment_count == 1
    paid = await charge_again(billing, "inv_1", VISA, day(0.5))
    assert (paid.status, paid.payment_count) == (InvoiceStatus.PAID, 2)


async def test_another_payment_method_counts_also_when_the_campaign_is_over() -> None:
    billing = await failed()
    billing.campaigns.campaign = DunningCampaign(retry_after_days=(1,), action=DunningAction.MARK_UNPAID)
    await retry_invoice(billing, "inv_1", BAD, day(1))
    assert [one["action"] for one in told(billing, "dunning-exhausted.v1")] == ["MARK_UNPAID"]
    assert (await charge_again(billing, "inv_1", VISA, day(20))).status is InvoiceStatus.PAID


async def test_the_first_invoice_of_a_subscription_is_not_dunned() -> None:
    assert (await invoice_of(await failed(period=0))).dunning.retry_at is None


async def test_one_that_waits_for_the_customer_is_not_dunned() -> None:
    assert (await invoice_of(await failed(token="sandbox_requires_action"))).dunning.retry_at is None


async def test_one_that_nobody_wanted_charged_by_itself_is_not_dunned() -> None:
    billing = InMemoryBilling()
    await billing.opened()
    await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", BAD, context())
    assert (await plan_retry(billing, "inv_1", context())).dunning.retry_at is None


@pytest.mark.parametrize("stored_first", [False, True])
# invoice: retry taken and payment started; payment: started, failed; invoice: failed, next retry planned
@pytest.mark.parametrize("commit", [1, 2, 3, 4, 5])
async def test_a_process_that_ends_anywhere_in_a_retry_charges_once(commit: int, stored_first: bool) -> None:
    billing = await failed()
    billing.store.crash_at, billing.store.stored_first = len(billing.store.commits) + commit, stored_first
    with pytest.raises(Crash):
        await retry_invoice(billing, "inv_1", BAD, day(1))
    invoice = await retry_invoice(billing, "inv_1", BAD, day(1))
    assert (invoice.payment_count, invoice.dunning.retry_number) == (2, 2)
    assert invoice.dunning.retry_at == AT + timedelta(days=3)
    assert len({id for _, id in billing.provider.asked}) == 2


async def test_campaigns_are_set_per_currency_and_removed() -> None:
    configurations = repository(DunningConfiguration, InMemoryBilling().store)
    mine = DunningCampaign(retry_after_days=(2, 4), action=DunningAction.MARK_UNPAID)
    never = DunningCampaign(retry_after_days=(), action=DunningAction.LEAVE_PAST_DUE)
    await set_dunning_campaign(configurations, ANY_CURRENCY, never, context())
    configured = await set_dunning_campaign(configurations, "EUR", mine, context())
    assert (campaign_for(configured.campaigns, "EUR"), campaign_for(configured.campaigns, "USD")) == (mine, never)
    configured = await remove_dunning_campaign(configurations, "EUR", context())
    assert campaign_for(configured.campaigns, "EUR") == never
    assert campaign_for({}, "EUR").retry_after_days == (1, 3, 5, 7)


@pytest.mark.parametrize("days", [(0,), (3, 3), (5, 1), (91,), tuple(range(1, 12))])
async def test_days_that_make_no_sense_are_refused(days: tuple[int, ...]) -> None:
    configurations = repository(DunningConfiguration, InMemoryBilling().store)
    campaign = DunningCampaign(retry_after_days=days, action=DunningAction.CANCEL)
    with pytest.raises(InvalidInput) as refused:
        await set_dunning_campaign(configurations, "EUR", campaign, context())
    assert refused.value.field == ("retryAfterDays",)
