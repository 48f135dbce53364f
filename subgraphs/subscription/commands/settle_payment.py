"""Take over how the payment for a billing period went, and what of a bill was taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subgraphs.kit.domain.command import CommandContext
from subgraphs.subscription.commands.metered import Metered, update_with_usage
from subgraphs.subscription.domain.plan_subscription import PlanSubscription, Used
from subgraphs.subscription.domain.values import CreditedLine
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = [
    "BillName",
    "note_bill_credited",
    "note_bill_unpaid",
    "note_debt_paid",
    "note_debt_replaced",
    "note_dunning_exhausted",
    "note_payment_failed",
    "note_payment_overdue",
    "note_period_paid",
    "note_period_settled",
]


@dataclass(frozen=True, slots=True)
class BillName:
    """A bill of a plan subscription: that of a period or, by its number, of adjustments; the other is None."""

    period_number: int | None
    adjustments_number: int | None


async def note_period_paid(
    subscriptions: PlanSubscriptionRepository, id: str, number: int, context: CommandContext
) -> PlanSubscription:
    """Note that period `number` is paid: the first makes it ACTIVE, a later one makes up for a failed payment.

    Raises:
        NotFound: there is no such plan subscription.
    """

    def paid(subscription: PlanSubscription) -> None:
        subscription.period_paid(number, context)
        subscription.bill_unpaid(number, None, 0, 0)

    return await subscriptions.update(id, context, paid)


async def note_bill_unpaid(
    subscriptions: PlanSubscriptionRepository, id: str, bill: BillName, unpaid: int, whole: int, context: CommandContext
) -> PlanSubscription:
    """Note that `unpaid` minor units of a bill, which came to `whole`, are not paid and not expected; 0: they are paid after all.

    Raises:
        NotFound: there is no such plan subscription.
    """
    return await subscriptions.update(
        id,
        context,
        lambda subscription: subscription.bill_unpaid(bill.period_number, bill.adjustments_number, unpaid, whole),
    )


async def note_bill_credited(
    subscriptions: PlanSubscriptionRepository,
    id: str,
    bill: BillName,
    credit_note_id: str,
    lines: Sequence[CreditedLine],
    context: CommandContext,
) -> PlanSubscription:
    """Note what a credit note took back of a bill: credit of what it bills is limited by that.

    Raises:
        NotFound: there is no such plan subscription.
    """
    return await subscriptions.update(
        id,
        context,
        lambda subscription: subscription.bill_credited(credit_note_id, bill.period_number, bill.adjustments_number, lines),
    )


async def note_period_settled(
    subscriptions: PlanSubscriptionRepository, id: str, number: int, context: CommandContext
) -> PlanSubscription:
    """Note that nobody waits for the invoice of period `number` any more: it makes up for a failed payment.

    Raises:
        NotFound: there is no such plan subscription.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.period_settled(number))


async def note_payment_failed(
    subscriptions: PlanSubscriptionRepository, id: str, number: int, reason: str, context: CommandContext
) -> PlanSubscription:
    """Note that the payment of period `number` failed: it becomes INCOMPLETE, or PAST_DUE; nothing happens once that is paid.

    Raises:
        NotFound: there is no such plan subscription.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.payment_failed(number, reason))


async def note_payment_overdue(
    subscriptions: PlanSubscriptionRepository, id: str, number: int, context: CommandContext
) -> PlanSubscription:
    """Note that the invoice of period `number` was sent and not paid when due: it becomes PAST_DUE; nothing happens once it is.

    Raises:
        NotFound: there is no such plan subscription.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.payment_overdue(number))


async def note_debt_replaced(
    subscriptions: PlanSubscriptionRepository, id: str, invoice_id: str, by_invoice_id: str, context: CommandContext
) -> PlanSubscription:
    """Let a subscription that was marked unpaid for an invoice be so for the one that takes its place. Others stay as they are.

    Raises:
        NotFound: there is no such plan subscription.
    """
    return await subscriptions.update(
        id, context, lambda subscription: subscription.debt_replaced(invoice_id, by_invoice_id, context)
    )


async def note_debt_paid(
    subscriptions: PlanSubscriptionRepository,
    metered: Metered,
    id: str,
    invoice_id: str,
    context: CommandContext,
    *,
    loaded: PlanSubscription | None = None,
) -> PlanSubscription:
    """Let a subscription that was marked unpaid for this invoice go on: nothing of it is owed any more. Others stay as they are.

    `loaded` is the subscription, where the caller has just loaded or changed it.

    Raises:
        NotFound: there is no such plan subscription.
    """
    return await update_with_usage(
        subscriptions,
        metered,
        id,
        context,
        lambda subscription, used: subscription.debt_paid(invoice_id, context, used=used),
        wanted=lambda subscription: subscription.usage_wanted(context.at) if subscription.owes(invoice_id) else (),
        loaded=loaded,
    )


async def note_dunning_exhausted(
    subscriptions: PlanSubscriptionRepository,
    metered: Metered,
    id: str,
    invoice_id: str,
    action: str,
    retries: int,
    context: CommandContext,
    number: int | None = None,
    *,
    overdue_since: datetime | None = None,
) -> PlanSubscription:
    """Do what the tenant's campaign says when an invoice was not paid by its last retry: CANCEL, MARK_UNPAID or nothing.

    The invoice bills period `number`, None: it bills none. One that was sent is `overdue_since` it was due. Nothing happens where
    that period is paid, or nobody waits for it, by now: what is told of an invoice may come in any order, and long after.

    Raises:
        NotFound: there is no such plan subscription.
    """

    def obey(subscription: PlanSubscription, used: Used) -> None:
        if number is not None and subscription.is_settled(number):
            return
        if action == "CANCEL":
            reason = f"Invoice {invoice_id} could not be charged, nor by {retries} retries."
            if overdue_since is not None:
                reason = f"Invoice {invoice_id} was due on {overdue_since:%Y-%m-%d} and was not paid."
            subscription.cancel(reason, context, used=used)
        elif action == "MARK_UNPAID":
            subscription.mark_unpaid(invoice_id, context, number)

    return await update_with_usage(
        subscriptions,
        metered,
        id,
        context,
        obey,
        wanted=lambda subscription: subscription.usage_wanted(context.at, with_end=True),
    )
