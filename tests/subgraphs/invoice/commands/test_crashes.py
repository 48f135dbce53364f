"""A process that ends anywhere while an invoice is paid: done again by another one, the money moves once."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from subgraphs.invoice.commands.collect_invoice import collect_invoice
from subgraphs.invoice.commands.confirm_payment import confirm_payment
from subgraphs.invoice.commands.pay_invoice import pay_invoice
from subgraphs.invoice.commands.settle_payment import settle_payment
from subgraphs.invoice.domain.values import InvoiceStatus, PaymentStatus
from tests.testkit.billing import VISA, method
from tests.testkit.memory import context
from tests.testkit.payments import Crash, InMemoryBilling

OPENING = 3  # commits of an open invoice: drafted, finalised, credit applied
Work = Callable[[InMemoryBilling], Awaitable[object]]


async def collect(billing: InMemoryBilling) -> None:
    await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", VISA, context())


async def pay(billing: InMemoryBilling) -> None:
    await pay_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", VISA, context())


async def settle(billing: InMemoryBilling) -> None:
    await settle_payment(billing.invoices, billing.payments, billing.providers, "inv_1", context())


async def assert_paid_once(billing: InMemoryBilling) -> None:
    invoice = await billing.invoices.get("acme", "inv_1")
    [payment] = await billing.all_payments()
    assert (invoice.status, payment.status) == (InvoiceStatus.PAID, PaymentStatus.SUCCEEDED)
    assert billing.provider.moved == [(payment.id, invoice.total)]


@pytest.mark.parametrize("again", [collect, pay])
async def test_a_crash_between_charge_and_settlement_gives_one_payment(again: Work) -> None:
    billing = InMemoryBilling()
    await billing.opened()
    billing.provider.crashes = 1
    with pytest.raises(Crash):
        await again(billing)
    assert (await billing.invoices.get("acme", "inv_1")).status is InvoiceStatus.OPEN
    assert len(billing.provider.moved) == 1
    await again(billing)
    await assert_paid_once(billing)
    assert [operation for operation, _ in billing.provider.asked] == ["charge", "charge"]


@pytest.mark.parametrize("stored_first", [False, True])
# invoice: payment started, payment: started, payment: settled, invoice: paid
@pytest.mark.parametrize("commit", [1, 2, 3, 4])
async def test_a_crash_at_any_commit_of_a_charge_gives_one_payment(commit: int, stored_first: bool) -> None:
    billing = InMemoryBilling()
    await billing.opened()
    billing.store.crash_at, billing.store.stored_first = OPENING + commit, stored_first
    with pytest.raises(Crash):
        await collect(billing)
    await collect(billing)
    await assert_paid_once(billing)


@pytest.mark.parametrize("stored_first", [False, True])
# invoice: payment continued, payment: settled, invoice: paid
@pytest.mark.parametrize("commit", [1, 2, 3])
async def test_a_crash_at_any_commit_of_a_confirmation_gives_one_payment(commit: int, stored_first: bool) -> None:
    billing = InMemoryBilling()
    await billing.opened()
    way = method("sandbox_requires_action")
    invoice = await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", way, context())
    assert invoice.pending_payment is not None
    id = invoice.pending_payment.payment_id
    billing.store.crash_at, billing.store.stored_first = len(billing.store.commits) + commit, stored_first
    with pytest.raises(Crash):
        await confirm_payment(billing.invoices, billing.payments, billing.providers, id, context())
    await settle(billing)  # the background work takes up what was begun; what was not, the caller asks for again
    await confirm_payment(billing.invoices, billing.payments, billing.providers, id, context())
    await assert_paid_once(billing)


async def test_a_waiting_payment_canceled_by_halves_can_be_replaced() -> None:
    billing = InMemoryBilling()
    await billing.opened()
    way = method("sandbox_requires_action")
    await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", way, context())
    billing.provider.crashes = 1
    with pytest.raises(Crash):
        await pay(billing)
    await pay(billing)
    first, second = await billing.all_payments()
    assert (first.status, second.status) == (PaymentStatus.FAILED, PaymentStatus.SUCCEEDED)
    assert [id for id, _ in billing.provider.moved] == [second.id]


@pytest.mark.parametrize("commit", [1, 2, 3, 4])
async def test_a_keyed_payment_that_was_interrupted_is_the_same_one_when_repeated(commit: int) -> None:
    billing = InMemoryBilling()
    await billing.opened()
    keyed = replace(context(), write="invoice_pay/key-1")
    billing.store.crash_at, billing.store.stored_first = OPENING + commit, True
    with pytest.raises(Crash):
        await pay_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", VISA, keyed)
    invoice, payment_id = await pay_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", VISA, keyed)
    assert (invoice.status, payment_id) == (InvoiceStatus.PAID, keyed.new_id("pay"))
    await assert_paid_once(billing)
