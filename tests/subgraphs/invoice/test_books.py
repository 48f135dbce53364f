"""Entries of invoices on real stores: once each, told twice or late, and charts that add up."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceDraft
from subgraphs.invoice.schema import schema
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.money import Money
from subgraphs.kit.persistence.backfill import Backfill
from tests.testkit.books import APRIL, JULY, JUNE, MAY, billed, line, tell
from tests.testkit.memory import context
from tests.testkit.querying import asking

REVENUE = """
query($from: DateTime!, $to: DateTime!, $interval: SeriesInterval!, $currency: CurrencyCode = "EUR") {
  revenueSeries(from: $from, to: $to, interval: $interval, currency: $currency) {
    period { start } invoiced { amount } credited { amount } recognised { amount } deferred { amount }
  }
}"""
BILLING = """
query($from: DateTime!, $to: DateTime!, $interval: SeriesInterval!, $currency: CurrencyCode = "EUR") {
  billingSeries(from: $from, to: $to, interval: $interval, currency: $currency) {
    invoiced { amount } tax { amount } credited { amount } paid { amount } paidByCredit { amount } refunded { amount }
    toBalance { amount } outstanding { amount } uncollectible { amount }
  }
}"""
RECEIVABLES = "{ agedReceivables { currencyCode total { amount } } }"
SCHEDULE = """
query($id: ID!) { invoice(id: $id) { revenueSchedule {
  period { start end } recognised { amount } deferred { amount } lines { lineNumber recognised { amount } }
} } }"""


def amounts(points: Sequence[dict[str, Any]], *names: str) -> list[tuple[str, ...]]:
    return [tuple(point[name]["amount"] for name in names) for point in points]


async def test_revenue_is_charted_as_it_is_recognised(services: InvoiceServices) -> None:
    ask = asking(schema, services, "invoices:read")
    await billed(services, "inv_1", line(3000, APRIL + timedelta(days=15), MAY + timedelta(days=15)), line(500))
    two = await billed(services, "inv_2", line(6000, APRIL, JUNE - timedelta(days=1)))  # 60 days of 1.00
    await billed(services, "inv_3", line(100, currency="USD"))
    await billed(services, "inv_of_rival", line(100), tenant="rival")
    await tell(services)
    await two.do(MAY, lambda it: it.void("why", context(at=MAY)))
    await tell(services)
    await tell(services)

    asked = {"from": APRIL.isoformat(), "to": JUNE.isoformat(), "interval": "MONTH"}
    found = (await ask(REVENUE, asked))["revenueSeries"]
    assert amounts(found, "invoiced", "credited", "recognised", "deferred") == [
        # 15 of 30 days of 30.00, the one-off charge, 30 of 60 days of 60.00
        ("95.00", "0.00", "50.00", "45.00"),
        ("0.00", "60.00", "-15.00", "0.00"),  # the void invoice takes back 30.00, the rest of the first is 15.00
    ]
    asked = {"from": (APRIL + timedelta(days=29)).isoformat(), "to": (MAY + timedelta(days=1)).isoformat(), "interval": "DAY"}
    found = (await ask(REVENUE, asked))["revenueSeries"]
    assert amounts(found, "recognised", "deferred") == [("2.00", "45.00"), ("-29.00", "14.00")]
    dollars = (await ask(REVENUE, {**asked, "currency": "USD"}))["revenueSeries"]
    assert amounts(dollars, "invoiced", "recognised", "deferred") == [("0.00", "0.00", "0.00")] * 2


async def test_an_invoice_shows_its_schedule(services: InvoiceServices) -> None:
    ask = asking(schema, services, "invoices:read")
    one = await billed(services, "inv_1", line(6100, APRIL, JUNE), line(500))
    await one.pay(APRIL)
    await one.credit(MAY, 1550)  # of 31.00 deferred on May 1, half
    assert (await ask(SCHEDULE, {"id": "inv_1"}))["invoice"]["revenueSchedule"] == [
        {
            "period": {"start": "2026-04-01T00:00:00.000Z", "end": "2026-05-01T00:00:00.000Z"},
            "recognised": {"amount": "35.00"},
            "deferred": {"amount": "15.50"},
            "lines": [
                {"lineNumber": 1, "recognised": {"amount": "30.00"}},
                {"lineNumber": 2, "recognised": {"amount": "5.00"}},
            ],
        },
        {
            "period": {"start": "2026-05-01T00:00:00.000Z", "end": "2026-06-01T00:00:00.000Z"},
            "recognised": {"amount": "15.50"},
            "deferred": {"amount": "0.00"},
            "lines": [{"lineNumber": 1, "recognised": {"amount": "15.50"}}],
        },
    ]
    command = context()
    draft = InvoiceDraft(customer_id="c", plan_subscription_id=None, period_number=None, currency="EUR", lines=(line(1),))
    await services.invoices.create(Invoice.create("inv_draft", draft, command), command)
    assert (await ask(SCHEDULE, {"id": "inv_draft"}))["invoice"]["revenueSchedule"] == []


async def test_what_was_billed_and_paid_is_charted_and_agrees_with_the_receivables(services: InvoiceServices) -> None:
    ask = asking(schema, services, "invoices:read")
    paid = await billed(services, "inv_1", line(10_000))  # 120.00 with tax
    await paid.pay(APRIL)
    await paid.credit(MAY, 1000, refund=700)  # 12.00 with tax, 7.00 of it by refund
    partly = await billed(services, "inv_2", line(5000), credit=2000)  # 60.00, of which credit paid 20.00
    await partly.credit(MAY, 500)  # 6.00 fall off what is due
    void = await billed(services, "inv_3", line(1000), credit=200)
    await void.do(MAY, lambda it: it.void("why", context(at=MAY)))
    lost = await billed(services, "inv_4", line(2000), at=MAY)
    await lost.do(JUNE, lambda it: it.mark_uncollectible("why", context(at=JUNE)))
    await billed(services, "inv_5", line(300, currency="USD"))
    await billed(services, "inv_of_rival", line(100), tenant="rival")
    for _ in range(2):
        await tell(services)

    asked = {"from": APRIL.isoformat(), "to": JULY.isoformat(), "interval": "MONTH"}
    found = (await ask(BILLING, asked))["billingSeries"]
    assert amounts(found, "invoiced", "tax", "credited", "paid", "paidByCredit", "refunded", "toBalance") == [
        ("160.00", "32.00", "0.00", "120.00", "22.00", "0.00", "0.00"),
        ("20.00", "4.00", "30.00", "0.00", "0.00", "7.00", "7.00"),  # 12.00 + 6.00 + the void 12.00; 5.00 + 2.00 given back
        ("0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00"),
    ]
    assert amounts(found, "outstanding", "uncollectible") == [
        ("50.00", "0.00"),  # 40.00 of the second, 10.00 of the third
        ("58.00", "0.00"),  # 34.00 of the second, 24.00 of the fourth
        ("34.00", "24.00"),
    ]
    dollars = (await ask(BILLING, {**asked, "currency": "USD"}))["billingSeries"]
    assert (await ask(RECEIVABLES))["agedReceivables"] == [
        {"currencyCode": "EUR", "total": found[-1]["outstanding"]},
        {"currencyCode": "USD", "total": dollars[-1]["outstanding"]},
    ]
    revenue = (await ask(REVENUE, asked))["revenueSeries"]
    assert amounts(revenue, "invoiced") == amounts(found, "invoiced")


async def test_what_a_lost_dispute_took_back_is_not_paid_any_more(services: InvoiceServices) -> None:
    ask = asking(schema, services, "invoices:read")
    one = await billed(services, "inv_1", line(5000))  # 60.00 with tax
    await one.pay(APRIL)
    await one.do(MAY, lambda it: it.lose_dispute("pay_1", "dsp_1", Money(4000, "EUR"), context(at=MAY)))
    await tell(services)
    asked = {"from": APRIL.isoformat(), "to": JUNE.isoformat(), "interval": "MONTH"}
    found = (await ask(BILLING, asked))["billingSeries"]
    assert amounts(found, "paid", "outstanding", "uncollectible") == [("60.00", "0.00", "0.00"), ("-40.00", "0.00", "40.00")]
    assert (await ask(RECEIVABLES))["agedReceivables"] == []  # nobody expects it


async def test_entries_of_before_are_derived_by_the_backfill(services: InvoiceServices) -> None:
    await billed(services, "inv_1", line(3000, APRIL, JUNE))
    await billed(services, "inv_2", line(500))
    stored = services.stores.database["revenue_entries"]
    assert await Backfill(services.stores.database, "books", Invoice.kind, services.books.follow).run_once() == 2
    assert await services.stores.database["billing_entries"].count_documents({}) == 2
    found = await stored.find().sort("_id", 1).to_list()
    assert sorted((one["invoice_id"], one["bucket"]) for one in found) == [
        ("inv_1", "2026-04-01"),
        ("inv_1", "2026-05-01"),
        ("inv_2", "2026-04-01"),
    ]
    await tell(services)
    assert await stored.find().sort("_id", 1).to_list() == found


async def test_charts_need_the_scope_of_invoices(services: InvoiceServices) -> None:
    ask = asking(schema, services, "subscriptions:read")
    asked = {"from": APRIL.isoformat(), "to": MAY.isoformat(), "interval": "DAY"}
    assert await ask(REVENUE, asked, errors=["UNAUTHORIZED_FIELD_OR_TYPE"]) == {"revenueSeries": None}
    assert await ask(BILLING, asked, errors=["UNAUTHORIZED_FIELD_OR_TYPE"]) == {"billingSeries": None}
