"""Reading what would be billed."""

from base64 import urlsafe_b64encode
from typing import Any

import msgspec
import pytest

from subgraphs.invoice.commands.draft_bill import LONGEST_BILL, draft_of_bill
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money, total
from tests.testkit.invoicing import FLAT_ITEM, period_opened


def bill(type: str, data: Any) -> str:
    return urlsafe_b64encode(msgspec.json.encode({"type": type, "data": data})).decode()


def test_a_bill_is_drafted_as_its_event_is() -> None:
    draft = draft_of_bill(bill("billing-period-opened.v1", period_opened().event.data))
    assert (draft.customer_id, total([line.amount for line in draft.lines], "EUR")) == ("cus_1", Money(5650, "EUR"))


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
