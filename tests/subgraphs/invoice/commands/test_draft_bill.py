"""Reading what would be billed."""

from base64 import urlsafe_b64encode
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from subgraphs.invoice.commands.draft_bill import LONGEST_BILL, draft_of_bill
from subgraphs.invoice.domain.invoice import Invoice as InvoiceAggregate
from subgraphs.invoice.domain.values import InvoiceDraft, LineDiscount
from subgraphs.invoice.projections import invoice_document
from subgraphs.invoice.schema.types import Invoice
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money, total
from subgraphs.pricing.collection import CollectionMethod
from tests.testkit.billing import draft
from tests.testkit.invoicing import FEE, FLAT_ITEM, period_opened
from tests.testkit.memory import context
from tests.testkit.memory_documents import in_memory_documents


def bill(type: str, data: Any) -> str:
    return urlsafe_b64encode(msgspec.json.encode({"type": type, "data": data})).decode()


def test_a_bill_is_drafted_as_its_event_is() -> None:
    draft = draft_of_bill(bill("billing-period-opened.v1", period_opened().event.data))
    assert (draft.customer_id, total([line.amount for line in draft.lines], "EUR")) == ("cus_1", Money(5650, "EUR"))


SENT = {"collectionMethod": "SEND_INVOICE", "daysUntilDue": 30}
FEE_ALONE = {
    "planSubscriptionId": "psub_1",
    "customerId": "cus_1",
    "number": 1,
    "currency": "EUR",
    "adjustments": [],
    "fees": [FEE],
}


def shown(draft: InvoiceDraft) -> tuple[CollectionMethod | None, int]:
    """Return how the API shows it."""
    with in_memory_documents():
        invoice = Invoice.of(invoice_document(InvoiceAggregate.create("inv_1", draft, context())))
    return invoice.collection_method, invoice.days_until_due


@pytest.mark.parametrize(
    ("told", "data"),
    [("billing-period-opened.v1", period_opened().event.data), ("adjustments-billed.v1", FEE_ALONE)],
)
def test_it_is_collected_as_its_event_says_and_charged_where_it_says_nothing(told: str, data: dict[str, Any]) -> None:
    sent, charged = (draft_of_bill(bill(told, {**data, **more})) for more in (SENT, {}))
    assert (sent.collection_method, sent.days_until_due) == (CollectionMethod.SEND_INVOICE, 30)
    assert (charged.collection_method, charged.days_until_due) == (CollectionMethod.CHARGE_AUTOMATICALLY, 0)
    assert shown(sent) == (CollectionMethod.SEND_INVOICE, 30)
    assert shown(charged) == (CollectionMethod.CHARGE_AUTOMATICALLY, 0)


def test_what_was_drafted_before_that_was_told_was_charged_where_it_bills_a_subscription() -> None:
    of_subscription = draft()
    one_off = replace(of_subscription, plan_subscription_id=None, period_number=None)
    assert shown(of_subscription) == (CollectionMethod.CHARGE_AUTOMATICALLY, 0)
    assert shown(one_off) == (None, 0)


def test_what_is_billed_in_arrears_has_a_time_and_a_share_of_its_own() -> None:
    january = {"periodStart": "2026-01-01T00:00:00Z", "periodEnd": "2026-02-01T00:00:00Z"}
    items = [FLAT_ITEM, {**FLAT_ITEM, **january}, {**FLAT_ITEM, **january, "share": {"numerator": 14, "denominator": 31}}]
    data = {**period_opened(items=items).event.data, "share": {"numerator": 1, "denominator": 2}}
    draft = draft_of_bill(bill("billing-period-opened.v1", data))
    # half of February's 19.00 in advance; all of January's, and 14 of 31 days of it, in arrears
    assert [(line.period.start.month, line.amount.minor_units) for line in draft.lines if line.period] == [
        (2, 950),
        (1, 1900),
        (1, 858),
    ]


def test_what_was_used_is_shown_with_its_quantity_and_discounts_also_where_it_is_billed_alone() -> None:
    used = {
        "priceId": "price_1",
        "planId": "plan_1",
        "description": "Calls",
        "quantity": 1,
        "start": "2026-01-01T00:00:00Z",
        "end": "2026-01-20T00:00:00Z",
        "amountMinor": 901,
        "explanation": "1000.5 × 0.01 EUR − 1.00 EUR (Launch, 10 %)",
        "usage": "1000.5",
        "discounts": [{"couponId": "cou_1", "name": "Launch, 10 %", "amountMinor": 100}],
    }
    billed = {"planSubscriptionId": "psub_1", "customerId": "cus_1", "number": 1, "currency": "EUR", "adjustments": [used]}
    [line] = draft_of_bill(bill("adjustments-billed.v1", billed)).lines
    # 1000.5 × 0.01 = 10.005, rounded to 10.01, of which 10 % are off
    assert (line.amount, line.usage, line.quantity) == (Money(901, "EUR"), Decimal("1000.5"), 1001)
    assert line.discounts == (LineDiscount(coupon_id="cou_1", name="Launch, 10 %", amount=Money(100, "EUR")),)


def test_a_fee_is_billed_in_whole_and_for_no_time_whatever_the_share_of_the_period() -> None:
    data = {**period_opened(items=[FLAT_ITEM], fees=[FEE]).event.data, "share": {"numerator": 1, "denominator": 2}}
    alone = {
        "planSubscriptionId": "psub_1",
        "customerId": "cus_1",
        "number": 1,
        "currency": "EUR",
        "adjustments": [],
        "fees": [FEE],
    }
    [item, fee] = draft_of_bill(bill("billing-period-opened.v1", data)).lines
    billed_alone = draft_of_bill(bill("adjustments-billed.v1", alone))
    # half of 19.00; 2 × 49.905 = 99.81
    assert (item.amount, fee.amount, fee.explanation) == (Money(950, "EUR"), Money(9981, "EUR"), "2 × 49.905 EUR")
    assert (fee.period, fee.price_id, fee.quantity, fee.unit_amount) == (None, "price_router", 2, Decimal("49.905"))
    assert (billed_alone.lines, billed_alone.is_of_fees) == ((fee,), True)
    in_arrears = {**data, "items": []}  # nothing else is billed when its first period begins
    for opened in (data, in_arrears, {**in_arrears, "fees": []}):
        assert not draft_of_bill(bill("billing-period-opened.v1", opened)).is_of_fees


def test_what_was_told_before_there_were_fees_has_none() -> None:
    data = {name: value for name, value in period_opened().event.data.items() if name != "fees"}
    assert len(draft_of_bill(bill("billing-period-opened.v1", data)).lines) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "not base64!",
        urlsafe_b64encode(b"{").decode(),
        bill("billing-period-opened.v1", {}),
        bill("invoice-paid.v1", {}),
        "A" * (LONGEST_BILL + 4),
    ],
)
def test_what_is_no_bill_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        draft_of_bill(wrong)
    assert refused.value.field == ("bill",)
