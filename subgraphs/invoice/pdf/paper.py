"""What an invoice or a credit note says on paper: plain values, from the document, whom it is billed to, and the seller."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from subgraphs.invoice.billing_details import BillTo, exemption_of, exemption_on
from subgraphs.invoice.documents import AddressPart, InvoiceDocument, SellerProfileDocument
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.credit_note_taxes import credit_note_taxes
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceStatus, TaxExemptionKind
from subgraphs.invoice.localization import locale_of
from subgraphs.kit.domain.money import Money, total

__all__ = [
    "Credited",
    "Paper",
    "PaperBroughtForward",
    "PaperLine",
    "PaperTax",
    "Party",
    "as_issued",
    "credit_note_paper",
    "paper_of",
]

NO_LANGUAGE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who bills or is billed: the lines of the address, and tax ids."""

    name: str
    address: tuple[str, ...] = ()
    tax_ids: tuple[str, ...] = ()
    registration_number: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """One charge, or what is taken back of it; `amount` is after discounts."""

    description: str
    explanation: str
    period: tuple[datetime, datetime] | None
    quantity: Decimal | None
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTax:
    """What one tax comes to on all lines. `taxable` is what it is charged on, None where that is the whole subtotal."""

    name: str
    percentage: Decimal
    inclusive: bool
    amount: Money
    taxable: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperBroughtForward:
    """What was owed before: left by the invoice of that number, None: owed otherwise."""

    number: str | None
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """What a credit note says beside its lines: of which invoice, why, and where it goes."""

    invoice_number: str
    reason: str
    from_due: Money
    refund: Money
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One invoice, or a credit note where `credited` is set. `language` is a BCP 47 tag.

    `brought_forward` is part of what is due where it `collects`, and is only told of where it does not.
    """

    language: str
    seller: Party | None
    footer: str | None
    buyer: Party
    number: str | None
    status: InvoiceStatus
    issued_at: datetime
    due_at: datetime | None
    paid_at: datetime | None
    lines: Sequence[PaperLine]
    taxes: Sequence[PaperTax]
    tax_exemption: TaxExemptionKind | None
    subtotal: Money
    total: Money
    credit_applied: Money
    amount_credited: Money
    amount_paid: Money
    amount_refunded: Money
    amount_due: Money
    credited: Credited | None = None
    brought_forward: Sequence[PaperBroughtForward] = ()
    carried_forward: Money | None = None
    collects: bool = True

    @property
    def amount_brought_forward(self) -> Money:
        """What was owed before, as far as it is collected with the total."""
        collected = self.brought_forward if self.collects else ()
        return total([part.amount for part in collected], self.total.currency)

    @property
    def given_back(self) -> tuple[Money, Money]:
        """What credit notes gave back of what was paid: where it came from, and to the customer's credit.

        With it, the total, what was owed before, and what is taken off both come to what is due. What went back at a payment
        provider by itself is in it once a credit note accounts for it; of a void invoice nothing is said.
        """
        nothing = Money.zero(self.total.currency)
        if self.credited is not None or self.status is InvoiceStatus.VOID:
            return nothing, nothing
        owed = self.total + self.amount_brought_forward - (self.carried_forward or nothing)
        given = self.amount_credited + self.amount_paid + self.credit_applied + self.amount_due - owed
        refunded = min(self.amount_refunded, given)
        return refunded, given - refunded


def paper_of(document: InvoiceDocument, bill_to: BillTo, seller: SellerProfileDocument | None) -> Paper:
    """Return what the invoice says, in the customer's language."""

    def money(minor_units: int) -> Money:
        return Money(minor_units, document.currency)

    exemption = exemption_on(exemption_of(document), any(line.taxes for line in document.lines), bill_to)
    return Paper(
        language=_language(bill_to),
        seller=_seller(seller, _language(bill_to)) if seller else None,
        footer=seller.footer if seller else None,
        buyer=_buyer(document.customer_id, bill_to),
        number=document.number,
        status=document.status,
        issued_at=document.finalized_at or document.created_at,
        due_at=document.due_at,
        paid_at=document.paid_at,
        lines=[
            PaperLine(
                description=line.description,
                explanation=line.explanation,
                period=(line.period_start, line.period_end) if line.period_start and line.period_end else None,
                quantity=Decimal(line.usage) if line.usage is not None else Decimal(line.quantity),
                amount=money(line.amount_minor),
            )
            for line in document.lines
        ],
        taxes=_sums(
            [
                (tax.rate_id, tax.name, Decimal(tax.percentage), tax.inclusive, money(tax.amount_minor), money(line.net_minor))
                for line in document.lines
                for tax in line.taxes
            ],
            money(document.total_minor - document.tax_minor),
        ),
        tax_exemption=exemption.kind if exemption else None,
        subtotal=money(document.total_minor - document.tax_minor),
        total=money(document.total_minor),
        credit_applied=money(document.credit_applied_minor),
        amount_credited=money(document.amount_credited_minor),
        amount_paid=money(document.amount_paid_minor),
        amount_refunded=money(document.amount_refunded_minor),
        amount_due=money(document.amount_due_minor),
        brought_forward=[
            PaperBroughtForward(number=part.number, amount=money(part.amount_minor)) for part in document.brought_forward
        ],
        carried_forward=money(document.carried_forward_minor),
    )


def as_issued(paper: Paper) -> Paper:
    """Return the invoice as it was when it got its number: what it bills by itself, without what was paid and taken back since.

    What was owed before was billed by other invoices, so it is only told of; credit pays what this one bills first.
    """
    nothing = Money.zero(paper.total.currency)
    credit = min(paper.credit_applied, paper.total)
    return replace(
        paper,
        status=InvoiceStatus.OPEN,
        paid_at=None,
        amount_paid=nothing,
        amount_refunded=nothing,
        amount_credited=nothing,
        credit_applied=credit,
        amount_due=paper.total - credit,
        carried_forward=nothing,
        collects=False,
    )


def credit_note_paper(note: CreditNote, invoice: Invoice, bill_to: BillTo, seller: SellerProfileDocument | None) -> Paper:
    """Return what the issued credit note of the invoice says: to whom the invoice is billed, in their language."""
    terms, nothing = note.terms, Money.zero(note.terms.amount.currency)
    taxed = any(line.taxes for line in invoice.lines)
    exemption = exemption_on(invoice.drafted.draft.tax_exemption, taxed, bill_to)
    subtotal = terms.amount - total([line.tax for line in terms.lines], nothing.currency)
    billed = [invoice.lines[line.line_number - 1].period for line in terms.lines]
    return Paper(
        language=_language(bill_to),
        seller=_seller(seller, _language(bill_to)) if seller else None,
        footer=seller.footer if seller else None,
        buyer=_buyer(terms.customer_id, bill_to),
        number=note.issued.number if note.issued else None,
        status=invoice.status,
        issued_at=note.issued.issued_at if note.issued else note.requested.requested_at,
        due_at=None,
        paid_at=None,
        lines=[
            PaperLine(
                description=line.description,
                explanation="",
                period=(period.start, period.end) if period else None,
                quantity=None,
                amount=line.amount,
            )
            for line, period in zip(terms.lines, billed, strict=True)
        ],
        taxes=_sums(
            [
                (tax.rate_id, tax.name, tax.percentage, tax.inclusive, tax.amount, line.amount - (line.tax - line.added_tax))
                for line, taxes in zip(terms.lines, credit_note_taxes(terms.lines, invoice.lines), strict=True)
                for tax in taxes
            ],
            subtotal,
        ),
        tax_exemption=exemption.kind if exemption else None,
        subtotal=subtotal,
        total=terms.amount,
        credit_applied=nothing,
        amount_credited=nothing,
        amount_paid=nothing,
        amount_refunded=nothing,
        amount_due=nothing,
        credited=Credited(
            invoice_number=terms.invoice_number,
            reason=terms.reason,
            from_due=terms.from_due,
            refund=note.refunded,
            balance=note.balance,
        ),
    )


def _seller(seller: SellerProfileDocument, language: str) -> Party:
    tax_ids = (seller.tax_id,) if seller.tax_id else ()
    return Party(
        name=seller.name,
        address=_lines(seller.address, language),
        tax_ids=tax_ids,
        registration_number=seller.registration_number,
        email=seller.email,
    )


def _language(bill_to: BillTo) -> str:
    return (bill_to.profile.language if bill_to.profile else None) or NO_LANGUAGE


def _buyer(customer_id: str, bill_to: BillTo) -> Party:
    profile = bill_to.profile
    if profile is None:
        return Party(name=customer_id)
    tax_ids = tuple(bill_to.tax_status.tax_ids) if bill_to.tax_status else ()
    address = _lines(profile.address, _language(bill_to)) if profile.address else ()
    return Party(name=profile.name, address=address, tax_ids=tax_ids, email=profile.email)


def _lines(address: AddressPart, language: str) -> tuple[str, ...]:
    """Return the lines of an address, the country by its name in the language."""
    place = " ".join(part for part in (address.postal_code, address.city) if part)
    country = locale_of(language).territories.get(address.country or "", address.country)
    return tuple(part for part in (address.line1, address.line2, place, address.region, country) if part)


def _sums(taxes: Sequence[tuple[str, str, Decimal, bool, Money, Money]], subtotal: Money) -> list[PaperTax]:
    """Return what each tax comes to on all lines.

    A tax of a line is its rate's id, name and percentage, whether inclusive, its amount, and what of the line it is charged on.
    """
    found: dict[str, PaperTax] = {}
    for rate_id, name, percentage, inclusive, amount, taxable in taxes:
        before = found.get(rate_id)
        found[rate_id] = PaperTax(
            name=name,
            percentage=percentage,
            inclusive=inclusive,
            amount=before.amount + amount if before else amount,
            taxable=before.taxable + taxable if before and before.taxable else taxable,
        )
    return [replace(tax, taxable=None) if tax.taxable == subtotal else tax for tax in found.values()]
