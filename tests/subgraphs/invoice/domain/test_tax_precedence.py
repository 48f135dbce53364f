"""Which rates a line bears: exemption, then line, then customer, then tenant; and several rates on one invoice, to the cent."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from subgraphs.invoice.domain.credit_note_taxes import credit_note_taxes
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.tax_configuration import TaxRate
from subgraphs.invoice.domain.taxation import CustomerTaxation, with_taxes
from subgraphs.invoice.domain.values import InvoiceDraft, TaxCategory, TaxExemption, TaxExemptionKind
from subgraphs.kit.domain.money import Money, total
from subgraphs.pricing.tax import NO_RULE, TaxRounding, TaxRule
from tests.testkit.billing import SEATS, draft, taxed_in
from tests.testkit.memory import context

PER_INVOICE = TaxRule(rounding=TaxRounding.PER_INVOICE)
GERMANY = taxed_in("DE")


def rate(id: str, percentage: str, *, inclusive: bool = False, country: str = "DE", **more: str) -> TaxRate:
    return TaxRate(
        id=id,
        name=more.pop("name", "VAT"),
        percentage=Decimal(percentage),
        inclusive=inclusive,
        country=country,
        category=TaxCategory.STANDARD if Decimal(percentage) else TaxCategory.ZERO_RATED,
        **more,  # type: ignore[arg-type]
    )


FULL, REDUCED = rate("full", "19"), rate("reduced", "7", tax_category="reduced")
AUSTRIAN = rate("austrian", "20", country="AT")
RATES = (FULL, REDUCED, AUSTRIAN)
CATEGORIES = {"plan_books": "reduced", "plan_games": "games"}


def billed(*lines: tuple[int, str], rate_ids: Sequence[str] = (), tax_category: str | None = None) -> InvoiceDraft:
    """Return a draft of lines by amount and plan; what else is given is said by each line itself."""
    return draft(
        tuple(
            replace(
                SEATS[0],
                amount=Money(amount, "EUR"),
                plan_id=plan,
                tax_rate_ids=tuple(rate_ids),
                tax_category=tax_category,
            )
            for amount, plan in lines
        )
    )


def borne(taxed: InvoiceDraft) -> list[list[tuple[str, int]]]:
    return [[(tax.rate_id, tax.amount.minor_units) for tax in line.taxes] for line in taxed.lines]


def invoiced(taxed: InvoiceDraft) -> Invoice:
    invoice = Invoice.create("inv_1", taxed, context())
    invoice.finalize("INV-000001", context())
    invoice.apply_credit(Money(0, "EUR"), Money(0, "EUR"), context())
    return invoice


@pytest.mark.parametrize("rule", [NO_RULE, PER_INVOICE])
def test_a_german_invoice_with_a_line_of_19_and_one_of_7_per_cent(rule: TaxRule) -> None:
    taxed = with_taxes(billed((10000, "plan_app"), (4995, "plan_books")), RATES, rule, GERMANY, CATEGORIES)
    # 100.00 * 0.19 = 19.00 and 49.95 * 0.07 = 3.4965
    assert borne(taxed) == [[("full", 1900)], [("reduced", 350)]]
    invoice = invoiced(taxed)
    assert (invoice.tax, invoice.total) == (Money(2250, "EUR"), Money(17245, "EUR"))  # 149.95 + 22.50


@pytest.mark.parametrize("rule", [NO_RULE, PER_INVOICE])
def test_a_german_invoice_with_both_rates_within_the_prices(rule: TaxRule) -> None:
    within = tuple(replace(one, inclusive=True) for one in RATES)
    taxed = with_taxes(billed((10000, "plan_app"), (4995, "plan_books")), within, rule, GERMANY, CATEGORIES)
    # 100.00 / 1.19 = 84.0336… and 49.95 / 1.07 = 46.6822…: 100.00 − 84.03 and 49.95 − 46.68
    assert borne(taxed) == [[("full", 1597)], [("reduced", 327)]]
    invoice = invoiced(taxed)
    assert (invoice.tax, invoice.total) == (Money(1924, "EUR"), Money(14995, "EUR"))


def test_per_invoice_each_rate_is_rounded_once() -> None:
    lines = billed((105, "plan_books"), (105, "plan_books"), (103, "plan_app"), (103, "plan_app"))
    # 1.05 * 0.07 = 0.0735 and 1.03 * 0.19 = 0.1957; in all 2.10 * 0.07 = 0.147 and 2.06 * 0.19 = 0.3914
    assert borne(with_taxes(lines, RATES, NO_RULE, GERMANY, CATEGORIES)) == [
        [("reduced", 7)],
        [("reduced", 7)],
        [("full", 20)],
        [("full", 20)],
    ]
    assert borne(with_taxes(lines, RATES, PER_INVOICE, GERMANY, CATEGORIES)) == [
        [("reduced", 8)],
        [("reduced", 7)],
        [("full", 20)],
        [("full", 19)],
    ]


def test_credit_notes_give_back_each_rate_to_the_cent() -> None:
    invoice = invoiced(with_taxes(billed((10000, "plan_app"), (4995, "plan_books")), RATES, NO_RULE, GERMANY, CATEGORIES))
    halves = (LineCredit(line_number=1, amount=Money(5000, "EUR")), LineCredit(line_number=2, amount=Money(2000, "EUR")))
    back: dict[str, list[int]] = {"full": [], "reduced": []}
    amounts = []
    for id, lines in (("cn_1", halves), ("cn_2", None)):
        invoice.credit(id, CreditRequest(reason="x", lines=lines), context())
        assert invoice.pending_credit_note is not None
        terms = invoice.pending_credit_note.terms
        invoice.settle_credit_note(id, terms.refund_parts)
        amounts.append(terms.amount.minor_units)
        for taxes in credit_note_taxes(terms.lines, invoice.lines):
            for tax in taxes:
                back[tax.rate_id].append(tax.amount.minor_units)
    # 50.00 of 100.00 gives 9.50 of 19.00 back; 20.00 of 49.95 gives 3.50 * 20.00 / 49.95 = 1.4014…
    assert back == {"full": [950, 950], "reduced": [140, 210]}
    assert amounts == [7000 + 1090, 7995 + 1160]


def test_a_category_without_a_rate_there_takes_the_general_rates() -> None:
    lines = billed((1000, "plan_books"), (1000, "plan_games"))
    assert borne(with_taxes(lines, RATES, NO_RULE, taxed_in("AT"), CATEGORIES)) == [[("austrian", 200)], [("austrian", 200)]]
    assert borne(with_taxes(lines, RATES, NO_RULE, GERMANY, CATEGORIES)) == [[("reduced", 70)], [("full", 190)]]


def test_a_category_counts_for_each_place_by_itself() -> None:
    gst, qst = rate("gst", "5", country="CA", name="GST"), rate("qst", "9.975", country="CA", region="CA-QC", name="QST")
    no_qst = rate("no_qst", "0", country="CA", region="CA-QC", name="QST", tax_category="reduced")
    taxed = with_taxes(
        billed((10000, "plan_app"), (10000, "plan_books")), (gst, qst, no_qst), NO_RULE, taxed_in("CA", "CA-QC"), CATEGORIES
    )
    # 100.00 * 0.05 = 5.00 and 100.00 * 0.09975 = 9.975; books bear the GST, and no QST
    assert borne(taxed) == [[("gst", 500), ("qst", 998)], [("gst", 500), ("no_qst", 0)]]


def test_without_general_rates_what_is_of_no_category_bears_none() -> None:
    taxed = with_taxes(billed((1000, "plan_books"), (1000, "plan_app")), (REDUCED,), NO_RULE, GERMANY, CATEGORIES)
    assert borne(taxed) == [[("reduced", 70)], []]


OWN = replace(GERMANY, rate_ids=("austrian",))


@pytest.mark.parametrize(
    ("customer", "named", "expected"),
    [
        (GERMANY, {}, [("reduced", 70)]),
        (GERMANY, {"tax_category": "games"}, [("full", 190)]),  # the line's category, not its plan's
        (GERMANY, {"rate_ids": ["austrian"]}, [("austrian", 200)]),
        (GERMANY, {"rate_ids": ["full", "reduced"]}, [("full", 190), ("reduced", 70)]),
        (GERMANY, {"rate_ids": ["removed"]}, [("reduced", 70)]),  # the tenant has it no more
        (OWN, {}, [("austrian", 200)]),  # whatever the plan's category is where the customer is
        (OWN, {"tax_category": "reduced"}, [("reduced", 70)]),  # what the line says finds its rate
        (OWN, {"tax_category": "games"}, [("austrian", 200)]),  # nobody has a rate for it
        (OWN, {"rate_ids": ["full"]}, [("full", 190)]),
        (replace(OWN, rate_ids=("removed",)), {}, [("reduced", 70)]),
        (replace(OWN, rate_ids=("reduced", "full")), {}, [("reduced", 70)]),  # of its own, by category as well
        (CustomerTaxation(rate_ids=("austrian",)), {}, [("austrian", 200)]),  # also where it is nowhere
    ],
)
def test_a_line_wins_over_the_customer_and_the_customer_over_the_tenant(
    customer: CustomerTaxation, named: dict[str, object], expected: list[tuple[str, int]]
) -> None:
    taxed = with_taxes(billed((1000, "plan_books"), **named), RATES, NO_RULE, customer, CATEGORIES)  # type: ignore[arg-type]
    assert borne(taxed) == [expected]


def test_an_exemption_wins_over_all() -> None:
    exempt = TaxExemption(kind=TaxExemptionKind.EXEMPT, reason="charity")
    lines = billed((1000, "plan_books"), rate_ids=["full"])
    taxed = with_taxes(lines, RATES, NO_RULE, replace(OWN, exemption=exempt), CATEGORIES)
    assert (borne(taxed), taxed.tax_exemption) == ([[]], exempt)


def test_a_credit_line_gives_back_the_tax_of_its_own_rate() -> None:
    taxed = with_taxes(billed((-500, "plan_books"), (2000, "plan_app")), RATES, PER_INVOICE, GERMANY, CATEGORIES)
    assert borne(taxed) == [[("reduced", -35)], [("full", 380)]]  # −5.00 * 0.07 and 20.00 * 0.19
    assert total([line.tax for line in taxed.lines], "EUR") == Money(345, "EUR")
