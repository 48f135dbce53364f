"""This subgraph's enums as the API names them; imported before types and inputs use them."""

import strawberry

from subgraphs.kit.graphql.enums import shared_enum
from subgraphs.pricing.collection import COLLECTION_METHOD, CollectionMethod
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
    "ProrationBehavior",
    "ScheduleEnding",
    "TrialEnding",
    "UnusedTime",
]

strawberry.enum(
    PlanSubscriptionStatus,
    description=(
        "Where a plan subscription stands. SCHEDULED: it begins later. PENDING: its first invoice is being paid. "
        " TRIALING: free until trialEndsAt. ACTIVE. "
        "PAST_DUE: a renewal's payment failed, and its invoice is open. UNPAID: nor was it made by the last retry, and nothing "
        "more is billed until it is paid or void. "
        "INCOMPLETE: the first payment failed. INCOMPLETE_EXPIRED: and was not made within "
        "23 hours; final. PAUSED: nothing is billed. CANCELED: final."
    ),
)
shared_enum(CollectionMethod, description=COLLECTION_METHOD)
strawberry.enum(
    TrialEnding,
    description=(
        "What happens at the end of a trial when the customer has no payment method. CREATE_INVOICE: the first period is billed "
        "all the same. PAUSE: nothing is billed until it is resumed. CANCEL: it ends."
    ),
)
strawberry.enum(
    ScheduleEnding,
    name="PlanSubscriptionScheduleEnding",
    description=("What happens after the last phase. RELEASE: it goes on as in the last phase. CANCEL: it ends with it."),
)
strawberry.enum(ChangeTime, name="PlanSubscriptionChangeTime", description="When a change takes effect.")
strawberry.enum(
    FeeTime,
    name="PlanSubscriptionFeeTime",
    description=(
        "When a fee is billed. NEXT_INVOICE: with the next invoice for a period, for changes or for its end; in a trial, with "
        "the first one after it. NOW: at once, in a trial too, by an invoice of its own where nothing else is billed at once."
    ),
)
strawberry.enum(
    ProrationBehavior,
    description=(
        "What is billed for the rest of a period in which a price or quantity changes. CREATE: the difference, with the next "
        "invoice. INVOICE_NOW: the difference, at once; a credit is kept for the next invoice. NONE: nothing."
    ),
)


strawberry.enum(
    UnusedTime,
    description=(
        "What becomes of time that was billed in advance and is not used any more. KEEP: nothing is given back. CREDIT: it goes "
        "to the customer's balance. REFUND: to where the payment came from, as far as a payment paid it. Credit that was kept "
        "for the next invoice is given back with each of them, with KEEP to the balance."
    ),
)


strawberry.enum(CancellationTime, description="When a plan subscription ends.")
strawberry.enum(
    MigrationStatus,
    name="PriceMigrationStatus",
    description="Where a price migration stands. RUNNING: subscribers are being moved. COMPLETED. CANCELED: the others stay.",
)
strawberry.enum(
    MrrMovementKind,
    description=(
        "How the MRR moved. NEW: it pays for the first time. EXPANSION: it pays more. CONTRACTION: it pays less. "
        "CHURN: it pays nothing any more, since it ended, is paused or is unpaid, or became free. REACTIVATION: it pays again."
    ),
)
strawberry.enum(
    MrrMovementReason,
    description=(
        "Why the MRR moved. ACTIVATED: its invoice was paid. TRIAL_ENDED. CHANGED: its price, quantity or add-ons. "
        "PERIOD_OPENED: a discount began or ended with the period. PAUSED, RESUMED. UNPAID: not paid by the last retry. CANCELED."
    ),
)
