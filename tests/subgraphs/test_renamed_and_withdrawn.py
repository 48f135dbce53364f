"""What a customer's invoices say after a plan was renamed and usage withdrawn: subscription and invoice subgraph together."""

from datetime import datetime, timedelta
from decimal import Decimal

from subgraphs.subscription.commands.record_usage import RecordedEvent, WantedEvent, record_usage, will_be_billed, withdraw_usage
from subgraphs.subscription.commands.renew_plan_subscription import renew_plan_subscription
from subgraphs.subscription.commands.start_plan_subscription import WantedStart, start_plan_subscription
from tests.testkit.memory import AT
from tests.testkit.memory_flow import TENANT, MemoryFlow, memory_flow

# Periods run from January 31.
FEBRUARY, MARCH, APRIL, MAY = (
    datetime.fromisoformat(f"2026-{day}T12:00:00.123+00:00") for day in ("02-28", "03-31", "04-30", "05-31")
)
DAY = timedelta(days=1)


class Customer:
    """Subscribes to calls at 0.05 EUR each."""

    def __init__(self, flow: MemoryFlow, id: str) -> None:
        self.flow, self.services, self.id = flow, flow.subscription, id

    @classmethod
    async def begun(cls, flow: MemoryFlow) -> "Customer":
        facts, services = flow.facts, flow.subscription
        facts.add_customer()
        facts.add_plan()
        facts.add_meter(name="API calls")
        facts.add_price("price_calls", model="PER_UNIT", flat_amount_minor=None, unit_amount="0.05", meter_id="mtr_1")
        await flow.add_customer("cus_1", AT)
        started = await start_plan_subscription(
            services.subscriptions,
            services.known,
            WantedStart(customer_id="cus_1", price_id="price_calls"),
            flow.context(AT),
            coupons=services.coupons,
            redemptions=services.redemptions,
            claims=services.claims,
        )
        return cls(flow, started.id)

    async def use(self, id: str, calls: int, at: datetime) -> bool:
        """Return whether it is said that it will be billed."""
        wanted = WantedEvent(id=id, plan_subscription_id=self.id, meter="calls", value=Decimal(calls), at=at)
        services = self.services
        [told] = await record_usage(
            services.usage, services.meters, services.reader, [wanted], self.flow.context(at), watched=services.watched
        )
        assert isinstance(told, RecordedEvent)
        return told.will_be_billed

    async def withdraw(self, id: str, at: datetime) -> bool:
        kept = await withdraw_usage(self.services.usage, id, self.flow.context(at))
        return will_be_billed(kept.metered, await self.services.reader.find(TENANT, self.id))

    async def renew(self, at: datetime) -> None:
        self.flow.clock.at = at
        services = self.services
        await renew_plan_subscription(
            services.subscriptions, services.known, services.metered, self.id, at, self.flow.context(at)
        )

    def invoices(self) -> list[list[tuple[str, int]]]:
        """Return what each line of each invoice is called and comes to, in minor units."""
        return [
            [(line.description, line.amount.minor_units) for line in invoice.lines]
            for invoice in self.flow.invoices
            if invoice.lines
        ]


async def test_invoices_bear_the_name_of_when_they_were_drafted_and_credit_what_was_withdrawn_in_time() -> None:
    with memory_flow(at_once=True) as flow:
        customer = await Customer.begun(flow)
        assert await customer.use("e1", 100, AT + DAY)
        assert await customer.use("e2", 60, AT + DAY)
        await customer.renew(FEBRUARY)
        first = ("API calls (Team)", 800)  # 160 × 0.05
        assert customer.invoices() == [[first]]

        flow.facts.add_plan(name="Crew")
        assert await customer.use("e3", 200, FEBRUARY + DAY)
        assert await customer.withdraw("e2", FEBRUARY + DAY)
        await customer.renew(MARCH)
        # 200 × 0.05, and 60 × 0.05 of the period before are given back
        second = [("API calls (Crew)", 1000), ("Late usage of API calls (Crew)", -300)]
        assert customer.invoices() == [[first], second]

        assert await customer.use("e4", 20, MARCH + DAY)
        await customer.renew(APRIL)
        third = [("API calls (Crew)", 100)]
        # What ended on February 28 ended 61 days before the period that began on April 30.
        assert not await customer.withdraw("e1", APRIL + DAY)
        assert await customer.use("e5", 40, APRIL + DAY)
        await customer.renew(MAY)
        assert customer.invoices() == [[first], second, third, [("API calls (Crew)", 200)]]
