"""From an invoice or credit note to what its e-invoice says, or all reasons why it cannot (docs/decisions/0029).

Nothing is rounded to fit: the taxes are those that were charged, and where they are not what the norm computes of the same lines
(BR-CO-17, BR-S-09), there is no e-invoice.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext

from subgraphs.invoice.billing_details import BillTo, exemption_on
from subgraphs.invoice.documents import AddressPart, SellerProfileDocument
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.credit_note_taxes import credit_note_taxes
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import (
    CreditNoteLine,
    InvoiceLine,
    InvoiceStatus,
    LineTax,
    PriceModel,
    TaxCategory,
    TaxExemptionKind,
)
from subgraphs.invoice.einvoice.document import (
    PRECISION,
    Address,
    Allowance,
    Buyer,
    DocumentType,
    EInvoice,
    Line,
    PrecedingInvoice,
    Problem,
    ProblemCode,
    Seller,
    VatBreakdown,
    VatCategory,
    rounded,
)
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period

__all__ = ["credit_note_e_invoice", "invoice_e_invoice"]

NOTHING = Decimal()
# BT-31 and BT-48 begin with the country (BR-CO-09): ISO 3166-1 alpha-2, or EL for Greece and XI for Northern Ireland.
_VAT_ID = re.compile("[A-Z]{2}[0-9A-Z+*]{2,13}")
_SEPARATORS = re.compile(r"[\s.\-/]")
_VAT_COUNTRIES = {"GR": "EL", "GB": "XI"}
_CATEGORIES = {
    TaxCategory.STANDARD: VatCategory.STANDARD,
    TaxCategory.ZERO_RATED: VatCategory.ZERO_RATED,
    TaxCategory.EXEMPT: VatCategory.EXEMPT,
    TaxCategory.EXPORT: VatCategory.EXPORT,
    TaxCategory.OUTSIDE_SCOPE: VatCategory.OUTSIDE_SCOPE,
}
# Reasons by the code list VATEX; EXEMPT has many, so it is told in words.
_REASONS = {
    VatCategory.REVERSE_CHARGE: ("Reverse charge", "VATEX-EU-AE"),
    VatCategory.EXPORT: ("Export outside the EU", "VATEX-EU-G"),
    VatCategory.OUTSIDE_SCOPE: ("Not subject to VAT", "VATEX-EU-O"),
}
_CREDIT_TERMS = "Nothing is to be paid: the amount is no longer owed, refunded or kept as credit."


def invoice_e_invoice(invoice: Invoice, bill_to: BillTo, seller: SellerProfileDocument | None) -> EInvoice | tuple[Problem, ...]:
    """Return the invoice as it was issued, or why that cannot be told by EN 16931.

    What the customer's credit paid of it is prepaid (BT-113); payments and credit notes that came later are not on it. What the
    customer owed before was billed, with its tax, by other invoices: it is no part of the amount due (BT-115), and told in the
    payment terms (BT-20). Credit pays what this invoice bills first.
    """
    found = _Problems()
    prepaid, before, terms = invoice.credit_applied, invoice.amount_brought_forward, None
    if before:
        prepaid = min(prepaid, invoice.total)
        terms = f"{before} that was carried forward is collected with this invoice: {invoice.total + before} in all."
    if invoice.status in (InvoiceStatus.DRAFT, InvoiceStatus.DELETED) or invoice.finalized_at is None:
        found.add(ProblemCode.NOT_ISSUED, "BT-1", "A draft has no number and date yet: finalize it first.")
    elif invoice.status is InvoiceStatus.VOID:
        found.add(ProblemCode.VOID, None, "The invoice is void.")
    elif invoice.awaits_credit:
        found.add(ProblemCode.CREDIT_PENDING, "BT-113", "The customer's credit is being applied: try again in a moment.")
    if not invoice.lines:  # BR-16
        message = "The invoice bills nothing: an e-invoice has at least one line."
        found.add(ProblemCode.NO_LINES, "BG-25", message)
    lines = [_line(line, invoice, bill_to, found) for line in invoice.lines]
    return _composed(
        found,
        invoice,
        bill_to,
        seller,
        type=DocumentType.INVOICE,
        number=invoice.number,
        issued_at=invoice.finalized_at,
        due_on=_day(invoice.due_at) if invoice.due_at else None,
        terms=terms,
        lines=lines,
        prepaid=prepaid,
    )


def credit_note_e_invoice(
    note: CreditNote, invoice: Invoice, bill_to: BillTo, seller: SellerProfileDocument | None
) -> EInvoice | tuple[Problem, ...]:
    """Return the credit note of the invoice, or why that cannot be told by EN 16931."""
    found = _Problems()
    if note.issued is None:
        found.add(ProblemCode.NOT_ISSUED, "BT-1", "The credit note has no number yet: its refund is under way.")
    taxes = credit_note_taxes(note.terms.lines, invoice.lines)
    lines = [_credited(*line, invoice, bill_to, found) for line in zip(note.terms.lines, taxes, strict=True)]
    preceding = None
    if invoice.finalized_at is not None:
        preceding = PrecedingInvoice(number=note.terms.invoice_number, issued_on=_day(invoice.finalized_at))
    return _composed(
        found,
        invoice,
        bill_to,
        seller,
        type=DocumentType.CREDIT_NOTE,
        number=note.issued.number if note.issued else None,
        issued_at=note.issued.issued_at if note.issued else None,
        due_on=None,
        terms=_CREDIT_TERMS,
        lines=lines,
        prepaid=Money.zero(invoice.currency),
        preceding=preceding,
    )


@dataclass(frozen=True, slots=True)
class _Treatment:
    """How a line is taxed."""

    category: VatCategory
    rate: Decimal
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Taxed:
    """A line, and the tax that was charged on it; no treatment: a problem was found."""

    line: Line | None
    treatment: _Treatment | None
    tax: Decimal


@dataclass(slots=True)
class _Problems:
    """What is in the way, each said once."""

    found: dict[tuple[ProblemCode, str], Problem] = field(default_factory=dict)

    def add(self, code: ProblemCode, term: str | None, message: str) -> None:
        self.found.setdefault((code, message), Problem(code=code, term=term, message=message))


def _composed(
    found: _Problems,
    invoice: Invoice,
    bill_to: BillTo,
    profile: SellerProfileDocument | None,
    *,
    type: DocumentType,
    number: str | None,
    issued_at: datetime | None,
    due_on: date | None,
    terms: str | None,
    lines: Sequence[_Taxed],
    prepaid: Money,
    preceding: PrecedingInvoice | None = None,
) -> EInvoice | tuple[Problem, ...]:
    treatments = [taxed.treatment for taxed in lines if taxed.treatment is not None]
    categories = {treatment.category for treatment in treatments}
    outside = VatCategory.OUTSIDE_SCOPE in categories
    if outside and len(categories) > 1:  # BR-O-11
        found.add(
            ProblemCode.OUTSIDE_SCOPE_WITH_OTHERS,
            "BT-151",
            "What is outside the scope of VAT needs an invoice of its own: lines of other categories are on this one.",
        )
    seller = _seller(profile, outside, found)
    buyer = _buyer(bill_to, outside, VatCategory.REVERSE_CHARGE in categories, found)
    breakdown = _breakdown(lines, found)
    paid = _two_decimals(prepaid, found)
    if found.found or seller is None or buyer is None or number is None or issued_at is None:
        return tuple(found.found.values())
    return EInvoice(
        type=type,
        number=number,
        issued_on=_day(issued_at),
        due_on=due_on,
        terms=terms,
        currency=invoice.currency,
        seller=seller,
        buyer=buyer,
        lines=[taxed.line for taxed in lines if taxed.line is not None],
        breakdown=breakdown,
        prepaid=paid,
        preceding=preceding,
    )


def _line(line: InvoiceLine, invoice: Invoice, bill_to: BillTo, found: _Problems) -> _Taxed:
    treatment = _treatment(line.taxes, invoice, bill_to, found)
    tax = _two_decimals(line.tax, found)
    if treatment is None:
        return _Taxed(None, None, tax)
    net = _two_decimals(line.amount - (line.tax - line.added_tax), found)
    within = treatment.rate if any(tax.inclusive for tax in line.taxes) else NOTHING
    # A discount is taken off a price with its tax: without it, its share falls as well.
    allowances = tuple(
        Allowance(amount=_without(_two_decimals(off.amount, found), within), reason=off.name) for off in line.discounts
    )
    before = net + sum((off.amount for off in allowances), NOTHING)
    quantity, price = _quantity_and_price(line, before, bool(within))
    return _Taxed(
        Line(
            name=line.description,
            note=line.explanation or None,
            quantity=quantity,
            price=price,
            allowances=allowances,
            net=net,
            category=treatment.category,
            rate=None if treatment.category is VatCategory.OUTSIDE_SCOPE else treatment.rate,
            period=_days(line.period),
        ),
        treatment,
        tax,
    )


def _credited(line: CreditNoteLine, taxes: tuple[LineTax, ...], invoice: Invoice, bill_to: BillTo, found: _Problems) -> _Taxed:
    treatment, tax = _treatment(taxes, invoice, bill_to, found), _two_decimals(line.tax, found)
    if treatment is None:
        return _Taxed(None, None, tax)
    net = _two_decimals(line.amount - (line.tax - line.added_tax), found)
    return _Taxed(
        Line(
            name=line.description,
            note=None,
            quantity=Decimal(1 if net >= 0 else -1),
            price=abs(net),
            allowances=(),
            net=net,
            category=treatment.category,
            rate=None if treatment.category is VatCategory.OUTSIDE_SCOPE else treatment.rate,
            period=_days(invoice.lines[line.line_number - 1].period),
        ),
        treatment,
        tax,
    )


def _without(amount: Decimal, rate: Decimal) -> Decimal:
    with localcontext(prec=PRECISION):
        return rounded(amount * 100 / (100 + rate))


def _quantity_and_price(line: InvoiceLine, before: Decimal, priced_with_tax: bool) -> tuple[Decimal, Decimal]:
    """Return BT-129 and BT-146, whose product is what the line comes to before allowances; a price is not below zero (BR-27)."""
    quantity = line.usage if line.usage is not None else Decimal(line.quantity)
    if line.model is PriceModel.PER_UNIT and line.unit_amount is not None and not priced_with_tax:
        with localcontext(prec=PRECISION):
            product = quantity * line.unit_amount
        if rounded(product) == before:
            return quantity, line.unit_amount
    return Decimal(1 if before >= 0 else -1), abs(before)


def _treatment(taxes: Sequence[LineTax], invoice: Invoice, bill_to: BillTo, found: _Problems) -> _Treatment | None:
    if len(taxes) > 1:
        names = ", ".join(f"{tax.name} {tax.percentage:f} %" for tax in taxes)
        found.add(ProblemCode.SEVERAL_TAXES_ON_A_LINE, "BT-151", f"A line bears one rate of VAT, not several: {names}.")
        return None
    if taxes:
        [tax] = taxes
        category = _CATEGORIES[tax.category] if tax.percentage == 0 else VatCategory.STANDARD
        if tax.percentage == 0 and category is VatCategory.STANDARD:  # a rate from before there were categories
            category = VatCategory.ZERO_RATED
        return _reasoned(category, tax.percentage, tax.exemption_reason, f"the tax rate {tax.name!r}", found)
    taxed = any(billed.taxes for billed in invoice.lines)
    exemption = exemption_on(invoice.drafted.draft.tax_exemption, taxed, bill_to)
    if exemption is None:
        country = _country(bill_to) or "the customer's country"
        message = (
            f"Nothing says why no VAT is charged: add a tax rate of 0 % for {country} with its category, or set the customer's "
            "tax exemption, and bill anew."
        )
        found.add(ProblemCode.TAX_CATEGORY_MISSING, "BT-151", message)
        return None
    category = VatCategory.REVERSE_CHARGE if exemption.kind is TaxExemptionKind.REVERSE_CHARGE else VatCategory.EXEMPT
    return _reasoned(category, NOTHING, exemption.reason, "the customer's tax exemption", found)


def _reasoned(category: VatCategory, rate: Decimal, reason: str | None, where: str, found: _Problems) -> _Treatment:
    if category is VatCategory.EXEMPT and not reason:  # BR-E-10
        found.add(ProblemCode.EXEMPTION_REASON_MISSING, "BT-120", f"An exemption needs its reason: set that of {where}.")
    return _Treatment(category, rate, reason)


def _breakdown(lines: Sequence[_Taxed], found: _Problems) -> list[VatBreakdown]:
    """Return what each category and rate comes to (BR-S-08 and its like), where that is what was charged (BR-CO-17)."""
    groups: dict[tuple[VatCategory, Decimal], list[_Taxed]] = {}
    for taxed in lines:
        if taxed.treatment is not None:
            groups.setdefault((taxed.treatment.category, taxed.treatment.rate.normalize()), []).append(taxed)
    breakdown = []
    for (category, rate), group in groups.items():
        basis = sum((taxed.line.net for taxed in group if taxed.line is not None), NOTHING)
        tax = sum((taxed.tax for taxed in group), NOTHING)
        with localcontext(prec=PRECISION):
            by_rule = rounded(basis * rate / 100)
        if tax != by_rule:
            message = (
                f"{tax} was charged at {rate:f} %, and EN 16931 computes {by_rule} of the sum of {basis}. Taxes that are rounded "
                "per invoice, on prices without tax, always agree (taxRoundingSet)."
            )
            found.add(ProblemCode.TAX_ROUNDING, "BT-117", message)
        text, code = _REASONS.get(category, (None, None))
        told = dict.fromkeys(taxed.treatment.reason for taxed in group if taxed.treatment and taxed.treatment.reason)
        explained = category not in (VatCategory.STANDARD, VatCategory.ZERO_RATED)  # BR-S-10, BR-Z-10
        breakdown.append(
            VatBreakdown(
                category=category,
                rate=None if category is VatCategory.OUTSIDE_SCOPE else rate,
                basis=basis,
                tax=tax,
                exemption_reason=("; ".join(told) or text) if explained else None,
                exemption_code=code,
            )
        )
    return breakdown


def _seller(profile: SellerProfileDocument | None, outside: bool, found: _Problems) -> Seller | None:
    if profile is None:
        found.add(ProblemCode.SELLER_PROFILE_MISSING, "BG-4", "Nothing says who bills: set the seller profile.")
        return None
    vat_id = _vat_id(profile.tax_id, profile.address.country)
    tax_number = profile.tax_id if profile.tax_id and vat_id is None else None
    if outside:
        vat_id = None  # BR-O-02
    elif vat_id is None and tax_number is None:  # BR-S-02 and its like
        message = "The seller profile has no tax id: the VAT id, with its country, or the tax number."
        found.add(ProblemCode.SELLER_TAX_ID_MISSING, "BT-31", message)
    if vat_id is None and not profile.registration_number:  # BR-CO-26
        found.add(
            ProblemCode.SELLER_REGISTRATION_NUMBER_MISSING,
            "BT-30",
            "Without a VAT id on the invoice the seller profile needs a registration number.",
        )
    return Seller(
        name=profile.name,
        address=_address(profile.address, profile.address.country or ""),
        vat_id=vat_id,
        tax_number=tax_number,
        registration_number=profile.registration_number,
        email=profile.email,
    )


def _buyer(bill_to: BillTo, outside: bool, reverse_charge: bool, found: _Problems) -> Buyer | None:
    profile, country = bill_to.profile, _country(bill_to)
    if profile is None:
        found.add(ProblemCode.BUYER_UNKNOWN, "BG-7", "Nothing is known of the customer yet.")
        return None
    if profile.address is None or country is None:
        message = "The invoice bears no address of the customer, which says at least the country."
        found.add(ProblemCode.BUYER_COUNTRY_MISSING, "BT-55", message)
        return None
    vat_id = _buyers_vat_id(bill_to)
    if reverse_charge and vat_id is None:  # BR-AE-02
        message = "Reverse charge needs the customer's VAT id as it was when the invoice got its number."
        found.add(ProblemCode.BUYER_VAT_ID_MISSING, "BT-48", message)
    return Buyer(
        name=profile.name,
        address=_address(profile.address, country),
        vat_id=None if outside else vat_id,  # BR-O-02
        email=profile.email,
    )


def _buyers_vat_id(bill_to: BillTo) -> str | None:
    status = bill_to.tax_status
    if status is None:
        return None
    # What was told before kinds of tax ids were kept is known by its country.
    return status.vat_id or next((found for one in status.tax_ids if (found := _vat_id(one, _country(bill_to)))), None)


def _country(bill_to: BillTo) -> str | None:
    return bill_to.profile.country if bill_to.profile else None


def _vat_id(value: str | None, country: str | None) -> str | None:
    compact = _SEPARATORS.sub("", value or "").upper()
    prefixes = (country, _VAT_COUNTRIES.get(country or ""))
    return compact if _VAT_ID.fullmatch(compact) and compact[:2] in prefixes else None


def _address(part: AddressPart, country: str) -> Address:
    return Address(
        line1=part.line1,
        line2=part.line2,
        city=part.city,
        region=part.region,
        postal_code=part.postal_code,
        country=country,
    )


def _two_decimals(money: Money, found: _Problems) -> Decimal:
    """Return the amount with the two decimals that EN 16931 allows (BR-DEC)."""
    amount = rounded(money.amount)
    if amount != money.amount:
        message = f"{money} has more than two decimals, which are all that EN 16931 allows."
        found.add(ProblemCode.TOO_MANY_DECIMALS, "BT-131", message)
    return amount


def _days(period: Period | None) -> tuple[date, date] | None:
    """Return the first and the last day; our periods end where the next one begins."""
    if period is None:
        return None
    first = _day(period.start)
    return first, max(first, _day(period.end - timedelta(microseconds=1)))


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
