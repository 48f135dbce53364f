"""Whatever happens between two subgraphs, every period is billed and paid for exactly once."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subgraphs.invoice.domain.values import InvoiceStatus, PaymentStatus
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.settings import Settings
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.mrr import mrr
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus
from tests.testkit.billing_flow import BillingFlow, run_billing_flow
from tests.testkit.memory import AT

steps = st.one_of(
    st.tuples(st.just("advance"), st.integers(1, 70)),
    st.tuples(st.just("renew")),
    st.tuples(st.just("relay"), st.booleans()),
    st.tuples(st.just("deliver"), st.integers(0, 20), st.booleans()),
    st.tuples(st.just("crash"), st.integers(0, 1), st.integers(1, 6), st.booleans()),
)


async def take(flow: BillingFlow, step: tuple[object, ...]) -> None:
    match step:
        case ("advance", int(days)):
            await flow.advance(days)
        case ("renew",):
            await flow.renew()
        case ("relay", bool(mark)):
            await flow.relay(mark=mark)
        case ("deliver", int(position), bool(again)):
            await flow.deliver(position, again=again)
        case ("change", int(quantity), bool(invoice_now)):
            await flow.change(quantity, invoice_now=invoice_now)
        case ("minutes", int(minutes)):
            flow.clock.at += timedelta(minutes=minutes)
        case ("finalize",):
            await flow.finalize()
        case ("crash", int(which), int(after), bool(stored_first)):
            flow.crash(which, after, stored_first=stored_first)


async def assert_each_period_billed_once(flow: BillingFlow) -> None:
    subscription = await flow.subscription.subscriptions.get(flow.tenant, flow.id)
    assert subscription.status is PlanSubscriptionStatus.ACTIVE
    assert subscription.period.start <= flow.clock.at < subscription.period.end

    invoices = sorted(await flow.invoice.reader.page(flow.tenant, {}, limit=1000), key=lambda found: found.period_number or 0)
    assert [invoice.period_number for invoice in invoices] == list(range(subscription.period_number + 1))
    assert {(invoice.status, invoice.total_minor) for invoice in invoices} == {(InvoiceStatus.PAID, 1900)}
    starts, ends = ([getattr(invoice.lines[0], edge) for invoice in invoices] for edge in ("period_start", "period_end"))
    assert starts == [AT, *ends[:-1]]
    assert sorted(invoice.number or "" for invoice in invoices) == [f"INV-{n:06d}" for n in range(1, len(invoices) + 1)]

    payments = await flow.invoice.payment_reader.page(flow.tenant, {"status": PaymentStatus.SUCCEEDED.value}, limit=1000)
    assert sorted(payment.invoice_id for payment in payments) == sorted(invoice.id for invoice in invoices)
    charges = flow.invoice.stores.database["sandbox_charges"]
    keys = {"$regex": f"^{flow.tenant}/"}
    assert await charges.count_documents({"_id": keys, "status": "SUCCEEDED"}) == len(invoices)


async def assert_books_agree(flow: BillingFlow) -> None:
    """MRR is that of the subscription, revenue and what is owed are those of the invoices, and no number is missing."""
    subscription = await flow.subscription.subscriptions.get(flow.tenant, flow.id)
    invoices = await flow.invoice.reader.page(flow.tenant, {}, limit=1000)
    end = flow.clock.at.date() + timedelta(days=900)
    moved = (await flow.subscription.mrr.daily(flow.tenant, "EUR", end, end)).before
    gained = moved["NEW"] + moved["REACTIVATION"] + moved["EXPANSION"]
    assert gained - moved["CONTRACTION"] - moved["CHURN"] == mrr(subscription).minor_units
    assert moved["subscriptions"] == 1

    revenue = (await flow.invoice.books.revenue(flow.tenant, "EUR", end, end)).before
    assert revenue["recognised"] == revenue["invoiced"] == sum(found.total_minor for found in invoices)
    billed = (await flow.invoice.books.billing(flow.tenant, "EUR", end, end)).before
    assert (billed["invoiced"], billed["paid"], billed["outstanding"]) == (revenue["invoiced"], revenue["invoiced"], 0)

    numbers = await flow.invoice.number_audits.audit(flow.tenant, "INV")
    assert (numbers.is_complete, numbers.count) == (True, len(invoices))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(steps, min_size=4, max_size=30))
async def test_any_interleaving_of_crashes_redeliveries_and_late_workers_bills_each_period_once(
    flow_settings: Settings, taken: list[tuple[object, ...]]
) -> None:
    async with run_billing_flow(flow_settings) as flow:
        await flow.start()
        for step in taken:
            await take(flow, step)
        await flow.settle()
        await assert_each_period_billed_once(flow)
        await assert_books_agree(flow)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.one_of(steps, st.tuples(st.just("change"), st.integers(1, 9), st.booleans())), min_size=4, max_size=25))
async def test_with_changes_between_what_is_billed_is_what_the_events_say(
    flow_settings: Settings, taken: list[tuple[object, ...]]
) -> None:
    async with run_billing_flow(flow_settings) as flow:
        await flow.start()
        for step in taken:
            await take(flow, step)
        await flow.settle()

        codec = PlanSubscription.codec
        commits = await flow.subscription.stores.events.load(flow.tenant, PlanSubscription.kind, flow.id)
        happened = [codec.decode(event.type, event.data) for commit in commits for event in commit.events]
        expected = sorted(
            [(line.description, line.amount.minor_units, line.explanation) for line in bill.lines]
            for event in happened
            if (bill := bill_of(event)) is not None
        )
        invoices = await flow.invoice.reader.page(flow.tenant, {}, limit=1000)
        billed = [[(line.description, line.amount_minor, line.explanation) for line in found.lines] for found in invoices]
        assert sorted(billed) == expected
        assert {found.status for found in invoices} == {InvoiceStatus.PAID}
        assert all(found.total_minor == sum(line.amount_minor for line in found.lines) >= 0 for found in invoices)
        await assert_books_agree(flow)


async def test_two_years_walked_day_by_day_equal_two_years_in_one_jump(flow_settings: Settings) -> None:
    async with run_billing_flow(flow_settings) as flow:
        jumped = replace(flow, clock=flow.clock, tenant=f"ten_{uuid4().hex}", on_their_way=[])
        await flow.start()
        for _ in range(73):
            await flow.advance(10)
            await flow.settle()
        assert isinstance(flow.clock, FixedClock)
        await jumped.start()
        await jumped.settle()
        await assert_each_period_billed_once(flow)
        await assert_each_period_billed_once(jumped)
        walked = await flow.invoice.reader.page(flow.tenant, {}, limit=100)
        leapt = await jumped.invoice.reader.page(jumped.tenant, {}, limit=100)
        assert len(walked) == 25  # 730 days from January 31, 2026: the last period has just begun, on January 31, 2028
        shown = {"number", "total_minor", "created_at", "finalized_at", "due_at", "paid_at", "lines", "period_number"}
        assert [found.model_dump(include=shown) for found in walked] == [found.model_dump(include=shown) for found in leapt]


async def assert_each_period_on_one_invoice(flow: BillingFlow) -> None:
    subscriptions = [await flow.subscription.subscriptions.get(flow.tenant, id) for id in flow.ids]
    assert {subscription.status for subscription in subscriptions} == {PlanSubscriptionStatus.ACTIVE}
    expected = [(one.id, number) for one in subscriptions for number in range(one.period_number + 1)]

    documents = await flow.invoice.reader.page(flow.tenant, {}, limit=1000)
    invoices = [await flow.invoice.invoices.get(flow.tenant, document.id) for document in documents]
    billed: list[tuple[str, int]] = []
    for invoice in invoices:
        draft = invoice.drafted.draft
        own = [(draft.plan_subscription_id or "", draft.period_number or 0)]
        bills = [(bill.plan_subscription_id, bill.period_number) for bill in invoice.bills] or own
        billed += bills
        assert (invoice.status, invoice.total.minor_units) == (InvoiceStatus.PAID, 1900 * len(bills))
        assert [line.plan_subscription_id for line in invoice.lines] == [bill.plan_subscription_id for bill in invoice.bills] or [
            None
        ]
        assert all(number == 0 for _, number in own) or invoice.bills  # first periods alone have invoices of their own
    assert Counter(billed) == Counter(expected)
    assert sorted(invoice.number or "" for invoice in invoices) == [f"INV-{n:06d}" for n in range(1, len(invoices) + 1)]

    payments = await flow.invoice.payment_reader.page(flow.tenant, {"status": PaymentStatus.SUCCEEDED.value}, limit=1000)
    assert sorted(payment.invoice_id for payment in payments) == sorted(invoice.id for invoice in invoices)
    charges = flow.invoice.stores.database["sandbox_charges"]
    assert await charges.count_documents({"_id": {"$regex": f"^{flow.tenant}/"}, "status": "SUCCEEDED"}) == len(invoices)


consolidating = st.one_of(steps, st.tuples(st.just("minutes"), st.integers(1, 90)), st.tuples(st.just("finalize")))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(consolidating, min_size=4, max_size=30))
async def test_any_interleaving_bills_each_period_of_several_subscriptions_on_one_invoice(
    flow_settings: Settings, taken: list[tuple[object, ...]]
) -> None:
    async with run_billing_flow(flow_settings) as flow:
        await flow.start(subscriptions=2, consolidate=True)
        for step in taken:
            await take(flow, step)
        await flow.settle()
        await assert_each_period_on_one_invoice(flow)


async def test_several_subscriptions_that_renew_together_are_charged_once(flow_settings: Settings) -> None:
    async with run_billing_flow(flow_settings) as flow:
        await flow.start(subscriptions=3, consolidate=True)
        await flow.settle()
        await flow.advance(31)
        await flow.settle()
        await assert_each_period_on_one_invoice(flow)
        renewal, *first = await flow.invoice.reader.page(flow.tenant, {}, limit=10)
        assert [invoice.total_minor for invoice in (renewal, *first)] == [5700, 1900, 1900, 1900]  # 3 * 19.00
        assert sorted(renewal.plan_subscription_ids) == sorted(flow.ids)
        assert renewal.plan_subscription_id is None


async def test_the_status_of_every_subscription_follows_the_payment_of_their_invoice(flow_settings: Settings) -> None:
    async with run_billing_flow(flow_settings) as flow:
        await flow.start(subscriptions=2, consolidate=True)
        await flow.settle()
        await flow.pay_with("sandbox_declined", 10)
        await flow.advance(31)
        await flow.settle()

        async def statuses() -> list[PlanSubscriptionStatus]:
            return [(await flow.subscription.subscriptions.get(flow.tenant, id)).status for id in flow.ids]

        assert await statuses() == [PlanSubscriptionStatus.PAST_DUE] * 2
        [renewal, *_] = await flow.invoice.reader.page(flow.tenant, {}, limit=1)
        assert (renewal.status, renewal.amount_due_minor, renewal.in_arrears) == (InvoiceStatus.OPEN, 3800, True)
        await flow.pay_with("sandbox_success", 12)
        await flow.settle()
        assert await statuses() == [PlanSubscriptionStatus.ACTIVE] * 2
        await assert_each_period_on_one_invoice(flow)
