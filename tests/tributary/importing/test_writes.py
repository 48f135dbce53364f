"""What is sent: every operation is one that the API has, with inputs that it takes."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate
from graphql.utilities import coerce_input_value

from subgraphs.kit.domain.period import Interval, IntervalUnit
from tributary.importing.records import (
    Address,
    CustomerRecord,
    Kind,
    PlanRecord,
    PriceRecord,
    PriceTier,
    ProductRecord,
    Record,
    SubscribedItem,
    SubscriptionRecord,
    TrialEnd,
)
from tributary.importing.writes import (
    BALANCE_ENTRIES,
    START_QUERY,
    Step,
    archive_step,
    create_step,
    customer_steps,
    find,
    found,
    idempotency_key,
)

AT = datetime(2026, 2, 28, tzinfo=UTC)
MONTH = Interval(IntervalUnit.MONTH)
ADDRESS = Address(line1="Weg 1", city="Berlin", postal_code="10115", country="DE")
CUSTOMER = CustomerRecord(
    id="c1",
    name="Hooli",
    currency="EUR",
    address=ADDRESS,
    shipping_address=ADDRESS,
    tax_ids=(("EU_VAT", "DE136695976"),),
    tax_exemption="EXEMPT",
    tax_exemption_reason="Charity",
    balance_minor=-350,
    payment=("sandbox", "sandbox_success", "Visa"),
)
TIERS = (
    PriceTier(up_to=Decimal(10), unit_amount=Decimal(0), flat_amount_minor=500),
    PriceTier(up_to=None, unit_amount=Decimal(0)),
)
RECORDS: list[Record] = [
    CUSTOMER,
    CustomerRecord(id="c2", name="Raviga", currency="EUR"),
    ProductRecord(id="prod", name="Analytics"),
    PlanRecord(id="team", code="team", product_id="prod", name="Team"),
    PriceRecord(id="p", plan_id="team", model="FLAT", currency="EUR", interval=MONTH, flat_amount_minor=100),
    PriceRecord(
        id="p", plan_id="team", model="PACKAGE", currency="EUR", interval=MONTH, unit_amount=Decimal("1E-7"), package_size=5
    ),
    PriceRecord(id="p", plan_id="team", model="STAIRSTEP", currency="EUR", interval=MONTH, tiers=TIERS),
    PriceRecord(id="p", plan_id="team", model="VOLUME", currency="EUR", interval=MONTH, tiers=TIERS),
    PriceRecord(id="p", plan_id="team", model="FLAT", currency="EUR", interval=None, flat_amount_minor=100),
    SubscriptionRecord(
        id="s",
        customer_id="c1",
        items=(SubscribedItem("p", 3), SubscribedItem("q")),
        starts_at=AT,
        trial=TrialEnd(AT, "CANCEL"),
        paused=True,
        cancel_at=AT,
        coupon_id="cou_1",
    ),
]
IDS = {"prod": "prod_1", "team": "plan_1", "c1": "cus_1", "p": "price_1", "q": "price_2"}


@pytest.fixture(scope="module")
def api() -> GraphQLSchema:
    return build_schema((Path(__file__).parents[3] / "schema" / "api.graphql").read_text())


def check(api: GraphQLSchema, step: Step) -> None:
    assert validate(api, parse(step.mutation)) == []
    name = step.mutation.partition("$input: ")[2].partition("!")[0]
    type = api.type_map[name]
    coerce_input_value({**step.input, "idempotencyKey": "key", "reason": "why"}, type)  # type: ignore[arg-type]


@pytest.mark.parametrize("record", RECORDS)
def test_every_record_is_created_by_an_operation_of_the_api(api: GraphQLSchema, record: Record) -> None:
    check(api, create_step(record, IDS))


def test_what_follows_a_customer_are_operations_of_the_api(api: GraphQLSchema) -> None:
    steps = customer_steps(CUSTOMER, "cus_1", "csv")
    for step in steps:
        check(api, step)
    assert [step.name for step in steps] == ["tax_id EU_VAT DE136695976", "tax_exemption", "payment", "balance"]
    assert steps[-1].input == {
        "customerId": "cus_1",
        "amount": {"minorUnits": "-350", "currencyCode": "EUR"},
        "description": "Balance of c1, taken over from csv",
        "allowNegative": True,
    }
    check(api, archive_step("price_1"))


@pytest.mark.parametrize("kind", Kind)
def test_what_is_there_is_asked_by_operations_of_the_api(api: GraphQLSchema, kind: Kind) -> None:
    query, variables = find(kind, ["a", 'b"'])
    assert validate(api, parse(query)) == []
    assert variables == {"n0": "a", "n1": 'b"'}
    there = found({"f0": {"nodes": []}, "f1": {"nodes": [{"id": "1"}]}}, ["a", 'b"'])
    assert [(name, one.id) for name, one in there.items()] == [('b"', "1")]


@pytest.mark.parametrize("query", [START_QUERY, BALANCE_ENTRIES])
def test_other_queries_are_the_apis(api: GraphQLSchema, query: str) -> None:
    assert validate(api, parse(query)) == []


def test_unit_amounts_have_no_exponents() -> None:
    assert create_step(RECORDS[5], IDS).input["unitAmount"] == "0.0000001"


def test_what_is_billed_once_says_so() -> None:
    assert create_step(RECORDS[8], IDS).input == {
        "planId": "plan_1",
        "model": "FLAT",
        "currencyCode": "EUR",
        "type": "ONE_TIME",
        "externalId": "p",
        "flatAmount": {"minorUnits": "100", "currencyCode": "EUR"},
    }


def test_keys_are_the_same_for_the_same_row_and_others_for_any_other() -> None:
    rows = [
        ("ten_1", "csv", Kind.CUSTOMER, "c1", "create"),
        ("ten_2", "csv", Kind.CUSTOMER, "c1", "create"),
        ("ten_1", "stripe", Kind.CUSTOMER, "c1", "create"),
        ("ten_1", "csv", Kind.PRICE, "c1", "create"),
        ("ten_1", "csv", Kind.CUSTOMER, "c2", "create"),
        ("ten_1", "csv", Kind.CUSTOMER, "c1", "balance"),
    ]
    assert len({idempotency_key(*row) for row in rows}) == len(rows)
    assert idempotency_key(*rows[0]) == idempotency_key(*rows[0])
    assert all(len(idempotency_key(*row)) <= 255 for row in rows)
