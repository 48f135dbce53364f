"""Invoices that are sent: when they are due, overdue and reminded of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from subgraphs.invoice.domain.dunning import DEFAULT_CAMPAIGN
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.kit.domain.money import Money
from subgraphs.pricing.collection import CollectionMethod
from tests.testkit.billing import draft
from tests.testkit.memory import AT, context

NOTHING = Money(0, "EUR")
DUE = AT + timedelta(days=14)


def sent(*, answered: bool = True) -> Invoice:
    """Return one over 56.50 EUR that is due 14 days after AT."""
    invoice = Invoice.create(
        "inv_1", replace(draft(), collection_method=CollectionMethod.SEND_INVOICE, days_until_due=14), context()
    )
    invoice.finalize("INV-000001", context())
    if answered:
        invoice.apply_credit(NOTHING, NOTHING, context())
    invoice.saved(AT)
    return invoice


@pytest.mark.parametrize(
    ("zone", "due"),
    [
        ("UTC", datetime(2026, 4, 8, 22, 30, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 4, 8, 21, 30, tzinfo=UTC)),  # 23:30 on both days: summer time begins on March 29
    ],
)
def test_it_is_due_on_the_customers_calendar(zone: str, due: datetime) -> None:
    invoice = Invoice.create("inv_1", replace(draft(), days_until_due=14), context())
    invoice.finalize("INV-000001", context(at=datetime(2026, 3, 25, 22, 30, tzinfo=UTC)), zone=ZoneInfo(zone))
    assert invoice.due_at == due


def test_nothing_happens_before_it_is_due_nor_while_credit_is_asked() -> None:
    invoice = sent()
    invoice.remind(DEFAULT_CAMPAIGN, context(at=DUE - timedelta(seconds=1)))
    assert (invoice.unsaved, invoice.remind_at, invoice.is_dunned, invoice.is_awaited) == ((), DUE, False, False)
    waiting = sent(answered=False)
    waiting.remind(DEFAULT_CAMPAIGN, context(at=DUE))
    assert waiting.unsaved == ()


def test_its_campaign_reminds_and_ends_on_its_last_day_and_each_step_is_taken_once() -> None:
    invoice, happened = sent(), []
    for days in range(30):
        for _ in range(2):
            before = len(invoice.unsaved)
            invoice.remind(DEFAULT_CAMPAIGN, context(at=DUE + timedelta(days=days)))
            happened += [(days, type(event).__name__) for event in invoice.unsaved[before:]]
    assert happened == [
        (0, "InvoiceOverdue"),
        (1, "InvoiceReminderDue"),
        (3, "InvoiceReminderDue"),
        (5, "InvoiceReminderDue"),
        (7, "InvoiceDunningExhausted"),
    ]
    assert (invoice.remind_at, invoice.status) == (None, InvoiceStatus.OPEN)


@pytest.mark.parametrize("how", ["void", "uncollectible"])
def test_nobody_is_reminded_of_what_is_not_waited_for(how: str) -> None:
    invoice = sent()
    if how == "void":
        invoice.void("A mistake.", context())
    else:
        invoice.mark_uncollectible("A bad debt.", context())
    invoice.saved(AT)
    invoice.remind(DEFAULT_CAMPAIGN, context(at=DUE))
    assert (invoice.unsaved, invoice.remind_at) == ((), None)
