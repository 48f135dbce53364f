"""The PDF of an e-invoice: PDF/A-3 with the XML in it, both saying the same."""

from io import BytesIO

from facturx import get_xml_from_pdf
from lxml import etree
from pypdf import PdfReader

from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.einvoice.cii import cii_xml
from subgraphs.invoice.einvoice.compose import credit_note_e_invoice, invoice_e_invoice
from subgraphs.invoice.einvoice.document import EInvoice
from subgraphs.invoice.einvoice.factur_x import factur_x_pdf
from tests.subgraphs.invoice.einvoice.test_compose import credit_note
from tests.subgraphs.invoice.pdf.test_render import PAPER
from tests.testkit.e_invoicing import customer, flat, issued, seller, tax_rate

NAMESPACES = {
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "fx": "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
    "pdfaProperty": "http://www.aiim.org/pdfa/ns/property#",
}


def invoice() -> Invoice:
    return issued((flat(1900), tax_rate("19")))


def composed(name: str = "Tributary GmbH") -> EInvoice:
    found = invoice_e_invoice(invoice(), customer(), seller(name=name))
    assert isinstance(found, EInvoice)
    return found


def test_the_xml_is_embedded_as_an_alternative() -> None:
    name, xml = get_xml_from_pdf(factur_x_pdf(composed(), PAPER))
    assert (name, xml) == ("factur-x.xml", cii_xml(composed()))
    catalog = PdfReader(BytesIO(factur_x_pdf(composed(), PAPER))).trailer["/Root"]
    [file] = catalog["/AF"]
    assert (file.get_object()["/AFRelationship"], file.get_object()["/UF"]) == ("/Alternative", "factur-x.xml")
    assert file.get_object()["/EF"]["/F"]["/Subtype"] == "/text/xml"


def test_it_is_pdf_a_3_with_a_color_profile_and_embedded_fonts() -> None:
    reader = PdfReader(BytesIO(factur_x_pdf(composed(), PAPER)))
    catalog = reader.trailer["/Root"]
    [intent] = catalog["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    xmp = etree.fromstring(catalog["/Metadata"].get_object().get_data().strip())
    assert [node.text for node in xmp.iterfind(".//pdfaid:*", NAMESPACES)] == ["3", "B"]
    told = {etree.QName(node).localname: node.text for node in xmp.iterfind(".//fx:*", NAMESPACES)}
    assert told == {
        "DocumentType": "INVOICE",
        "DocumentFileName": "factur-x.xml",
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    declared = {node.text for node in xmp.iterfind(".//pdfaProperty:name", NAMESPACES)}
    assert declared == set(told)
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            [descendant] = font.get_object()["/DescendantFonts"]
            assert "/FontFile2" in descendant.get_object()["/FontDescriptor"]


def test_people_read_the_paper() -> None:
    [page] = PdfReader(BytesIO(factur_x_pdf(composed(), PAPER))).pages
    assert "Müller & Søn Łódź AG" in page.extract_text()


def test_a_credit_note_is_one_as_well() -> None:
    note = credit_note_e_invoice(credit_note(invoice()), invoice(), customer(), seller())
    assert isinstance(note, EInvoice)
    _, xml = get_xml_from_pdf(factur_x_pdf(note, PAPER))
    assert b"<ram:TypeCode>381</ram:TypeCode>" in xml


def test_the_same_invoice_is_the_same_file_whatever_the_seller_is_called() -> None:
    for name in ("Tributary GmbH", "A & B <\x00>"):
        assert factur_x_pdf(composed(name), PAPER) == factur_x_pdf(composed(name), PAPER)
