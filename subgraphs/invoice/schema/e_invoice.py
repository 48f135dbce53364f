"""E-invoices as the API shows them."""

import asyncio
from base64 import b64encode
from enum import StrEnum

import strawberry

from subgraphs.invoice.billing_details import BillTo, BillToKey
from subgraphs.invoice.documents import SellerProfileDocument
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.seller_profile import SellerProfile
from subgraphs.invoice.einvoice import document as einvoice
from subgraphs.invoice.einvoice.cii import cii_xml
from subgraphs.invoice.einvoice.compose import credit_note_e_invoice, invoice_e_invoice
from subgraphs.invoice.einvoice.factur_x import factur_x_pdf
from subgraphs.invoice.pdf.paper import Paper, as_issued, credit_note_paper, paper_of
from subgraphs.invoice.projections import invoice_document
from subgraphs.invoice.schema.bill_to import load_bill_to
from subgraphs.invoice.schema.context import Context
from subgraphs.invoice.schema.enums import ProblemCode
from subgraphs.kit.graphql.enums import described_enum

__all__ = ["EInvoice", "EInvoiceFormat", "credit_note_file", "invoice_file"]


class EInvoiceFormat(StrEnum):
    """How the file is written."""

    CII_XML = "CII_XML"
    FACTUR_X = "FACTUR_X"


described_enum(
    EInvoiceFormat,
    {
        "CII_XML": "XML of UN/CEFACT's Cross Industry Invoice, for programs alone.",
        "FACTUR_X": "A PDF/A-3 to be read, with the same XML in it (Factur-X, ZUGFeRD).",
    },
    description="In which form an e-invoice is given.",
)


@strawberry.type(description="An e-invoice as a file.")
class EInvoiceFile:
    """As the API shows it."""

    file_name: str = strawberry.field(description="A name for the file, such as INV-000042.xml.")
    media_type: str = strawberry.field(description="application/xml or application/pdf.")
    content_base64: str = strawberry.field(description="The file's bytes in base64; the same each time.")


@strawberry.type(description="One reason why there is no e-invoice.")
class EInvoiceProblem:
    """As the API shows it."""

    code: ProblemCode = strawberry.field(description="What is missing, or cannot be told by EN 16931.")
    business_term: str | None = strawberry.field(description="The business term of EN 16931 that it is about, such as BT-31.")
    message: str = strawberry.field(description="The same in English, with what can be done about it.")


@strawberry.type(description="An e-invoice by EN 16931, or every reason why there is none.")
class EInvoice:
    """As the API shows it."""

    file: EInvoiceFile | None = strawberry.field(description="The file; null where there are problems.")
    problems: list[EInvoiceProblem] = strawberry.field(description="What is in the way; empty when there is a file.")


async def invoice_file(context: Context, id: str, format: EInvoiceFormat) -> EInvoice:
    """Return the invoice's e-invoice."""
    invoice = await context.deps.invoices.get(context.tenant, id)
    bill_to, seller = await _parties(context, invoice)
    composed = invoice_e_invoice(invoice, bill_to, seller)
    return await _answer(composed, as_issued(paper_of(invoice_document(invoice), bill_to, seller)), format)


async def credit_note_file(context: Context, id: str, invoice_id: str, format: EInvoiceFormat) -> EInvoice:
    """Return the credit note's e-invoice."""
    services, tenant = context.deps, context.tenant
    note, invoice = await services.credit_notes.get(tenant, id), await services.invoices.get(tenant, invoice_id)
    bill_to, seller = await _parties(context, invoice)
    composed = credit_note_e_invoice(note, invoice, bill_to, seller)
    return await _answer(composed, credit_note_paper(note, invoice, bill_to, seller), format)


async def _parties(context: Context, invoice: Invoice) -> tuple[BillTo, SellerProfileDocument | None]:
    bill_to = await load_bill_to(context, BillToKey.of(invoice_document(invoice)))
    return bill_to, await context.deps.seller_profile_reader.find(context.tenant, SellerProfile.id_of(context.tenant))


async def _answer(composed: einvoice.EInvoice | tuple[einvoice.Problem, ...], paper: Paper, format: EInvoiceFormat) -> EInvoice:
    if isinstance(composed, tuple):
        problems = [EInvoiceProblem(code=one.code, business_term=one.term, message=one.message) for one in composed]
        return EInvoice(file=None, problems=problems)
    if format is EInvoiceFormat.CII_XML:
        content, ending, media_type = await asyncio.to_thread(cii_xml, composed), "xml", "application/xml"
    else:
        content, ending, media_type = await asyncio.to_thread(factur_x_pdf, composed, paper), "pdf", "application/pdf"
    file = EInvoiceFile(
        file_name=f"{composed.number}.{ending}", media_type=media_type, content_base64=b64encode(content).decode()
    )
    return EInvoice(file=file, problems=[])
