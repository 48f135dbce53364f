"""This subgraph's enums as the API names them; imported before types and inputs use them."""

from enum import StrEnum

from subgraphs.kit.graphql.enums import described_enum, shared_enum
from subgraphs.pricing.collection import COLLECTION_METHOD, COLLECTION_METHODS, CollectionMethod
from subgraphs.subscription.domain.fees import FeeTime
from subgraphs.subscription.domain.mrr import MrrMovementKind, MrrMovementReason
from subgraphs.subscription.domain.price_migration import MigrationStatus
from subgraphs.subscription.domain.schedule import ScheduleEnding
from subgraphs.subscription.domain.values import (
    CancellationTime,
    ChangeTime,
    PlanSubscriptionStatus,
    ProrationBehavior,
    TrialEnding,
    UnusedTime,
)

__all__ = [
    "CancellationTime",
    "CollectionMethod",
    "ChangeTime",
    "FeeTime",
    "MigrationStatus",
    "MrrMovementKind",
    "MrrMovementReason",
    "PlanSubscriptionStatus",
    "PriceMigrationTime",
    "ProrationBehavior",
    "ScheduleEnding",
    "TrialEnding",
    "UnusedTime",
]

described_enum(
    PlanSubscriptionStatus,
    {
        "SCHEDULED": "It begins later.",
        "PENDING": "Its first invoice is being paid.",
        "INCOMPLETE": "The first payment failed, and can be made after all within 23 hours.",
        "INCOMPLETE_EXPIRED": "The first payment was not made within 23 hours; final.",
        "TRIALING": "It is free until trialEndsAt.",
        "ACTIVE": "It runs, and is billed.",
        "PAST_DUE": "A renewal's payment failed; it runs on.",
        "UNPAID": "A renewal was not paid by the last retry either: nothing more is billed until it is paid or void.",
        "PAUSED": "Nothing is billed until it goes on.",
        "CANCELED": "It has ended; final.",
    },
    description="Where a plan subscription stands.",
)
shared_enum(CollectionMethod, COLLECTION_METHODS, description=COLLECTION_METHOD)
described_enum(
    TrialEnding,
    {
        "CREATE_INVOICE": "The first period is billed all the same.",
        "PAUSE": "Nothing is billed until it is resumed.",
        "CANCEL": "It ends.",
    },
    description="What happens at the end of a trial when the customer has no payment method.",
)
described_enum(
    ScheduleEnding,
    {
        "RELEASE": "It goes on as in the last phase.",
        "CANCEL": "It ends with the last phase.",
    },
    name="PlanSubscriptionScheduleEnding",
    description="What happens after the last phase.",
)
described_enum(
    ChangeTime,
    {
        "NOW": "At once.",
        "PERIOD_END": "When the current billing period, or the trial, ends.",
        "DATE": "At the instant `at`, which it needs.",
    },
    name="PlanSubscriptionChangeTime",
    description="When a change takes effect.",
)
described_enum(
    FeeTime,
    {
        "NEXT_INVOICE": "With the next invoice for a period, for changes or for its end; in a trial, with the first after it.",
        "NOW": "At once, in a trial too, by an invoice of its own where nothing else is billed at once.",
    },
    name="PlanSubscriptionFeeTime",
    description="When a fee is billed.",
)
described_enum(
    ProrationBehavior,
    {
        "CREATE": "The difference, with the next invoice.",
        "INVOICE_NOW": "The difference, at once; a credit is kept for the next invoice.",
        "NONE": "Nothing.",
    },
    description="What is billed for the rest of a period in which a price or quantity changes.",
)


described_enum(
    UnusedTime,
    {
        "KEEP": "Nothing is given back, but credit that was kept for the next invoice: that goes to the customer's balance.",
        "CREDIT": "It goes to the customer's balance.",
        "REFUND": "It goes to where the payment came from, as far as a payment paid it.",
    },
    description="What becomes of time that was billed in advance and is not used any more.",
)


described_enum(
    CancellationTime,
    {
        "NOW": "At once.",
        "PERIOD_END": "When the current billing period, or the trial, ends.",
        "DATE": "At the instant `at`, which it needs.",
    },
    description="When a plan subscription ends.",
)
described_enum(
    MigrationStatus,
    {
        "RUNNING": "Subscribers are being moved.",
        "COMPLETED": "Everybody was moved who could be.",
        "CANCELED": "It was stopped, and the others stay.",
    },
    name="PriceMigrationStatus",
    description="Where a price migration stands.",
)
described_enum(
    MrrMovementKind,
    {
        "NEW": "It pays for the first time.",
        "EXPANSION": "It pays more.",
        "CONTRACTION": "It pays less.",
        "CHURN": "It pays nothing any more, since it ended, is paused or is unpaid, or became free.",
        "REACTIVATION": "It pays again.",
    },
    description="How the MRR moved.",
)
described_enum(
    MrrMovementReason,
    {
        "ACTIVATED": "Its invoice was paid.",
        "TRIAL_ENDED": "Its trial ended.",
        "CHANGED": "Its price, quantity or add-ons changed.",
        "PERIOD_OPENED": "A discount began or ended with the period.",
        "PAUSED": "It was paused.",
        "RESUMED": "It went on after a pause.",
        "UNPAID": "It was not paid by the last retry.",
        "CANCELED": "It ended.",
    },
    description="Why the MRR moved.",
)


class PriceMigrationTime(StrEnum):
    """When who is moved pays the other price: the times of a change that all subscribers have."""

    NOW = ChangeTime.NOW.value
    PERIOD_END = ChangeTime.PERIOD_END.value


described_enum(
    PriceMigrationTime,
    {"NOW": "At once.", "PERIOD_END": "When the current billing period of each, or its trial, ends."},
    description="When subscribers who are moved pay the other price.",
)
