"""A subscription whose items bear different taxes, from its preview to the credit for what is not used: through the subgraphs."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from subgraphs.invoice.commands.draft_bill import draft_of_bill
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.tax_configuration import TaxRate
from subgraphs.invoice.domain.values import InvoiceDraft, InvoiceStatus, TaxExemption, TaxExemptionKind
from subgraphs.kit.domain.money import Money
from subgraphs.subscription.commands.cancel_plan_subscription import WantedCancellation, cancel_plan_subscription
from subgraphs.subscription.commands.change_plan_subscription import WantedChange, change_plan_subscription
from subgraphs.subscription.commands.known_facts import WantedItem
from subgraphs.subscription.commands.metered import Metered
from subgraphs.subscription.commands.move_tenant_clock import advance_tenant_clock, freeze_tenant_clock
from subgraphs.subscription.commands.previews import PreviewedBill, Previews
from subgraphs.subscription.commands.start_plan_subscription import WantedStart, start_plan_subscription
from subgraphs.subscription.domain.values import UnusedTime
from tests.testkit.billing import taxed_in
from tests.testkit.memory_flow import TENANT, MemoryFlow, memory_flow

FEBRUARY, MIDDLE, MARCH = (datetime(2026, *day, tzinfo=UTC) for day in ((2, 1), (2, 15), (3, 1)))
IN_MARCH = datetime(2026, 3, 17, tzinfo=UTC)
WANTED = WantedStart(customer_id="cus_1", price_id="price_app", add_ons=(WantedItem(price_id="price_books"),))

Taxes = list[list[tuple[str, int]]]


def rate(name: str, percentage: str, country: str, region: str | None = None, tax_category: str | None = None) -> TaxRate:
    return TaxRate(
        id=f"{name} {percentage}",
        name=name,
        percentage=Decimal(percentage),
        inclusive=False,
        country=country,
        region=region,
        tax_category=tax_category,
    )


RATES = (
    rate("VAT", "19", "DE"),
    rate("VAT", "7", "DE", tax_category="reduced"),
    rate("GST", "5", "CA"),
    rate("QST", "9.975", "CA", "CA-QC"),
)


class World:
    """A tenant on a test clock that sells an app for 100.00 a month, and books for 30.00 each, which are taxed as reduced."""

    def __init__(self, flow: MemoryFlow) -> None:
        self.flow, self.services = flow, flow.subscription
        facts, taxes = flow.facts, flow.taxes
        facts.clocks.add(TENANT)
        facts.add_customer("cus_1")
        for name, amount in (("app", 10_000), ("books", 3000)):
            facts.add_plan(f"plan_{name}", name=name)
            terms = {"model": "PER_UNIT", "flat_amount_minor": None, "unit_amount": str(Decimal(amount) / 100)}
            facts.add_price(f"price_{name}", plan_id=f"plan_{name}", plan_name=name, **terms)
        taxes.rates, taxes.plan_categories = RATES, {"plan_books": "reduced"}
        self.previews = Previews(self.services.subscriptions, self.services.known, self.services.coupons, self.metered)

    @property
    def metered(self) -> Metered:
        return self.services.metered

    async def begin(self) -> None:
        await freeze_tenant_clock(self.services.clocks, self.services.due, FEBRUARY, self.flow.context(FEBRUARY))

    async def until(self, at: datetime) -> None:
        await advance_tenant_clock(self.services.clocks, at, self.flow.context(at))
        await self.flow.walk().walk(TENANT)

    async def start(self) -> str:
        services = self.services
        started = await start_plan_subscription(
            services.subscriptions,
            services.known,
            WANTED,
            self.flow.context(FEBRUARY),
            coupons=services.coupons,
            redemptions=services.redemptions,
            claims=services.claims,
        )
        return started.id

    async def previewed(self, bill: PreviewedBill) -> InvoiceDraft:
        """Return what the invoice subgraph shows of a preview."""
        key = urlsafe_b64encode(msgspec.json.encode(bill.told)).decode()
        return await self.flow.taxes.on(TENANT, draft_of_bill(key))

    @property
    def last(self) -> Invoice:
        return self.flow.invoices[-1]


@pytest.fixture
def world() -> Iterator[World]:
    with memory_flow(at_once=True) as flow:
        yield World(flow)


def borne(invoice: Invoice) -> Taxes:
    return [[(tax.rate_id, tax.amount.minor_units) for tax in line.taxes] for line in invoice.lines]


async def test_a_subscription_with_items_of_19_and_of_7_per_cent(world: World) -> None:
    world.flow.taxes.customers["cus_1"] = taxed_in("DE")
    await world.begin()
    [first] = (await world.previews.start(WANTED, 1, world.flow.context(FEBRUARY))).bills
    preview = await world.previewed(first)
    id = await world.start()
    # 100.00 * 0.19 = 19.00 and 30.00 * 0.07 = 2.10
    assert borne(world.last) == [[("VAT 19", 1900)], [("VAT 7", 210)]]
    assert (world.last.status, world.last.total) == (InvoiceStatus.PAID, Money(15_110, "EUR"))
    assert world.last.lines == preview.lines

    await world.until(MIDDLE)
    change = WantedChange(add_ons=(WantedItem(price_id="price_books", quantity=3),))
    next_ = (await world.previews.change(id, change, world.flow.context(MIDDLE))).next
    assert next_ is not None
    preview = await world.previewed(next_)
    services, context = world.services, world.flow.context(MIDDLE)
    await change_plan_subscription(services.subscriptions, services.known, world.metered, id, change, context)
    await world.until(MARCH)
    # 100.00 and 3 * 30.00 in March; for 14 of 28 days of February −15.00 of one book and +45.00 of three, which are books as well
    assert [line.amount.minor_units for line in world.last.lines] == [10_000, 9000, -1500, 4500]
    assert borne(world.last) == [[("VAT 19", 1900)], [("VAT 7", 630)], [("VAT 7", -105)], [("VAT 7", 315)]]
    assert (world.last.status, world.last.total) == (InvoiceStatus.PAID, Money(24_740, "EUR"))  # 220.00 + 27.40
    assert world.last.lines == preview.lines

    await world.until(IN_MARCH)
    cancellation, context = WantedCancellation(unused_time=UnusedTime.CREDIT), world.flow.context(IN_MARCH)
    await cancel_plan_subscription(services.subscriptions, world.metered, id, cancellation, context)
    # 15 of 31 days: 100.00 * 15/31 = 48.387… with 19.00 * 48.39/100.00 = 9.194…; 90.00 * 15/31 = 43.548… with 6.30 * 43.55/90.00
    # = 3.0485
    assert world.last.amount_credited == Money(4839 + 919 + 4355 + 305, "EUR")


async def test_a_subscription_in_quebec(world: World) -> None:
    world.flow.taxes.customers["cus_1"] = taxed_in("CA", "CA-QC")
    await world.begin()
    await world.start()
    # 100.00 * 0.05 and * 0.09975 = 9.975; 30.00 * 0.05 and * 0.09975 = 2.9925: nobody has a rate there for what is reduced
    assert borne(world.last) == [[("GST 5", 500), ("QST 9.975", 998)], [("GST 5", 150), ("QST 9.975", 299)]]
    assert world.last.total == Money(14_947, "EUR")  # 130.00 + 19.47


async def test_a_customer_with_a_rate_of_its_own_and_an_exempt_one(world: World) -> None:
    world.flow.taxes.customers["cus_1"] = taxed_in("DE", rate_ids=("GST 5",))
    await world.begin()
    await world.start()
    assert borne(world.last) == [[("GST 5", 500)], [("GST 5", 150)]]
    exemption = TaxExemption(kind=TaxExemptionKind.REVERSE_CHARGE, reason="Art. 196")
    world.flow.taxes.customers["cus_1"] = taxed_in("FR", rate_ids=("GST 5",), exemption=exemption)
    await world.until(MARCH)
    assert (borne(world.last), world.last.drafted.draft.tax_exemption) == ([[], []], exemption)
    assert world.last.total == Money(13_000, "EUR")
