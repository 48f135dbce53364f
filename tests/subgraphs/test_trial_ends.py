"""A trial that is ended by command is billed, charged and paid as one that ends by itself."""

from datetime import timedelta

from subgraphs.invoice.domain.values import InvoiceStatus, PaymentStatus
from subgraphs.subscription.commands.set_trial_end import set_trial_end
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, Terms
from tests.testkit.memory import AT
from tests.testkit.memory_flow import memory_flow
from tests.testkit.subscribing import TEAM


async def test_a_trial_that_is_moved_and_then_ended_is_paid_once_from_then() -> None:
    with memory_flow(at_once=True) as flow:
        flow.facts.add_customer("cus_1", payment_method_id="pm_sandbox_success")
        terms, end, day = Terms(price=TEAM, quantity=1), AT + timedelta(days=14), timedelta(days=1)
        trial = PlanSubscription.start("psub_1", "cus_1", terms, "UTC", flow.context(AT), trial_end=end)
        stored = await flow.subscription.subscriptions.create(trial, flow.context(AT))
        known = flow.subscription.subscriptions, flow.subscription.known
        await set_trial_end(*known, stored.id, end + 14 * day, flow.context(AT + day))
        assert (list(flow.invoices), flow.subscriptions["psub_1"].trial_end) == ([], end + 14 * day)
        now = AT + 3 * day
        await set_trial_end(*known, stored.id, None, flow.context(now))
        await flow.settle()
        [invoice], [payment] = flow.invoices, flow.payments
        shown = flow.subscriptions["psub_1"]
        assert (shown.status, shown.activated_at is not None, shown.period.start) == (PlanSubscriptionStatus.ACTIVE, True, now)
        # 19.00 for the first month, from February 3
        assert (invoice.status, invoice.total.minor_units, payment.status) == (InvoiceStatus.PAID, 1900, PaymentStatus.SUCCEEDED)
