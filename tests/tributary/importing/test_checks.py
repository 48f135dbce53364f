"""A record is refused for what the server would refuse it for, and before it is sent."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.plan.domain.values import PriceModel, PriceTerms
from tributary.importing.checks import check_record, check_start
from tributary.importing.records import (
    Address,
    CustomerRecord,
    PlanRecord,
    PriceRecord,
    PriceTier,
    Problem,
    ProductRecord,
    Record,
    SubscribedItem,
    SubscriptionRecord,
    TrialEnd,
)

NOW = datetime(2026, 2, 10, tzinfo=UTC)
MONTH, YEAR = Interval(IntervalUnit.MONTH), Interval(IntervalUnit.YEAR)
CUSTOMER = CustomerRecord(id="c1", name="Hooli", currency="EUR")
PRICE = PriceRecord(id="p1", plan_id="team", model="PER_UNIT", currency="EUR", interval=MONTH, unit_amount=Decimal("12.50"))
TERMS = PriceTerms(currency="EUR", model=PriceModel.PER_UNIT, flat_amount_minor=None, unit_amount=Decimal(1), interval=MONTH)
PRICES = {"p1": TERMS, "p2": TERMS, "yearly": replace(TERMS, interval=YEAR), "once": replace(TERMS, interval=None)}


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "record",
    [
        CUSTOMER,
        replace(CUSTOMER, tax_ids=(("EU_VAT", "DE136695976"),), tax_exemption="REVERSE_CHARGE", tax_exemption_reason="§ 13b"),
        ProductRecord(id="analytics", name="Analytics"),
        PlanRecord(id="team", code="team", product_id="analytics", name="Team"),
        replace(PRICE, model="GRADUATED", unit_amount=None, tiers=(PriceTier(up_to=None, unit_amount=Decimal(1)),)),
        SubscriptionRecord(id="s1", customer_id="c1", items=(SubscribedItem("p1"),)),
    ],
)
def test_good_records_pass(record: Record) -> None:
    check_record(record)


def test_a_price_is_checked_as_the_terms_that_it_becomes() -> None:
    terms = check_record(replace(PRICE, prorated_by="SECOND"))
    assert terms is not None
    assert (terms.unit_amount, terms.details.prorated_by.value) == (Decimal("12.50"), "SECOND")


@pytest.mark.parametrize(
    ("record", "code", "said"),
    [
        (replace(CUSTOMER, id="x" * 201), "INVALID_INPUT", "externalId: "),
        (replace(CUSTOMER, email="nobody"), "INVALID_INPUT", "email: 'nobody'"),
        (replace(CUSTOMER, time_zone="Berlin"), "INVALID_INPUT", "timeZone: "),
        (
            replace(CUSTOMER, shipping_address=Address(line1="Kai 2", city="Hamburg", country="ZZ")),
            "INVALID_INPUT",
            "shippingAddress.country: ",
        ),
        (replace(CUSTOMER, currency="EURO"), "INVALID_INPUT", "currencyCode: "),
        (replace(CUSTOMER, tax_ids=(("EU_VAT", "DE136695977"),)), "INVALID_TAX_ID", "value: "),
        (replace(CUSTOMER, tax_ids=(("XX_VAT", "1"),)), "TAX_ID_UNKNOWN", "XX_VAT"),
        (replace(CUSTOMER, tax_exemption="SOMETIMES"), "TAX_EXEMPTION_UNKNOWN", "SOMETIMES"),
        (replace(CUSTOMER, tax_exemption="REVERSE_CHARGE"), "TAX_ID_MISSING", "needs a tax id"),
        (replace(CUSTOMER, tax_exemption="EXEMPT"), "TAX_EXEMPTION_REASON_MISSING", "say why"),
        (ProductRecord(id="a", name=" "), "INVALID_INPUT", "name: "),
        (PlanRecord(id="Team!", code="Team!", product_id="a", name="Team"), "INVALID_INPUT", "code: "),
        (replace(PRICE, unit_amount=None), "INVALID_INPUT", "unitAmount: "),
        (replace(PRICE, unit_amount=Decimal("-1")), "INVALID_INPUT", "unitAmount: "),
        (replace(PRICE, interval=Interval(IntervalUnit.YEAR, 4)), "INVALID_INPUT", "interval.count: "),
        (replace(PRICE, interval=None, prorated_by="SECOND"), "INVALID_INPUT", "proratedBy: a ONE_TIME price is never prorated"),
        (replace(PRICE, prorated_by="WEEK"), "VALUE_UNKNOWN", "WEEK"),
        (
            replace(PRICE, model="VOLUME", unit_amount=None, tiers=(PriceTier(up_to=Decimal(5), unit_amount=Decimal(1)),)),
            "INVALID_INPUT",
            "tiers",
        ),
        (
            SubscriptionRecord(id="s", customer_id="c", items=(SubscribedItem("p1"),), trial=TrialEnd(NOW, "PARTY")),
            "VALUE_UNKNOWN",
            "PARTY",
        ),
    ],
)
def test_bad_records_are_refused_with_the_field(record: Record, code: str, said: str) -> None:
    with pytest.raises(Problem) as problem:
        check_record(record)
    assert problem.value.code == code
    assert said in problem.value.message


def start(*items: SubscribedItem, **more: Any) -> SubscriptionRecord:
    given: dict[str, Any] = {
        "starts_at": day("2024-01-31"),
        "billing_anchor": day("2024-01-31"),
        "paid_through": day("2026-02-28"),
        **more,
    }
    return SubscriptionRecord(id="s1", customer_id="c1", items=items or (SubscribedItem("p1"),), **given)


@pytest.mark.parametrize(
    "record",
    [
        start(),
        start(SubscribedItem("p1", 3), SubscribedItem("p2", 1_000_000)),
        start(paused=True, resumes_at=day("2026-03-01"), cancel_at=day("2026-02-28")),
        start(starts_at=day("2026-02-01"), paid_through=None, billing_anchor=None, trial=TrialEnd(day("2026-02-15"))),
    ],
)
def test_good_starts_pass(record: SubscriptionRecord) -> None:
    check_start(record, PRICES, "UTC", NOW)


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (start(SubscribedItem("p1", 0)), "quantity"),
        (start(SubscribedItem("p1"), SubscribedItem("yearly")), "addOns.0"),
        (start(SubscribedItem("p1"), SubscribedItem("p1")), "addOns.0"),
        (start(paid_through=day("2026-03-31")), "paidThrough"),
        (start(cancel_at=day("2026-02-09")), "cancelAt"),
        (start(starts_at=day("1900-01-01")), "startsAt"),
        (start(paused=True, resumes_at=day("2026-02-01")), "pause.resumesAt"),
    ],
)
def test_bad_starts_are_refused_with_the_field(record: SubscriptionRecord, field: str) -> None:
    with pytest.raises(Problem) as problem:
        check_start(record, PRICES, "UTC", NOW)
    assert (problem.value.code, problem.value.message.partition(": ")[0]) == ("INVALID_INPUT", field)


@pytest.mark.parametrize("items", [("once",), ("p1", "once")])
def test_nobody_subscribes_to_what_is_billed_once(items: tuple[str, ...]) -> None:
    with pytest.raises(Problem) as problem:
        check_start(start(*map(SubscribedItem, items)), PRICES, "UTC", NOW)
    assert problem.value.code == "PRICE_ONE_TIME"


def test_the_customers_calendar_counts() -> None:
    # midnight in Berlin, an hour before that of UTC: the current period ends then, not later
    record = start(billing_anchor=day("2024-01-30T23:00"), paid_through=day("2026-02-28"))
    with pytest.raises(Problem, match="2026-02-27T23:00:00"):
        check_start(record, PRICES, "Europe/Berlin", NOW)
