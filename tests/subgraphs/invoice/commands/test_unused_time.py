"""Giving back what was billed for time that is not used: by whom it was paid, once, never more than there is."""

import pytest

from subgraphs.invoice.commands.collect_invoice import collect_invoice
from subgraphs.invoice.commands.credit_unused_time import credit_unused_time
from subgraphs.invoice.commands.follow_refund import follow_refund
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import VISA
from tests.testkit.memory import context
from tests.testkit.payments import InMemoryBilling


def eur(minor_units: int) -> Money:
    return Money(minor_units, "EUR")


def keyed() -> CommandContext:
    base = context()
    return CommandContext(tenant=base.tenant, actor=base.actor, request_id=base.request_id, at=base.at, write="unused/psub_1")


async def paid(credit: int = 0) -> InMemoryBilling:
    """An invoice of 19.00 + 37.50, of which the customer's credit paid a part."""
    billing = InMemoryBilling()
    billing.credit = eur(credit)
    await billing.opened()
    await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", VISA, context())
    return billing


async def give_back(billing: InMemoryBilling, amount: int, *, refund: bool) -> Invoice:
    return await credit_unused_time(billing, "inv_1", eur(amount), refund, keyed())


@pytest.mark.parametrize(("refund", "refunded", "balance"), [(True, 2825, 0), (False, 0, 2825)])
async def test_half_of_it_goes_back(refund: bool, refunded: int, balance: int) -> None:
    billing = await paid()
    for _ in range(2):
        invoice = await give_back(billing, 2825, refund=refund)
    [note] = await billing.all_credit_notes()
    # in proportion to 19.00 and 37.50
    assert [line.amount for line in note.terms.lines] == [eur(950), eur(1875)]
    assert (invoice.amount_credited, invoice.amount_refunded, note.balance) == (eur(2825), eur(refunded), eur(balance))


async def test_what_credit_paid_is_not_refunded() -> None:
    billing = await paid(credit=4650)  # 10.00 by card
    await give_back(billing, 2825, refund=True)
    [note] = await billing.all_credit_notes()
    assert (note.refunded, note.balance) == (eur(1000), eur(1825))


@pytest.mark.parametrize(("refund", "refunds"), [(True, [1825]), (False, [])])
async def test_what_the_provider_has_refunded_by_itself_is_part_of_it(refund: bool, refunds: list[int]) -> None:
    billing = await paid()
    [payment] = await billing.all_payments()
    await follow_refund(billing, payment.id, eur(1000), context())
    invoice = await give_back(billing, 2825, refund=refund)
    [note] = await billing.all_credit_notes()
    assert [amount for _, amount in billing.provider.refunded.values()] == [eur(minor) for minor in refunds]  # 28.25 - 10.00
    assert (note.refunded, note.balance) == (eur(2825), eur(0)) if refund else (eur(1000), eur(1825))
    assert invoice.amount_refunded == note.refunded


async def test_an_open_invoice_falls_and_never_more_than_there_is_goes_back() -> None:
    billing = InMemoryBilling()
    await billing.opened()
    invoice = await give_back(billing, 2825, refund=True)
    assert (invoice.amount_due, invoice.status) == (eur(2825), InvoiceStatus.OPEN)
    other = await paid()
    assert (await give_back(other, 99_999, refund=True)).amount_refunded == eur(5650)


async def test_nothing_happens_to_a_void_invoice_or_for_nothing() -> None:
    billing = await paid()
    assert (await give_back(billing, 0, refund=True)).amount_credited == eur(0)
    void = InMemoryBilling()
    await void.opened()
    await void.invoices.update("inv_1", context(), lambda invoice: invoice.void("wrong", context()))
    assert (await give_back(void, 100, refund=True)).amount_credited == eur(0)
