"""Invoices, customers and sellers for tests of e-invoices, and the rules of EN 16931 as a judge of their XML.

The rules are written here as the norm states them, apart from the code that makes the XML: what they read is the XML alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lxml import etree

from subgraphs.invoice.billing_details import BillTo
from subgraphs.invoice.documents import AddressPart, ProfilePart, SellerProfileDocument, TaxStatusPart
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.rating import rate_line, with_discounts
from subgraphs.invoice.domain.tax_configuration import TaxRate
from subgraphs.invoice.domain.taxation import with_taxes
from subgraphs.invoice.domain.values import (
    BroughtForward,
    InvoiceDraft,
    InvoiceLine,
    LineDiscount,
    PriceModel,
    TaxCategory,
    TaxExemption,
)
from subgraphs.kit.domain.money import Money
from subgraphs.pricing.tax import TaxRounding, TaxRule
from tests.testkit.billing import FEBRUARY, taxed_in
from tests.testkit.memory import context

__all__ = [
    "BERLIN",
    "PER_INVOICE",
    "broken_rules",
    "customer",
    "flat",
    "issued",
    "seats",
    "seller",
    "tax_rate",
    "texts",
]

NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
PER_INVOICE = TaxRule(rounding=TaxRounding.PER_INVOICE)
BERLIN = AddressPart(line1="Hauptstr. 1", city="Berlin", postal_code="10115", country="DE")


def customer(
    *,
    address: AddressPart | None = BERLIN,
    vat_id: str | None = "DE136695976",
    exemption: str = "NONE",
    reason: str | None = None,
) -> BillTo:
    """Return whom invoices are billed to."""
    country = address.country if address else None
    profile = ProfilePart(
        version=1, name="Müller & Søn AG", email="pay@mueller.test", country=country, language="de", address=address
    )
    tax_ids = [vat_id] if vat_id else []
    return BillTo(profile, TaxStatusPart(version=1, exemption=exemption, reason=reason, tax_ids=tax_ids, vat_id=vat_id))


def seller(**changes: Any) -> SellerProfileDocument:
    """Return who bills."""
    values = {
        "id": "sel_acme",
        "tenant": "acme",
        "version": 1,
        "name": "Tributary GmbH",
        "address": AddressPart(line1="Kai 1", city="Hamburg", postal_code="20457", country="DE"),
        "tax_id": "DE 811 569 869",
        "registration_number": "HRB 12345",
        "email": "billing@tributary.test",
        "footer": "Registergericht Hamburg",
    }
    # As read: a document is only to be stored where there is a database.
    return SellerProfileDocument.model_construct(**(values | changes))


def tax_rate(
    percentage: str,
    *,
    inclusive: bool = False,
    category: TaxCategory = TaxCategory.STANDARD,
    reason: str | None = None,
) -> TaxRate:
    """Return a tax rate for customers in Germany."""
    return TaxRate(
        id=f"txr_{percentage}_{inclusive}_{category}",
        name="VAT",
        percentage=Decimal(percentage),
        inclusive=inclusive,
        country="DE",
        category=category,
        exemption_reason=reason,
    )


def flat(minor_units: int, *, currency: str = "EUR", discounts: Sequence[int] = (), description: str = "Team") -> InvoiceLine:
    """Return a line of one amount, below zero for a credit."""
    amount = Money(minor_units, currency)
    line = InvoiceLine(
        description=description,
        price_id=None,
        plan_id=None,
        period=FEBRUARY,
        quantity=1,
        model=PriceModel.FLAT,
        unit_amount=None,
        flat_amount=amount,
        amount=amount,
        explanation=f"{amount} flat",
    )
    return _discounted(line, discounts)


def seats(quantity: int, unit_amount: str, *, currency: str = "EUR", discounts: Sequence[int] = ()) -> InvoiceLine:
    """Return a line of seats."""
    line = rate_line(
        description="Seats",
        price_id="price_1",
        plan_id="plan_1",
        period=FEBRUARY,
        quantity=quantity,
        model=PriceModel.PER_UNIT,
        currency=currency,
        unit_amount=Decimal(unit_amount),
        flat_amount_minor=None,
    )
    return _discounted(line, discounts)


def issued(
    *lines: InvoiceLine | tuple[InvoiceLine, TaxRate],
    rates: Sequence[TaxRate] = (),
    rule: TaxRule = PER_INVOICE,
    credit: int = 0,
    exemption: TaxExemption | None = None,
    before: int = 0,
) -> Invoice:
    """Return an open invoice, which collects `before` beside its total; of both the customer's credit paid `credit` minor units.

    A line may bear a rate of its own.
    """
    plain = [line[0] if isinstance(line, tuple) else line for line in lines]
    currency = plain[0].amount.currency if plain else "EUR"
    draft = InvoiceDraft(
        customer_id="cus_1", plan_subscription_id="psub_1", period_number=1, currency=currency, lines=tuple(plain)
    )
    if exemption is not None:
        draft = replace(draft, tax_exemption=exemption)
    elif rates:
        draft = with_taxes(draft, rates, rule, taxed_in("DE"))
    else:
        draft = _with_own_rates(draft, lines, rule)
    invoice = Invoice.create("inv_1", draft, context())
    invoice.finalize("INV-000042", context())
    owed = BroughtForward(invoice_id="inv_0", number="INV-000041", amount=Money(before, draft.currency))
    credited, from_wallets = Money(credit, draft.currency), Money(0, draft.currency)
    invoice.apply_credit(credited, from_wallets, context(), (owed,) if before else ())
    return invoice


def _with_own_rates(
    draft: InvoiceDraft, lines: Sequence[InvoiceLine | tuple[InvoiceLine, TaxRate]], rule: TaxRule
) -> InvoiceDraft:
    """Tax all lines of one rate together, as the subgraph does for the rates of a country."""
    taxed = list(draft.lines)
    for rate in {line[1].id: line[1] for line in lines if isinstance(line, tuple)}.values():
        places = [index for index, line in enumerate(lines) if isinstance(line, tuple) and line[1].id == rate.id]
        part = with_taxes(replace(draft, lines=tuple(draft.lines[index] for index in places)), [rate], rule, taxed_in("DE"))
        for index, line in zip(places, part.lines, strict=True):
            taxed[index] = line
    return replace(draft, lines=tuple(taxed))


def _discounted(line: InvoiceLine, discounts: Sequence[int]) -> InvoiceLine:
    off = tuple(
        LineDiscount(coupon_id=f"cpn_{number}", name=f"Coupon {number}", amount=Money(minor_units, line.amount.currency))
        for number, minor_units in enumerate(discounts, 1)
    )
    return with_discounts(line, off) if off else line


def texts(xml: bytes, path: str) -> list[str]:
    """Return the texts at an XPath of the XML."""
    return [str(node.text) for node in etree.fromstring(xml).findall(f".//{path}", NAMESPACES)]


def broken_rules(xml: bytes) -> list[str]:
    """Return the rules of EN 16931-1 (6.4) that the XML does not obey, of those about amounts, taxes and what must be there."""
    root = etree.fromstring(xml)
    broken: list[str] = []

    def one(node: Any, path: str, default: str | None = None) -> str | None:
        found = node.find(path, NAMESPACES)
        return default if found is None else found.text

    def number(node: Any, path: str) -> Decimal:
        return Decimal(one(node, path, "0") or "0")

    def check(rule: str, holds: bool) -> None:
        if not holds:
            broken.append(rule)

    trade = root.find("rsm:SupplyChainTradeTransaction", NAMESPACES)
    agreement = trade.find("ram:ApplicableHeaderTradeAgreement", NAMESPACES)
    settlement = trade.find("ram:ApplicableHeaderTradeSettlement", NAMESPACES)
    totals = settlement.find("ram:SpecifiedTradeSettlementHeaderMonetarySummation", NAMESPACES)
    lines = trade.findall("ram:IncludedSupplyChainTradeLineItem", NAMESPACES)
    net = [number(line, ".//ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount") for line in lines]
    line_total, grand = number(totals, "ram:LineTotalAmount"), number(totals, "ram:GrandTotalAmount")
    basis, tax = number(totals, "ram:TaxBasisTotalAmount"), number(totals, "ram:TaxTotalAmount")
    due = number(totals, "ram:DuePayableAmount")
    parts = settlement.findall("ram:ApplicableTradeTax", NAMESPACES)

    check("BR-CO-10", line_total == sum(net))
    check("BR-CO-13", basis == line_total - number(totals, "ram:AllowanceTotalAmount") + number(totals, "ram:ChargeTotalAmount"))
    check("BR-CO-14", tax == sum(number(part, "ram:CalculatedAmount") for part in parts))
    check("BR-CO-15", grand == basis + tax)
    check("BR-CO-16", due == grand - number(totals, "ram:TotalPrepaidAmount") + number(totals, "ram:RoundingAmount"))
    for part in parts:
        expected = (number(part, "ram:BasisAmount") * number(part, "ram:RateApplicablePercent") / 100).quantize(
            Decimal("0.01"), ROUND_HALF_UP
        )
        check("BR-CO-17", number(part, "ram:CalculatedAmount") == expected)
    check("BR-CO-18", bool(parts))
    groups: dict[tuple[str | None, Decimal], Decimal] = {}
    for line, amount in zip(lines, net, strict=True):
        taxed = line.find("ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax", NAMESPACES)
        check("BR-CO-4", taxed is not None)
        key = one(taxed, "ram:CategoryCode"), number(taxed, "ram:RateApplicablePercent")
        groups[key] = groups.get(key, Decimal()) + amount
        price = number(line, ".//ram:NetPriceProductTradePrice/ram:ChargeAmount")
        quantity = number(line, ".//ram:BilledQuantity")
        off = sum(
            Decimal(node.text or "0")
            for node in line.findall(".//ram:SpecifiedTradeAllowanceCharge/ram:ActualAmount", NAMESPACES)
        )
        check("BR-27", price >= 0)
        check("PEPPOL-EN16931-R120", amount == (price * quantity).quantize(Decimal("0.01"), ROUND_HALF_UP) - off)
        check(
            "BR-42",
            len(line.findall(".//ram:SpecifiedTradeAllowanceCharge", NAMESPACES))
            == len(line.findall(".//ram:SpecifiedTradeAllowanceCharge/ram:Reason", NAMESPACES)),
        )
    told = {
        (one(part, "ram:CategoryCode"), number(part, "ram:RateApplicablePercent")): number(part, "ram:BasisAmount")
        for part in parts
    }
    check("BR-S-08", told == groups and len(parts) == len(groups))  # and BR-Z-08, BR-E-08, BR-AE-08, BR-G-08, BR-O-08
    vat = {"seller": "ram:SellerTradeParty", "buyer": "ram:BuyerTradeParty"}
    ids = {
        who: {node.get("schemeID") for node in agreement.findall(f"{path}/ram:SpecifiedTaxRegistration/ram:ID", NAMESPACES)}
        for who, path in vat.items()
    }
    registered = one(agreement, "ram:SellerTradeParty/ram:SpecifiedLegalOrganization/ram:ID")
    check("BR-CO-26", "VA" in ids["seller"] or registered is not None)
    for category, _ in groups:
        reason = [
            one(part, "ram:ExemptionReason") or one(part, "ram:ExemptionReasonCode")
            for part in parts
            if one(part, "ram:CategoryCode") == category
        ]
        if category in ("S", "Z"):
            check(f"BR-{category}-10", not any(reason))
        else:
            check(f"BR-{category}-10", all(reason))
            check(
                f"BR-{category}-09",
                all(number(p, "ram:CalculatedAmount") == 0 for p in parts if one(p, "ram:CategoryCode") == category),
            )
        if category == "O":
            check("BR-O-02", "VA" not in ids["seller"] | ids["buyer"])
            check("BR-O-11", len(groups) == 1)
        else:
            check(f"BR-{category}-02", bool(ids["seller"]))
        if category == "AE":
            check("BR-AE-02", "VA" in ids["buyer"])
    check(
        "BR-06, BR-07", bool(one(agreement, "ram:SellerTradeParty/ram:Name") and one(agreement, "ram:BuyerTradeParty/ram:Name"))
    )
    for rule, party in (("BR-09", "ram:SellerTradeParty"), ("BR-11", "ram:BuyerTradeParty")):
        check(rule, len(one(agreement, f"{party}/ram:PostalTradeAddress/ram:CountryID", "") or "") == 2)
    check("BR-16", bool(lines))
    terms = settlement.find("ram:SpecifiedTradePaymentTerms", NAMESPACES)
    has_terms = terms is not None and (
        terms.find("ram:DueDateDateTime", NAMESPACES) is not None or terms.find("ram:Description", NAMESPACES) is not None
    )
    check("BR-CO-25", due <= 0 or has_terms)
    for amount in root.iter(*(f"{{{NAMESPACES['ram']}}}{name}" for name in _AMOUNTS)):
        exponent = Decimal(amount.text or "0").as_tuple().exponent
        check("BR-DEC", isinstance(exponent, int) and exponent >= -2)
    return broken


_AMOUNTS = (
    "LineTotalAmount",
    "ActualAmount",
    "BasisAmount",
    "CalculatedAmount",
    "TaxBasisTotalAmount",
    "TaxTotalAmount",
    "GrandTotalAmount",
    "TotalPrepaidAmount",
    "DuePayableAmount",
)
