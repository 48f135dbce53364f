"""Prints an invoice or a credit note as PDF: A4, one column of lines, totals at the end. The same paper gives the same bytes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from babel.numbers import format_decimal
from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from subgraphs.invoice.domain.values import InvoiceStatus, TaxExemptionKind
from subgraphs.invoice.localization import date_text, locale_of, money_text
from subgraphs.invoice.pdf.line_texts import description_text, explanation_text
from subgraphs.invoice.pdf.paper import Paper, PaperLine, Party
from subgraphs.invoice.pdf.texts import texts_for
from subgraphs.kit.domain.money import Money, total

__all__ = ["Embedded", "render_paper"]

FONTS = Path(__file__).parent / "fonts"
FONT = "DejaVu"
INK, FAINT, RULE = (24, 28, 38), (106, 114, 128), (214, 219, 227)
ACCENT = (27, 94, 166)
MARGIN = 18.0
QUANTITY_WIDTH, AMOUNT_WIDTH = 26.0, 36.0
# Decimals of a quantity that are shown at most.
QUANTITY_FORMAT = "#,##0.############"


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """A file within a PDF/A-3, which says the same in a form for programs; `xmp` describes the PDF with it."""

    name: str
    media_type: str
    description: str
    content: bytes
    xmp: str


def render_paper(paper: Paper, embedded: Embedded | None = None) -> bytes:
    """Return the paper as a PDF; with an embedded file as PDF/A-3 (ISO 19005-3, level B)."""
    return bytes(_Page(paper, embedded).printed())


class _Page(FPDF):
    def __init__(self, paper: Paper, embedded: Embedded | None) -> None:
        super().__init__(format="A4", enforce_compliance="PDFA_3B" if embedded else None)
        self._paper, self._texts, self._locale = paper, texts_for(paper.language), locale_of(paper.language)
        self.set_creation_date(paper.issued_at.astimezone(UTC))
        self.set_title(f"{self._kind} {paper.number or self._texts.draft}")
        self.set_lang(paper.language)
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=24)
        self.add_font(FONT, "", FONTS / "DejaVuSans.ttf")
        self.add_font(FONT, "B", FONTS / "DejaVuSans-Bold.ttf")
        self.alias_nb_pages("{pages}")
        if embedded is not None:
            self.set_xmp_metadata(embedded.xmp)
            self.embed_file(
                bytes=embedded.content,
                basename=embedded.name,
                mime_type=embedded.media_type,
                desc=embedded.description,
                modification_date=paper.issued_at.astimezone(UTC),
                associated_file_relationship="Alternative",
            )

    def printed(self) -> bytearray:
        """Return the document."""
        self.add_page()
        self._heading()
        self._parties()
        self._lines()
        self._totals()
        self._remarks()
        return self.output()

    def footer(self) -> None:
        """Print what stands at the end of each page."""
        self.set_y(-17)
        self._ink(FAINT, 7)
        if self._paper.footer:
            self.multi_cell(0, 3.6, self._paper.footer, align=Align.C, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.cell(0, 4, self._texts.page.format(page=self.page_no(), pages="{pages}"), align=Align.C)

    def _heading(self) -> None:
        paper, texts = self._paper, self._texts
        self._ink(ACCENT, 22, bold=True)
        title = self._kind if paper.number else f"{self._kind} · {texts.draft}"
        self.cell(0, 11, title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        facts = [(texts.number, paper.number), (texts.date, self._date(paper.issued_at))]
        if paper.due_at is not None and paper.amount_due.minor_units > 0:
            facts.append((texts.due, self._date(paper.due_at)))
        if paper.credited is not None:
            reason = description_text(paper.credited.reason, paper.total.currency, self._locale)
            facts += [(texts.credited_invoice, paper.credited.invoice_number), (texts.reason, reason)]
        for name, value in facts:
            if value:
                self._ink(FAINT, 9)
                self.cell(28, 5.2, name)
                self._ink(INK, 9)
                self.multi_cell(0, 5.2, value, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(7)

    def _parties(self) -> None:
        top, width = self.get_y(), (self.w - 2 * MARGIN) / 2
        bottom = top
        for left, title, party in (
            (MARGIN, None, self._paper.seller),
            (MARGIN + (width if self._paper.seller else 0), self._texts.bill_to, self._paper.buyer),
        ):
            if party is not None:
                self.set_y(top)
                bottom = max(bottom, self._party(left, width - 6, title, party))
        self.set_y(bottom + 8)

    def _party(self, left: float, width: float, title: str | None, party: Party) -> float:
        def line(text: str, *, bold: bool = False) -> None:
            self.set_x(left)
            self._ink(INK, 9, bold=bold)
            self.multi_cell(width, 4.8, text, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

        if title is not None:
            self.set_x(left)
            self._ink(FAINT, 8)
            self.cell(width, 4.8, title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        line(party.name, bold=True)
        for text in party.address:
            line(text)
        for text in party.tax_ids:
            line(f"{self._texts.tax_id} {text}")
        if party.registration_number:
            line(party.registration_number)
        if party.email:
            line(party.email)
        return self.get_y()

    def _lines(self) -> None:
        texts = self._texts
        self._ink(FAINT, 8)
        self.cell(self._description_width, 6, texts.description)
        self.cell(QUANTITY_WIDTH, 6, "" if self._paper.credited else texts.quantity, align=Align.R)
        self.cell(AMOUNT_WIDTH, 6, texts.amount, align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._rule()
        for line in self._paper.lines:
            self._line(line)

    def _line(self, line: PaperLine) -> None:
        if self.will_page_break(18):
            self.add_page()
        top = self.get_y() + 2
        self.set_y(top)
        self._ink(INK, 9)
        description = description_text(line.description, line.amount.currency, self._locale)
        self.multi_cell(self._description_width, 4.8, description, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._ink(FAINT, 7.5)
        details = [explanation_text(line.explanation, line.amount.currency, self._locale)] if line.explanation else []
        if line.period is not None:
            details.insert(0, f"{self._date(line.period[0])} – {self._date(line.period[1])}")
        for text in details:
            self.multi_cell(self._description_width, 4, text, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        bottom = self.get_y()
        self.set_xy(MARGIN + self._description_width, top)
        self._ink(INK, 9)
        self.cell(QUANTITY_WIDTH, 4.8, "" if line.quantity is None else self._number(line.quantity), align=Align.R)
        self.cell(AMOUNT_WIDTH, 4.8, self._money(line.amount), align=Align.R)
        self.set_y(bottom + 2)
        self._rule()

    def _totals(self) -> None:
        paper, texts = self._paper, self._texts
        rows = [(texts.subtotal, paper.subtotal)] if paper.taxes else []
        for tax in paper.taxes:
            text = texts.tax_included if tax.inclusive else texts.tax
            name = text.format(name=tax.name, percentage=self._number(tax.percentage))
            if tax.taxable is not None:
                name = texts.tax_on.format(tax=name, amount=self._money(tax.taxable))
            rows.append((name, tax.amount))
        refunded, to_balance = paper.given_back
        after = (
            [
                (texts.not_owed, paper.credited.from_due),
                (texts.refunded, paper.credited.refund),
                (texts.to_balance, paper.credited.balance),
            ]
            if paper.credited
            else [
                *self._brought_forward(),
                (texts.credit, -paper.credit_applied),
                (texts.credited, -paper.amount_credited),
                (texts.paid, -paper.amount_paid),
                (texts.refunded, refunded),
                (texts.to_balance, to_balance),
                (texts.carried_forward, -(paper.carried_forward or Money.zero(paper.total.currency))),
            ]
        )
        if self.will_page_break(8.0 * (len(rows) + len(after) + 2)):
            self.add_page()
        self.ln(3)
        for name, amount in rows:
            self._total(name, amount)
        self._total(texts.total, paper.total, bold=True)
        for name, amount in after:
            if amount:
                self._total(name, amount)
        if paper.credited is None:
            self._total(texts.amount_due, paper.amount_due, bold=True)

    def _brought_forward(self) -> list[tuple[str, Money]]:
        paper, texts = self._paper, self._texts
        return [
            (texts.brought_forward_from.format(number=part.number) if part.number else texts.brought_forward, part.amount)
            for part in (paper.brought_forward if paper.collects else ())
        ]

    def _total(self, name: str, amount: Money, *, bold: bool = False) -> None:
        self._ink(INK, 9.5 if bold else 9, bold=bold)
        self.cell(self._description_width + QUANTITY_WIDTH, 6, name, align=Align.R)
        self.cell(AMOUNT_WIDTH, 6, self._money(amount), align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _remarks(self) -> None:
        paper, texts, remarks = self._paper, self._texts, []
        if paper.tax_exemption is TaxExemptionKind.REVERSE_CHARGE:
            remarks.append(texts.reverse_charge)
        elif paper.tax_exemption is not None:
            remarks.append(texts.exempt)
        if paper.credited is not None:
            pass  # what became of its invoice is not its to say
        elif paper.status is InvoiceStatus.VOID:
            remarks.append(texts.void)
        elif paper.paid_at is not None and not paper.carried_forward:
            remarks.append(texts.paid_on.format(date=self._date(paper.paid_at)))
        if paper.carried_forward:
            remarks.append(texts.too_little.format(amount=self._money(paper.carried_forward)))
        if paper.brought_forward and not paper.collects:
            owed = total([part.amount for part in paper.brought_forward], paper.total.currency)
            remarks.append(texts.collected_with.format(amount=self._money(owed)))
        self.ln(6)
        self._ink(INK, 9)
        for text in remarks:
            self.multi_cell(0, 5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    @property
    def _kind(self) -> str:
        return self._texts.credit_note if self._paper.credited else self._texts.invoice

    @property
    def _description_width(self) -> float:
        return float(self.w) - 2 * MARGIN - QUANTITY_WIDTH - AMOUNT_WIDTH

    def _ink(self, color: tuple[int, int, int], size: float, *, bold: bool = False) -> None:
        self.set_text_color(*color)
        self.set_font(FONT, "B" if bold else "", size)

    def _rule(self) -> None:
        self.set_draw_color(*RULE)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())

    def _date(self, at: datetime) -> str:
        return date_text(at, self._locale)

    def _money(self, amount: Money) -> str:
        return money_text(amount, self._locale)

    def _number(self, quantity: Decimal) -> str:
        return format_decimal(quantity, QUANTITY_FORMAT, locale=self._locale)
