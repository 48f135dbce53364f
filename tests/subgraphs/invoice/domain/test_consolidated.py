"""A consolidated draft takes bills until it is finalised; from then on it is an invoice like any other."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from subgraphs.invoice.domain.events import InvoiceBillAdded, InvoiceCreditRequested, InvoiceFinalized
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.invoice_grouping import BillGroup
from subgraphs.invoice.domain.one_off import MOST_LINES
from subgraphs.invoice.domain.taxation import with_taxes
from subgraphs.invoice.domain.values import Bill, Charge, InvoiceDraft
from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import SEATS, draft, taxed_in
from tests.testkit.e_invoicing import PER_INVOICE, flat, tax_rate
from tests.testkit.memory import AT, context

FIRST, SECOND = Bill(plan_subscription_id="psub_1", period_number=3), Bill(plan_subscription_id="psub_2", period_number=1)
CHARGE = Charge(payment_method_id=None)


def alone(lines: InvoiceDraft | None = None) -> InvoiceDraft:
    return replace(lines or draft(), plan_subscription_id=None, period_number=None)


def consolidated() -> Invoice:
    first = replace(alone(), bills=(FIRST,), finalize_at=AT + timedelta(hours=1), charge=CHARGE)
    return Invoice.create("inv_1", first, context())


def test_a_bill_is_added_once() -> None:
    invoice = consolidated()
    for bill in (SECOND, SECOND, FIRST):
        invoice.add_bill(bill, invoice.with_bill(bill, alone()), context())
    assert [type(event) for event in invoice.unsaved[1:]] == [InvoiceBillAdded]
    assert (invoice.bills, invoice.total, invoice.lines) == ((FIRST, SECOND), Money(11300, "EUR"), SEATS * 2)  # 2 * 56.50
    assert invoice.facts.bills == invoice.payment_subject.bills == (FIRST, SECOND)


def test_all_lines_are_taxed_together() -> None:
    line = alone(draft((flat(33),)))
    first = replace(line, bills=(FIRST,), finalize_at=AT, charge=CHARGE)
    invoice = Invoice.create("inv_1", with_taxes(first, [tax_rate("10")], PER_INVOICE, taxed_in("DE")), context())
    assert invoice.tax == Money(3, "EUR")  # 0.033
    both = with_taxes(invoice.with_bill(SECOND, line), [tax_rate("10")], PER_INVOICE, taxed_in("DE"))
    invoice.add_bill(SECOND, both, context())
    assert (invoice.tax, invoice.total) == (Money(7, "EUR"), Money(73, "EUR"))  # 0.066, not twice 0.03


def test_a_finalised_one_and_one_of_a_single_subscription_take_none() -> None:
    invoice = consolidated()
    assert invoice.takes(alone())
    invoice.finalize("INV-000001", context())
    for closed in (invoice, Invoice.create("inv_2", draft(), context())):
        assert not closed.takes(alone())
        with pytest.raises(InvalidState):
            closed.add_bill(SECOND, closed.with_bill(SECOND, alone()), context())


def test_a_full_one_takes_none() -> None:
    invoice = consolidated()
    room = MOST_LINES - len(SEATS)
    assert invoice.takes(alone(draft((flat(1),) * room)))
    assert not invoice.takes(alone(draft((flat(1),) * (room + 1))))
    with pytest.raises(InvalidInput):
        invoice.add_bill(SECOND, invoice.with_bill(SECOND, alone(draft((flat(1),) * MOST_LINES))), context())


def test_finalised_by_whomever_it_is_charged_as_it_was_drafted() -> None:
    invoice = consolidated()
    invoice.finalize("INV-000001", context())
    _, finalized, asked = invoice.unsaved
    assert isinstance(finalized, InvoiceFinalized)
    assert finalized.facts.bills == (FIRST,)
    assert isinstance(asked, InvoiceCreditRequested)
    assert asked.charge == CHARGE


def test_events_give_the_same_invoice_again() -> None:
    invoice = consolidated()
    invoice.add_bill(SECOND, invoice.with_bill(SECOND, alone()), context())
    invoice.finalize("INV-000001", context())
    stored = [Invoice.codec.decode(*Invoice.codec.encode(event)) for event in invoice.unsaved]
    replayed = Invoice.replay("inv_1", "acme", [(AT, stored)])
    assert (replayed.bills, replayed.total, replayed.line_credits) == (invoice.bills, invoice.total, invoice.line_credits)


@pytest.mark.parametrize("method", [None, "pm_1"])
def test_a_group_is_known_by_its_name(method: str | None) -> None:
    group = BillGroup.of("cus_1", "EUR", method, AT, "Pacific/Auckland")
    assert group.day == date(2026, 2, 1)  # January 31, noon in UTC
    assert BillGroup.parse(group.name) == group
    sent = BillGroup.of("cus_1", "EUR", method, AT, "Pacific/Auckland", 30)
    assert sent.name == f"{group.name}/30"
    assert BillGroup.parse(sent.name) == sent
