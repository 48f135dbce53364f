"""The audit of numbers on real stores, and what it says when somebody breaks them on purpose."""

from typing import Any

import pytest

from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.schema import schema
from subgraphs.invoice.services import InvoiceServices
from tests.testkit.billing import draft
from tests.testkit.books import APRIL, billed, line
from tests.testkit.memory import context
from tests.testkit.querying import Ask, asking

AUDIT = """
query($series: NumberSeries! = INVOICES) { invoiceNumberAudit(series: $series) {
  isComplete first last count missingCount missing { number heldBy } duplicateCount duplicates { number ids } foreignCount foreign
} }"""


async def audit(ask: Ask, series: str = "INVOICES") -> dict[str, Any]:
    found: dict[str, Any] = (await ask(AUDIT, {"series": series}))["invoiceNumberAudit"]
    return found


async def finalized(services: InvoiceServices, id: str, tenant: str = "acme") -> None:
    command = context(tenant)
    await services.invoices.create(Invoice.create(id, draft(), command), command)
    await finalize_invoice(services.invoices, services.numbers, services.billing_details, id, command)


@pytest.fixture
async def ask(services: InvoiceServices) -> Ask:
    """Asks for a tenant with ten invoices, a draft, and a rival."""
    for number in range(1, 11):
        await finalized(services, f"inv_{number:02}")
    for number in range(1, 4):
        await finalized(services, f"inv_of_rival_{number}", "rival")
    await services.invoices.create(Invoice.create("inv_draft", draft(), context()), context())
    return asking(schema, services, "invoices:read")


WHOLE = {
    "isComplete": True,
    "first": "INV-000001",
    "last": "INV-000010",
    "count": 10,
    "missingCount": 0,
    "missing": [],
    "duplicateCount": 0,
    "duplicates": [],
    "foreignCount": 0,
    "foreign": [],
}


async def test_a_series_that_the_system_gave_is_whole(services: InvoiceServices, ask: Ask) -> None:
    assert await audit(ask) == WHOLE
    await services.invoices.update("inv_03", context(), lambda it: it.void("why", context()))
    assert await audit(ask) == WHOLE  # a void invoice keeps its number


async def test_a_number_that_was_taken_away_or_given_twice_is_found(services: InvoiceServices, ask: Ask) -> None:
    invoices = services.stores.database["invoices"]
    await invoices.delete_one({"_id": "inv_04"})
    await invoices.update_one({"_id": "inv_07"}, {"$set": {"number": "INV-000006"}})
    assert await audit(ask) == {
        **WHOLE,
        "isComplete": False,
        "count": 9,
        "missingCount": 2,
        "missing": [{"number": "INV-000004", "heldBy": "inv_04"}, {"number": "INV-000007", "heldBy": "inv_07"}],
        "duplicateCount": 1,
        "duplicates": [{"number": "INV-000006", "ids": ["inv_06", "inv_07"]}],
    }
    await invoices.update_one({"_id": "inv_10"}, {"$set": {"number": "X-1"}})
    found = await audit(ask)
    assert (found["last"], found["foreign"]) == ("INV-000009", ["X-1"])


async def test_a_number_whose_invoice_is_not_finished_names_it(services: InvoiceServices, ask: Ask) -> None:
    # A process that ended between claim and commit, and one that came after it.
    assert await services.numbers.claim("acme", "INV", "inv_draft") == 11
    await finalized(services, "inv_12")
    found = await audit(ask)
    assert (found["isComplete"], found["missing"]) == (False, [{"number": "INV-000011", "heldBy": "inv_draft"}])
    await finalize_invoice(services.invoices, services.numbers, services.billing_details, "inv_draft", context())
    assert (await audit(ask))["isComplete"] is True


async def test_credit_notes_have_a_series_of_their_own(services: InvoiceServices, ask: Ask) -> None:
    assert (await audit(ask, "CREDIT_NOTES"))["count"] == 0
    one = await billed(services, "inv_99", line(1000))
    await one.pay(APRIL)
    id = await one.credit(APRIL, 100, settle=False)
    pending = (await services.invoices.get("acme", "inv_99")).pending_credit_note
    assert pending is not None
    note = CreditNote.request(id, pending.terms, context())
    note.issue("CN-000002", (), context())
    await services.credit_notes.create(note, context())
    found = await audit(ask, "CREDIT_NOTES")
    assert (found["isComplete"], found["first"], found["missing"]) == (
        False,
        "CN-000002",
        [{"number": "CN-000001", "heldBy": None}],
    )


async def test_the_audit_needs_the_scope_of_invoices(services: InvoiceServices) -> None:
    other = asking(schema, services, "customers:read")
    assert await other(AUDIT, {}, errors=["UNAUTHORIZED_FIELD_OR_TYPE"]) == {"invoiceNumberAudit": None}
