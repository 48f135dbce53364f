"""An e-invoice as Factur-X (ZUGFeRD): a PDF/A-3 for people with the same as CII XML in it for programs."""

from datetime import UTC

from facturx import generate_xmp_object
from lxml import etree

from subgraphs.invoice.einvoice.cii import cii_xml, xml_text
from subgraphs.invoice.einvoice.document import DocumentType, EInvoice
from subgraphs.invoice.pdf.paper import Paper
from subgraphs.invoice.pdf.render import Embedded, render_paper

__all__ = ["factur_x_pdf"]

# Factur-X 1.0, 6.2: the name readers look for, the profile, and the schema that the PDF's metadata declares for them.
FILE_NAME = "factur-x.xml"
CONFORMANCE_LEVEL = "EN 16931"
XMP_NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
CREATOR = "Tributary"


def factur_x_pdf(invoice: EInvoice, paper: Paper) -> bytes:
    """Return the paper with the e-invoice embedded; the same two give the same bytes."""
    seller = xml_text(invoice.seller.name)
    kind = "Invoice" if invoice.type is DocumentType.INVOICE else "Credit note"
    xmp = generate_xmp_object(
        {
            "pdfa3_flavor": "B",
            "title": f"{seller}: {kind} {invoice.number}",
            "author": seller,
            "subject": f"{kind} {invoice.number} of {invoice.issued_on.isoformat()}",
            "producer": CREATOR,
            "creator_tool": CREATOR,
            "timestamp": paper.issued_at.astimezone(UTC).isoformat(timespec="seconds"),
            "version": "1.0",
            "documenttype": "INVOICE",
            "xml_filename": FILE_NAME,
            "xmp_level": CONFORMANCE_LEVEL,
            "urn": XMP_NAMESPACE,
        }
    )
    embedded = Embedded(
        name=FILE_NAME,
        media_type="text/xml",
        description="Factur-X",
        content=cii_xml(invoice),
        xmp=etree.tostring(xmp, encoding="unicode"),
    )
    return render_paper(paper, embedded)
