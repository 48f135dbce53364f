"""From a letter to the message: plain text and HTML, with the invoice that is sent, or the receipt. Pure but for rendering."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from html import escape

from subgraphs.invoice.billing_details import BillTo
from subgraphs.invoice.documents import CustomerReplica, InvoiceDocument, SellerProfileDocument
from subgraphs.invoice.localization import date_text, locale_of, money_text
from subgraphs.invoice.mail.letter import Letter, MailKind
from subgraphs.invoice.mail.texts import text_of
from subgraphs.invoice.pdf.paper import paper_of
from subgraphs.invoice.pdf.render import render_paper
from subgraphs.kit.domain.money import Money

__all__ = ["Facts", "compose", "recipient_of"]

NO_LANGUAGE = "en"
WITH_INVOICE = (MailKind.RECEIPT, MailKind.INVOICE, MailKind.OVERDUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of whom and what a letter is about when it is written."""

    customer: CustomerReplica
    invoice: InvoiceDocument | None
    bill_to: BillTo | None
    seller: SellerProfileDocument | None


def recipient_of(customer: CustomerReplica | None) -> str | None:
    """Return where the customer is written to; None: nowhere, as for whoever was erased."""
    return customer.profile.email if customer is not None and customer.profile is not None else None


def compose(letter: Letter, facts: Facts, sender: str) -> EmailMessage:
    """Return the message. The same letter has the same Message-ID, whoever sends it whenever."""
    profile = facts.customer.profile
    language = (profile.language if profile else None) or NO_LANGUAGE
    text, values = text_of(letter.kind, language), _values(letter, facts, language)
    paragraphs = [paragraph.format(**values) for paragraph in text.paragraphs]
    seller = facts.seller.name if facts.seller else ""
    message = EmailMessage()
    message["Subject"] = _one_line(text.subject.format(**values))
    message["From"] = _address(seller, sender)
    message["To"] = _address("", recipient_of(facts.customer) or "")
    if facts.seller is not None and facts.seller.email:
        message["Reply-To"] = _address(seller, facts.seller.email)
    message["Date"] = format_datetime(letter.created_at.astimezone(UTC))
    message["Message-ID"] = f"<{sha256(letter.id.encode()).hexdigest()[:32]}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = language
    signature = [seller] if seller else []
    message.set_content("\n\n".join([*paragraphs, *signature]) + "\n")
    message.add_alternative(_html([*paragraphs, *signature], language), subtype="html")
    if letter.kind in WITH_INVOICE and facts.invoice is not None and facts.bill_to is not None:
        pdf = render_paper(paper_of(facts.invoice, facts.bill_to, facts.seller))
        name = f"{facts.invoice.number or facts.invoice.id}.pdf"
        message.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    return message


def _values(letter: Letter, facts: Facts, language: str) -> Mapping[str, str]:
    locale, invoice, profile = locale_of(language), facts.invoice, facts.customer.profile
    values = {"name": profile.name if profile else ""}
    if letter.payment_method_id is not None:
        values["card"] = facts.customer.payment_methods[letter.payment_method_id].label
    if invoice is not None:
        values["number"] = invoice.number or invoice.id
        values["amount"] = money_text(Money(invoice.amount_due_minor, invoice.currency), locale)
        values["total"] = money_text(Money(invoice.total_minor, invoice.currency), locale)
        if invoice.due_at is not None:
            values["due"] = date_text(invoice.due_at, locale)
    if letter.retry_at is not None:
        values["retry"] = date_text(letter.retry_at, locale)
    if letter.expires_on is not None:
        values["expires"] = date_text(datetime.combine(letter.expires_on, time(), UTC), locale)
    return values


def _html(paragraphs: list[str], language: str) -> str:
    style = "font-family: system-ui, sans-serif; font-size: 16px; line-height: 1.5; color: #181c26; max-width: 36em"
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return f'<!doctype html><html lang="{escape(language)}"><body style="{style}">{body}</body></html>\n'


def _address(name: str, address: str) -> Address:
    """Return the address; a name of several lines is one line, as a header is."""
    return Address(display_name=_one_line(name), addr_spec=address)


def _one_line(text: str) -> str:
    return " ".join(text.split())
