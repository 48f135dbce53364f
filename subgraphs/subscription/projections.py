"""From the plan subscription aggregate to its document."""

from subgraphs.kit.persistence.documents import DocumentProjection
from subgraphs.subscription.documents import PlanSubscriptionDocument
from subgraphs.subscription.domain.plan_subscription import PlanSubscription

__all__ = ["plan_subscription_document", "plan_subscription_projection"]


def plan_subscription_projection() -> DocumentProjection[PlanSubscription, PlanSubscriptionDocument]:
    """Return the projection that keeps `plan_subscriptions`."""
    return DocumentProjection(PlanSubscriptionDocument, plan_subscription_document)


def plan_subscription_document(subscription: PlanSubscription) -> PlanSubscriptionDocument:
    """Return what is read about a plan subscription in this state."""
    terms, scheduled = subscription.terms, subscription.scheduled
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
        pending_minor=sum(adjustment.amount_minor for adjustment in subscription.pending),
        scheduled_plan_id=scheduled.terms.price.plan_id if scheduled else None,
        scheduled_price_id=scheduled.terms.price.price_id if scheduled else None,
        scheduled_quantity=scheduled.terms.quantity if scheduled else None,
        change_at=scheduled.change_at if scheduled else None,
        due_at=subscription.due_at,
    )
