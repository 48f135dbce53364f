"""Stories of a tenant on its own clock, through the router: what is billed, when, and what becomes of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.testkit.shop import Shop, open_shop, operation
from tests.testkit.system import RunningSystem

SECONDS = 60
FREEZE = "mutation($input: TestClockFreezeInput!) { testClockFreeze(input: $input) { testClock { now } userErrors { message } } }"
ADVANCE = """
mutation($input: TestClockAdvanceInput!) { testClockAdvance(input: $input) { testClock { now } userErrors { message } } }"""
CUSTOMER = (
    "mutation($input: CustomerCreateInput!) { customerCreate(input: $input) { customer { createdAt } userErrors { code } } }"
)
CLOCK = "{ testClock { now advancingTo } }"
METER = "mutation($input: MeterCreateInput!) { meterCreate(input: $input) { meter { id } userErrors { field message } } }"
PRODUCT = "mutation($input: ProductCreateInput!) { productCreate(input: $input) { product { id } userErrors { message } } }"
PLAN = "mutation($input: PlanCreateInput!) { planCreate(input: $input) { plan { id } userErrors { field message } } }"
PRICE = "mutation($input: PriceCreateInput!) { priceCreate(input: $input) { price { id } userErrors { field message } } }"
COUPON = "mutation($input: CouponCreateInput!) { couponCreate(input: $input) { coupon { id } userErrors { field message } } }"
CODE = """
mutation($input: PromotionCodeCreateInput!) {
  promotionCodeCreate(input: $input) { promotionCode { code coupon { name plans { name } } } userErrors { field message } }
}"""
START = """
mutation($input: PlanSubscriptionStartInput!) {
  planSubscriptionStart(input: $input) { planSubscription { id } userErrors { field message } }
}"""
RECORD = """
mutation($input: UsageRecordBatchInput!) {
  usageRecordBatch(input: $input) { recorded duplicates userErrors { field message } }
}"""
STORY = """
query($id: ID!) {
  planSubscription(id: $id) {
    status cancellationReason
    items { plan { name } price { meter { code } } quantity }
    discounts { name coupon { id } percentOff periodsLeft }
    usage { quantity amount { amount } price { meter { code } } }
    invoices(first: 10) {
      nodes { status total { amount } retries nextRetryAt
        lines { description amountBeforeDiscounts { amount } amount { amount } usage discounts { name amount { amount } } } }
    }
  }
}"""
CAMPAIGN = """
mutation($input: DunningCampaignSetInput!) {
  dunningCampaignSet(input: $input) { dunningConfiguration { campaigns { currencyCode retryAfterDays action } }
    userErrors { field message } }
}"""


class Story:
    """A tenant that lives by a clock of its own."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.do = shop, shop.do

    async def advance(self, to: str) -> None:
        await self.do(ADVANCE, to=to)

        async def there() -> bool:
            clock: dict[str, Any] = (await self.shop.data(CLOCK))["testClock"]
            return clock["advancingTo"] is None and clock["now"].startswith(to[:16])

        await self.until(there)

    async def customers_hear_of(self, day: str) -> None:
        """Wait until the customer subgraph knows what time it is: the clock moves there by events."""

        async def heard() -> bool:
            created = await self.do(CUSTOMER, name="Later", currencyCode="EUR")
            return str(created["customer"]["createdAt"]).startswith(day)

        await self.until(heard)

    async def told(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.shop.data(STORY, {"id": id}))["planSubscription"]
        return found

    async def until(self, ask: Callable[[], Awaitable[bool]]) -> None:
        deadline = time.monotonic() + SECONDS
        while not await ask():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)

    async def until_told(self, id: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + SECONDS
        while not wanted(told := await self.told(id)):
            assert time.monotonic() < deadline, str(told)
            await asyncio.sleep(0.1)
        return told

    async def price(self, code: str, **terms: Any) -> tuple[str, str]:
        """Return the ids of a new plan and of its monthly price."""
        product = (await self.do(PRODUCT, name=code.title()))["product"]["id"]
        plan = (await self.do(PLAN, productId=product, code=code, name=code.title()))["plan"]["id"]
        month = {"unit": "MONTH", "count": 1}
        price = (await self.do(PRICE, planId=plan, currencyCode="EUR", interval=month, **terms))["price"]["id"]
        return plan, price


@pytest.fixture
async def story(system: RunningSystem, request: pytest.FixtureRequest) -> Story:
    made = Story(await open_shop(system, request.node.name[:60]))
    await made.do(FREEZE, now="2026-01-01T00:00:00Z")
    return made


async def test_a_base_fee_usage_and_a_coupon_on_one_invoice(story: Story) -> None:
    meter = (await story.do(METER, code="calls", name="API calls", aggregation="SUM"))["meter"]["id"]
    base_plan, base = await story.price("base", model="FLAT", flatAmount={"minorUnits": "5000", "currencyCode": "EUR"})
    _, calls = await story.price("calls", model="PER_UNIT", unitAmount="0.002", meterId=meter)
    coupon = await story.do(COUPON, name="Launch", percentOff="20", duration="REPEATING", periods=2, planIds=[base_plan])
    code = await story.do(CODE, couponId=coupon["coupon"]["id"], code="launch-2026")
    assert code["promotionCode"] == {"code": "LAUNCH-2026", "coupon": {"name": "Launch", "plans": [{"name": "Base"}]}}
    customer = await story.shop.create_customer()
    started = await story.do(START, customerId=customer, priceId=base, addOns=[{"priceId": calls}], promotionCode="Launch-2026")
    id = started["planSubscription"]["id"]
    first = await story.until_told(id, lambda told: told["status"] == "ACTIVE")
    [invoice] = first["invoices"]["nodes"]
    assert (invoice["total"]["amount"], invoice["lines"][0]["amountBeforeDiscounts"]["amount"]) == ("40.00", "50.00")
    assert invoice["lines"][0]["discounts"] == [{"name": "Launch, 20 %", "amount": {"amount": "10.00"}}]

    await story.advance("2026-01-20T00:00:00Z")
    at = "2026-01-10T00:00:00Z"
    events = [
        {"id": f"e{number}", "planSubscriptionId": id, "meter": "calls", "value": "1000.5", "at": at} for number in range(3)
    ]
    wrong = {"id": "wrong", "planSubscriptionId": id, "meter": "nothing"}
    batch = (await story.shop.data(RECORD, {"input": {"events": [*events, events[0], wrong]}}))["usageRecordBatch"]
    assert (batch["recorded"], batch["duplicates"]) == (3, 1)
    assert [error["field"] for error in batch["userErrors"]] == [["input", "events", "4", "meter"]]
    assert (await story.told(id))["usage"] == [
        {"quantity": "3001.5", "amount": {"amount": "6.00"}, "price": {"meter": {"code": "calls"}}}
    ]

    await story.advance("2026-02-01T00:00:00Z")
    told = await story.until_told(id, lambda told: len(told["invoices"]["nodes"]) == 2)
    second = told["invoices"]["nodes"][0]
    # 50.00 − 20 % for February, 3001.5 × 0.002 for January
    assert [(line["description"], line["amount"]["amount"], line["usage"]) for line in second["lines"]] == [
        ("Base", "40.00", None),
        ("Calls", "6.00", "3001.5"),
    ]
    assert told["discounts"] == []


async def test_a_card_that_stops_working_is_tried_again_and_the_subscription_is_unpaid_until_another_pays(story: Story) -> None:
    await story.do(CAMPAIGN, currencyCode="EUR", retryAfterDays=[2, 4], action="MARK_UNPAID")
    _, price = await story.price("team", model="FLAT", flatAmount={"minorUnits": "3000", "currencyCode": "EUR"})
    customer = await story.shop.create_customer()
    id = (await story.do(START, customerId=customer, priceId=price))["planSubscription"]["id"]
    await story.until_told(id, lambda told: told["status"] == "ACTIVE")
    await story.do(
        operation("PaymentMethodAttach"), customerId=customer, token="sandbox_declined", label="Gone", makeDefault=True
    )
    await story.advance("2026-02-01T00:00:00Z")
    told = await story.until_told(id, lambda told: told["status"] == "PAST_DUE")
    assert told["invoices"]["nodes"][0]["nextRetryAt"] == "2026-02-03T00:00:00.000Z"
    await story.advance("2026-02-04T00:00:00Z")
    await story.until_told(id, lambda told: told["invoices"]["nodes"][0]["retries"] == 1)
    await story.advance("2026-02-10T00:00:00Z")
    told = await story.until_told(id, lambda told: told["status"] == "UNPAID")
    assert told["invoices"]["nodes"][0]["retries"] == 2
    await story.advance("2026-03-17T00:00:00Z")
    assert len((await story.told(id))["invoices"]["nodes"]) == 2
    await story.customers_hear_of("2026-03-17")
    await story.do(operation("PaymentMethodAttach"), customerId=customer, token="sandbox_success", label="New", makeDefault=True)
    told = await story.until_told(id, lambda told: told["status"] == "ACTIVE" and len(told["invoices"]["nodes"]) == 3)
    # February is paid; of March 15 of 31 days are left: 30.00 × 15/31
    assert [one["total"]["amount"] for one in told["invoices"]["nodes"]] == ["14.52", "30.00", "30.00"]


TAX = "mutation($input: TaxRateAddInput!) { taxRateAdd(input: $input) { taxRateId userErrors { field message } } }"
ADDRESS = (
    "mutation($input: CustomerUpdateInput!) { customerUpdate(input: $input) { customer { id } userErrors { field message } } }"
)
PREVIEW = """
query($input: PlanSubscriptionChangePreviewInput!) {
  planSubscriptionChangePreview(input: $input) {
    now { total { amount } invoice { subtotal { amount } tax { amount } total { amount } taxes { name } lines { description } } }
    next { total { amount } invoice { total { amount } tax { amount } } }
  }
}"""
CHANGE = """
mutation($input: PlanSubscriptionChangeInput!) {
  planSubscriptionChange(input: $input) { planSubscription { id } userErrors { message } }
}"""
TOTALS = """
query($id: ID!) { planSubscription(id: $id) { invoices(first: 5) {
  nodes { status subtotal { amount } tax { amount } total { amount } lines { description } } } } }"""


async def test_a_preview_is_the_invoice_with_its_taxes(story: Story) -> None:
    await story.do(TAX, name="VAT", percentage="19", country="DE")
    _, price = await story.price("seats", model="PER_UNIT", unitAmount="31.00")
    customer = await story.shop.create_customer()
    await story.do(ADDRESS, id=customer, address={"line1": "Hauptstr. 1", "city": "Berlin", "country": "DE"})
    id = (await story.do(START, customerId=customer, priceId=price, quantity=1))["planSubscription"]["id"]
    await story.until_told(id, lambda told: told["status"] == "ACTIVE")
    await story.advance("2026-01-11T00:00:00Z")
    wanted = {"id": id, "quantity": 3, "proration": "INVOICE_NOW"}
    preview = (await story.shop.data(PREVIEW, {"input": wanted}))["planSubscriptionChangePreview"]
    # 2 more seats for 21 of 31 days: −21.00 + 63.00, and 19 % on it
    assert (preview["now"]["total"]["amount"], preview["next"]["total"]["amount"]) == ("42.00", "93.00")
    invoice = preview["now"]["invoice"]
    assert (invoice["tax"]["amount"], invoice["total"]["amount"], invoice["taxes"]) == ("7.98", "49.98", [{"name": "VAT"}])
    assert preview["next"]["invoice"] == {"total": {"amount": "110.67"}, "tax": {"amount": "17.67"}}
    await story.do(CHANGE, **wanted)
    await story.until_told(id, lambda told: len(told["invoices"]["nodes"]) == 2)
    made = (await story.shop.data(TOTALS, {"id": id}))["planSubscription"]["invoices"]["nodes"][0]
    assert {name: made[name] for name in ("subtotal", "tax", "total", "lines")} == {
        name: invoice[name] for name in ("subtotal", "tax", "total", "lines")
    }
