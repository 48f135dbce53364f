"""Whom an invoice is billed to: what the customer's details were when it was finalised, until the customer is erased."""

import asyncio
from itertools import permutations
from typing import Any

import pytest

from subgraphs.invoice.billing_details import BillTo, BillToKey
from subgraphs.invoice.documents import BillingDetailsDocument, InvoiceDocument
from subgraphs.invoice.pdf.paper import paper_of
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.messaging.consumer import Received
from tests.testkit.invoicing import FLAT_ITEM, customer_events, deliver, period_opened
from tests.testkit.received import received

ADDRESS = {"line1": "Hauptstr. 1", "city": "Berlin", "postalCode": "10115", "country": "DE"}
VAT_ID = {"taxIdId": "tid_1", "type": "eu_vat", "value": "DE136695976", "country": "DE"}
EIN = {"taxIdId": "tid_2", "type": "us_ein", "value": "911144442", "country": "US"}


def told(type: str, sequence: int, customer_id: str = "cus_1", tenant: str = "acme", **data: Any) -> Received:
    told = {"customerId": customer_id, **data}
    return received(type, told, aggregate_id=customer_id, sequence=sequence, tenant=tenant)


def renamed(name: str, sequence: int, language: str = "de", **address: str) -> Received:
    where = ADDRESS | address
    return told("customer-updated.v1", sequence, name=name, email="pay@hooli.test", language=language, address=where)


def taxed(sequence: int, *tax_ids: dict[str, str]) -> Received:
    return told("customer-tax-status-changed.v1", sequence, exemption="NONE", reason=None, taxIds=list(tax_ids))


ERASURE = [
    told("customer-updated.v1", 20, name="[erased]", email=None, language="de", address=None),
    told("customer-tax-status-changed.v1", 20, exemption="NONE", reason=None, taxIds=[]),
    told("customer-erased.v1", 20),
]


async def billed(services: InvoiceServices, number: int = 0) -> InvoiceDocument:
    await deliver(services, period_opened(number))
    [invoice] = await services.reader.page("acme", {"period_number": number}, limit=2)
    return invoice


async def bill_to(services: InvoiceServices, invoice: InvoiceDocument) -> BillTo:
    return await services.billing_details.of(invoice.tenant, BillToKey.of(invoice))


async def printed(services: InvoiceServices, invoice: InvoiceDocument) -> tuple[str, tuple[str, ...], tuple[str, ...], str]:
    paper = paper_of(invoice, await bill_to(services, invoice), None)
    return paper.buyer.name, paper.buyer.address, paper.buyer.tax_ids, paper.language


async def test_an_invoice_keeps_whom_it_was_billed_to(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_success"), renamed("Hooli GmbH", 4), taxed(5, EIN, VAT_ID))
    first = await billed(services)
    await deliver(services, renamed("Gavin AG", 6, "fr", line1="Rue 2", city="Paris", country="FR"), taxed(7, EIN))
    second = await billed(services, 1)
    berlin, paris = ("Hauptstr. 1", "10115 Berlin", "Deutschland"), ("Rue 2", "10115 Paris", "France")
    assert await printed(services, first) == ("Hooli GmbH", berlin, ("911144442", "DE136695976"), "de")
    assert await printed(services, second) == ("Gavin AG", paris, ("911144442",), "fr")
    kept = (await bill_to(services, first)).tax_status
    assert kept is not None
    assert kept.vat_id == "DE136695976"


async def test_tax_ids_that_come_later_are_not_on_it(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_success"), renamed("Hooli GmbH", 4))
    invoice = await billed(services)
    await deliver(services, taxed(5, VAT_ID))
    assert (await printed(services, invoice))[2] == ()


async def test_a_draft_is_billed_to_the_customer_of_now(services: InvoiceServices) -> None:
    draft = BillToKey("cus_1", finalized=False, profile=None, tax_status=None)
    assert await services.billing_details.of("acme", draft) == BillTo(None, None)
    for name, sequence in (("Hooli", 4), ("Gavin AG", 5)):
        await deliver(services, renamed(name, sequence))
        found = (await services.billing_details.of("acme", draft)).profile
        assert found is not None
        assert found.name == name


async def test_one_that_was_finalised_before_its_customer_was_known_has_what_is_known(services: InvoiceServices) -> None:
    free = period_opened(items=[{**FLAT_ITEM, "flatAmountMinor": 0}])
    await deliver(services, free)
    [invoice] = await services.reader.page("acme", {}, limit=2)
    assert (await printed(services, invoice))[0] == "cus_1"
    await deliver(services, renamed("Hooli GmbH", 4))
    assert (await printed(services, invoice))[0] == "Hooli GmbH"


async def test_details_that_came_before_versions_were_kept_are_kept_when_they_are_billed(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_success"), renamed("Hooli GmbH", 4), taxed(5, VAT_ID))
    await BillingDetailsDocument.get_pymongo_collection().delete_many({})
    invoice = await billed(services)
    await deliver(services, renamed("Gavin AG", 6), taxed(7))
    assert (await printed(services, invoice))[::2] == ("Hooli GmbH", ("DE136695976",))


BEFORE = [customer_events()[0], renamed("Hooli GmbH", 4), taxed(5, VAT_ID)]


@pytest.mark.parametrize("order", [tuple(range(6)), *list(permutations(range(6)))[::60]])
async def test_an_erased_customer_is_on_no_invoice_in_whatever_order_it_is_told(
    services: InvoiceServices, order: tuple[int, ...]
) -> None:
    await deliver(services, *customer_events("sandbox_success"), *BEFORE[1:])
    invoice = await billed(services)
    told = [*BEFORE, *ERASURE]
    await deliver(services, *(told[index] for index in order))
    await deliver(services, told[order[0]])
    assert await printed(services, invoice) == ("[erased]", (), (), "de")
    stored = [await services.stores.database[name].find().to_list() for name in ("billing_details", "customer_replicas")]
    assert "Hooli" not in repr(stored)
    assert "136695976" not in repr(stored)


async def test_what_is_told_while_the_customer_is_erased_is_not_kept(services: InvoiceServices) -> None:
    for _ in range(5):
        await asyncio.gather(*(deliver(services, event) for event in (*ERASURE, *BEFORE)))
        assert await BillingDetailsDocument.get_pymongo_collection().count_documents({}) == 0


async def test_tenants_do_not_see_each_others_details(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_success"), renamed("Hooli GmbH", 4))
    invoice = await billed(services)
    assert await services.billing_details.of("rival", BillToKey.of(invoice)) == BillTo(None, None)
    await deliver(services, told("customer-erased.v1", 9, tenant="rival"))
    assert (await printed(services, invoice))[0] == "Hooli GmbH"
