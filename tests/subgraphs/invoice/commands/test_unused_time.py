"""Giving back what was billed for time that is not used: by whom it was paid, once, never more than there is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from subgraphs.invoice.commands.collect_invoice import collect_invoice
from subgraphs.invoice.commands.create_credit_note import create_credit_note
from subgraphs.invoice.commands.credit_unused_time import credit_unused_time
from subgraphs.invoice.commands.draft_invoice import draft_invoice
from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.commands.follow_refund import follow_refund
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceLine, InvoiceStatus
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from tests.testkit.billing import FEBRUARY, NO_CHARGE, VISA, draft
from tests.testkit.memory import context
from tests.testkit.payments import InMemoryBilling

CANCELED = datetime(2026, 2, 15, tzinfo=UTC)
JANUARY = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))


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
    return await credit_unused_time(billing, "inv_1", eur(amount), refund, CANCELED, keyed())


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


def line(minor: int, period: Period = FEBRUARY, usage: int | None = None) -> InvoiceLine:
    used = None if usage is None else Decimal(usage)
    return replace(NO_CHARGE[0], amount=eur(minor), flat_amount=eur(minor), period=period, usage=used)


SEATS_AND_PAST = (line(12_000), line(30_000, JANUARY, usage=3000), line(1_000, JANUARY), line(-500, JANUARY))


async def paid_for(lines: tuple[InvoiceLine, ...]) -> InMemoryBilling:
    billing = InMemoryBilling()
    await draft_invoice(billing.invoices, "inv_1", draft(lines), context())
    await finalize_invoice(billing.invoices, billing.numbers, billing.details, "inv_1", context())
    await billing.settled("acme", "inv_1")
    await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", VISA, context())
    return billing


@pytest.mark.parametrize(
    ("lines", "unused", "credited"),
    [
        # seats in advance; usage, arrears and an adjustment of the month before are left alone
        (SEATS_AND_PAST, 8_000, {1: 8_000}),
        # usage billed within the period, at a threshold, was used
        ((line(12_000), line(30_000, usage=3000)), 6_000, {1: 6_000}),
        # several in advance share it as they were billed: 40.00 × 120/160, 40.00 × 40/160
        ((line(12_000), line(4_000), line(30_000, JANUARY)), 4_000, {1: 3_000, 2: 1_000}),
        # what they cannot give, 10.00 of 130.00, comes from the others: 10.00 × 300/310, 10.00 × 10/310
        (SEATS_AND_PAST, 13_000, {1: 12_000, 2: 968, 3: 32}),
    ],
)
async def test_it_comes_from_what_was_billed_in_advance(
    lines: tuple[InvoiceLine, ...], unused: int, credited: dict[int, int]
) -> None:
    billing = await paid_for(lines)
    await give_back(billing, unused, refund=True)
    assert await last_credited(billing) == credited


async def last_credited(billing: InMemoryBilling) -> dict[int, int]:
    return {part.line_number: part.amount.minor_units for part in (await billing.all_credit_notes())[-1].terms.lines}


@pytest.mark.parametrize(
    ("before", "unused", "credited"),
    [
        ([(1, 9_000)], 8_000, {1: 3_000, 2: 5_000}),  # 120.00 and 80.00 share it 48.00 : 32.00, and 30.00 is left of the first
        ([(1, 12_000)], 8_000, {2: 8_000}),
        ([(1, 12_000), (2, 8_000)], 8_000, {3: 8_000}),
    ],
)
async def test_each_line_gives_up_to_what_is_left_of_it(
    before: Sequence[tuple[int, int]], unused: int, credited: dict[int, int]
) -> None:
    billing = await paid_for((line(12_000), line(8_000), line(30_000, JANUARY, usage=3000)))
    named = tuple(LineCredit(line_number=number, amount=eur(minor)) for number, minor in before)
    await create_credit_note(billing, "inv_1", CreditRequest(reason="wrong", lines=named), context())
    await give_back(billing, unused, refund=True)
    assert await last_credited(billing) == credited
