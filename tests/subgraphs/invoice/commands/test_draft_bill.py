"""Reading what would be billed."""

from base64 import urlsafe_b64encode
from typing import Any

import msgspec
import pytest

from subgraphs.invoice.commands.draft_bill import LONGEST_BILL, draft_of_bill
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money, total
from tests.testkit.invoicing import period_opened


def bill(type: str, data: Any) -> str:
    return urlsafe_b64encode(msgspec.json.encode({"type": type, "data": data})).decode()


def test_a_bill_is_drafted_as_its_event_is() -> None:
    draft = draft_of_bill(bill("billing-period-opened.v1", period_opened().event.data))
    assert (draft.customer_id, total([line.amount for line in draft.lines], "EUR")) == ("cus_1", Money(5650, "EUR"))


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
