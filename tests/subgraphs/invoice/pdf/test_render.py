"""What is printed on an invoice, per language, and that the same invoice is the same file."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from subgraphs.invoice.billing_details import BillTo
from subgraphs.invoice.documents import AddressPart, ProfilePart
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.crediting import CreditRequest
from subgraphs.invoice.domain.values import InvoiceStatus, TaxExemptionKind
from subgraphs.invoice.pdf.line_texts import AFTER_AMOUNTS, DESCRIPTIONS
from subgraphs.invoice.pdf.paper import (
    Credited,
    Paper,
    PaperBroughtForward,
    PaperLine,
    PaperTax,
    Party,
    as_issued,
    credit_note_paper,
)
from subgraphs.invoice.pdf.render import render_paper
from subgraphs.invoice.pdf.texts import TEXTS
from subgraphs.kit.domain.money import Money
from tests.testkit.e_invoicing import flat, issued
from tests.testkit.memory import context

APRIL, MAY = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


def eur(minor_units: int) -> Money:
    return Money(minor_units, "EUR")


PAPER = Paper(
    language="en",
    seller=Party(name="Tributary Ltd", address=("1 Quay St", "D02 Dublin", "IE"), tax_ids=("IE1234567T",), email="pay@t.example"),
    footer="IBAN IE29 AIBK 9311 5212 3456 78",
    buyer=Party(name="Müller & Søn Łódź AG", address=("Hauptstr. 1", "10115 Berlin", "DE"), tax_ids=("DE136695976",)),
    number="INV-000042",
    status=InvoiceStatus.OPEN,
    issued_at=APRIL,
    due_at=MAY,
    paid_at=None,
    lines=[
        PaperLine(
            description="Team",
            explanation="3 × 1234.50 EUR − 370.35 EUR (Launch, 10 %)",
            period=(APRIL, MAY),
            quantity=Decimal(3),
            amount=eur(333_315),
        ),
        PaperLine(description="API calls", explanation="", period=None, quantity=Decimal("12345.5"), amount=eur(2469)),
    ],
    taxes=[PaperTax(name="VAT", percentage=Decimal("19.5"), inclusive=False, amount=eur(65_478))],
    tax_exemption=None,
    subtotal=eur(335_784),
    total=eur(401_262),
    credit_applied=eur(1000),
    amount_credited=eur(0),
    amount_paid=eur(0),
    amount_refunded=eur(0),
    amount_due=eur(400_262),
)


NOTE = replace(
    PAPER,
    number="CN-000007",
    due_at=None,
    lines=[PaperLine(description="Team", explanation="", period=(APRIL, MAY), quantity=None, amount=eur(333_315))],
    taxes=[PaperTax(name="VAT", percentage=Decimal("19.5"), inclusive=False, amount=eur(64_996))],
    subtotal=eur(333_315),
    total=eur(398_311),
    credit_applied=eur(0),
    amount_due=eur(0),
    credited=Credited(
        invoice_number="INV-000042", reason="One seat less", from_due=eur(300_000), refund=eur(98_000), balance=eur(311)
    ),
)


def text(paper: Paper) -> str:
    pages = PdfReader(BytesIO(render_paper(paper))).pages
    return "\n".join(page.extract_text() for page in pages).replace("\xa0", " ").replace("\u202f", " ")


def test_it_says_who_bills_whom_what_and_how_much() -> None:
    said = text(PAPER)
    for expected in (
        "Invoice",
        "INV-000042",
        "Apr 1, 2026",
        "Tributary Ltd",
        "Müller & Søn Łódź AG",
        "Tax ID DE136695976",
        "3 × €1,234.50 − €370.35 (Launch, 10 %)",
        "12,345.5",
        "€3,333.15",
        "VAT 19.5 %",
        "€654.78",
        "€4,012.62",
        "Paid by credit",
        "-€10.00",
        "€4,002.62",
        "IBAN IE29 AIBK 9311 5212 3456 78",
        "Page 1 of 1",
    ):
        assert expected in said, expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", ["Rechnung", "01.04.2026", "12.345,5", "3.333,15 €", "VAT 19,5 %", "Zu zahlen", "4.002,62 €"]),
        ("fr-CA", ["Facture", "1 avr. 2026", "3 333,15 €", "Reste à payer"]),
        ("es", ["Factura", "1 abr 2026", "3.333,15 €", "Importe pendiente"]),
        ("xx-nothing", ["Invoice", "Apr 1, 2026", "€3,333.15"]),
    ],
)
def test_it_speaks_the_customers_language(language: str, expected: list[str]) -> None:
    said = text(replace(PAPER, language=language))
    for part in expected:
        assert part in said, part


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "de",
            [
                "Bereits berechnete Nutzung von API",
                "−20,00 € bei Schwellen berechnet",
                "40 × 0,0005 €",
                "Nutzung von API, die 20,00 € erreicht hat",
            ],
        ),
        (
            "fr",
            ["Consommation de API déjà facturée", "−20,00 € facturés aux seuils", "Consommation de API ayant atteint 20,00 €"],
        ),
        ("es", ["Consumo de API ya facturado", "−20,00 € facturados por umbrales"]),
        ("en", ["Usage of API billed before", "−€20.00 billed at thresholds", "40 × €0.0005"]),
        ("pl", ["Usage of API billed before", "−20,00 € billed at thresholds"]),
    ],
)
def test_what_comes_with_lines_is_in_the_customers_language(language: str, expected: list[str]) -> None:
    lines = [
        replace(PAPER.lines[1], description=description, explanation=explanation)
        for description, explanation in (
            ("Usage of API billed before", "−20.00 EUR billed at thresholds"),
            ("Usage of API that reached 20.00 EUR", "40 × 0.0005 EUR"),
        )
    ]
    said = text(replace(PAPER, language=language, lines=lines))
    for part in expected:
        assert part in said, said


def test_a_description_of_the_tenants_own_stays_as_it_is() -> None:
    own = "Training on 5.00 EUR notes, billed before"
    assert own in text(replace(PAPER, language="de", lines=[replace(PAPER.lines[1], description=own)]))


def test_every_language_has_the_same_texts_of_lines() -> None:
    for texts in (DESCRIPTIONS, AFTER_AMOUNTS):
        assert set(texts) == set(TEXTS) - {"en"}
        assert len({tuple(translated) for translated in texts.values()}) == 1


def test_the_reason_of_a_cancellation_is_in_the_customers_language() -> None:
    assert NOTE.credited is not None
    note = replace(NOTE, language="de", credited=replace(NOTE.credited, reason="Unused time after the cancellation."))
    assert "Grund Nicht genutzte Zeit nach der Kündigung." in " ".join(text(note).split())


@pytest.mark.parametrize(("language", "country"), [("de", "Deutschland"), ("fr-CA", "Allemagne"), ("xx-nothing", "Germany")])
def test_a_country_is_named_in_the_customers_language(language: str, country: str) -> None:
    profile = ProfilePart(
        version=1,
        name="Hooli",
        email=None,
        language=language,
        country="DE",
        address=AddressPart(line1="Hauptstr. 1", city="Berlin", country="DE"),
    )
    invoice = issued(flat(1900))
    note = CreditNote.request("cn_1", invoice.credit_terms(CreditRequest(reason="less")), context())
    paper = credit_note_paper(note, invoice, BillTo(profile, None), None)
    assert paper.buyer.address == ("Hauptstr. 1", "Berlin", country)


def test_a_language_without_words_of_its_own_has_its_own_numbers() -> None:
    said = text(replace(PAPER, language="pl"))
    assert "Invoice" in said
    assert "3 333,15 €" in said


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        ({"tax_exemption": TaxExemptionKind.REVERSE_CHARGE}, "Reverse charge: the recipient owes the tax."),
        ({"tax_exemption": TaxExemptionKind.EXEMPT}, "Exempt from tax."),
        ({"status": InvoiceStatus.VOID}, "This invoice is void and not owed."),
        ({"status": InvoiceStatus.PAID, "paid_at": MAY}, "Paid on May 1, 2026."),
        ({"status": InvoiceStatus.DRAFT, "number": None}, "Invoice · Draft"),
    ],
)
def test_it_says_what_is_special(change: dict[str, object], remark: str) -> None:
    assert remark in text(replace(PAPER, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            [
                "Credit note",
                "For invoice INV-000042",
                "Reason One seat less",
                "Total €3,983.11",
                "No longer owed €3,000.00",
                "Refunded €980.00",
                "Added to your credit €3.11",
            ],
        ),
        ("de", ["Rechnungskorrektur", "Zu Rechnung INV-000042", "Gesamtbetrag 3.983,11 €", "Erstattet 980,00 €"]),
        ("fr", ["Facture d'avoir", "Sur la facture INV-000042", "Remboursé 980,00 €"]),
        ("es", ["Factura rectificativa", "De la factura INV-000042", "Reembolsado 980,00 €"]),
    ],
)
def test_a_credit_note_says_of_which_invoice_why_and_where_it_goes(language: str, expected: list[str]) -> None:
    said = " ".join(text(replace(NOTE, language=language)).split())
    for part in expected:
        assert part in said, said
    assert "INV-000042" in said
    for of_invoices_only in ("Quantity", "Amount due", "Menge", "Zu zahlen"):
        assert of_invoices_only not in said


def test_what_was_paid_and_given_back_adds_up_to_what_is_due() -> None:
    # Of 4,012.62 a credit note took 100.00 from what was due and gave 500.00 back, of which 300.00 were refunded.
    paid = replace(
        PAPER,
        status=InvoiceStatus.PAID,
        amount_credited=eur(60_000),
        amount_paid=eur(390_262),  # 4,012.62 - 10.00 - 100.00
        amount_refunded=eur(30_000),
        amount_due=eur(0),
    )
    said = text(paid)
    for name, amount in (
        ("Credit notes", "-€600.00"),
        ("Paid", "-€3,902.62"),
        ("Refunded", "€300.00"),
        ("Added to your credit", "€200.00"),
        ("Amount due", "€0.00"),
    ):
        assert f"{name}\n{amount}" in said or f"{name} {amount}" in said or f"{name}{amount}" in said, (name, said)
    for unaccounted in ({"amount_refunded": eur(30_000)}, {"status": InvoiceStatus.VOID, "amount_due": eur(0)}):
        assert "Refunded" not in text(replace(PAPER, **unaccounted))  # type: ignore[arg-type]


CARRIED = replace(
    PAPER,
    status=InvoiceStatus.PAID,
    paid_at=MAY,
    credit_applied=eur(401_262),
    amount_due=eur(0),
    brought_forward=[PaperBroughtForward(number="INV-000041", amount=eur(30)), PaperBroughtForward(number=None, amount=eur(10))],
    carried_forward=eur(40),
)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            [
                "Carried forward from invoice INV-000041 €0.30",
                "Carried forward €0.10",
                "Paid by credit -€4,012.62",
                "Moved to your balance -€0.40",
                "Amount due €0.00",
                "€0.40 was too little to charge: it moved to your balance and is collected with the next invoice.",
            ],
        ),
        ("de", ["Übertrag aus Rechnung INV-000041 0,30 €", "Auf Ihr Kundenkonto übertragen -0,40 €", "0,40 € sind zu wenig"]),
        ("fr", ["Report de la facture INV-000041 0,30 €", "Reporté sur votre compte -0,40 €"]),
        ("es", ["Traspaso de la factura INV-000041 0,30 €", "Trasladado a su saldo -0,40 €"]),
    ],
)
def test_it_says_what_was_carried_from_where_and_whereto(language: str, expected: list[str]) -> None:
    said = " ".join(text(replace(CARRIED, language=language)).split())
    for part in expected:
        assert part in said, said
    assert "Paid on" not in said and "Added to your credit" not in said


def test_what_is_brought_forward_is_due_with_the_total() -> None:
    paper = replace(CARRIED, status=InvoiceStatus.OPEN, paid_at=None, carried_forward=None, amount_due=eur(40))
    said = " ".join(text(paper).split())
    assert "Amount due €0.40" in said and "Refunded" not in said and "Added to your credit" not in said


def test_as_issued_it_is_what_it_bills_by_itself_and_tells_of_what_was_owed_before() -> None:
    issued_paper = as_issued(replace(CARRIED, credit_applied=eur(401_302)))
    assert (issued_paper.credit_applied, issued_paper.amount_due) == (eur(401_262), eur(0))  # the rest paid what was owed before
    said = " ".join(text(issued_paper).split())
    assert "With this invoice, €0.40 that was carried forward is collected." in said
    assert "INV-000041" not in said and "Moved to your balance" not in said


def test_many_lines_go_over_several_pages() -> None:
    paper = replace(PAPER, lines=[replace(PAPER.lines[0], description=f"Line {number}") for number in range(60)])
    said = text(paper)
    assert all(f"Line {number}" in said for number in range(60))
    assert "Page 2 of" in said


def test_the_same_invoice_is_the_same_file() -> None:
    assert render_paper(PAPER) == render_paper(PAPER)


def test_every_language_says_everything() -> None:
    for texts in TEXTS.values():
        assert all(getattr(texts, name) for name in texts.__dataclass_fields__)


@pytest.mark.parametrize(
    ("language", "rows"),
    [
        ("en", ["VAT 19 %, of €100.00", "VAT 7 %, included, of €49.95"]),
        ("de", ["VAT 19 %, auf 100,00 €", "VAT 7 %, enthalten, auf 49,95 €"]),
        ("fr", ["VAT 19 %, sur 100,00 €", "VAT 7 %, comprise, sur 49,95 €"]),
        ("es", ["VAT 19 %, sobre 100,00 €", "VAT 7 %, incluido, sobre 49,95 €"]),
    ],
)
def test_each_of_several_rates_says_what_it_is_charged_on(language: str, rows: list[str]) -> None:
    taxes = [
        PaperTax(name="VAT", percentage=Decimal(19), inclusive=False, amount=eur(1900), taxable=eur(10_000)),
        PaperTax(name="VAT", percentage=Decimal(7), inclusive=True, amount=eur(350), taxable=eur(4995)),
    ]
    said = text(replace(PAPER, language=language, taxes=taxes)).replace("\u202f", " ").replace("\xa0", " ")
    for row in rows:
        assert row in said
