"""The XML of an e-invoice: valid by the schema, complete, and the same each time."""

from datetime import date

import pytest
from facturx import xml_check_xsd

from subgraphs.invoice.documents import AddressPart
from subgraphs.invoice.einvoice.cii import cii_xml
from subgraphs.invoice.einvoice.compose import invoice_e_invoice
from subgraphs.invoice.einvoice.document import EInvoice
from tests.testkit.e_invoicing import broken_rules, customer, flat, issued, seats, seller, tax_rate, texts

PARTY = "ram:ApplicableHeaderTradeAgreement/ram:{}TradeParty/"


def e_invoice(name: str = "Tributary GmbH", **changes: object) -> EInvoice:
    bill_to = customer(address=AddressPart(line1="Hauptstr. 1", line2="Hof", city="Berlin", region="BE", country="DE"))
    lines = (seats(3, "12.50", discounts=[375]), tax_rate("19")), (flat(1900), tax_rate("7"))
    found = invoice_e_invoice(issued(*lines, credit=500), bill_to, seller(name=name, **changes))
    assert isinstance(found, EInvoice)
    return found


def test_it_is_valid_by_the_schema_and_says_everything() -> None:
    xml = cii_xml(e_invoice())
    assert xml_check_xsd(xml, flavor="factur-x", level="en16931")
    seller_path, buyer_path = PARTY.format("Seller"), PARTY.format("Buyer")
    for path, expected in {
        "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID": ["urn:cen.eu:en16931:2017"],
        "rsm:ExchangedDocument/ram:ID": ["INV-000042"],
        "rsm:ExchangedDocument/ram:TypeCode": ["380"],
        "rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString": ["20260131"],
        "ram:DueDateDateTime/udt:DateTimeString": ["20260131"],
        f"{seller_path}ram:Name": ["Tributary GmbH"],
        f"{seller_path}ram:SpecifiedLegalOrganization/ram:ID": ["HRB 12345"],
        f"{seller_path}ram:SpecifiedTaxRegistration/ram:ID": ["DE811569869"],
        f"{buyer_path}ram:Name": ["Müller & Søn AG"],
        f"{buyer_path}ram:PostalTradeAddress/ram:LineTwo": ["Hof"],
        f"{buyer_path}ram:PostalTradeAddress/ram:CountrySubDivisionName": ["BE"],
        f"{buyer_path}ram:PostalTradeAddress/ram:CountryID": ["DE"],
        f"{buyer_path}ram:SpecifiedTaxRegistration/ram:ID": ["DE136695976"],
        f"{buyer_path}ram:URIUniversalCommunication/ram:URIID": ["pay@mueller.test"],
        "ram:IncludedNote/ram:Content": ["3 × 12.50 EUR − 3.75 EUR (Coupon 1)", "19.00 EUR flat"],
        "ram:SpecifiedTradeAllowanceCharge/ram:Reason": ["Coupon 1"],
        "ram:TotalPrepaidAmount": ["5.00"],
        "ram:DuePayableAmount": ["55.49"],  # 33.75 * 1.19 = 40.16, 19.00 * 1.07 = 20.33: 60.49 − 5.00
    }.items():
        assert texts(xml, path) == expected, path


def test_a_period_is_told_by_its_first_and_last_day() -> None:
    [first, *_] = e_invoice().lines
    assert first.period == (date(2026, 2, 1), date(2026, 2, 28))  # February, half-open: until March 1
    xml = cii_xml(e_invoice())
    assert texts(xml, "ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod/ram:EndDateTime/udt:DateTimeString") == [
        "20260228"
    ]


@pytest.mark.parametrize("name", ['A & B <GmbH> "x"', "Zero\x00 and\x0b control", "名前 株式会社", "\ufffe odd"])
def test_any_name_can_be_told(name: str) -> None:
    xml = cii_xml(e_invoice(name))
    told = texts(xml, f"{PARTY.format('Seller')}ram:Name")
    assert told == ["".join(character for character in name if character not in "\x00\x0b\ufffe").strip()]
    assert broken_rules(xml) == []


def test_the_same_invoice_is_the_same_file() -> None:
    assert cii_xml(e_invoice()) == cii_xml(e_invoice())


def test_the_judge_of_these_tests_finds_broken_rules() -> None:
    xml = cii_xml(e_invoice())
    for before, after, rules in (
        (b">40.16<", b">40.17<", []),
        (b"<ram:LineTotalAmount>52.75<", b"<ram:LineTotalAmount>52.76<", ["BR-CO-10", "BR-CO-13"]),
        (b"<ram:GrandTotalAmount>60.49<", b"<ram:GrandTotalAmount>60.48<", ["BR-CO-15", "BR-CO-16"]),
        (b"<ram:CalculatedAmount>6.41<", b"<ram:CalculatedAmount>6.42<", ["BR-CO-14", "BR-CO-17"]),
        (b"<ram:BasisAmount>33.75<", b"<ram:BasisAmount>33.76<", ["BR-S-08"]),
        (b"<ram:ChargeAmount>12.5<", b"<ram:ChargeAmount>12.6<", ["PEPPOL-EN16931-R120"]),
        (b"<ram:DuePayableAmount>55.49<", b"<ram:DuePayableAmount>55.490<", ["BR-DEC"]),
    ):
        assert broken_rules(xml.replace(before, after)) == rules
