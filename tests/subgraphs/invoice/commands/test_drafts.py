"""Drafts of people: changed and given up before they get a number."""

from dataclasses import replace
from decimal import Decimal

import pytest

from subgraphs.invoice.commands.create_invoice import create_invoice
from subgraphs.invoice.commands.draft_invoice import draft_invoice
from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.commands.replace_invoice import replace_invoice
from subgraphs.invoice.commands.revise_draft import revise_draft
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.one_off import OneOffLine, one_off_draft
from subgraphs.invoice.domain.values import InvoiceDraft, InvoiceStatus
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import draft
from tests.testkit.memory import context
from tests.testkit.payments import Crash, InMemoryBilling

BOOKS = OneOffLine(description="Book", quantity=3, unit_amount=Decimal("9.99"))
DRAFT = one_off_draft("cus_1", "EUR", [BOOKS], days_until_due=14)


class Untaxed:
    """Taxes nothing, and says how often it was asked."""

    asked = 0

    async def on(self, tenant: str, draft: InvoiceDraft) -> InvoiceDraft:
        self.asked += 1
        return draft


async def drafted(billing: InMemoryBilling, finalize: bool = False) -> Invoice:
    return await create_invoice(billing.invoices, billing.numbers, billing.details, DRAFT, finalize, context())


async def finalized(billing: InMemoryBilling, id: str) -> Invoice:
    return await finalize_invoice(billing.invoices, billing.numbers, billing.details, id, context())


async def deleted(billing: InMemoryBilling, id: str, reason: str = "Ordered by mistake.") -> Invoice:
    return await billing.invoices.update(id, context(), lambda invoice: invoice.delete(reason, context()))


async def test_other_lines_take_the_place_of_those_it_has() -> None:
    billing, taxes = InMemoryBilling(), Untaxed()
    id = (await drafted(billing)).id
    lines = [BOOKS, OneOffLine(description="Shipping", quantity=1, unit_amount=Decimal("4.50"))]
    invoice = await revise_draft(billing.invoices, taxes, id, lines, None, context())
    # 3 * 9.99 + 4.50 = 34.47
    assert (invoice.status, invoice.total, invoice.amount_due) == (InvoiceStatus.DRAFT, Money(3447, "EUR"), Money(3447, "EUR"))
    assert invoice.drafted.draft.days_until_due == 14
    assert taxes.asked == 1
    finished = await finalized(billing, id)
    assert (finished.number, finished.total) == ("INV-000001", Money(3447, "EUR"))


async def test_another_payment_term_keeps_the_lines() -> None:
    billing = InMemoryBilling()
    before = await drafted(billing)
    invoice = await revise_draft(billing.invoices, Untaxed(), before.id, None, 30, context())
    assert (invoice.lines, invoice.drafted.draft.days_until_due) == (before.lines, 30)
    again = await revise_draft(billing.invoices, Untaxed(), before.id, None, 30, context())
    assert again.version == invoice.version


@pytest.mark.parametrize(
    ("lines", "days", "field"),
    [
        ([], None, ("lines",)),
        ([replace(BOOKS, quantity=0)], None, ("lines", "0", "quantity")),
        (None, 366, ("daysUntilDue",)),
    ],
)
async def test_what_is_malformed_changes_nothing(
    lines: list[OneOffLine] | None, days: int | None, field: tuple[str, ...]
) -> None:
    billing = InMemoryBilling()
    before = await drafted(billing)
    with pytest.raises(InvalidInput) as refused:
        await revise_draft(billing.invoices, Untaxed(), before.id, lines, days, context())
    assert refused.value.field == field
    assert (await billing.invoices.get("acme", before.id)).version == before.version


async def test_a_deleted_draft_is_owed_by_nobody_and_has_no_number() -> None:
    billing = InMemoryBilling()
    id = (await drafted(billing)).id
    invoice = await deleted(billing, id)
    assert (invoice.status, invoice.number, invoice.amount_due) == (InvoiceStatus.DELETED, None, Money(0, "EUR"))
    assert (invoice.deletion_reason, invoice.deleted_at) == ("Ordered by mistake.", context().at)
    assert (await deleted(billing, id, "Again.")).version == invoice.version
    with pytest.raises(InvalidState, match="was deleted: create another one"):
        await finalized(billing, id)
    with pytest.raises(InvalidState, match="is DELETED, not DRAFT"):
        await revise_draft(billing.invoices, Untaxed(), id, [BOOKS], None, context())
    assert (await drafted(billing, finalize=True)).number == "INV-000001"  # no number is missing


async def test_what_is_about_to_get_its_number_is_not_deleted() -> None:
    billing = InMemoryBilling()
    id = (await drafted(billing)).id
    # The process that finalises it dies between the claim of the number and the commit that bears it.
    billing.store.crash_at = len(billing.store.commits) + 2
    with pytest.raises(Crash):
        await finalized(billing, id)
    assert (await billing.invoices.get("acme", id)).status is InvoiceStatus.DRAFT
    with pytest.raises(InvalidState, match="is about to get its number"):
        await deleted(billing, id)
    with pytest.raises(InvalidState, match="is about to get its number"):
        await revise_draft(billing.invoices, Untaxed(), id, [BOOKS], None, context())
    assert (await finalized(billing, id)).number == "INV-000001"


async def test_one_that_is_owed_is_not_deleted() -> None:
    billing = InMemoryBilling()
    id = (await drafted(billing, finalize=True)).id
    with pytest.raises(InvalidState, match="is OPEN, not DRAFT"):
        await deleted(billing, id)


async def test_the_draft_of_a_billing_period_is_left_to_be_finalised() -> None:
    billing = InMemoryBilling()
    await draft_invoice(billing.invoices, "inv_1", draft(), context())
    with pytest.raises(InvalidState, match="is about to get its number"):
        await deleted(billing, "inv_1")


async def test_the_draft_in_place_of_a_void_invoice_can_be_given_up() -> None:
    billing = InMemoryBilling()
    await billing.opened()
    await billing.invoices.update("inv_1", context(), lambda invoice: invoice.void("Wrong.", context()))
    replacement = await replace_invoice(billing.invoices, Untaxed(), "inv_1", context())
    with pytest.raises(InvalidState, match="delete it and create another one"):
        await revise_draft(billing.invoices, Untaxed(), replacement.id, [BOOKS], None, context())
    assert (await deleted(billing, replacement.id)).status is InvoiceStatus.DELETED


async def test_drafts_of_other_tenants_do_not_exist() -> None:
    billing = InMemoryBilling()
    id = (await drafted(billing)).id
    with pytest.raises(NotFound):
        await revise_draft(billing.invoices, Untaxed(), id, [BOOKS], None, context("rival"))
