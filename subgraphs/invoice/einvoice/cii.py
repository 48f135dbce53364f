"""An e-invoice as UN/CEFACT Cross Industry Invoice, the syntax that Factur-X, ZUGFeRD and XRechnung share."""

import re
from datetime import date
from decimal import Decimal

from drafthorse.models.accounting import ApplicableTradeTax, TradeAllowanceCharge
from drafthorse.models.document import Document
from drafthorse.models.note import IncludedNote
from drafthorse.models.party import TaxRegistration, TradeParty
from drafthorse.models.payment import PaymentTerms
from drafthorse.models.tradelines import LineItem
from facturx import xml_check_xsd

from subgraphs.invoice.einvoice.document import Address, Buyer, EInvoice, Line, Seller, VatBreakdown

__all__ = ["PROFILE", "cii_xml", "xml_text"]

# BT-24: the norm itself, which is the profile EN 16931 (COMFORT) of Factur-X.
PROFILE = "urn:cen.eu:en16931:2017"
# BT-130 by UN/ECE Recommendation 20: one, a unit.
UNIT = "C62"
# What XML 1.0 cannot say (2.2).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def cii_xml(invoice: EInvoice) -> bytes:
    """Return the invoice as XML, valid by the schema of Factur-X; the same invoice gives the same bytes."""
    document = Document()
    document.context.guideline_parameter.id = PROFILE
    document.header.id = invoice.number
    document.header.type_code = invoice.type.value
    document.header.issue_date_time = invoice.issued_on
    _seller(document.trade.agreement.seller, invoice.seller)
    _buyer(document.trade.agreement.buyer, invoice.buyer)
    for number, line in enumerate(invoice.lines, 1):
        document.trade.items.add(_line(number, line))
    _settlement(document, invoice)
    xml: bytes = document.serialize(schema=None)
    xml_check_xsd(xml, flavor="factur-x", level="en16931")
    return xml


def _seller(party: TradeParty, seller: Seller) -> None:
    party.name = xml_text(seller.name)
    if seller.registration_number:
        party.legal_organization.id = xml_text(seller.registration_number)
    _address(party, seller.address)
    _email(party, seller.email)
    for scheme, id in (("VA", seller.vat_id), ("FC", seller.tax_number)):
        if id:
            party.tax_registrations.add(TaxRegistration(id=(scheme, xml_text(id))))


def _buyer(party: TradeParty, buyer: Buyer) -> None:
    party.name = xml_text(buyer.name)
    _address(party, buyer.address)
    _email(party, buyer.email)
    if buyer.vat_id:
        party.tax_registrations.add(TaxRegistration(id=("VA", xml_text(buyer.vat_id))))


def _address(party: TradeParty, address: Address) -> None:
    to = party.address
    for name, value in (
        ("postcode", address.postal_code),
        ("line_one", address.line1),
        ("line_two", address.line2),
        ("city_name", address.city),
        ("country_id", address.country),
        ("country_subdivision", address.region),
    ):
        if value:
            setattr(to, name, xml_text(value))


def _email(party: TradeParty, email: str | None) -> None:
    if email:
        party.electronic_address.uri_ID = ("EM", xml_text(email))


def _line(number: int, line: Line) -> LineItem:
    item = LineItem()
    item.document.line_id = str(number)
    if line.note:
        note = IncludedNote()
        note.content = xml_text(line.note)
        item.document.notes.add(note)
    item.product.name = xml_text(line.name)
    item.agreement.net.amount = _number(line.price)
    item.delivery.billed_quantity = (_number(line.quantity), UNIT)
    tax = item.settlement.trade_tax
    tax.type_code, tax.category_code = "VAT", line.category.value
    if line.rate is not None:
        tax.rate_applicable_percent = _number(line.rate)
    if line.period:
        item.settlement.period.start, item.settlement.period.end = line.period
    for off in line.allowances:
        allowance = TradeAllowanceCharge()
        allowance.indicator, allowance.actual_amount, allowance.reason = False, _amount(off.amount), xml_text(off.reason)
        item.settlement.allowance_charge.add(allowance)
    item.settlement.monetary_summation.total_amount = _amount(line.net)
    return item


def _settlement(document: Document, invoice: EInvoice) -> None:
    settlement, currency = document.trade.settlement, invoice.currency
    settlement.currency_code = currency
    for part in invoice.breakdown:
        settlement.trade_tax.add(_breakdown(part))
    period = _whole_period(invoice)
    if period:
        settlement.period.start, settlement.period.end = period
    else:
        document.trade.delivery.event.occurrence = invoice.issued_on
    if invoice.due_on or invoice.terms:
        terms = PaymentTerms()
        if invoice.terms:
            terms.description = invoice.terms
        if invoice.due_on:
            terms.due = invoice.due_on
        settlement.terms.add(terms)
    totals = settlement.monetary_summation
    totals.line_total, totals.charge_total, totals.allowance_total = _amount(invoice.line_total), _amount(), _amount()
    totals.tax_basis_total = (_amount(invoice.line_total), None)
    totals.tax_total = (_amount(invoice.tax_total), currency)
    totals.grand_total = (_amount(invoice.grand_total), None)
    totals.prepaid_total, totals.due_amount = _amount(invoice.prepaid), _amount(invoice.amount_due)
    if invoice.preceding is not None:
        settlement.invoice_referenced_document.issuer_assigned_id = invoice.preceding.number
        settlement.invoice_referenced_document.issue_date_time = invoice.preceding.issued_on


def _breakdown(part: VatBreakdown) -> ApplicableTradeTax:
    tax = ApplicableTradeTax()
    tax.calculated_amount, tax.basis_amount = _amount(part.tax), _amount(part.basis)
    tax.type_code, tax.category_code = "VAT", part.category.value
    if part.exemption_reason:
        tax.exemption_reason = xml_text(part.exemption_reason)
    if part.exemption_code:
        tax.exemption_reason_code = part.exemption_code
    if part.rate is not None:
        tax.rate_applicable_percent = _number(part.rate)
    return tax


def _whole_period(invoice: EInvoice) -> tuple[date, date] | None:
    """Return BG-14: from the first day that a line is for to the last."""
    periods = [line.period for line in invoice.lines if line.period]
    return (min(first for first, _ in periods), max(last for _, last in periods)) if periods else None


def _amount(amount: Decimal = Decimal()) -> str:
    return f"{amount:.2f}"


def _number(number: Decimal) -> str:
    """Return a quantity, price or rate without an exponent and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def xml_text(text: str) -> str:
    """Return the text without characters that XML does not know, and without space around it."""
    return _NOT_XML.sub("", text).strip()
