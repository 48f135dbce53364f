"""From the aggregates to their documents."""

from subgraphs.kit.persistence.documents import DocumentProjection
from subgraphs.subscription.documents import (
    AddOnPart,
    CommitmentPart,
    DiscountPart,
    FeePart,
    PhasePart,
    PlanSubscriptionDocument,
    PriceMigrationDocument,
    RefusalPart,
    TenantClockDocument,
    UsageWindowPart,
)
from subgraphs.subscription.domain.commitment import committed
from subgraphs.subscription.domain.fees import Fee
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.price_migration import MigrationStatus, PriceMigration
from subgraphs.subscription.domain.tenant_clock import TenantClock
from subgraphs.subscription.domain.usage_windows import usage_windows
from subgraphs.subscription.domain.values import ScheduledChange, Terms

__all__ = [
    "phase_part",
    "plan_subscription_document",
    "plan_subscription_projection",
    "price_migration_document",
    "price_migration_projection",
    "tenant_clock_document",
    "tenant_clock_projection",
]


def plan_subscription_projection() -> DocumentProjection[PlanSubscription, PlanSubscriptionDocument]:
    """Return the projection that keeps `plan_subscriptions`."""
    return DocumentProjection(PlanSubscriptionDocument, plan_subscription_document)


def plan_subscription_document(subscription: PlanSubscription) -> PlanSubscriptionDocument:
    """Return what is read about a plan subscription in this state."""
    terms, on_clock = subscription.terms, subscription.started.on_test_clock
    fees = [_fee(fee) for fee in subscription.fees]
    return PlanSubscriptionDocument(
        id=subscription.id,
        tenant=subscription.tenant,
        version=subscription.version,
        customer_id=subscription.started.customer_id,
        plan_id=terms.price.plan_id,
        price_id=terms.price.price_id,
        quantity=terms.quantity,
        status=subscription.status,
        incomplete_reason=subscription.incomplete_reason,
        period_number=subscription.period_number,
        period_start=subscription.period.start,
        period_end=subscription.period.end,
        started_at=subscription.started_at,
        activated_at=subscription.activated_at,
        cancel_at=subscription.cancel_at,
        canceled_at=subscription.canceled_at,
        cancellation_reason=subscription.cancellation_reason,
        currency=terms.price.currency,
        past_due_reason=subscription.past_due_reason,
        trial_end=subscription.trial_end,
        paused_at=subscription.paused_at,
        resumes_at=subscription.resumes_at,
        pending_minor=sum(adjustment.amount_minor for adjustment in subscription.pending) + sum(fee.amount_minor for fee in fees),
        phases=[phase_part(change) for change in subscription.schedule],
        add_ons=_add_ons(terms),
        price_ids=[item.price.price_id for item in terms.items],
        discounts=[
            DiscountPart(
                id=one.id,
                coupon_id=one.coupon_id,
                promotion_code_id=one.promotion_code_id,
                name=one.name,
                percent_off=None if one.percent_off is None else f"{one.percent_off:f}",
                amount_off_minor=one.amount_off.minor_units if one.amount_off else None,
                periods_left=None if one.periods is None else one.periods - subscription.discount_uses[one.id],
                added_at=one.added_at,
            )
            for one in subscription.active_discounts
        ],
        fees=fees,
        has_thresholds=terms.has_thresholds,
        usage_windows=[
            UsageWindowPart(meter_id=one.meter_id, start=one.start, end=one.end) for one in usage_windows(subscription)
        ],
        paid_through=subscription.started.paid_through,
        external_id=subscription.started.external_id,
        commitment=_commitment(subscription),
        days_until_due=subscription.days_until_due,
        due_at=None if on_clock else subscription.due_at,
        clock_due_at=subscription.due_at if on_clock else None,
    )


def phase_part(change: ScheduledChange) -> PhasePart:
    """Return what is read about a scheduled change."""
    return PhasePart(
        starts_at=change.change_at,
        plan_id=change.terms.price.plan_id,
        price_id=change.terms.price.price_id,
        quantity=change.terms.quantity,
        add_ons=_add_ons(change.terms),
        proration=change.proration,
    )


def _commitment(subscription: PlanSubscription) -> CommitmentPart | None:
    term, ends_at = subscription.commitment, subscription.commitment_ends_at
    if term is None or ends_at is None:
        return None
    whole, _ = committed(term)
    return CommitmentPart(
        committed_minor=whole.minor_units, billed_minor=term.billed_minor, starts_at=term.start, ends_at=ends_at
    )


def _fee(fee: Fee) -> FeePart:
    return FeePart(
        id=fee.id,
        plan_id=fee.price.plan_id,
        price_id=fee.price.price_id,
        quantity=fee.quantity,
        amount_minor=fee.amount.minor_units,
        added_at=fee.added_at,
    )


def _add_ons(terms: Terms) -> list[AddOnPart]:
    return [AddOnPart(plan_id=item.price.plan_id, price_id=item.price.price_id, quantity=item.quantity) for item in terms.add_ons]


def price_migration_projection() -> DocumentProjection[PriceMigration, PriceMigrationDocument]:
    """Return the projection that keeps `price_migrations`."""
    return DocumentProjection(PriceMigrationDocument, price_migration_document)


def price_migration_document(migration: PriceMigration) -> PriceMigrationDocument:
    """Return what is read about a price migration in this state."""
    started = migration.started
    return PriceMigrationDocument(
        id=migration.id,
        tenant=migration.tenant,
        version=migration.version,
        from_price_id=started.from_price_id,
        to_price_id=started.to.price_id,
        when=started.when,
        proration=started.proration,
        status=migration.status,
        moved=migration.moved,
        refused=migration.refused,
        refusals=[
            RefusalPart(plan_subscription_id=one.plan_subscription_id, code=one.code, message=one.message)
            for one in migration.refusals
        ],
        started_at=started.started_at,
        ended_at=migration.ended_at,
        running_since=started.started_at if migration.status is MigrationStatus.RUNNING else None,
    )


def tenant_clock_projection() -> DocumentProjection[TenantClock, TenantClockDocument]:
    """Return the projection that keeps tenants' clocks."""
    return DocumentProjection(TenantClockDocument, tenant_clock_document)


def tenant_clock_document(clock: TenantClock) -> TenantClockDocument:
    """Return what is read about a tenant's clock in this state."""
    return TenantClockDocument(
        id=clock.id,
        tenant=clock.tenant,
        version=clock.version,
        now=clock.now,
        target=clock.target,
        round=clock.round,
        asked=clock.asked_version is not None,
        advancing_since=clock.recorded_at if clock.target else None,
    )
