"""What other subgraphs are told of plan subscriptions."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.period import Period
from subgraphs.kit.persistence.commit import Commit, StoredEvent
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.price_migration import PriceMigration
from subgraphs.subscription.domain.values import BilledItem, ChangeTime, Discount, Item, ProrationBehavior, ScheduledChange, Terms
from subgraphs.subscription.published import json_schemas, publish
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import TEAM, subscribed_price

END = datetime(2026, 2, 28, 12, tzinfo=UTC)
SEATS = subscribed_price(price_id="price_2", model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal("0.000000000001"))
WHO = {"planSubscriptionId": "psub_1", "customerId": "cus_1"}


def told(*happened: Event) -> list[tuple[str, dict[str, Any]]]:
    commit = Commit(
        tenant="acme",
        kind="PlanSubscription",
        aggregate_id="psub_1",
        version=7,
        events=tuple(StoredEvent(*PlanSubscription.codec.encode(event)) for event in happened),
        context=context(),
        recorded_at=AT,
    )
    return [(event.type, event.data) for event in publish(commit)]


@pytest.mark.parametrize(
    ("event", "type", "data"),
    [
        (
            events.PlanSubscriptionStarted(customer_id="cus_1", price=TEAM, quantity=2, time_zone="UTC", anchor=AT),
            "plan-subscription-started.v1",
            WHO
            | {"planId": "plan_1", "priceId": "price_1", "quantity": 2, "startedAt": "2026-01-31T12:00:00.123000Z"}
            | {"trialEndsAt": None, "addOns": (), "paidThrough": None, "externalId": None}
            | {"collectionMethod": "CHARGE_AUTOMATICALLY", "daysUntilDue": None},
        ),
        (
            events.CollectionSet(customer_id="cus_1", days_until_due=30, set_at=AT),
            "plan-subscription-collection-set.v1",
            WHO | {"collectionMethod": "SEND_INVOICE", "daysUntilDue": 30},
        ),
        (
            events.BillingPeriodSettled(customer_id="cus_1", number=3),
            "plan-subscription-period-settled.v1",
            WHO | {"periodNumber": 3},
        ),
        (
            events.PlanSubscriptionActivated(customer_id="cus_1", activated_at=AT),
            "plan-subscription-activated.v1",
            WHO,
        ),
        (
            events.PlanSubscriptionIncomplete(customer_id="cus_1", reason="card_declined"),
            "plan-subscription-incomplete.v1",
            WHO | {"reason": "card_declined"},
        ),
        (
            events.TrialEndSet(customer_id="cus_1", trial_end=END),
            "plan-subscription-trial-end-set.v1",
            WHO | {"trialEndsAt": "2026-02-28T12:00:00Z"},
        ),
        (
            events.CancellationScheduled(customer_id="cus_1", cancel_at=END),
            "plan-subscription-cancellation-scheduled.v1",
            WHO | {"cancelAt": "2026-02-28T12:00:00Z"},
        ),
        (
            events.PhasesScheduled(
                customer_id="cus_1",
                changes=(
                    ScheduledChange(terms=Terms(price=TEAM, quantity=2), change_at=END, proration=ProrationBehavior.CREATE),
                ),
            ),
            "plan-subscription-phases-scheduled.v1",
            WHO
            | {
                "phases": (
                    {
                        "planId": "plan_1",
                        "priceId": "price_1",
                        "quantity": 2,
                        "startsAt": "2026-02-28T12:00:00Z",
                        "addOns": (),
                    },
                )
            },
        ),
        (events.CancellationUnscheduled(customer_id="cus_1"), "plan-subscription-cancellation-unscheduled.v1", WHO),
        (
            events.PlanSubscriptionCanceled(customer_id="cus_1", ever_active=True, canceled_at=END, reason="why"),
            "plan-subscription-canceled.v1",
            WHO
            | {"canceledAt": "2026-02-28T12:00:00Z", "everActive": True}
            | {"creditMinor": 0, "creditPeriodNumber": None, "creditRefund": False, "credits": ()},
        ),
    ],
)
def test_each_event_is_told_with_its_contract(event: Event, type: str, data: dict[str, Any]) -> None:
    assert told(event) == [(type, data)]


def test_an_opened_period_tells_all_that_the_invoice_needs() -> None:
    [(type, data)] = told(events.BillingPeriodOpened(customer_id="cus_1", price=SEATS, quantity=3, number=4, start=AT, end=END))
    assert type == "billing-period-opened.v1"
    assert (data["periodNumber"], data["periodStart"], data["periodEnd"]) == (
        4,
        "2026-01-31T12:00:00.123000Z",
        "2026-02-28T12:00:00Z",
    )
    assert (data["currency"], data["paymentMethodId"]) == ("EUR", None)
    [item] = data["items"]
    expected = {"priceId": "price_2", "planId": "plan_1", "description": "Team", "quantity": 3, "model": "PER_UNIT"}
    assert {key: item[key] for key in expected} == expected
    assert (item["flatAmountMinor"], item["unitAmount"]) == (None, "0.000000000001")  # never in exponent notation


def test_the_last_usage_is_told_with_its_quantity_and_what_is_taken_off() -> None:
    launch = Discount(
        id="dis_1",
        coupon_id="cou_1",
        promotion_code_id=None,
        name="Launch",
        percent_off=Decimal(10),
        amount_off=None,
        periods=None,
        plan_ids=(),
        added_at=AT,
    )
    price = subscribed_price(
        model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal("0.01"), meter_id="mtr_1", meter_name="API calls"
    )
    used = BilledItem(item=Item(price=price, quantity=1), used=Decimal("1000.5"), period=Period(AT, END))
    billed = events.UsageBilled(customer_id="cus_1", number=1, currency="EUR", usage=(used,), discounts=(launch,))
    [(type, data)] = told(billed)
    [line] = data["adjustments"]
    # 1000.5 × 0.01 = 10.005, rounded to 10.01; 10 % of it are 1.001
    assert (type, line["amountMinor"], line["usage"]) == ("adjustments-billed.v1", 901, "1000.5")
    assert line["description"] == "API calls (Team)"
    assert line["discounts"] == ({"couponId": "cou_1", "name": "Launch, 10 %", "amountMinor": 100},)


def test_ids_are_unique_within_a_commit() -> None:
    commit = Commit(
        tenant="acme",
        kind="PlanSubscription",
        aggregate_id="psub_1",
        version=7,
        events=tuple(
            StoredEvent(*PlanSubscription.codec.encode(event))
            for event in PlanSubscription.start("psub_1", "cus_1", Terms(price=TEAM, quantity=1), "UTC", context()).unsaved
        ),
        context=context(),
        recorded_at=AT,
    )
    published = publish(commit)
    assert [(event.id, event.sequence, event.occurred_at) for event in published] == [
        ("acme/PlanSubscription/psub_1/0000000007#0", 7, AT),
        ("acme/PlanSubscription/psub_1/0000000007#1", 7, AT),
    ]


def test_every_contract_has_a_schema() -> None:
    schemas = json_schemas()
    assert "billing-period-opened.v1" in schemas
    assert all(schema["type"] == "object" and schema["title"] == type for type, schema in schemas.items())


def test_a_price_migration_tells_its_start_and_its_end() -> None:
    migration = PriceMigration.start("pmig_1", TEAM, SEATS, ChangeTime.PERIOD_END, ProrationBehavior.NONE, context())
    migration.take(["psub_1"], context())
    migration.note_moved(["psub_1"], [])
    migration.take([], context())
    commit = Commit(
        tenant="acme",
        kind=PriceMigration.kind,
        aggregate_id="pmig_1",
        version=1,
        events=tuple(StoredEvent(*PriceMigration.codec.encode(event)) for event in migration.unsaved),
        context=context(),
        recorded_at=AT,
    )
    assert [(event.type, event.data) for event in publish(commit)] == [
        (
            "price-migration-started.v1",
            {
                "priceMigrationId": "pmig_1",
                "fromPriceId": "price_1",
                "toPriceId": "price_2",
                "when": "PERIOD_END",
                "proration": "NONE",
            },
        ),
        ("price-migration-completed.v1", {"priceMigrationId": "pmig_1", "completedAt": "2026-01-31T12:00:00.123000Z"}),
    ]
