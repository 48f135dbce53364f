"""From the plan subscription aggregate to its document."""

from subgraphs.kit.persistence.documents import DocumentProjection
from subgraphs.subscription.documents import PlanSubscriptionDocument
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus

__all__ = ["plan_subscription_document", "plan_subscription_projection"]


def plan_subscription_projection() -> DocumentProjection[PlanSubscription, PlanSubscriptionDocument]:
    """Return the projection that keeps `plan_subscriptions`."""
    return DocumentProjection(PlanSubscriptionDocument, plan_subscription_document)


def plan_subscription_document(subscription: PlanSubscription) -> PlanSubscriptionDocument:
    """Return what is read about a plan subscription in this state."""
    active = subscription.status is PlanSubscriptionStatus.ACTIVE
    return PlanSubscriptionDocument(
        id=subscription.id,
        tenant=subscription.tenant,
        version=subscription.version,
        customer_id=subscription.started.customer_id,
        plan_id=subscription.started.price.plan_id,
        price_id=subscription.started.price.price_id,
        quantity=subscription.started.quantity,
        status=subscription.status,
        incomplete_reason=subscription.incomplete_reason,
        period_number=subscription.period_number,
        period_start=subscription.period.start,
        period_end=subscription.period.end,
        started_at=subscription.started.anchor,
        activated_at=subscription.activated_at,
        cancel_at=subscription.cancel_at,
        canceled_at=subscription.canceled_at,
        cancellation_reason=subscription.cancellation_reason,
        due_at=subscription.period.end if active else None,
    )
