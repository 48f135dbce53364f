"""Taxes on drafts, and what credit notes give back of them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.invoice.domain.credit_note_taxes import credit_note_taxes
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment_provider import Succeeded
from subgraphs.invoice.domain.tax_configuration import TaxRate
from subgraphs.invoice.domain.taxation import CustomerTaxation, with_taxes
from subgraphs.invoice.domain.values import (
    CreditNoteTerms,
    InvoiceStatus,
    LineTax,
    PaymentOperation,
    TaxExemption,
    TaxExemptionKind,
)
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money, total
from subgraphs.pricing.tax import NO_RULE, RoundingMode, TaxRounding, TaxRule
from tests.testkit.billing import SEATS, VISA, draft, taxed_in
from tests.testkit.memory import AT, context

VAT = TaxRate(id="txr_1", name="VAT", percentage=Decimal("19"), inclusive=False, country="DE")
TVA = TaxRate(id="txr_2", name="TVA", percentage=Decimal("20"), inclusive=True, country="FR")
LEVY = TaxRate(id="txr_3", name="Levy", percentage=Decimal("1.5"), inclusive=False, country="DE")
RATES = (VAT, TVA, LEVY)
EXEMPT = TaxExemption(kind=TaxExemptionKind.REVERSE_CHARGE, reason="business in the EU")


def eur(minor_units: int) -> Money:
    return Money(minor_units, "EUR")


def opened(*amounts: int, country: str = "DE", rates: tuple[TaxRate, ...] = (VAT,), rule: TaxRule = NO_RULE) -> Invoice:
    billed = draft(tuple(replace(SEATS[0], amount=eur(amount)) for amount in amounts))
    invoice = Invoice.create("inv_1", with_taxes(billed, rates, rule, taxed_in(country)), context())
    invoice.finalize("INV-000001", context())
    invoice.apply_credit(eur(0), eur(0), context())
    return invoice


def paid(invoice: Invoice) -> Invoice:
    invoice.start_payment("pay_1", VISA, context())
    invoice.settle_payment("pay_1", PaymentOperation.CHARGE, Succeeded("ref"), context())
    return invoice


def credit(invoice: Invoice, id: str, *parts: tuple[int, int]) -> CreditNoteTerms:
    lines = tuple(LineCredit(line_number=number, amount=eur(amount)) for number, amount in parts)
    invoice.credit(id, CreditRequest(reason="x", lines=lines or None), context())
    assert invoice.pending_credit_note is not None
    terms = invoice.pending_credit_note.terms
    invoice.settle_credit_note(id, terms.refund_parts)
    return terms


def test_every_rate_of_the_customers_country_is_on_every_line() -> None:
    taxed = with_taxes(draft(), RATES, NO_RULE, taxed_in("DE"))
    assert [[(tax.name, tax.amount.minor_units) for tax in line.taxes] for line in taxed.lines] == [
        [("VAT", 361), ("Levy", 29)],  # 19.00 * 0.19 = 3.61, * 0.015 = 0.285
        [("VAT", 713), ("Levy", 56)],  # 37.50 * 0.19 = 7.125, * 0.015 = 0.5625
    ]
    assert taxed.lines[0].taxes[0] == LineTax(
        rate_id="txr_1", name="VAT", percentage=Decimal("19"), inclusive=False, country="DE", amount=eur(361)
    )
    invoice = Invoice.create("inv_1", taxed, context())
    assert (invoice.tax, invoice.total) == (eur(1159), eur(6809))  # 56.50 + 11.59
    assert invoice.amount_due == eur(6809)


GST = TaxRate(id="txr_gst", name="GST", percentage=Decimal("5"), inclusive=False, country="CA")
QST = TaxRate(id="txr_qst", name="QST", percentage=Decimal("9.975"), inclusive=False, country="CA", region="CA-QC")
SALES = TaxRate(id="txr_ca", name="Sales tax", percentage=Decimal("7.25"), inclusive=False, country="US", region="US-CA")


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        # 19.00 and 37.50: * 0.05 = 0.95 and 1.875; * 0.09975 = 1.89525 and 3.740625
        (taxed_in("CA", "CA-QC"), [[("GST", 95), ("QST", 190)], [("GST", 188), ("QST", 374)]]),
        (taxed_in("CA", "CA-ON"), [[("GST", 95)], [("GST", 188)]]),
        (taxed_in("CA"), [[("GST", 95)], [("GST", 188)]]),  # its province is not known
        (taxed_in("US", "US-CA"), [[("Sales tax", 138)], [("Sales tax", 272)]]),  # * 0.0725 = 1.3775 and 2.71875
        (taxed_in("US", "US-OR"), [[], []]),
    ],
)
def test_taxes_of_a_region_come_beside_those_of_its_country(
    customer: CustomerTaxation, expected: list[list[tuple[str, int]]]
) -> None:
    taxed = with_taxes(draft(), (GST, QST, SALES), NO_RULE, customer)
    assert [[(tax.name, tax.amount.minor_units) for tax in line.taxes] for line in taxed.lines] == expected


def test_quebec_invoices_bear_both_taxes_and_credit_notes_give_both_back() -> None:
    rule = TaxRule(rounding=TaxRounding.PER_INVOICE)
    taxed = with_taxes(draft(), (GST, QST), rule, taxed_in("CA", "CA-QC"))
    invoice = Invoice.create("inv_1", taxed, context())
    # 56.50 * 0.05 = 2.825 and 56.50 * 0.09975 = 5.635875
    assert [total([line.taxes[tax].amount for line in invoice.lines], "EUR") for tax in (0, 1)] == [eur(283), eur(564)]
    assert (invoice.tax, invoice.total) == (eur(847), eur(6497))
    invoice.finalize("INV-000001", context())
    invoice.apply_credit(eur(0), eur(0), context())
    first, rest = credit(invoice, "cn_1", (1, 950)), credit(invoice, "cn_2")
    # Of 19.00, with 0.95 and 1.90, 9.50 is taken back with half of that: 1.425. The last note takes back the rest.
    assert (first.amount, rest.amount) == (eur(950 + 143), eur(6497 - 1093))
    back = [tax for terms in (first, rest) for line in credit_note_taxes(terms.lines, invoice.lines) for tax in line]
    assert total([tax.amount for tax in back], "EUR") == eur(847)
    assert {(tax.name, tax.region) for tax in back} == {("GST", None), ("QST", "CA-QC")}


def test_inclusive_taxes_are_within_the_total() -> None:
    invoice = Invoice.create("inv_1", with_taxes(draft(), RATES, NO_RULE, taxed_in("FR")), context())
    # 19.00 / 1.2 = 15.833… and 37.50 / 1.2 = 31.25: 3.17 + 6.25
    assert (invoice.tax, invoice.total) == (eur(942), eur(5650))


def test_rounding_per_invoice_shares_one_rounded_sum() -> None:
    rule = TaxRule(rounding=TaxRounding.PER_INVOICE, mode=RoundingMode.HALF_EVEN)
    assert opened(1750, 1750, rates=(replace(VAT, percentage=Decimal("7")),), rule=rule).tax == eur(245)  # 35.00 * 0.07
    assert opened(1750, 1750, rates=(replace(VAT, percentage=Decimal("7")),)).tax == eur(246)  # 2 * 1.225


def test_elsewhere_and_for_exempt_customers_there_is_no_tax() -> None:
    for country in ("US", None):
        assert with_taxes(draft(), RATES, NO_RULE, taxed_in(country)) == draft()
    for country in ("DE", "US", None):
        assert with_taxes(draft(), RATES, NO_RULE, taxed_in(country, exemption=EXEMPT)) == replace(draft(), tax_exemption=EXEMPT)


def test_a_payment_takes_the_taxes_too() -> None:
    invoice = paid(opened(10000))
    assert (invoice.amount_paid, invoice.status) == (eur(11900), InvoiceStatus.PAID)


def test_a_credit_gives_its_taxes_back_pro_rata_and_the_last_one_takes_the_rounding() -> None:
    invoice = paid(opened(1000, rates=(replace(VAT, percentage=Decimal("7.5")),)))  # tax 0.75
    notes = [credit(invoice, f"cn_{part}", (1, part)) for part in (333, 334)] + [credit(invoice, "cn_last")]
    # 0.24975 → 0.25; of 6.67 together 0.50025 → 0.50; of all 0.75
    assert [note.lines[0].tax.minor_units for note in notes] == [25, 25, 25]
    assert [note.amount.minor_units for note in notes] == [358, 359, 358]
    assert invoice.amount_credited == invoice.total == eur(1075)


def test_a_credit_gives_inclusive_taxes_back_within_its_amount() -> None:
    terms = credit(paid(opened(1200, country="FR", rates=(TVA,))), "cn_1", (1, 600))
    assert (terms.amount, terms.lines[0].tax, terms.lines[0].added_tax) == (eur(600), eur(100), eur(0))


def test_an_open_invoice_credited_in_full_owes_no_tax() -> None:
    invoice = opened(333, 667)
    credit(invoice, "cn_1", (1, 100))
    # 3.33 * 0.19 = 0.6327, 6.67 * 0.19 = 1.2673: 10.00 + 0.63 + 1.27; less 1.00 and 0.63 * 100 / 333 = 0.189…
    assert invoice.amount_due == eur(1190 - 119)
    credit(invoice, "cn_2")
    assert (invoice.status, invoice.amount_due, invoice.amount_credited) == (InvoiceStatus.PAID, eur(0), eur(1190))


rates = st.lists(
    st.builds(
        TaxRate,
        id=st.sampled_from(["a", "b", "c"]),
        name=st.just("Tax"),
        percentage=st.decimals(0, 40, places=2),
        inclusive=st.booleans(),
        country=st.just("DE"),
    ),
    max_size=3,
    unique_by=lambda rate: rate.id,
)


@given(
    st.lists(st.integers(-3000, 10000), min_size=1, max_size=5).filter(lambda amounts: sum(amounts) > 0),
    rates,
    st.sampled_from(TaxRounding),
    st.booleans(),
    st.data(),
)
def test_notes_with_taxes_sum_to_the_invoice_exactly(
    amounts: list[int], borne: list[TaxRate], rounding: TaxRounding, is_paid: bool, data: st.DataObject
) -> None:
    invoice = opened(*amounts, rates=tuple(borne), rule=TaxRule(rounding=rounding))
    if is_paid:
        paid(invoice)
    notes = list[CreditNoteTerms]()
    for number in range(data.draw(st.integers(0, 3))):
        left = total([line.amount for line in invoice.lines], "EUR") - total(invoice.line_credits, "EUR")
        room = [
            (index, min((line.amount - before).minor_units, left.minor_units - 1))
            for index, (line, before) in enumerate(zip(invoice.lines, invoice.line_credits, strict=True), 1)
            if before < line.amount
        ]
        room = [(index, most) for index, most in room if most > 0]
        if not room:
            break
        index, most = data.draw(st.sampled_from(room))
        part = data.draw(st.integers(1, most))
        wanted = CreditRequest(reason="x", lines=(LineCredit(line_number=index, amount=eur(part)),))
        try:
            terms = invoice.credit_terms(wanted)
        except InvalidInput as error:  # lines below zero can take more tax back than this one bears
            assert error.field == ("lines",)
            break
        assert terms.amount <= invoice.total - invoice.amount_credited
        notes.append(credit(invoice, f"cn_{number}", (index, part)))
    notes.append(credit(invoice, "cn_last"))
    assert total([note.amount for note in notes], "EUR") == invoice.total == invoice.amount_credited
    assert total([line.tax for note in notes for line in note.lines], "EUR") == invoice.tax
    for note in notes:
        assert note.amount == note.from_due + note.refund + note.balance
    codec = Invoice.codec
    stored = [codec.decode(*codec.encode(event)) for event in invoice.unsaved]
    replayed = Invoice.replay("inv_1", "acme", [(AT, stored)])
    invoice.saved(AT)
    assert vars(replayed) == vars(invoice)
