"""Drafting and finalising."""

import pytest

from subgraphs.invoice.commands.draft_invoice import draft_invoice
from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.kit.domain.errors import NotFound
from tests.testkit.billing import NO_CHARGE, draft
from tests.testkit.memory import context, events_of
from tests.testkit.payments import Crash, InMemoryBilling


async def test_drafting_again_returns_the_invoice_as_it_is_now() -> None:
    billing = InMemoryBilling()
    await billing.opened()
    again = await draft_invoice(billing.invoices, "inv_1", draft(NO_CHARGE), context())
    assert (again.status, again.drafted.draft) == (InvoiceStatus.OPEN, draft())


async def test_numbers_follow_one_another_in_each_tenant() -> None:
    billing = InMemoryBilling()
    numbers = [(await billing.opened(id)).number for id in ("inv_1", "inv_2", "inv_3")]
    assert numbers == ["INV-000001", "INV-000002", "INV-000003"]
    await draft_invoice(billing.invoices, "inv_4", draft(), context("rival"))
    other = await finalize_invoice(billing.invoices, billing.numbers, billing.details, "inv_4", context("rival"))
    assert other.number == "INV-000001"


async def test_finalising_again_changes_nothing() -> None:
    billing = InMemoryBilling()
    await billing.opened()
    again = await finalize_invoice(billing.invoices, billing.numbers, billing.details, "inv_1", context())
    assert (again.number, await billing.events()) == ("INV-000001", [])


async def test_a_crash_after_the_number_was_claimed_leaves_no_gap() -> None:
    billing = InMemoryBilling()
    await draft_invoice(billing.invoices, "inv_1", draft(), context())
    billing.store.crash_at = 2
    with pytest.raises(Crash):
        await finalize_invoice(billing.invoices, billing.numbers, billing.details, "inv_1", context())
    assert len(await events_of(billing.store, Invoice, "inv_1")) == 1
    assert (await billing.opened("inv_2")).number == "INV-000002"
    assert (await finalize_invoice(billing.invoices, billing.numbers, billing.details, "inv_1", context())).number == "INV-000001"


async def test_another_tenants_invoice_does_not_exist() -> None:
    billing = InMemoryBilling()
    await billing.opened()
    with pytest.raises(NotFound):
        await finalize_invoice(billing.invoices, billing.numbers, billing.details, "inv_1", context("rival"))
