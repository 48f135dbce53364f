"""One-off invoices, and a process that ends while one is made."""

from dataclasses import replace
from decimal import Decimal

import pytest

from subgraphs.invoice.commands.create_invoice import charge_new_invoice, create_invoice
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.one_off import OneOffLine, one_off_draft
from subgraphs.invoice.domain.values import InvoiceStatus, PaymentMethod
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import VISA
from tests.testkit.memory import context
from tests.testkit.payments import Crash, InMemoryBilling

# 2 * 120.00 + 9.99 = 249.99
DRAFT = one_off_draft(
    "cus_1",
    "EUR",
    [
        OneOffLine(description="Training day", quantity=2, unit_amount=Decimal("120")),
        OneOffLine(description="Book", quantity=1, unit_amount=Decimal("9.99")),
    ],
)
KEYED = replace(context(), write="invoice_create/key-1")


async def charge(billing: InMemoryBilling, method: PaymentMethod | None = VISA) -> Invoice:
    return await charge_new_invoice(
        billing.invoices, billing.payments, billing.numbers, billing.details, billing.providers, billing, DRAFT, method, KEYED
    )


async def test_a_draft_has_no_number() -> None:
    billing = InMemoryBilling()
    invoice = await create_invoice(billing.invoices, billing.numbers, billing.details, DRAFT, False, context())
    assert (invoice.status, invoice.number, invoice.total) == (InvoiceStatus.DRAFT, None, Money(24999, "EUR"))


async def test_an_open_one_is_numbered_and_not_charged() -> None:
    billing = InMemoryBilling()
    invoice = await create_invoice(billing.invoices, billing.numbers, billing.details, DRAFT, True, context())
    assert (invoice.status, invoice.number, billing.provider.asked) == (InvoiceStatus.OPEN, "INV-000001", [])


async def test_a_charged_one_is_paid() -> None:
    billing = InMemoryBilling()
    invoice = await charge(billing)
    [payment] = await billing.all_payments()
    assert (invoice.status, billing.provider.moved) == (InvoiceStatus.PAID, [(payment.id, Money(24999, "EUR"))])


async def test_without_a_way_to_pay_it_stays_open() -> None:
    billing = InMemoryBilling()
    assert (await charge(billing, None)).status is InvoiceStatus.OPEN


@pytest.mark.parametrize("stored_first", [False, True])
# invoice: drafted, finalised, payment started; payment: started, settled; invoice: paid
@pytest.mark.parametrize("commit", [1, 2, 3, 4, 5, 6])
async def test_a_keyed_one_that_was_interrupted_is_the_same_one_when_repeated(commit: int, stored_first: bool) -> None:
    billing = InMemoryBilling()
    billing.store.crash_at, billing.store.stored_first = commit, stored_first
    with pytest.raises(Crash):
        await charge(billing)
    invoice = await charge(billing)
    assert (invoice.id, invoice.number, invoice.status) == (KEYED.new_id("inv"), "INV-000001", InvoiceStatus.PAID)
    assert [amount for _, amount in billing.provider.moved] == [Money(24999, "EUR")]
    assert {commit.aggregate_id for commit in billing.store.commits.values() if commit.kind == Invoice.kind} == {invoice.id}
