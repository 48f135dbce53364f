"""Lists of everything that finance takes out: by when it was finalised, settled or issued."""

from datetime import timedelta
from typing import Any

from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.payment_provider import Declined, Succeeded
from subgraphs.invoice.schema import schema
from subgraphs.invoice.services import InvoiceServices
from tests.testkit.books import APRIL, JUNE, MAY, Billed, billed, line, tell
from tests.testkit.memory import context
from tests.testkit.querying import Ask, asking

INVOICES = "query($where: InvoiceWhereInput) { invoices(where: $where) { nodes { id } } }"
PAYMENTS = """
query($where: PaymentWhereInput, $first: Int, $after: String) { payments(where: $where, first: $first, after: $after) {
  nodes { id status amount { amount } customer { id } invoice { number } } pageInfo { hasNextPage endCursor }
} }"""
CREDIT_NOTES = """
query($where: CreditNoteWhereInput) { creditNotes(where: $where) { nodes { id number total { amount } } } }"""
ENTRIES = """
query($month: DateTime!, $first: Int, $after: String) { revenueEntries(month: $month, first: $first, after: $after) {
  nodes { id month { start end } invoiced { amount } credited { amount } recognised { amount } invoice { id } customer { id } }
  pageInfo { hasNextPage endCursor }
} }"""


async def ids(ask: Ask, query: str, field: str, **where: Any) -> list[str]:
    return [one["id"] for one in (await ask(query, {"where": where}))[field]["nodes"]]


async def pay(one: Billed, id: str, at: Any, *, succeeds: bool = True) -> None:
    command, services = context(one.tenant, at), one.services
    payment = Payment.start(id, (await services.invoices.get(one.tenant, one.id)).payment_subject, None, command)
    payment.settle(Succeeded("ref") if succeeds else Declined("card_declined", "No."), command)
    await services.payments.create(payment, command)


async def test_invoices_are_listed_by_when_they_got_their_number(services: InvoiceServices) -> None:
    ask = asking(schema, services, "invoices:read")
    await billed(services, "inv_1", line(100), at=APRIL)
    await billed(services, "inv_2", line(100), at=MAY)
    await billed(services, "inv_of_rival", line(100), at=MAY, tenant="rival")
    assert await ids(ask, INVOICES, "invoices", finalizedFrom=MAY.isoformat()) == ["inv_2"]
    assert await ids(ask, INVOICES, "invoices", finalizedTo=MAY.isoformat()) == ["inv_1"]
    assert await ids(ask, INVOICES, "invoices", finalizedFrom=APRIL.isoformat(), finalizedTo=JUNE.isoformat()) == [
        "inv_2",
        "inv_1",
    ]


async def test_payments_are_listed_by_when_they_were_settled(services: InvoiceServices) -> None:
    ask = asking(schema, services, "invoices:read")
    one = await billed(services, "inv_1", line(100))
    await pay(one, "pay_1", APRIL, succeeds=False)
    await pay(one, "pay_2", MAY)
    await pay(await billed(services, "inv_of_rival", line(100), tenant="rival"), "pay_3", MAY)
    assert await ids(ask, PAYMENTS, "payments") == ["pay_2", "pay_1"]
    assert await ids(ask, PAYMENTS, "payments", status="FAILED") == ["pay_1"]
    assert await ids(ask, PAYMENTS, "payments", settledFrom=MAY.isoformat()) == ["pay_2"]
    assert await ids(ask, PAYMENTS, "payments", settledTo=MAY.isoformat()) == ["pay_1"]
    assert await ids(ask, PAYMENTS, "payments", customerId="cus_2") == []
    first = (await ask(PAYMENTS, {"first": 1}))["payments"]
    after = (await ask(PAYMENTS, {"first": 1, "after": first["pageInfo"]["endCursor"]}))["payments"]
    assert (first["pageInfo"]["hasNextPage"], after["pageInfo"]["hasNextPage"]) == (True, False)
    assert after["nodes"] == [
        {
            "id": "pay_1",
            "status": "FAILED",
            "amount": {"amount": "1.20"},
            "customer": {"id": "cus_1"},
            "invoice": {"number": "INV-inv_1"},
        }
    ]


async def test_credit_notes_are_listed_by_when_they_were_issued(services: InvoiceServices) -> None:
    ask = asking(schema, services, "invoices:read")
    one = await billed(services, "inv_1", line(1000))
    await one.pay(APRIL)
    for number, at in enumerate((APRIL, MAY, JUNE), 1):
        id = await one.credit(at, 100, settle=False)
        pending = (await services.invoices.get("acme", "inv_1")).pending_credit_note
        assert pending is not None
        command = context(at=at)
        note = CreditNote.request(id, pending.terms, command)
        if at < JUNE:
            note.issue(f"CN-{number}", (), command)
            await one.do(at, lambda it, note_id=id: it.settle_credit_note(note_id, ()))  # type: ignore[misc]
        await services.credit_notes.create(note, command)
    first, second, _pending = sorted(await ids(ask, CREDIT_NOTES, "creditNotes"))
    assert await ids(ask, CREDIT_NOTES, "creditNotes", issuedFrom=MAY.isoformat()) == [second]
    assert await ids(ask, CREDIT_NOTES, "creditNotes", issuedTo=MAY.isoformat()) == [first]
    assert await ids(ask, CREDIT_NOTES, "creditNotes", customerId="cus_2") == []


async def test_revenue_is_listed_by_month_and_change(services: InvoiceServices) -> None:
    ask = asking(schema, services, "invoices:read")
    one = await billed(services, "inv_1", line(6100, APRIL, JUNE))
    await billed(services, "inv_2", line(500), at=MAY + timedelta(days=1))
    await one.do(MAY, lambda it: it.void("why", context(at=MAY)))
    await tell(services)
    seen, after = [], None
    while True:
        page = (await ask(ENTRIES, {"month": (MAY + timedelta(days=9)).isoformat(), "first": 1, "after": after}))[
            "revenueEntries"
        ]
        seen += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert [
        (one["invoice"]["id"], *(one[name]["amount"] for name in ("invoiced", "credited", "recognised"))) for one in seen
    ] == [
        ("inv_2", "5.00", "0.00", "5.00"),
        ("inv_1", "0.00", "61.00", "-61.00"),  # what May had, and what April recognised
        ("inv_1", "0.00", "0.00", "31.00"),
    ]
    assert {(one["month"]["start"], one["month"]["end"]) for one in seen} == {
        ("2026-05-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z")
    }
