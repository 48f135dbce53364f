"""A coupon for one period, given once per customer, is off one invoice, whatever is asked for again and however often."""

from datetime import timedelta

import pytest

from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.kit.domain.errors import InvalidState
from subgraphs.subscription.commands.change_discounts import add_discount
from subgraphs.subscription.commands.redeem_coupon import WantedDiscount
from subgraphs.subscription.commands.renew_plan_subscription import renew_plan_subscription
from subgraphs.subscription.commands.start_plan_subscription import WantedStart, start_plan_subscription
from tests.testkit.memory import AT
from tests.testkit.memory_flow import memory_flow


async def test_only_the_first_invoice_is_free() -> None:
    with memory_flow(at_once=True) as flow:
        services, facts, code = flow.subscription, flow.facts, WantedDiscount(promotion_code="FREE")
        facts.add_customer("cus_1", payment_method_id="pm_sandbox_success")
        facts.add_plan()
        facts.add_price()
        facts.add_coupon(percent_off="100", periods=1, once_per_customer=True)
        facts.add_promotion_code("FREE", max_redemptions=2)
        wanted, given = (
            WantedStart(customer_id="cus_1", price_id="price_1", discount=code),
            (services.coupons, services.redemptions),
        )
        subscription = await start_plan_subscription(
            services.subscriptions,
            services.known,
            wanted,
            flow.context(AT),
            coupons=services.coupons,
            redemptions=services.redemptions,
            claims=services.claims,
        )
        id = subscription.id
        for _ in range(3):
            at = flow.subscriptions[id].period.end
            await renew_plan_subscription(services.subscriptions, services.known, services.metered, id, at, flow.context(at))
            with pytest.raises(InvalidState, match="once per customer"):
                await add_discount(services.subscriptions, *given, id, code, flow.context(at + timedelta(hours=1)))
        # 19.00 − 100 %, and 19.00 three times
        assert [invoice.total.minor_units for invoice in flow.invoices] == [0, 1900, 1900, 1900]
        assert {invoice.status for invoice in flow.invoices} == {InvoiceStatus.PAID}

        # One of the two redemptions of the code is left for somebody else.
        facts.add_customer("cus_2", payment_method_id="pm_sandbox_success")
        await start_plan_subscription(
            services.subscriptions,
            services.known,
            WantedStart(customer_id="cus_2", price_id="price_1", discount=code),
            flow.context(at),
            coupons=services.coupons,
            redemptions=services.redemptions,
            claims=services.claims,
        )
        await flow.settle()
        assert [invoice.total.minor_units for invoice in flow.invoices] == [0, 1900, 1900, 1900, 0]
