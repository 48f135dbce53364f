"""Which taxes a credit note gives back, line by line: they sum to what the note says."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from subgraphs.invoice.domain.credit_note_taxes import credit_note_taxes
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.tax_configuration import TaxRate
from subgraphs.invoice.domain.taxation import with_taxes
from subgraphs.invoice.domain.values import CreditNoteTerms
from subgraphs.kit.domain.money import Money
from subgraphs.pricing.tax import NO_RULE
from tests.testkit.billing import draft, taxed_in
from tests.testkit.memory import context


def rate(id: str, percentage: str, inclusive: bool = False) -> TaxRate:
    return TaxRate(id=id, name=id, percentage=Decimal(percentage), inclusive=inclusive, country="DE")


STATE, CITY, WITHIN = rate("state", "6.25"), rate("city", "1.5"), rate("within", "10", inclusive=True)


def credited(*rates: TaxRate, credits: dict[int, int] | None = None) -> tuple[CreditNoteTerms, Invoice]:
    """Return what a credit note takes back of 19.00 and 3 * 12.50 = 37.50 EUR, and its invoice."""
    invoice = Invoice.create("inv_1", with_taxes(draft(), rates, NO_RULE, taxed_in("DE")), context())
    invoice.finalize("INV-000001", context())
    invoice.apply_credit(Money(0, "EUR"), Money(0, "EUR"), context())
    lines = tuple(LineCredit(line_number=number, amount=Money(minor, "EUR")) for number, minor in (credits or {}).items())
    return invoice.credit_terms(CreditRequest(reason="less", lines=lines or None)), invoice


def amounts(terms: CreditNoteTerms, invoice: Invoice) -> list[dict[str, int]]:
    return [{tax.rate_id: tax.amount.minor_units for tax in line} for line in credit_note_taxes(terms.lines, invoice.lines)]


def test_several_taxes_of_a_line_come_back_in_their_proportion() -> None:
    note, invoice = credited(STATE, CITY, credits={2: 1250})
    # 37.50: 2.34 and 0.56, of which a third is 0.78 + 0.1867 → 0.97 in all, rounded per tax group: 2.90 / 3 = 0.97
    assert note.lines[0].tax == Money(97, "EUR")
    assert amounts(note, invoice) == [{"state": 78, "city": 19}]  # 97 * 234 / 290 = 78.27


def test_taxes_within_and_on_top_are_told_apart() -> None:
    note, invoice = credited(WITHIN, CITY, credits={1: 1900})
    # within: 19.00 − 19.00 / 1.1 = 1.73; on top: 17.27 * 1.5 % = 0.26
    assert amounts(note, invoice) == [{"within": 173, "city": 26}]


def test_a_line_without_taxes_gives_none_back() -> None:
    note, invoice = credited()
    assert credit_note_taxes(note.lines, invoice.lines) == ((), ())


@given(
    st.lists(st.sampled_from([STATE, CITY, WITHIN]), unique=True),
    st.integers(1, 1900),
    st.integers(1, 3750),
)
def test_they_sum_to_each_lines_tax(rates: list[TaxRate], first: int, second: int) -> None:
    note, invoice = credited(*rates, credits={1: first, 2: second})
    assert [sum(taxes.values()) for taxes in amounts(note, invoice)] == [line.tax.minor_units for line in note.lines]
