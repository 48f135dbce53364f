"""E-invoices obey the calculation rules of EN 16931 to the cent, or say why there is none."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.invoice.billing_details import BillTo
from subgraphs.invoice.documents import AddressPart
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.tax_configuration import TaxRate
from subgraphs.invoice.domain.values import InvoiceLine, TaxCategory, TaxExemption, TaxExemptionKind
from subgraphs.invoice.einvoice.cii import cii_xml
from subgraphs.invoice.einvoice.compose import credit_note_e_invoice, invoice_e_invoice
from subgraphs.invoice.einvoice.document import EInvoice, ProblemCode, VatCategory
from subgraphs.invoice.pdf.paper import credit_note_paper, paper_of
from subgraphs.invoice.projections import invoice_document
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money
from subgraphs.pricing.tax import NO_RULE, RoundingMode, TaxRounding, TaxRule
from tests.testkit.billing import VISA
from tests.testkit.e_invoicing import PER_INVOICE, broken_rules, customer, flat, issued, seats, seller, tax_rate, texts
from tests.testkit.memory import context
from tests.testkit.memory_documents import in_memory_documents

VAT, REDUCED, INCLUDED = tax_rate("19"), tax_rate("7"), tax_rate("19", inclusive=True)
ZERO = tax_rate("0", category=TaxCategory.ZERO_RATED)
EXEMPT_BY_DRAFT = TaxExemption(kind=TaxExemptionKind.EXEMPT, reason="charity")
OUTSIDE = tax_rate("0", category=TaxCategory.OUTSIDE_SCOPE)


def composed(invoice: Invoice, bill_to: BillTo | None = None) -> EInvoice:
    found = invoice_e_invoice(invoice, bill_to or customer(), seller())
    assert isinstance(found, EInvoice), found
    return found


def codes(found: object) -> list[ProblemCode]:
    assert isinstance(found, tuple), found
    return [problem.code for problem in found]


def on_paper(invoice: Invoice, bill_to: BillTo) -> TaxExemptionKind | None:
    with in_memory_documents():
        return paper_of(invoice_document(invoice), bill_to, None).tax_exemption


def credit_note(invoice: Invoice, *credits: LineCredit, issue: bool = True) -> CreditNote:
    terms = invoice.credit_terms(CreditRequest(reason="less", lines=credits or None))
    note = CreditNote.request("cn_1", terms, context())
    if issue:
        note.issue("CN-000007", (), context())
    return note


def test_several_rates_discounts_a_credit_line_and_prepaid_credit() -> None:
    invoice = issued(
        (seats(3, "12.50", discounts=[375]), VAT), (flat(1900), REDUCED), (flat(-500, description="Unused"), VAT), credit=1000
    )
    e_invoice = composed(invoice)
    assert [(line.quantity, line.price, line.net) for line in e_invoice.lines] == [
        (Decimal(3), Decimal("12.50"), Decimal("33.75")),  # 37.50 − 3.75
        (Decimal(1), Decimal("19.00"), Decimal("19.00")),
        (Decimal(-1), Decimal("5.00"), Decimal("-5.00")),  # a price is not below zero
    ]
    assert [(part.category, part.rate, part.basis, part.tax) for part in e_invoice.breakdown] == [
        (VatCategory.STANDARD, Decimal(19), Decimal("28.75"), Decimal("5.46")),  # 33.75 − 5.00 = 28.75 * 19 % = 5.4625
        (VatCategory.STANDARD, Decimal(7), Decimal("19.00"), Decimal("1.33")),
    ]
    assert (e_invoice.line_total, e_invoice.tax_total) == (Decimal("47.75"), Decimal("6.79"))
    assert (e_invoice.grand_total, e_invoice.prepaid, e_invoice.amount_due) == (
        Decimal("54.54"),
        Decimal("10.00"),
        Decimal("44.54"),
    )
    assert broken_rules(cii_xml(e_invoice)) == []


def test_a_fee_has_its_units_and_their_price_and_no_time() -> None:
    e_invoice = composed(issued((replace(seats(2, "49.90"), period=None), VAT), (seats(3, "12.50"), VAT)))
    fee, period = e_invoice.lines
    assert (fee.quantity, fee.price, fee.net, fee.period) == (Decimal(2), Decimal("49.90"), Decimal("99.80"), None)
    assert period.period is not None
    assert broken_rules(cii_xml(e_invoice)) == []


def test_taxes_within_prices_come_out_of_lines_and_discounts() -> None:
    e_invoice = composed(issued((flat(11900, discounts=[1190]), INCLUDED)))
    [line] = e_invoice.lines
    # 107.10 with tax is 90.00 without, 11.90 off is 10.00 without: 100.00 − 10.00
    assert (line.price, [off.amount for off in line.allowances], line.net) == (100, [Decimal("10.00")], Decimal("90.00"))
    assert [(part.basis, part.tax) for part in e_invoice.breakdown] == [(Decimal("90.00"), Decimal("17.10"))]
    assert broken_rules(cii_xml(e_invoice)) == []


@pytest.mark.parametrize(
    ("lines", "bill_to", "expected"),
    [
        ([(flat(1900), ZERO)], customer(), (VatCategory.ZERO_RATED, 0, None, None)),
        (
            [(flat(1900), tax_rate("0", category=TaxCategory.EXEMPT, reason="§ 4 Nr. 21 UStG"))],
            customer(),
            (VatCategory.EXEMPT, 0, "§ 4 Nr. 21 UStG", None),
        ),
        (
            [flat(1900)],
            customer(exemption="EXEMPT", reason="Embassy"),
            (VatCategory.EXEMPT, 0, "Embassy", None),
        ),
        (
            [flat(1900)],
            customer(exemption="REVERSE_CHARGE"),
            (VatCategory.REVERSE_CHARGE, 0, "Reverse charge", "VATEX-EU-AE"),
        ),
        (
            [(flat(1900), tax_rate("0", category=TaxCategory.EXPORT))],
            customer(),
            (VatCategory.EXPORT, 0, "Export outside the EU", "VATEX-EU-G"),
        ),
        ([(flat(1900), OUTSIDE)], customer(), (VatCategory.OUTSIDE_SCOPE, None, "Not subject to VAT", "VATEX-EU-O")),
        ([(flat(1900), tax_rate("0"))], customer(), (VatCategory.ZERO_RATED, 0, None, None)),  # from before categories
    ],
)
def test_what_bears_no_tax_says_why(lines: list[object], bill_to: BillTo, expected: tuple[object, ...]) -> None:
    e_invoice = composed(issued(*lines), bill_to)  # type: ignore[arg-type]
    [part] = e_invoice.breakdown
    assert (part.category, part.rate, part.exemption_reason, part.exemption_code) == expected
    assert (part.basis, part.tax, e_invoice.grand_total) == (Decimal("19.00"), 0, Decimal("19.00"))
    assert broken_rules(cii_xml(e_invoice)) == []


def test_the_exemption_an_invoice_was_drafted_with_comes_first() -> None:
    exemption = TaxExemption(kind=TaxExemptionKind.REVERSE_CHARGE, reason="Art. 196")
    [part] = composed(issued(flat(1900), exemption=exemption), customer(exemption="EXEMPT", reason="later")).breakdown
    assert (part.category, part.exemption_reason) == (VatCategory.REVERSE_CHARGE, "Art. 196")


@pytest.mark.parametrize(
    ("inclusive", "nets", "taxes"),
    [
        (False, ["100.00", "49.95"], ["19.00", "3.50"]),  # * 0.19 and * 0.07 = 3.4965
        (True, ["84.03", "46.68"], ["15.97", "3.27"]),  # 100.00 / 1.19 = 84.0336… and 49.95 / 1.07 = 46.6822…
    ],
)
def test_lines_of_different_tax_categories_are_told_by_rate(inclusive: bool, nets: list[str], taxes: list[str]) -> None:
    rates = [tax_rate("19", inclusive=inclusive), replace(tax_rate("7", inclusive=inclusive), tax_category="reduced")]
    invoice = issued(flat(10000), replace(flat(4995), tax_category="reduced"), rates=rates)
    e_invoice = composed(invoice)
    assert [(line.category, line.rate, line.net) for line in e_invoice.lines] == [
        (VatCategory.STANDARD, Decimal(percentage), Decimal(net)) for percentage, net in zip((19, 7), nets, strict=True)
    ]
    assert [(part.rate, part.basis, part.tax) for part in e_invoice.breakdown] == [
        (Decimal(percentage), Decimal(net), Decimal(tax)) for percentage, net, tax in zip((19, 7), nets, taxes, strict=True)
    ]
    assert broken_rules(cii_xml(e_invoice)) == []
    taken_back = credit_note(invoice)
    with in_memory_documents():
        papers = paper_of(invoice_document(invoice), customer(), None), credit_note_paper(taken_back, invoice, customer(), None)
    for paper in papers:
        assert [(tax.percentage, tax.taxable and tax.taxable.amount, tax.amount.amount) for tax in paper.taxes] == [
            (part.rate, part.basis, part.tax) for part in e_invoice.breakdown
        ]
    note = credit_note_e_invoice(taken_back, invoice, customer(), seller())
    assert isinstance(note, EInvoice)
    assert [(part.rate, part.basis, part.tax) for part in note.breakdown] == [
        (part.rate, part.basis, part.tax) for part in e_invoice.breakdown
    ]


@pytest.mark.parametrize(
    ("drafted", "billed_to", "expected"),
    [
        (EXEMPT_BY_DRAFT, "NONE", TaxExemptionKind.EXEMPT),
        (EXEMPT_BY_DRAFT, "REVERSE_CHARGE", TaxExemptionKind.EXEMPT),
        (None, "REVERSE_CHARGE", TaxExemptionKind.REVERSE_CHARGE),  # drafted when only rates brought it up
        (None, "NONE", None),
    ],
)
def test_paper_and_e_invoice_say_the_same_exemption(
    drafted: TaxExemption | None, billed_to: str, expected: TaxExemptionKind | None
) -> None:
    invoice = issued(flat(1900), exemption=drafted)
    reason = None if billed_to == "NONE" else "noted"
    bill_to = customer(exemption=billed_to, reason=reason)
    note = credit_note(invoice, LineCredit(line_number=1, amount=Money(1900, "EUR")))
    assert on_paper(invoice, bill_to) == expected
    assert credit_note_paper(note, invoice, bill_to, None).tax_exemption == expected
    told = invoice_e_invoice(invoice, bill_to, seller())
    if expected is None:
        assert not isinstance(told, EInvoice)
        assert [problem.code for problem in told] == [ProblemCode.TAX_CATEGORY_MISSING]
    else:
        assert isinstance(told, EInvoice)
        [part] = told.breakdown
        assert part.category is (VatCategory.EXEMPT if expected is TaxExemptionKind.EXEMPT else VatCategory.REVERSE_CHARGE)


def test_paper_tells_what_a_tax_is_charged_on_where_that_is_not_all() -> None:
    with in_memory_documents():
        paper = paper_of(invoice_document(issued(flat(10000), flat(4995), rates=[tax_rate("19")])), customer(), None)
    assert [(tax.amount, tax.taxable) for tax in paper.taxes] == [(Money(2849, "EUR"), None)]  # 149.95 * 0.19 = 28.4905


def test_a_rate_of_nothing_is_no_exemption_on_paper_either() -> None:
    invoice = issued((flat(1900), tax_rate("0", category=TaxCategory.ZERO_RATED)))
    bill_to = customer(exemption="EXEMPT", reason="charity")
    assert on_paper(invoice, bill_to) is None
    [part] = composed(invoice, bill_to).breakdown
    assert part.category is VatCategory.ZERO_RATED


def test_outside_the_scope_no_vat_id_is_told() -> None:
    e_invoice = composed(issued((flat(1900), OUTSIDE)))
    assert (e_invoice.seller.vat_id, e_invoice.buyer.vat_id, e_invoice.seller.registration_number) == (None, None, "HRB 12345")


def test_a_credit_note_names_its_invoice() -> None:
    invoice = issued((seats(3, "12.50"), VAT), (flat(1900), REDUCED))
    note = credit_note(invoice, LineCredit(line_number=1, amount=Money(2500, "EUR")))
    e_invoice = credit_note_e_invoice(note, invoice, customer(), seller())
    assert isinstance(e_invoice, EInvoice)
    assert [(line.name, line.net) for line in e_invoice.lines] == [("Seats", Decimal("25.00"))]
    assert (e_invoice.tax_total, e_invoice.grand_total) == (Decimal("4.75"), Decimal("29.75"))  # 25.00 * 19 %
    xml = cii_xml(e_invoice)
    assert broken_rules(xml) == []
    assert texts(xml, "rsm:ExchangedDocument/ram:TypeCode") == ["381"]
    assert texts(xml, "ram:InvoiceReferencedDocument/ram:IssuerAssignedID") == ["INV-000042"]


def test_a_full_credit_note_takes_back_what_was_invoiced() -> None:
    invoice = issued((seats(3, "12.50", discounts=[375]), VAT), (flat(1900), REDUCED))
    e_invoice = credit_note_e_invoice(credit_note(invoice), invoice, customer(), seller())
    assert isinstance(e_invoice, EInvoice)
    before = composed(invoice)
    assert [(part.rate, part.basis, part.tax) for part in e_invoice.breakdown] == [
        (part.rate, part.basis, part.tax) for part in before.breakdown
    ]


def test_per_line_rounding_that_differs_is_refused_with_the_numbers() -> None:
    lines = [flat(19700), flat(4900)]
    rate = tax_rate("8.25")
    # per line 16.25 + 4.04 = 20.29; 246.00 * 8.25 % = 20.295 → 20.30
    [problem] = invoice_e_invoice(issued(*lines, rates=[rate], rule=NO_RULE), customer(), seller())  # type: ignore[misc]
    assert (problem.code, problem.term) == (ProblemCode.TAX_ROUNDING, "BT-117")
    assert "20.29 was charged at 8.25 %, and EN 16931 computes 20.30 of the sum of 246.00" in problem.message
    assert composed(issued(*lines, rates=[rate], rule=PER_INVOICE)).tax_total == Decimal("20.30")


def test_a_price_with_tax_that_no_net_amount_gives_is_refused() -> None:
    # 0.03 with 19 %: 0.03 / 1.19 = 0.0252 → 0.03 and no tax, but 0.03 * 19 % = 0.0057 → 0.01
    assert codes(invoice_e_invoice(issued((flat(3), INCLUDED)), customer(), seller())) == [ProblemCode.TAX_ROUNDING]


def test_bankers_rounding_agrees_except_at_half_a_cent() -> None:
    rule = TaxRule(rounding=TaxRounding.PER_INVOICE, mode=RoundingMode.HALF_EVEN)
    assert codes(invoice_e_invoice(issued(flat(10), rates=[tax_rate("5")], rule=rule), customer(), seller())) == [
        ProblemCode.TAX_ROUNDING  # 0.005 → 0.00 and 0.01
    ]
    assert composed(issued(flat(30), rates=[tax_rate("5")], rule=rule)).tax_total == Decimal("0.02")  # 0.015 → 0.02


@pytest.mark.parametrize(
    ("line", "rate", "expected"),
    [
        (flat(45455, currency="JPY"), tax_rate("10"), [ProblemCode.TAX_ROUNDING]),  # 4545.5 is charged as 4546
        (flat(45450, currency="JPY"), tax_rate("10"), Decimal("49995.00")),
        (flat(5124, currency="KWD"), VAT, [ProblemCode.TOO_MANY_DECIMALS]),  # 5.124 + 0.974
        (flat(5120, currency="KWD"), tax_rate("25"), Decimal("6.40")),  # 5.120 + 1.280
    ],
)
def test_currencies_without_or_with_three_decimals(line: InvoiceLine, rate: TaxRate, expected: object) -> None:
    found = invoice_e_invoice(issued((line, rate)), customer(), seller())
    if isinstance(found, tuple):
        assert list(dict.fromkeys(codes(found))) == expected
        return
    assert found.grand_total == expected
    xml = cii_xml(found)
    assert broken_rules(xml) == []
    assert texts(xml, "ram:InvoiceCurrencyCode") == [line.amount.currency]


def _draft() -> Invoice:
    return Invoice.create("inv_1", issued((flat(1900), VAT)).drafted.draft, context())


def _awaiting_credit() -> Invoice:
    invoice = _draft()
    invoice.finalize("INV-000001", context())
    return invoice


def _void() -> Invoice:
    invoice = issued((flat(1900), VAT))
    invoice.void("by mistake", context())
    return invoice


@pytest.mark.parametrize(
    ("make", "expected"),
    [(_draft, ProblemCode.NOT_ISSUED), (_awaiting_credit, ProblemCode.CREDIT_PENDING), (_void, ProblemCode.VOID)],
)
def test_an_invoice_must_be_issued(make: Callable[[], Invoice], expected: ProblemCode) -> None:
    assert codes(invoice_e_invoice(make(), customer(), seller())) == [expected]


def test_an_invoice_without_lines_says_so() -> None:
    # What a subscription to metered prices alone begins with: EN 16931 asks for a line (BR-16).
    [problem] = invoice_e_invoice(issued(), customer(), seller())
    assert (problem.code, problem.term) == (ProblemCode.NO_LINES, "BG-25")


def test_a_credit_note_must_be_issued() -> None:
    invoice = issued((flat(1900), VAT))
    note = credit_note(invoice, issue=False)
    assert codes(credit_note_e_invoice(note, invoice, customer(), seller())) == [ProblemCode.NOT_ISSUED]


def test_every_missing_datum_is_named_at_once() -> None:
    nowhere = customer(address=None, vat_id=None, exemption="REVERSE_CHARGE")
    assert codes(invoice_e_invoice(issued(flat(1900)), nowhere, None)) == [
        ProblemCode.SELLER_PROFILE_MISSING,
        ProblemCode.BUYER_COUNTRY_MISSING,
    ]
    anonymous = seller(tax_id=None, registration_number=None)
    unnamed = customer(vat_id=None, exemption="REVERSE_CHARGE")
    assert codes(invoice_e_invoice(issued(flat(1900)), unnamed, anonymous)) == [
        ProblemCode.SELLER_TAX_ID_MISSING,
        ProblemCode.SELLER_REGISTRATION_NUMBER_MISSING,
        ProblemCode.BUYER_VAT_ID_MISSING,
    ]


@pytest.mark.parametrize(
    ("lines", "bill_to", "changes", "expected"),
    [
        ([flat(1900)], customer(), {}, ProblemCode.TAX_CATEGORY_MISSING),
        ([flat(1900)], customer(exemption="EXEMPT"), {}, ProblemCode.EXEMPTION_REASON_MISSING),
        ([(flat(1900), tax_rate("0", category=TaxCategory.EXEMPT))], customer(), {}, ProblemCode.EXEMPTION_REASON_MISSING),
        ([(flat(1900), OUTSIDE), (flat(100), VAT)], customer(), {}, ProblemCode.OUTSIDE_SCOPE_WITH_OTHERS),
        ([(flat(1900), VAT)], BillTo(None, None), {}, ProblemCode.BUYER_UNKNOWN),
        (
            [(flat(1900), VAT)],
            customer(address=AddressPart(city="Berlin")),
            {},
            ProblemCode.BUYER_COUNTRY_MISSING,
        ),
        (
            [(flat(1900), VAT)],
            customer(),
            {"tax_id": "12/345/67890", "registration_number": None},  # a tax number alone identifies nobody
            ProblemCode.SELLER_REGISTRATION_NUMBER_MISSING,
        ),
        (
            [(flat(1900), OUTSIDE)],
            customer(),
            {"registration_number": None},
            ProblemCode.SELLER_REGISTRATION_NUMBER_MISSING,
        ),
    ],
)
def test_what_the_norm_asks_for_and_is_not_known_is_named(
    lines: list[object], bill_to: BillTo, changes: dict[str, object], expected: ProblemCode
) -> None:
    assert codes(invoice_e_invoice(issued(*lines), bill_to, seller(**changes))) == [expected]  # type: ignore[arg-type]


def test_several_taxes_on_a_line_are_refused() -> None:
    invoice = issued(flat(1900), rates=[VAT, tax_rate("1.5")])
    [problem] = invoice_e_invoice(invoice, customer(), seller())  # type: ignore[misc]
    assert problem.code is ProblemCode.SEVERAL_TAXES_ON_A_LINE
    assert "VAT 19 %, VAT 1.5 %" in problem.message


@pytest.mark.parametrize(
    ("tax_id", "country", "vat_id", "tax_number"),
    [
        ("de 811 569 869", "DE", "DE811569869", None),
        ("EL 094259216", "GR", "EL094259216", None),
        ("XI 980780684", "GB", "XI980780684", None),
        ("12/345/67890", "DE", None, "12/345/67890"),
        ("FR40303265045", "DE", None, "FR40303265045"),  # registered elsewhere: not the seller's country
    ],
)
def test_the_sellers_tax_id_is_a_vat_id_where_it_begins_with_the_country(
    tax_id: str, country: str, vat_id: str | None, tax_number: str | None
) -> None:
    profile = seller(tax_id=tax_id, address=AddressPart(line1="1", city="X", country=country))
    found = invoice_e_invoice(issued((flat(1900), VAT)), customer(), profile)
    assert isinstance(found, EInvoice)
    assert (found.seller.vat_id, found.seller.tax_number) == (vat_id, tax_number)
    assert broken_rules(cii_xml(found)) == []


def test_the_customers_vat_id_is_found_among_its_tax_ids() -> None:
    told = customer(exemption="REVERSE_CHARGE")
    assert told.tax_status is not None
    untyped = told.tax_status.model_copy(update={"vat_id": None, "tax_ids": ["911144442", "FR40303265045", "DE136695976"]})
    assert composed(issued(flat(1900)), replace(told, tax_status=untyped)).buyer.vat_id == "DE136695976"
    foreign = told.tax_status.model_copy(update={"tax_ids": ["FR40303265045"], "vat_id": "FR40303265045"})
    assert composed(issued(flat(1900)), replace(told, tax_status=foreign)).buyer.vat_id == "FR40303265045"  # told to be one


def test_usage_is_told_as_it_was_billed() -> None:
    usage = replace(seats(12, "0.50"), usage=Decimal("12.5"), amount=Money(625, "EUR"))
    [line] = composed(issued((usage, VAT))).lines
    assert (line.quantity, line.price, line.net) == (Decimal("12.5"), Decimal("0.50"), Decimal("6.25"))


def test_a_prorated_price_is_told_as_one_amount_with_its_arithmetic() -> None:
    share = replace(seats(3, "12.50"), amount=Money(1210, "EUR"), explanation="3 × 12.50 EUR × 10/31")
    [line] = composed(issued((share, VAT))).lines
    assert (line.quantity, line.price, line.note) == (Decimal(1), Decimal("12.10"), "3 × 12.50 EUR × 10/31")


AMOUNTS = st.integers(-100_000, 10_000_000)


@st.composite
def lines(draw: st.DrawFn, percentages: tuple[str, ...], inclusive: st.SearchStrategy[bool]) -> tuple[InvoiceLine, TaxRate]:
    percentage = draw(st.sampled_from(percentages))
    category = TaxCategory.STANDARD if Decimal(percentage) else TaxCategory.ZERO_RATED
    rate = tax_rate(percentage, inclusive=draw(inclusive), category=category)
    if draw(st.booleans()):
        amount = draw(AMOUNTS)
        off = draw(st.lists(st.integers(0, amount), max_size=2)) if amount > 0 else []
        return flat(amount, discounts=off if sum(off) <= amount else off[:1]), rate
    unit = draw(st.decimals(0, 1000, places=draw(st.integers(0, 6))))
    return seats(draw(st.integers(0, 500)), f"{unit:f}"), rate


PERCENTAGES = ("19", "7", "5.5", "8.25", "0", "21", "2.1")


@pytest.mark.parametrize(("credit", "prepaid", "due"), [(0, "0.00", "23.80"), (2000, "20.00", "3.80"), (2390, "23.80", "0.00")])
def test_what_was_owed_before_is_told_and_no_part_of_the_amount_due(credit: int, prepaid: str, due: str) -> None:
    # 20.00 and 19 % are 23.80; 0.40 were billed, with their tax, by other invoices. Credit pays the 23.80 first.
    invoice = issued((flat(2000), tax_rate("19")), credit=credit, before=40)
    e_invoice = composed(invoice)
    assert (f"{e_invoice.grand_total:.2f}", f"{e_invoice.prepaid:.2f}", f"{e_invoice.amount_due:.2f}") == ("23.80", prepaid, due)
    assert e_invoice.terms == "0.40 EUR that was carried forward is collected with this invoice: 24.20 EUR in all."
    assert broken_rules(cii_xml(e_invoice)) == []


def test_what_was_carried_forward_since_is_still_payable_on_its_own_e_invoice() -> None:
    invoice = issued((flat(20), tax_rate("19")))
    invoice.charge_or_carry("pay_1", VISA, Money(50, "EUR"), context())
    e_invoice = composed(invoice)
    assert (f"{e_invoice.grand_total:.2f}", f"{e_invoice.amount_due:.2f}", e_invoice.terms) == ("0.24", "0.24", None)
    assert broken_rules(cii_xml(e_invoice)) == []


@given(st.lists(lines(PERCENTAGES, st.just(False)), min_size=1, max_size=12), st.integers(0, 100_000))
def test_taxes_on_top_rounded_per_invoice_are_always_told_and_obey_every_rule(
    billed: list[tuple[InvoiceLine, TaxRate]], credit: int
) -> None:
    total = issued(*billed).total.minor_units
    invoice = issued(*billed, credit=min(credit, max(total, 0)))
    e_invoice = composed(invoice)
    assert e_invoice.grand_total == invoice.total.amount
    assert e_invoice.tax_total == invoice.tax.amount
    assert e_invoice.amount_due == (invoice.total - invoice.credit_applied).amount
    assert broken_rules(cii_xml(e_invoice)) == []


@given(
    st.lists(lines(PERCENTAGES, st.booleans()), min_size=1, max_size=8),
    st.builds(TaxRule, rounding=st.sampled_from(TaxRounding), mode=st.sampled_from(RoundingMode)),
)
def test_any_invoice_obeys_every_rule_or_is_refused_for_its_rounding(
    billed: list[tuple[InvoiceLine, TaxRate]], rule: TaxRule
) -> None:
    invoice = issued(*billed, rule=rule)
    found = invoice_e_invoice(invoice, customer(), seller())
    if isinstance(found, tuple):
        assert set(codes(found)) == {ProblemCode.TAX_ROUNDING}
        return
    assert (found.grand_total, found.tax_total) == (invoice.total.amount, invoice.tax.amount)
    assert broken_rules(cii_xml(found)) == []


@given(st.lists(lines(("19", "7"), st.just(False)), min_size=1, max_size=5), st.data())
def test_any_credit_note_obeys_every_rule_or_is_refused_for_its_rounding(
    billed: list[tuple[InvoiceLine, TaxRate]], data: st.DataObject
) -> None:
    invoice = issued(*billed)
    above = [(number, line.amount) for number, line in enumerate(invoice.lines, 1) if line.amount.minor_units > 0]
    net = sum(line.amount.minor_units for line in invoice.lines)
    if not above or net <= 0 or invoice.total.minor_units <= 0:
        return
    number, amount = data.draw(st.sampled_from(above))
    part = Money(data.draw(st.integers(1, min(amount.minor_units, net))), "EUR")
    try:
        note = credit_note(invoice, LineCredit(line_number=number, amount=part))
    except InvalidInput:  # with its taxes it is more than another line's credit leaves of the invoice
        return
    found = credit_note_e_invoice(note, invoice, customer(), seller())
    if isinstance(found, tuple):
        assert set(codes(found)) == {ProblemCode.TAX_ROUNDING}
        return
    assert (found.grand_total, found.amount_due) == (note.terms.amount.amount, note.terms.amount.amount)
    assert broken_rules(cii_xml(found)) == []
