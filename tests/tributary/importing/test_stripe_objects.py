"""What becomes of Stripe's objects."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.domain.codes import checked_code
from subgraphs.kit.domain.period import Interval, IntervalUnit
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
    Record,
    SubscribedItem,
    SubscriptionRecord,
    TrialEnd,
)
from tributary.importing.stripe_catalogue import code_of
from tributary.importing.stripe_objects import stripe_record
from tributary.importing.stripe_values import StripeOptions

NOW = datetime(2026, 2, 10, tzinfo=UTC)
MONTH = Interval(IntervalUnit.MONTH)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def unix(text: str) -> int:
    return int(day(text).timestamp())


def mapped(kind: Kind, object: dict[str, Any], **options: Any) -> Record:
    return stripe_record(kind, object, StripeOptions(**options), NOW)


def problem(kind: Kind, object: dict[str, Any], **options: Any) -> tuple[str, Outcome]:
    with pytest.raises(Problem) as found:
        mapped(kind, object, **options)
    assert found.value.message
    return found.value.code, found.value.outcome


CUSTOMER: dict[str, Any] = {
    "id": "cus_Ab1",
    "object": "customer",
    "name": "Hooli",
    "email": "billing@hooli.example",
    "currency": "eur",
    "balance": -1250,
    "address": {"line1": "Weg 1", "line2": None, "city": "Berlin", "postal_code": "10115", "state": "BE", "country": "DE"},
    "shipping": {"name": "Hooli", "address": {"line1": "Kai 2", "city": "Hamburg", "country": "DE"}},
    "preferred_locales": ["de-DE", "en"],
    "tax_exempt": "reverse",
    "tax_ids": {"object": "list", "data": [{"type": "eu_vat", "value": "DE136695976"}]},
}


def test_a_customer_is_taken_over_whole() -> None:
    assert mapped(Kind.CUSTOMER, CUSTOMER) == CustomerRecord(
        id="cus_Ab1",
        name="Hooli",
        currency="EUR",
        email="billing@hooli.example",
        language="de-DE",
        address=Address(line1="Weg 1", city="Berlin", postal_code="10115", region="BE", country="DE"),
        shipping_address=Address(line1="Kai 2", city="Hamburg", country="DE"),
        tax_ids=(("EU_VAT", "DE136695976"),),
        tax_exemption="REVERSE_CHARGE",
        tax_exemption_reason="Reverse charge",
        balance_minor=1250,  # Stripe: −12.50 is credit
    )


def test_what_a_customer_does_not_have_is_left_out_and_noted() -> None:
    found = mapped(
        Kind.CUSTOMER,
        {
            "id": "cus_1",
            "email": "a@b.example",
            "address": {"country": "US", "postal_code": "94105"},
            "preferred_locales": ["tlh!"],
            "tax_ids": {"data": [{"type": "xx_new", "value": "1"}]},
        },
        currency="usd",
    )
    assert isinstance(found, CustomerRecord)
    assert (found.name, found.currency, found.address, found.language) == ("a@b.example", "USD", None, "en")
    assert [code for code, _ in found.notes] == ["LANGUAGE_LEFT_OUT", "ADDRESS_LEFT_OUT", "TAX_ID_LEFT_OUT"]


@pytest.mark.parametrize(
    ("method", "payment"),
    [
        ("pm_1", ("stripe", "pm_1", "pm_1")),
        ({"id": "pm_1", "card": {"brand": "visa", "last4": "4242"}}, ("stripe", "pm_1", "Visa •••• 4242")),
        (None, None),
    ],
)
def test_payment_methods_are_taken_over_where_that_is_wanted(method: Any, payment: Any) -> None:
    customer = CUSTOMER | {"invoice_settings": {"default_payment_method": method}}
    found = mapped(Kind.CUSTOMER, customer, payment_provider="stripe")
    assert isinstance(found, CustomerRecord)
    assert (found.payment, bool(found.notes)) == (payment, payment is None)
    without = mapped(Kind.CUSTOMER, customer)
    assert isinstance(without, CustomerRecord)
    assert (without.payment, without.notes) == (None, ())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"deleted": True}, "DELETED"),
        ({"name": None, "email": None}, "NAME_MISSING"),
        ({"currency": None}, "CURRENCY_MISSING"),
        ({"tax_exempt": "maybe"}, "TAX_EXEMPT_UNKNOWN"),
        ({"currency": "isk", "balance": -150}, "AMOUNT_UNKNOWN"),  # Stripe has decimals there, the króna has none
        ({"id": None}, "ID_MISSING"),
    ],
)
def test_customers_that_cannot_be_imported(change: dict[str, Any], code: str) -> None:
    outcome = Outcome.SKIPPED if code == "DELETED" else Outcome.REFUSED
    assert problem(Kind.CUSTOMER, CUSTOMER | change) == (code, outcome)


def test_a_product_becomes_a_product_and_a_plan() -> None:
    product = {"id": "prod_Nx7", "object": "product", "name": "Team", "description": "For teams"}
    assert mapped(Kind.PRODUCT, product) == ProductRecord(id="prod_Nx7", name="Team", description="For teams")
    assert mapped(Kind.PLAN, product) == PlanRecord(id="prod_Nx7", code=code_of("prod_Nx7"), product_id="prod_Nx7", name="Team")


def test_codes_are_well_formed_and_as_different_as_the_ids() -> None:
    ids = ["prod_Nx7", "prod_nx7", "prod-nx7", "gold", "Gold", "x" * 300, "___", "a--b", "ü"]
    codes = [code_of(id) for id in ids]
    assert len(set(codes)) == len(ids)
    assert [checked_code(code) for code in codes] == codes
    assert (code_of("gold"), code_of("Gold").startswith("gold-")) == ("gold", True)


def price(**more: Any) -> dict[str, Any]:
    return {
        "id": "price_1",
        "object": "price",
        "product": "prod_1",
        "currency": "eur",
        "type": "recurring",
        "billing_scheme": "per_unit",
        "unit_amount": 1250,
        "unit_amount_decimal": "1250",
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
        **more,
    }


def recorded(**more: Any) -> PriceRecord:
    fields: dict[str, Any] = {"id": "price_1", "plan_id": "prod_1", "currency": "EUR", "interval": MONTH, "prorated_by": "SECOND"}
    return PriceRecord(**fields | more)


def once(**more: Any) -> PriceRecord:
    """Return the record of a price that is billed once, and so is never prorated."""
    return recorded(interval=None, prorated_by="DAY", **more)


TIERS = [
    {"up_to": 10, "unit_amount": 700, "unit_amount_decimal": "700", "flat_amount": None},
    {"up_to": None, "unit_amount": None, "unit_amount_decimal": "0.5", "flat_amount": 500, "flat_amount_decimal": "500"},
]
OURS = (
    PriceTier(up_to=Decimal(10), unit_amount=Decimal("7.00")),
    PriceTier(up_to=None, unit_amount=Decimal("0.005"), flat_amount_minor=500),
)


@pytest.mark.parametrize(
    ("given", "record"),
    [
        ({}, recorded(model="PER_UNIT", unit_amount=Decimal("12.50"))),
        ({"unit_amount": None, "unit_amount_decimal": "0.25"}, recorded(model="PER_UNIT", unit_amount=Decimal("0.0025"))),
        ({"currency": "jpy"}, recorded(model="PER_UNIT", currency="JPY", unit_amount=Decimal(1250))),
        ({"currency": "kwd"}, recorded(model="PER_UNIT", currency="KWD", unit_amount=Decimal("1.250"))),
        ({"currency": "isk"}, recorded(model="PER_UNIT", currency="ISK", unit_amount=Decimal("12.50"))),
        (
            {"recurring": {"interval": "week", "interval_count": 2}, "active": False},
            recorded(model="PER_UNIT", unit_amount=Decimal("12.50"), interval=Interval(IntervalUnit.WEEK, 2), active=False),
        ),
        (
            {"transform_quantity": {"divide_by": 5, "round": "up"}},
            recorded(model="PACKAGE", unit_amount=Decimal("12.50"), package_size=5),
        ),
        ({"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": TIERS}, recorded(model="GRADUATED", tiers=OURS)),
        ({"billing_scheme": "tiered", "tiers_mode": "volume", "tiers": TIERS}, recorded(model="VOLUME", tiers=OURS)),
        ({"product": {"id": "prod_1"}}, recorded(model="PER_UNIT", unit_amount=Decimal("12.50"))),
        ({"type": "one_time", "recurring": None}, once(model="PER_UNIT", unit_amount=Decimal("12.50"))),
        (
            {"type": "one_time", "recurring": None, "transform_quantity": {"divide_by": 5, "round": "up"}},
            once(model="PACKAGE", unit_amount=Decimal("12.50"), package_size=5),
        ),
    ],
)
def test_prices_become_the_models_they_are(given: dict[str, Any], record: PriceRecord) -> None:
    assert mapped(Kind.PRICE, price(**given)) == record


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"recurring": {"interval": "month", "usage_type": "metered"}}, "METERED"),
        ({"custom_unit_amount": {"minimum": 1}}, "CUSTOM_AMOUNT"),
        ({"currency": "btc"}, "CURRENCY_UNKNOWN"),
        ({"recurring": {"interval": "fortnight"}}, "INTERVAL_UNKNOWN"),
        ({"recurring": {"interval": "month", "interval_count": 0}}, "INTERVAL_UNKNOWN"),
        ({"billing_scheme": "tiered", "tiers_mode": "volume"}, "TIERS_MISSING"),
        ({"billing_scheme": "tiered", "tiers_mode": "other", "tiers": TIERS}, "MODEL_UNKNOWN"),
        ({"transform_quantity": {"divide_by": 5, "round": "down"}}, "MODEL_UNKNOWN"),
        ({"unit_amount": None, "unit_amount_decimal": None}, "AMOUNT_MISSING"),
        ({"unit_amount_decimal": "NaN"}, "AMOUNT_UNKNOWN"),
        ({"product": None}, "REFERENCE_MISSING"),
    ],
)
def test_prices_that_cannot_be_imported(given: dict[str, Any], code: str) -> None:
    assert problem(Kind.PRICE, price(**given)) == (code, Outcome.REFUSED)


def subscription(**more: Any) -> dict[str, Any]:
    return {
        "id": "sub_1",
        "object": "subscription",
        "customer": "cus_1",
        "status": "active",
        "start_date": unix("2024-01-31"),
        "billing_cycle_anchor": unix("2024-01-31"),
        "current_period_start": unix("2026-01-31"),
        "current_period_end": unix("2026-02-28"),
        "cancel_at_period_end": False,
        "items": {"data": [{"price": {"id": "price_1"}, "quantity": 3}, {"price": "price_2"}]},
        **more,
    }


def subscribed(**more: Any) -> SubscriptionRecord:
    fields: dict[str, Any] = {
        "id": "sub_1",
        "customer_id": "cus_1",
        "items": (SubscribedItem("price_1", 3), SubscribedItem("price_2", 1)),
        "starts_at": day("2024-01-31"),
        "billing_anchor": day("2024-01-31"),
        "paid_through": day("2026-02-28"),
    }
    return SubscriptionRecord(**fields | more)


PERIOD = {"current_period_start": unix("2026-01-31"), "current_period_end": unix("2026-02-28")}
NEWER = {
    "current_period_start": None,
    "current_period_end": None,
    "items": {"data": [{"price": "price_1", "quantity": 3, **PERIOD}, {"price": "price_2", **PERIOD}]},
}
TRIAL = {
    "status": "trialing",
    "start_date": unix("2026-02-01"),
    "trial_start": unix("2026-02-01"),
    "trial_end": unix("2026-02-15"),
    "current_period_end": unix("2026-02-15"),
    "billing_cycle_anchor": unix("2026-02-15"),
    "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}},
}
OF_TRIAL: dict[str, Any] = {
    "starts_at": day("2026-02-01"),
    "billing_anchor": day("2026-02-15"),
    "paid_through": None,
    "trial": TrialEnd(day("2026-02-15"), "CANCEL"),
}
COUPON = {"discount": {"coupon": {"id": "LAUNCH"}}}


@pytest.mark.parametrize(
    ("given", "record"),
    [
        ({}, subscribed()),
        ({"collection_method": "send_invoice", "days_until_due": 30}, subscribed(days_until_due=30)),
        ({"collection_method": "charge_automatically", "days_until_due": None}, subscribed()),
        (NEWER, subscribed()),
        ({"cancel_at_period_end": True}, subscribed(cancel_at=day("2026-02-28"))),
        ({"cancel_at": unix("2026-06-01")}, subscribed(cancel_at=day("2026-06-01"))),
        (TRIAL, subscribed(**OF_TRIAL)),
        (TRIAL | {"cancel_at_period_end": True}, subscribed(**OF_TRIAL, cancel_at=day("2026-02-15"))),
        ({"pause_collection": {"behavior": "void"}}, subscribed(paused=True)),
        (
            {"pause_collection": {"behavior": "mark_uncollectible", "resumes_at": unix("2026-03-01")}},
            subscribed(paused=True, resumes_at=day("2026-03-01")),
        ),
        ({"pause_collection": {"behavior": "void", "resumes_at": unix("2026-02-01")}}, subscribed()),  # it is over
        ({"status": "paused", "trial_end": unix("2026-02-01")}, subscribed(paused=True, paid_through=day("2026-02-01"))),
        ({"status": "paused", "trial_end": unix("2024-02-15")}, subscribed(paused=True)),  # long after its trial
    ],
)
def test_subscriptions_are_taken_over_as_they_are(given: dict[str, Any], record: SubscriptionRecord) -> None:
    assert mapped(Kind.SUBSCRIPTION, subscription(**given)) == record


def test_a_discount_needs_a_coupon_of_ours() -> None:
    assert mapped(Kind.SUBSCRIPTION, subscription(**COUPON), coupons={"LAUNCH": "cou_1"}) == subscribed(coupon_id="cou_1")
    newest = {"discounts": [{"source": {"coupon": "LAUNCH"}}]}
    assert mapped(Kind.SUBSCRIPTION, subscription(**newest), coupons={"LAUNCH": "cou_1"}) == subscribed(coupon_id="cou_1")
    left = mapped(Kind.SUBSCRIPTION, subscription(**COUPON), ignore_discounts=True)
    assert [code for code, _ in left.notes] == ["DISCOUNT_LEFT_OUT"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"status": "past_due"}, "DEBT_LEFT"),
        ({"schedule": "sub_sched_1"}, "SCHEDULE_LEFT"),
    ],
)
def test_what_stays_behind_is_noted(given: dict[str, Any], code: str) -> None:
    assert [found for found, _ in mapped(Kind.SUBSCRIPTION, subscription(**given)).notes] == [code]


@pytest.mark.parametrize(
    ("given", "code", "outcome"),
    [
        ({"status": "canceled"}, "STATUS", Outcome.SKIPPED),
        ({"status": "incomplete"}, "STATUS", Outcome.SKIPPED),
        ({"cancel_at": unix("2026-02-10")}, "STATUS", Outcome.SKIPPED),
        ({"cancel_at_period_end": True, "current_period_end": unix("2026-02-09")}, "STATUS", Outcome.SKIPPED),
        ({"status": "incomplete_expired"}, "STATUS", Outcome.SKIPPED),
        ({"status": "unpaid"}, "STATUS", Outcome.REFUSED),
        ({"status": "dreaming"}, "STATUS", Outcome.REFUSED),
        ({"pause_collection": {"behavior": "keep_as_draft"}}, "PAUSE_KEEPS_DRAFTS", Outcome.REFUSED),
        ({"collection_method": "send_invoice"}, "TERM_MISSING", Outcome.REFUSED),
        ({"items": {"data": []}}, "ITEMS_MISSING", Outcome.REFUSED),
        ({"items": {"data": [{"price": "price_1"}], "has_more": True}}, "ITEMS_MISSING", Outcome.REFUSED),
        ({"current_period_end": None}, "PERIOD_MISSING", Outcome.REFUSED),
        ({"current_period_end": "soon"}, "TIME_UNKNOWN", Outcome.REFUSED),
        ({"customer": None}, "REFERENCE_MISSING", Outcome.REFUSED),
        (
            NEWER | {"items": {"data": [{"price": "a", "current_period_end": 1}, {"price": "b", "current_period_end": 2}]}},
            "PERIODS_DIFFER",
            Outcome.REFUSED,
        ),
        (COUPON, "DISCOUNT", Outcome.REFUSED),
        ({"discounts": ["di_1"]}, "DISCOUNT", Outcome.REFUSED),
        ({"items": {"data": [{"price": "price_1", "discounts": ["di_1"]}]}}, "DISCOUNT", Outcome.REFUSED),
    ],
)
def test_subscriptions_that_cannot_be_imported(given: dict[str, Any], code: str, outcome: Outcome) -> None:
    assert problem(Kind.SUBSCRIPTION, subscription(**given)) == (code, outcome)
