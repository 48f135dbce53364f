"""What becomes of rows of CSV files."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.domain.period import Interval, IntervalUnit
from tributary.importing.csv_columns import COLUMNS, REQUIRED, csv_record
from tributary.importing.records import (
    Address,
    CustomerRecord,
    Kind,
    Outcome,
    PlanRecord,
    PriceRecord,
    PriceTier,
    Problem,
    ProductRecord,
    SubscribedItem,
    SubscriptionRecord,
    TrialEnd,
)

NOW = datetime(2026, 2, 10, tzinfo=UTC)
CUSTOMER = {"id": "c1", "name": "Hooli", "currency": "eur"}
PRICE = {"id": "p1", "product": "analytics", "plan": "team", "model": "per_unit", "currency": "EUR", "interval": "month"}
SUBSCRIPTION = {"id": "s1", "customer": "c1", "price": "p1", "started_at": "2024-01-31", "paid_through": "2026-02-28"}


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def problem(kind: Kind, row: dict[str, str]) -> tuple[str, Outcome]:
    with pytest.raises(Problem) as found:
        csv_record(kind, row, NOW)
    return found.value.code, found.value.outcome


def test_required_columns_are_columns() -> None:
    for kind, needed in REQUIRED.items():
        assert set(needed) <= set(COLUMNS[kind])


def test_a_customer_needs_little() -> None:
    assert csv_record(Kind.CUSTOMER, CUSTOMER, NOW) == CustomerRecord(id="c1", name="Hooli", currency="EUR")


def test_a_customer_can_have_much() -> None:
    row = CUSTOMER | {
        "email": "a@b.example",
        "time_zone": "Europe/Berlin",
        "language": "de",
        "line1": "Weg 1",
        "city": "Berlin",
        "postal_code": "10115",
        "country": "DE",
        "shipping_line1": "Kai 2",
        "shipping_city": "Hamburg",
        "shipping_country": "DE",
        "tax_id_type": "eu_vat",
        "tax_id": "DE136695976",
        "tax_exemption": "exempt",
        "tax_exemption_reason": "Charity",
        "balance": "-3.50",
        "payment_provider": "sandbox",
        "payment_token": "sandbox_success",
    }
    assert csv_record(Kind.CUSTOMER, row, NOW) == CustomerRecord(
        id="c1",
        name="Hooli",
        currency="EUR",
        email="a@b.example",
        time_zone="Europe/Berlin",
        language="de",
        address=Address(line1="Weg 1", city="Berlin", postal_code="10115", country="DE"),
        shipping_address=Address(line1="Kai 2", city="Hamburg", country="DE"),
        tax_ids=(("EU_VAT", "DE136695976"),),
        tax_exemption="EXEMPT",
        tax_exemption_reason="Charity",
        balance_minor=-350,
        payment=("sandbox", "sandbox_success", "sandbox_success"),
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": None}, "VALUE_MISSING"),
        ({"currency": "btc"}, "CURRENCY_UNKNOWN"),
        ({"tax_id": "DE136695976"}, "TAX_ID_INCOMPLETE"),
        ({"payment_token": "tok"}, "PAYMENT_INCOMPLETE"),
        ({"city": "Berlin"}, "ADDRESS_INCOMPLETE"),
        ({"balance": "much"}, "AMOUNT_UNKNOWN"),
        ({"balance": "1e3"}, "AMOUNT_UNKNOWN"),
        ({"balance": "0.001"}, "AMOUNT_UNKNOWN"),
    ],
)
def test_customers_that_cannot_be_imported(change: dict[str, str | None], code: str) -> None:
    row = {name: value for name, value in (CUSTOMER | change).items() if value is not None}
    assert problem(Kind.CUSTOMER, row) == (code, Outcome.REFUSED)


def test_a_price_tells_of_its_product_and_plan() -> None:
    row = PRICE | {"product_name": "Analytics", "plan_name": "Team"}
    assert csv_record(Kind.PRODUCT, row, NOW) == ProductRecord(id="analytics", name="Analytics")
    assert csv_record(Kind.PLAN, row, NOW) == PlanRecord(id="team", code="team", product_id="analytics", name="Team")
    assert csv_record(Kind.PLAN, PRICE, NOW) == PlanRecord(id="team", code="team", product_id="analytics", name="team")


def priced(**more: Any) -> PriceRecord:
    fields: dict[str, Any] = {"id": "p1", "plan_id": "team", "currency": "EUR", "interval": Interval(IntervalUnit.MONTH)}
    return PriceRecord(**fields | more)


@pytest.mark.parametrize(
    ("given", "record"),
    [
        ({"amount": "12.50"}, priced(model="PER_UNIT", unit_amount=Decimal("12.50"))),
        ({"amount_minor": "1250"}, priced(model="PER_UNIT", unit_amount=Decimal("12.50"))),
        ({"amount": "0.0001"}, priced(model="PER_UNIT", unit_amount=Decimal("0.0001"))),
        ({"model": "flat", "amount": "990"}, priced(model="FLAT", flat_amount_minor=99_000)),
        (
            {"model": "flat", "amount_minor": "990", "currency": "JPY"},
            priced(model="FLAT", currency="JPY", flat_amount_minor=990),
        ),
        (
            {"model": "package", "amount": "5", "package_size": "100", "interval": "year", "interval_count": "2"},
            priced(model="PACKAGE", unit_amount=Decimal(5), package_size=100, interval=Interval(IntervalUnit.YEAR, 2)),
        ),
        (
            {"model": "flat", "amount": "99", "interval": "One_Time"},
            priced(model="FLAT", flat_amount_minor=9900, interval=None),
        ),
        (
            {"model": "Graduated", "tiers": "10:7.00; 20 : 6.50 + 5 ;*:6", "active": "no", "prorated_by": "second"},
            priced(
                model="GRADUATED",
                tiers=(
                    PriceTier(up_to=Decimal(10), unit_amount=Decimal("7.00")),
                    PriceTier(up_to=Decimal(20), unit_amount=Decimal("6.50"), flat_amount_minor=500),
                    PriceTier(up_to=None, unit_amount=Decimal(6)),
                ),
                active=False,
                prorated_by="SECOND",
            ),
        ),
    ],
)
def test_prices(given: dict[str, str], record: PriceRecord) -> None:
    assert csv_record(Kind.PRICE, PRICE | given, NOW) == record


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"model": "percentage"}, "MODEL_UNKNOWN"),
        ({"interval": "fortnight"}, "INTERVAL_UNKNOWN"),
        ({"interval_count": "0"}, "INTERVAL_UNKNOWN"),
        ({"interval": "one_time", "interval_count": "1"}, "INTERVAL_UNKNOWN"),
        ({"interval_count": "one"}, "NUMBER_UNKNOWN"),
        ({"amount": "1", "amount_minor": "100"}, "AMOUNT_UNKNOWN"),
        ({"model": "flat", "amount": "0.005"}, "AMOUNT_UNKNOWN"),
        ({"tiers": "10-7"}, "TIERS_UNKNOWN"),
        ({"active": "perhaps"}, "VALUE_UNKNOWN"),
    ],
)
def test_prices_that_cannot_be_imported(given: dict[str, str], code: str) -> None:
    assert problem(Kind.PRICE, PRICE | given) == (code, Outcome.REFUSED)


def subscribed(**more: Any) -> SubscriptionRecord:
    fields: dict[str, Any] = {
        "id": "s1",
        "customer_id": "c1",
        "items": (SubscribedItem("p1", 1),),
        "starts_at": day("2024-01-31"),
        "billing_anchor": day("2026-02-28"),
        "paid_through": day("2026-02-28"),
    }
    return SubscriptionRecord(**fields | more)


LATER: dict[str, Any] = {"billing_anchor": None, "paid_through": None}


@pytest.mark.parametrize(
    ("given", "record"),
    [
        ({}, subscribed()),
        ({"billing_anchor": "2024-01-31T01:00:00+01:00"}, subscribed(billing_anchor=day("2024-01-31"))),
        (
            {"quantity": "3", "add_ons": "storage:250; support"},
            subscribed(items=(SubscribedItem("p1", 3), SubscribedItem("storage", 250), SubscribedItem("support", 1))),
        ),
        ({"cancel_at": "2026-02-28", "coupon": "cou_1"}, subscribed(cancel_at=day("2026-02-28"), coupon_id="cou_1")),
        ({"paused": "true", "resumes_at": "2026-03-01"}, subscribed(paused=True, resumes_at=day("2026-03-01"))),
        ({"status": "paused"}, subscribed(paused=True)),
        ({"paid_through": "", "started_at": "2026-03-01"}, subscribed(**LATER, starts_at=day("2026-03-01"))),
        (
            {"paid_through": "", "started_at": "2026-02-01", "trial_ends_at": "2026-02-15", "trial_ending": "cancel"},
            subscribed(**LATER, starts_at=day("2026-02-01"), trial=TrialEnd(day("2026-02-15"), "CANCEL")),
        ),
        ({"trial_ends_at": "2026-02-01"}, subscribed()),  # it is over
    ],
)
def test_subscriptions(given: dict[str, str], record: SubscriptionRecord) -> None:
    row = {name: value for name, value in (SUBSCRIPTION | given).items() if value}
    assert csv_record(Kind.SUBSCRIPTION, row, NOW) == record


@pytest.mark.parametrize(
    ("given", "code", "outcome"),
    [
        ({"status": "canceled"}, "STATUS", Outcome.SKIPPED),
        ({"status": "incomplete"}, "STATUS", Outcome.SKIPPED),
        ({"cancel_at": "2026-02-10"}, "STATUS", Outcome.SKIPPED),
        ({"status": "unpaid"}, "STATUS", Outcome.REFUSED),
        ({"paid_through": ""}, "PAID_THROUGH_MISSING", Outcome.REFUSED),
        ({"paid_through": "2026-02-28T00:00:00"}, "TIME_UNKNOWN", Outcome.REFUSED),
        ({"paid_through": "28.2.2026"}, "TIME_UNKNOWN", Outcome.REFUSED),
        ({"quantity": "2.5"}, "NUMBER_UNKNOWN", Outcome.REFUSED),
        ({"days_until_due": "soon"}, "NUMBER_UNKNOWN", Outcome.REFUSED),
        ({"add_ons": "storage:many"}, "NUMBER_UNKNOWN", Outcome.REFUSED),
        ({"paused": "maybe"}, "VALUE_UNKNOWN", Outcome.REFUSED),
    ],
)
def test_subscriptions_that_cannot_be_imported(given: dict[str, str], code: str, outcome: Outcome) -> None:
    row = {name: value for name, value in (SUBSCRIPTION | given).items() if value}
    assert problem(Kind.SUBSCRIPTION, row) == (code, outcome)


def test_what_is_past_due_leaves_its_debt() -> None:
    record = csv_record(Kind.SUBSCRIPTION, SUBSCRIPTION | {"status": "past_due"}, NOW)
    assert [code for code, _ in record.notes] == ["DEBT_LEFT"]
