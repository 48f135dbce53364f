"""What an invoice says on paper: plain values, from the document, whom it is billed to, and the seller."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from subgraphs.invoice.billing_details import BillTo
from subgraphs.invoice.documents import AddressPart, InvoiceDocument, SellerProfileDocument
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.kit.domain.money import Money

__all__ = ["Paper", "PaperLine", "PaperTax", "Party", "paper_of"]

NO_LANGUAGE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who bills or is billed: the lines of the address, and tax ids."""

    name: str
    address: tuple[str, ...] = ()
    tax_ids: tuple[str, ...] = ()
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """One charge; `amount` is after discounts."""

    description: str
    explanation: str
    period: tuple[datetime, datetime] | None
    quantity: Decimal
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTax:
    """What one tax comes to on all lines."""

    name: str
    percentage: Decimal
    inclusive: bool
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One invoice. `language` is a BCP 47 tag."""

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
    tax_exemption: str | None
    subtotal: Money
    total: Money
    credit_applied: Money
    amount_credited: Money
    amount_paid: Money
    amount_due: Money


def paper_of(document: InvoiceDocument, bill_to: BillTo, seller: SellerProfileDocument | None) -> Paper:
    """Return what the invoice says, in the customer's language."""

    def money(minor_units: int) -> Money:
        return Money(minor_units, document.currency)

    return Paper(
        language=_language(bill_to),
        seller=_seller(seller) if seller else None,
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
        taxes=_taxes(document),
        tax_exemption=document.tax_exemption,
        subtotal=money(document.total_minor - document.tax_minor),
        total=money(document.total_minor),
        credit_applied=money(document.credit_applied_minor),
        amount_credited=money(document.amount_credited_minor),
        amount_paid=money(document.amount_paid_minor),
        amount_due=money(document.amount_due_minor),
    )


def _seller(seller: SellerProfileDocument) -> Party:
    tax_ids = (seller.tax_id,) if seller.tax_id else ()
    return Party(name=seller.name, address=_lines(seller.address), tax_ids=tax_ids, email=seller.email)


def _language(bill_to: BillTo) -> str:
    return (bill_to.profile.language if bill_to.profile else None) or NO_LANGUAGE


def _buyer(customer_id: str, bill_to: BillTo) -> Party:
    profile = bill_to.profile
    if profile is None:
        return Party(name=customer_id)
    tax_ids = tuple(bill_to.tax_status.tax_ids) if bill_to.tax_status else ()
    address = _lines(profile.address) if profile.address else ()
    return Party(name=profile.name, address=address, tax_ids=tax_ids, email=profile.email)


def _lines(address: AddressPart | None) -> tuple[str, ...]:
    if address is None:
        return ()
    place = " ".join(part for part in (address.postal_code, address.city) if part)
    return tuple(part for part in (address.line1, address.line2, place, address.region, address.country) if part)


def _taxes(document: InvoiceDocument) -> list[PaperTax]:
    sums: dict[str, int] = {}
    rates = {}
    for tax in (tax for line in document.lines for tax in line.taxes):
        sums[tax.rate_id] = sums.get(tax.rate_id, 0) + tax.amount_minor
        rates[tax.rate_id] = tax
    return [
        PaperTax(
            name=rates[id].name,
            percentage=Decimal(rates[id].percentage),
            inclusive=rates[id].inclusive,
            amount=Money(minor_units, document.currency),
        )
        for id, minor_units in sums.items()
    ]
