"""What a table asks for is what the API has, and how time is cut for it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from tributary.export.tables import TABLES, Slice, Slicing, slices

API = build_schema((Path(__file__).parents[3] / "schema/api.graphql").read_text(), assume_valid=True)
JAN_30, FEB_2 = datetime(2026, 1, 30, 15, tzinfo=UTC), datetime(2026, 2, 2, 6, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2021, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize("name", TABLES)
def test_queries_are_valid(name: str) -> None:
    assert validate(API, parse(TABLES[name].query)) == []
    assert TABLES[name].instant in TABLES[name].columns


def test_days_and_months_are_cut_at_midnight() -> None:
    def day(month: int, day: int) -> datetime:
        return datetime(2026, month, day, tzinfo=UTC)

    assert slices(Slicing.DAY, JAN_30, FEB_2) == [
        Slice(JAN_30, day(1, 31)),
        Slice(day(1, 31), day(2, 1)),
        Slice(day(2, 1), day(2, 2)),
        Slice(day(2, 2), FEB_2),
    ]
    assert slices(Slicing.MONTH, JAN_30, FEB_2) == [Slice(day(1, 1), day(2, 1)), Slice(day(2, 1), day(3, 1))]
    assert slices(Slicing.NONE, JAN_30, FEB_2) == [Slice(JAN_30, FEB_2)]
    assert slices(Slicing.DAY, None, FEB_2) == [Slice(None, FEB_2)]
    with pytest.raises(ValueError, match="months are counted from a start"):
        slices(Slicing.MONTH, None, FEB_2)


@settings(deadline=None)
@given(INSTANTS, INSTANTS, st.sampled_from([Slicing.DAY, Slicing.MONTH]))
def test_slices_tile_the_range(one: datetime, other: datetime, slicing: Slicing) -> None:
    start, end = min(one, other), max(one, other) + timedelta(milliseconds=1)
    found = slices(slicing, start, end)
    assert all(before.end == after.start for before, after in pairwise(found))
    if slicing is Slicing.DAY:
        assert (found[0].start, found[-1].end) == (start, end)
    else:
        assert found[0].start is not None
        assert found[0].start <= start < end <= found[-1].end


LINE = {
    "number": 1,
    "planSubscriptionId": None,
    "description": "Team",
    "quantity": 2,
    "usage": None,
    "unitAmount": "59.50",
    "period": None,
    "amountBeforeDiscounts": {"amount": "119.00"},
    "amount": {"amount": "119.00"},
    "amountCredited": {"amount": "0.00"},
    "taxes": [{"inclusive": True, "amount": {"amount": "19.00"}}, {"inclusive": False, "amount": {"amount": "5.00"}}],
}


def test_a_line_is_a_row_with_its_net_and_its_taxes() -> None:
    invoice = {
        "id": "inv_1",
        "number": "INV-000001",
        "status": "OPEN",
        "finalizedAt": "2026-04-01T00:00:00.000Z",
        "customer": {"id": "cus_1"},
        "currencyCode": "EUR",
        "lines": [LINE, {**LINE, "number": 2, "planSubscriptionId": "psub_2", "taxes": []}],
    }
    first, second = TABLES["invoice-lines"].rows(invoice)
    assert (f"{first['net']}", f"{first['tax']}", first["plan_subscription_id"], first["period_start"]) == (
        *("100.00", "24.00"),
        *(None, None),
    )
    assert (f"{second['net']}", f"{second['tax']}", second["line"]) == ("119.00", "0.00", 2)
    assert second["plan_subscription_id"] == "psub_2"  # of a consolidated invoice each line has its own


def test_a_payment_tells_what_became_of_it_and_where_it_came_from() -> None:
    payment = {
        "id": "pay_1",
        "status": "SUCCEEDED",
        "invoice": {"id": "inv_1", "number": "INV-000001"},
        "customer": {"id": "cus_1"},
        "amount": {"amount": "56.50", "currencyCode": "EUR"},
        "amountRefunded": {"amount": "6.50"},
        "amountLost": {"amount": "50.00"},
        "provider": None,
        "paymentMethodLabel": None,
        "reference": "SEPA 4711",
        "failureCode": None,
        "createdAt": "2026-04-01T00:00:00.000Z",
        "receivedAt": "2026-03-31T00:00:00.000Z",
        "settledAt": "2026-04-01T00:00:00.000Z",
    }
    [row] = TABLES["payments"].rows(payment)
    kept = row["amount"] - row["amount_refunded"] - row["amount_lost"]  # type: ignore[operator]
    assert (f"{kept}", row["reference"], row["received_at"]) == ("0.00", "SEPA 4711", "2026-03-31T00:00:00.000Z")
