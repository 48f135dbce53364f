"""What is read about plan subscriptions, and what is kept of others' facts."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from pymongo import ASCENDING, DESCENDING, IndexModel

from subgraphs.kit.domain.period import IntervalUnit
from subgraphs.kit.persistence.documents import TenantDocument
from subgraphs.kit.persistence.ledger import BUCKET_INDEX, LedgerDocument
from subgraphs.kit.persistence.tenant_clocks import COLLECTION
from subgraphs.pricing.usage import Aggregation
from subgraphs.subscription.domain.mrr import MrrMovementKind, MrrMovementReason
from subgraphs.subscription.domain.price_migration import MigrationStatus
from subgraphs.subscription.domain.values import ChangeTime, PlanSubscriptionStatus, ProrationBehavior

__all__ = [
    "AddOnPart",
    "CommitmentPart",
    "CouponReplica",
    "CustomerReplica",
    "DiscountPart",
    "FeatureReplica",
    "FeePart",
    "MeterReplica",
    "PhasePart",
    "MrrMovementDocument",
    "PlanReplica",
    "PlanSubscriptionDocument",
    "PriceMigrationDocument",
    "PriceReplica",
    "PromotionCodeReplica",
    "RefusalPart",
    "TenantClockDocument",
    "UsageWindowPart",
]


class AddOnPart(BaseModel):
    """A price that is added on, and how many units of it."""

    plan_id: str
    price_id: str
    quantity: int


class DiscountPart(BaseModel):
    """A discount and for how many more billing periods it is given, None: for all. `percent_off` is decimal text."""

    id: str
    coupon_id: str
    promotion_code_id: str | None
    name: str
    percent_off: str | None
    amount_off_minor: int | None
    periods_left: int | None
    added_at: datetime


class FeePart(BaseModel):
    """A one-time price that is billed with the next invoice, and what it comes to, in minor units before tax."""

    id: str
    plan_id: str
    price_id: str
    quantity: int
    amount_minor: int
    added_at: datetime


class PhasePart(BaseModel):
    """What applies from `starts_at`."""

    starts_at: datetime
    plan_id: str
    price_id: str
    quantity: int
    add_ons: list[AddOnPart]
    proration: ProrationBehavior


class CommitmentPart(BaseModel):
    """What is committed to until the term ends, and what was billed of it, in minor units before discounts and tax."""

    committed_minor: int
    billed_minor: int
    starts_at: datetime
    ends_at: datetime


class UsageWindowPart(BaseModel):
    """When usage of a meter has to have happened to be billed yet; `end` None: it goes on."""

    meter_id: str
    start: datetime
    end: datetime | None


class PlanSubscriptionDocument(TenantDocument):
    """One plan subscription as it is now. `due_at` is when time next changes it, None when it does not.

    On a tenant's own clock it is `clock_due_at` instead. Until `taken_until`, the worker `taken_by` is at it; whoever changes it
    ends that. `pending_minor` is what changes of this period and `fees` add to the next invoice, in minor units of `currency`.
    `has_thresholds` tells whether usage can be billed before its period has ended, `usage_windows` which usage is billed that
    becomes known now; None in a document of before that was kept. `days_until_due` is the payment term of invoices that are sent,
    None: they are charged automatically.
    """

    customer_id: str
    plan_id: str
    price_id: str
    quantity: int
    status: PlanSubscriptionStatus
    incomplete_reason: str | None
    period_number: int
    period_start: datetime
    period_end: datetime
    started_at: datetime
    activated_at: datetime | None
    cancel_at: datetime | None
    canceled_at: datetime | None
    cancellation_reason: str | None
    currency: str = ""
    past_due_reason: str | None = None
    trial_end: datetime | None = None
    paused_at: datetime | None = None
    resumes_at: datetime | None = None
    pending_minor: int = 0
    phases: list[PhasePart] = []
    add_ons: list[AddOnPart] = []
    price_ids: list[str] = []
    discounts: list[DiscountPart] = []
    fees: list[FeePart] = []
    has_thresholds: bool = False
    usage_windows: list[UsageWindowPart] | None = None
    commitment: CommitmentPart | None = None
    clock_due_at: datetime | None = None
    paid_through: datetime | None = None
    external_id: str | None = None
    days_until_due: int | None = None
    due_at: datetime | None
    taken_by: str | None = None
    taken_until: datetime | None = None

    class Settings:
        name = "plan_subscriptions"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("customer_id", ASCENDING), ("_id", DESCENDING)], name="by_customer"),
            IndexModel([("tenant", ASCENDING), ("status", ASCENDING), ("_id", ASCENDING)], name="by_status"),
            IndexModel([("tenant", ASCENDING), ("price_ids", ASCENDING), ("_id", ASCENDING)], name="by_price"),
            IndexModel([("tenant", ASCENDING), ("phases.price_id", ASCENDING), ("_id", ASCENDING)], name="by_scheduled_price"),
            IndexModel(
                [("tenant", ASCENDING), ("phases.add_ons.price_id", ASCENDING), ("_id", ASCENDING)], name="by_scheduled_add_on"
            ),
            IndexModel([("due_at", ASCENDING)], name="due"),
            IndexModel([("tenant", ASCENDING), ("clock_due_at", ASCENDING)], name="due_by_clock"),
            IndexModel([("tenant", ASCENDING), ("external_id", ASCENDING)], name="by_external_id"),
        ]


class RefusalPart(BaseModel):
    """A plan subscription that a price migration left as it is, and why."""

    plan_subscription_id: str
    code: str
    message: str


class PriceMigrationDocument(TenantDocument):
    """One price migration as it is now. `running_since` is set while it runs: the walk finds it by that."""

    from_price_id: str
    to_price_id: str
    when: ChangeTime
    proration: ProrationBehavior
    status: MigrationStatus
    moved: int
    refused: int
    refusals: list[RefusalPart]
    started_at: datetime
    ended_at: datetime | None
    running_since: datetime | None

    class Settings:
        name = "price_migrations"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age"),
            IndexModel([("running_since", ASCENDING)], name="running", sparse=True),
        ]


class MrrMovementDocument(LedgerDocument):
    """One movement of a subscription's MRR, in minor units of `currency`; `version` is that of the commit. Its bucket is a day.

    Its sums are its amount without sign, under its kind, and `subscriptions`: 1 where one begins to pay, -1 where it ends.
    """

    kind: MrrMovementKind
    reason: MrrMovementReason
    before_minor: int
    after_minor: int
    at: datetime
    plan_subscription_id: str
    customer_id: str
    plan_id: str

    class Settings:
        name = "mrr_movements"
        indexes = [
            BUCKET_INDEX,
            IndexModel([("tenant", ASCENDING), ("_id", DESCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("kind", ASCENDING), ("_id", DESCENDING)], name="by_kind"),
            IndexModel([("tenant", ASCENDING), ("customer_id", ASCENDING), ("_id", DESCENDING)], name="by_customer"),
            IndexModel(
                [("tenant", ASCENDING), ("plan_subscription_id", ASCENDING), ("_id", DESCENDING)], name="by_plan_subscription"
            ),
        ]


class TenantClockDocument(TenantDocument):
    """A tenant's own clock, under the tenant's id. `advancing_since` is set while it moves: the walk finds it by that.

    `round` is what those who follow it were asked last; not `asked`: nothing since it was told to advance.
    """

    now: datetime
    target: datetime | None
    round: int = 0
    asked: bool = False
    advancing_since: datetime | None

    class Settings:
        name = COLLECTION
        indexes = [IndexModel([("advancing_since", ASCENDING)], name="advancing", sparse=True)]


class CustomerReplica(TenantDocument):
    """What subscriptions need of a customer. `payment_method_id` is the default one; None: there is none.

    With `merged_into_id` it is an alias of that one.
    """

    currency: str | None = None
    time_zone: str | None = None
    archived: bool = False
    payment_method_id: str | None = None
    merged_into_id: str | None = None
    created_version: int = 0
    profile_version: int = 0
    archived_version: int = 0
    payment_version: int = 0
    merged_version: int = 0

    class Settings:
        name = "customers"


class PlanFeaturePart(BaseModel):
    """A feature of a plan, or the mark that it was removed: what a late event about it must not undo.

    With `meter_id` the limit is of what is used in a billing period.
    """

    included: bool
    limit: int | None
    told_version: int
    meter_id: str | None = None
    soft: bool = False


class FeatureReplica(TenantDocument):
    """What is known of a feature."""

    code: str | None = None
    created_version: int = 0

    class Settings:
        name = "features"
        indexes = [IndexModel([("tenant", ASCENDING), ("code", ASCENDING)], name="by_code")]


class PlanReplica(TenantDocument):
    """What subscriptions need of a plan."""

    name: str | None = None
    features: dict[str, PlanFeaturePart] = {}
    archived: bool = False
    created_version: int = 0
    archived_version: int = 0

    class Settings:
        name = "plans"


class PriceReplica(TenantDocument):
    """A price version. `unit_amount` is decimal text in major units; `details` is a `ChargeDetails` as plain values.

    A one-time price has no interval.
    """

    plan_id: str | None = None
    plan_name: str | None = None
    currency: str | None = None
    model: str | None = None
    flat_amount_minor: int | None = None
    unit_amount: str | None = None
    details: dict[str, Any] | None = None
    meter_id: str | None = None
    interval_unit: IntervalUnit | None = None
    interval_count: int | None = None
    archived: bool = False
    created_version: int = 0
    archived_version: int = 0

    class Settings:
        name = "prices"


class CouponReplica(TenantDocument):
    """A coupon. `percent_off` is decimal text; `periods` None: for all billing periods."""

    name: str | None = None
    percent_off: str | None = None
    amount_off_minor: int | None = None
    currency: str | None = None
    periods: int | None = None
    plan_ids: list[str] = []
    max_redemptions: int | None = None
    once_per_customer: bool = False
    redeem_by: datetime | None = None
    archived: bool = False
    created_version: int = 0
    archived_version: int = 0

    class Settings:
        name = "coupons"


class PromotionCodeReplica(TenantDocument):
    """A promotion code, in upper case."""

    coupon_id: str | None = None
    code: str | None = None
    max_redemptions: int | None = None
    expires_at: datetime | None = None
    deactivated: bool = False
    created_version: int = 0
    deactivated_version: int = 0

    class Settings:
        name = "promotion_codes"
        indexes = [IndexModel([("tenant", ASCENDING), ("code", ASCENDING)], name="by_code")]


class MeterReplica(TenantDocument):
    """What usage is counted of."""

    code: str | None = None
    name: str | None = None
    aggregation: Aggregation | None = None
    archived: bool = False
    created_version: int = 0
    archived_version: int = 0

    class Settings:
        name = "meters"
        indexes = [IndexModel([("tenant", ASCENDING), ("code", ASCENDING)], name="by_code")]
