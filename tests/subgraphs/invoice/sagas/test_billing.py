"""From an opened billing period to a charged invoice, on real stores."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from subgraphs.invoice.commands.create_credit_note import create_credit_note
from subgraphs.invoice.commands.draft_bill import AdjustmentsBilled, adjustments_draft
from subgraphs.invoice.commands.draft_invoice import draft_invoice
from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.commands.record_payment import record_payment
from subgraphs.invoice.commands.replace_invoice import replace_invoice
from subgraphs.invoice.documents import InvoiceDocument, PaymentDocument
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.values import CreditNoteStatus, InvoiceStatus, PaymentStatus, ReceivedPayment
from subgraphs.invoice.payment_methods import PaymentMethods
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.domain.ids import derived_id
from subgraphs.kit.domain.money import Money
from subgraphs.kit.messaging.consumer import Received
from tests.testkit.invoicing import (
    FEE,
    FLAT_ITEM,
    SEAT_ITEM,
    canceled,
    customer_events,
    deliver,
    fees_billed,
    period_opened,
)
from tests.testkit.memory import AT, context
from tests.testkit.payments import Crash, InMemoryProvider
from tests.testkit.received import received


class CrashingNumbers:
    """A process that ends where it would claim a number."""

    async def claim(self, tenant: str, series: str, document_id: str) -> int:
        raise Crash


async def invoices(services: InvoiceServices) -> list[InvoiceDocument]:
    return await services.reader.page("acme", {}, limit=100)


async def payments(services: InvoiceServices) -> list[PaymentDocument]:
    return await services.payment_reader.page("acme", {}, limit=100)


async def only_invoice(services: InvoiceServices) -> InvoiceDocument:
    [invoice] = await invoices(services)
    return invoice


async def test_a_period_is_billed_and_paid(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_success"), period_opened())
    invoice = await only_invoice(services)
    assert [(line.description, line.amount_minor, line.explanation) for line in invoice.lines] == [
        ("Team", 1900, "19.00 EUR flat"),
        ("Seats", 3750, "3 × 12.50 EUR"),  # 3 * 12.50 = 37.50
    ]
    assert (invoice.status, invoice.number, invoice.currency) == (InvoiceStatus.PAID, "INV-000001", "EUR")
    assert (invoice.total_minor, invoice.amount_paid_minor, invoice.amount_due_minor) == (5650, 5650, 0)  # 19.00 + 37.50
    assert {(line.period_start, line.period_end) for line in invoice.lines} == {
        (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
    }
    assert (invoice.customer_id, invoice.plan_subscription_id, invoice.period_number) == ("cus_1", "psub_1", 0)
    assert {invoice.created_at, invoice.finalized_at, invoice.due_at, invoice.paid_at} == {AT}
    assert invoice.created_by == "system:billing"
    [payment] = await payments(services)
    assert (payment.status, payment.amount_minor, payment.invoice_id) == (PaymentStatus.SUCCEEDED, 5650, invoice.id)


@pytest.mark.parametrize("late", [False, True])
async def test_what_was_sold_once_is_owed_though_its_subscription_was_never_paid_for(
    services: InvoiceServices, late: bool
) -> None:
    ended = canceled(ever_active=False)
    sold = fees_billed(FEE)
    await deliver(services, *customer_events("sandbox_declined"), *((ended, sold) if late else (sold, ended)))
    await deliver(services, period_opened())  # that of the subscription is not
    invoice = await only_invoice(services)
    assert (invoice.status, invoice.amount_due_minor) == (InvoiceStatus.OPEN, 9981)  # 2 × 49.905


async def test_a_redelivered_event_gives_one_invoice_and_one_charge(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_success"), period_opened(), period_opened())
    before = await only_invoice(services)
    await deliver(services, period_opened())
    assert await only_invoice(services) == before
    assert len(await payments(services)) == 1
    assert await services.stores.database["invoice_numbers"].count_documents({}) == 1


async def test_an_event_delivered_twice_at_the_same_time_gives_one_invoice_and_one_charge(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_success"))
    await asyncio.gather(*(deliver(services, period_opened()) for _ in range(4)))
    assert (await only_invoice(services)).status is InvoiceStatus.PAID
    assert len(await payments(services)) == 1
    assert await services.stores.database["sandbox_charges"].count_documents({}) == 1


async def test_each_period_has_an_invoice_of_its_own(services: InvoiceServices) -> None:
    later = AT + timedelta(days=28)
    await deliver(services, *customer_events("sandbox_success"), period_opened(0), period_opened(1, at=later))
    assert [(invoice.period_number, invoice.number) for invoice in await invoices(services)] == [
        (1, "INV-000002"),
        (0, "INV-000001"),
    ]


@pytest.mark.parametrize("chosen", [None, "pm_sandbox_success"])
async def test_the_subscriptions_method_comes_before_the_customers_default(services: InvoiceServices, chosen: str | None) -> None:
    customer = customer_events("sandbox_declined", "sandbox_success")
    await deliver(services, *customer, period_opened(payment_method_id=chosen))
    paid = (await only_invoice(services)).status is InvoiceStatus.PAID
    assert paid == (chosen is not None)


async def test_a_declined_payment_leaves_the_invoice_open(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_declined"), period_opened(), period_opened())
    invoice = await only_invoice(services)
    assert (invoice.status, invoice.amount_due_minor) == (InvoiceStatus.OPEN, 5650)
    assert [payment.failure_code for payment in await payments(services)] == ["card_declined"]


async def test_a_payment_that_needs_action_waits(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_requires_action"), period_opened(), period_opened())
    invoice = await only_invoice(services)
    assert (invoice.status, invoice.charging_since) == (InvoiceStatus.OPEN, None)
    assert [payment.status for payment in await payments(services)] == [PaymentStatus.ACTION_REQUIRED]


async def test_a_free_period_is_paid_without_a_payment_or_a_customer(services: InvoiceServices) -> None:
    await deliver(services, period_opened(items=[{**FLAT_ITEM, "flatAmountMinor": 0}]))
    invoice = await only_invoice(services)
    assert (invoice.status, invoice.total_minor, await payments(services)) == (InvoiceStatus.PAID, 0, [])


async def test_a_customer_without_a_way_to_pay_has_a_failed_payment(services: InvoiceServices) -> None:
    await deliver(services, *customer_events(), period_opened())
    assert (await only_invoice(services)).status is InvoiceStatus.OPEN
    assert [payment.failure_code for payment in await payments(services)] == ["no_payment_method"]


async def test_a_detached_method_is_not_charged(services: InvoiceServices) -> None:
    named = {"customerId": "cus_1", "paymentMethodId": "pm_sandbox_success"}
    detached = received("payment-method-detached.v1", named, aggregate_id="cus_1", sequence=9)
    opened = period_opened(payment_method_id="pm_sandbox_success")
    await deliver(services, *customer_events("sandbox_success"), detached, opened)
    assert [payment.failure_code for payment in await payments(services)] == ["no_payment_method"]


@pytest.mark.parametrize(
    ("known", "opened"),
    [
        (0, period_opened()),
        (0, period_opened(payment_method_id="pm_sandbox_success")),
        (1, period_opened(payment_method_id="pm_sandbox_success")),
    ],
)
async def test_billing_waits_for_how_the_customer_pays(services: InvoiceServices, known: int, opened: object) -> None:
    customer = customer_events("sandbox_success")
    await deliver(services, *customer[:known])
    for _ in range(2):
        with pytest.raises(NotReady):
            await deliver(services, opened)  # type: ignore[arg-type]
    assert (await only_invoice(services)).status is InvoiceStatus.OPEN
    await deliver(services, *customer[known:], opened)  # type: ignore[arg-type]
    assert (await only_invoice(services)).status is InvoiceStatus.PAID


async def test_a_default_that_is_on_its_way_is_waited_for(services: InvoiceServices) -> None:
    patient = replace(services, payment_methods=PaymentMethods(services.customers, wait_seconds=5))
    customer = customer_events("sandbox_success")
    await deliver(services, customer[0])
    billing = asyncio.create_task(deliver(patient, period_opened()))
    await asyncio.sleep(0.05)
    await deliver(services, *customer[1:])
    await billing
    assert (await only_invoice(services)).status is InvoiceStatus.PAID


async def test_a_crash_between_charge_and_settlement_is_made_good_by_the_redelivery(services: InvoiceServices) -> None:
    provider = InMemoryProvider()
    provider.crashes = 1
    crashing = replace(services, providers={"sandbox": provider})
    await deliver(services, *customer_events("sandbox_success"))
    with pytest.raises(Crash):
        await deliver(crashing, period_opened())
    assert (await only_invoice(services)).charging_since is not None
    await deliver(crashing, period_opened())
    invoice, [payment] = await only_invoice(services), await payments(services)
    assert (invoice.status, invoice.charging_since, payment.status) == (InvoiceStatus.PAID, None, PaymentStatus.SUCCEEDED)
    assert [id for id, _ in provider.moved] == [payment.id]


async def test_a_subscription_that_was_never_paid_for_owes_nothing(services: InvoiceServices) -> None:
    end = canceled(ever_active=False)
    await deliver(services, *customer_events("sandbox_declined"), period_opened(), end, end)
    invoice = await only_invoice(services)
    assert (invoice.status, invoice.number, invoice.amount_due_minor) == (InvoiceStatus.VOID, "INV-000001", 0)
    assert invoice.void_reason == "The subscription ended before it was paid for."


async def test_a_waiting_payment_of_it_is_canceled(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_requires_action"), period_opened(), canceled(ever_active=False))
    assert (await only_invoice(services)).status is InvoiceStatus.VOID
    assert [payment.failure_code for payment in await payments(services)] == ["canceled"]


async def test_what_was_paid_in_part_of_it_goes_to_the_balance(services: InvoiceServices) -> None:
    end = canceled(ever_active=False)
    await deliver(services, *customer_events("sandbox_declined"), period_opened())
    stores, received = (services.invoices, services.payments, services.providers), ReceivedPayment(reference="a", received_at=AT)
    id = (await only_invoice(services)).id
    await record_payment(*stores, id, Money(2000, "EUR"), received, context())
    await deliver(services, end, end)
    invoice = await only_invoice(services)
    assert (invoice.status, invoice.amount_due_minor, invoice.amount_credited_minor) == (InvoiceStatus.PAID, 0, 5650)
    [note] = await services.credit_note_reader.page("acme", {}, limit=10)
    assert (note.from_due_minor, note.balance_minor, note.refund_minor) == (3650, 2000, 0)  # 56.50 - 20.00


@pytest.mark.parametrize(("more", "refund", "balance"), [({}, 0, 5650), ({"creditRefund": True, "creditMinor": 5000}, 5650, 0)])
async def test_what_was_paid_in_full_of_it_is_given_back_once(
    services: InvoiceServices, more: dict[str, Any], refund: int, balance: int
) -> None:
    end = canceled(ever_active=False, creditPeriodNumber=0, **more)
    await deliver(services, *customer_events("sandbox_success"), period_opened(), fees_billed(FEE), end, end, period_opened())
    invoice, fees = sorted(await invoices(services), key=lambda one: one.total_minor)
    assert (invoice.status, invoice.amount_paid_minor, invoice.amount_credited_minor) == (InvoiceStatus.PAID, 5650, 5650)
    assert (fees.status, fees.amount_credited_minor) == (InvoiceStatus.PAID, 0)  # what was sold once
    [note] = await services.credit_note_reader.page("acme", {}, limit=10)
    assert (note.from_due_minor, note.refund_minor, note.balance_minor) == (0, refund, balance)  # 19.00 + 3 * 12.50
    assert note.reason == "The subscription ended before it was paid for."


async def test_what_people_have_credited_of_it_is_not_given_back_again(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_success"), period_opened())
    some = CreditRequest(reason="A gift.", lines=(LineCredit(line_number=1, amount=Money(1900, "EUR")),))
    await create_credit_note(services, (await only_invoice(services)).id, some, context())
    await deliver(services, canceled(ever_active=False), canceled(ever_active=False))
    notes = await services.credit_note_reader.page("acme", {}, limit=10)
    assert sorted(note.balance_minor for note in notes) == [1900, 3750]  # 56.50 - 19.00


@pytest.mark.parametrize("opened", [period_opened(0, afterTrial=True), period_opened(1)])
async def test_what_was_had_though_its_first_period_was_never_paid_is_not_given_back(
    services: InvoiceServices, opened: Received
) -> None:
    await deliver(services, *customer_events("sandbox_success"), opened, canceled(ever_active=False))
    assert (await only_invoice(services)).amount_credited_minor == 0


async def test_a_note_that_a_crash_left_half_done_is_issued_by_the_redelivery(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_success"), period_opened())
    crashing, end = replace(services, numbers=CrashingNumbers()), canceled(ever_active=False)
    with pytest.raises(Crash):
        await deliver(crashing, end)
    await deliver(services, end)
    [note] = await services.credit_note_reader.page("acme", {}, limit=10)
    assert (note.status, note.number, note.balance_minor) == (CreditNoteStatus.ISSUED, "CN-000001", 5650)


async def test_a_subscription_canceled_before_it_is_billed_gets_no_invoice(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_success"), canceled(ever_active=False), period_opened())
    assert await invoices(services) == []


async def test_a_cancellation_between_draft_and_charge_voids(services: InvoiceServices) -> None:
    with pytest.raises(NotReady):
        await deliver(services, period_opened())
    await deliver(services, canceled(ever_active=False), *customer_events("sandbox_success"), period_opened())
    assert (await only_invoice(services)).status is InvoiceStatus.VOID
    assert await payments(services) == []


async def test_an_invoice_of_a_used_subscription_is_still_owed(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_declined"), period_opened(3), canceled(ever_active=True))
    assert (await only_invoice(services)).status is InvoiceStatus.OPEN


@pytest.mark.parametrize(("token", "status"), [("sandbox_declined", InvoiceStatus.VOID), ("sandbox_success", InvoiceStatus.PAID)])
async def test_a_charge_that_a_crash_left_is_finished_before_voiding(
    services: InvoiceServices, token: str, status: InvoiceStatus
) -> None:
    provider = InMemoryProvider()
    provider.crashes = 1
    crashing = replace(services, providers={"sandbox": provider})
    await deliver(services, *customer_events(token))
    with pytest.raises(Crash):
        await deliver(crashing, period_opened())
    await deliver(crashing, canceled(ever_active=False), period_opened())
    invoice = await only_invoice(services)
    assert (invoice.status, invoice.amount_credited_minor) == (status, 5650 if status is InvoiceStatus.PAID else 0)
    assert len(await payments(services)) == 1


async def test_tenants_with_equal_ids_are_billed_apart(services: InvoiceServices) -> None:
    other = customer_events("sandbox_success", customer_id="cus_2", tenant="rival")
    theirs = period_opened(customer_id="cus_2", plan_subscription_id="psub_2", tenant="rival", items=[SEAT_ITEM])
    await deliver(services, *customer_events("sandbox_success"), *other, period_opened(), theirs)
    assert (await only_invoice(services)).total_minor == 5650
    [invoice] = await services.reader.page("rival", {}, limit=10)
    assert (invoice.number, invoice.total_minor) == ("INV-000001", 3750)


async def test_a_price_in_tiers_is_billed_as_it_was_estimated(services: InvoiceServices) -> None:
    details = {"tiers": [{"upTo": "5", "unitAmount": "7"}, {"unitAmount": "6.5", "flatAmountMinor": 1000}], "freeUnits": 1}
    item = {**FLAT_ITEM, "quantity": 7, "model": "GRADUATED", "flatAmountMinor": None, "details": details}
    await deliver(services, *customer_events("sandbox_success"), period_opened(items=[item]))
    [line] = (await only_invoice(services)).lines
    # 6 beyond the free one: 5 * 7.00 + 1 * 6.50 + 10.00 = 51.50
    assert (line.amount_minor, line.quantity) == (5150, 7)
    assert line.explanation == "5 × 7.00 EUR + 1 × 6.50 EUR + 10.00 EUR flat (1 of 7 free)"


CREDIT = {
    "priceId": "price_1",
    "planId": "plan_1",
    "description": "Unused time of Team",
    "quantity": 1,
    "start": "2026-02-15T00:00:00Z",
    "end": "2026-03-01T00:00:00Z",
    "amountMinor": -950,
    "explanation": "-19.00 EUR × 14/28",
}
CHARGE = {**CREDIT, "description": "Remaining time of Business", "amountMinor": 4950, "explanation": "99.00 EUR × 14/28"}


def adjustments_billed(number: int = 1) -> Received:
    data = {
        "planSubscriptionId": "psub_1",
        "customerId": "cus_1",
        "number": number,
        "currency": "EUR",
        "adjustments": [CREDIT, CHARGE],
    }
    return received("adjustments-billed.v1", data, aggregate_id="psub_1", sequence=number + 5)


async def test_changes_billed_at_once_are_one_invoice_however_often_they_are_told(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_success"), adjustments_billed(), adjustments_billed())
    invoice = await only_invoice(services)
    assert [(line.description, line.amount_minor, line.explanation) for line in invoice.lines] == [
        ("Unused time of Team", -950, "-19.00 EUR × 14/28"),
        ("Remaining time of Business", 4950, "99.00 EUR × 14/28"),
    ]
    assert (invoice.status, invoice.total_minor, invoice.period_number) == (InvoiceStatus.PAID, 4000, None)
    await deliver(services, adjustments_billed(2))
    assert len(await invoices(services)) == 2


def ended(*credits: dict[str, Any], refund: bool = True) -> Received:
    """Return the event that it ended on 15 February, and what is given back of which invoices."""
    event = canceled(ever_active=True)
    amount = sum(one["amountMinor"] for one in credits)
    parts = [{"after": "2026-02-15T00:00:00Z", **one} for one in credits]
    told = {"creditMinor": amount, "creditPeriodNumber": 0, "creditRefund": refund, "credits": parts}
    return Received(msgspec.structs.replace(event.event, data={**event.event.data, **told}), event.envelope)


async def test_each_invoice_that_a_canceled_subscription_is_given_back_of_has_a_credit_note(services: InvoiceServices) -> None:
    bills = period_opened(), adjustments_billed(), adjustments_billed(2)
    await deliver(services, *customer_events("sandbox_success"), *bills)
    of_change = {"adjustmentsNumber": 2, "amountMinor": 4000}
    for _ in range(2):
        await deliver(services, ended(of_change, {"periodNumber": 0, "amountMinor": 825}))
    found = await invoices(services)
    numbers = {one.id: (await services.invoices.get("acme", one.id)).drafted.draft.adjustments_number for one in found}
    given = {numbers[one.id]: (one.total_minor, one.amount_credited_minor, one.amount_refunded_minor) for one in found}
    assert given == {2: (4000, 4000, 4000), 1: (4000, 0, 0), None: (5650, 825, 825)}
    notes = await services.credit_note_reader.page("acme", {}, limit=10)
    assert sorted(note.amount_minor for note in notes) == [825, 4000]


async def test_what_is_given_back_waits_for_its_invoice(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_success"), period_opened())
    for wanted in ({"adjustmentsNumber": 1, "amountMinor": 4000}, {"periodNumber": 1, "amountMinor": 100}):
        with pytest.raises(NotReady, match="is not there yet"):
            await deliver(services, ended(wanted))
    await deliver(services, adjustments_billed(), ended({"adjustmentsNumber": 1, "amountMinor": 99_999}))
    assert {one.amount_credited_minor for one in await invoices(services)} == {0, 4000}  # never more than its total


async def test_a_replacement_gives_back_in_the_place_of_a_void_invoice_of_changes(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_declined"), adjustments_billed())
    invoice = await only_invoice(services)
    void = await services.invoices.update(invoice.id, context(), lambda it: it.void("wrong", context()))
    draft = await replace_invoice(services.invoices, services.taxes, void.id, context())
    await finalize_invoice(services.invoices, services.numbers, services.billing_details, draft.id, context())
    nothing = Money.zero("EUR")
    await services.invoices.update(draft.id, context(), lambda it: it.apply_credit(nothing, nothing, context()))
    await deliver(services, ended({"adjustmentsNumber": 1, "amountMinor": 1000}))
    found = await services.invoices.get("acme", draft.id)
    assert (found.amount_credited.minor_units, found.amount_due.minor_units) == (1000, 3000)


async def test_an_invoice_of_changes_that_was_not_told_its_number_is_known_by_its_id(services: InvoiceServices) -> None:
    await deliver(services, *customer_events("sandbox_success"))
    event = adjustments_billed(3)
    drafted = replace(adjustments_draft(msgspec.convert(event.event.data, AdjustmentsBilled)), adjustments_number=None)
    id = derived_id("inv", event.event.occurred_at, "adjustments", "psub_1", "3")
    await draft_invoice(services.invoices, id, drafted, event.context("system:billing"))
    await deliver(services, event, ended({"adjustmentsNumber": 3, "amountMinor": 1000}))
    assert [(one.id, one.amount_credited_minor) for one in await invoices(services)] == [(id, 1000)]


async def test_a_period_is_billed_with_its_adjustments_and_for_its_share(services: InvoiceServices) -> None:
    event = period_opened(1, items=[FLAT_ITEM])
    told = {**event.event.data, "share": {"numerator": 14, "denominator": 28}, "adjustments": [CHARGE]}
    opened = Received(msgspec.structs.replace(event.event, data=told), event.envelope)
    await deliver(services, *customer_events("sandbox_success"), opened)
    invoice = await only_invoice(services)
    # 19.00 * 14/28 + 49.50
    assert [line.amount_minor for line in invoice.lines] == [950, 4950]
    assert invoice.lines[0].explanation == "(19.00 EUR flat) × 14/28"
    assert (invoice.total_minor, invoice.status) == (5900, InvoiceStatus.PAID)


async def test_a_period_that_a_credit_covers_is_paid_without_a_payment(services: InvoiceServices) -> None:
    event = period_opened(1, items=[{**FLAT_ITEM, "flatAmountMinor": 950}])
    opened = Received(msgspec.structs.replace(event.event, data={**event.event.data, "adjustments": [CREDIT]}), event.envelope)
    await deliver(services, opened)
    invoice = await only_invoice(services)
    assert (invoice.total_minor, invoice.status, await payments(services)) == (0, InvoiceStatus.PAID, [])


async def test_discounts_are_taken_off_the_lines_they_are_told_with(services: InvoiceServices) -> None:
    off = [
        {"couponId": "cou_1", "name": "Launch, 25 %", "amountMinor": 475},
        {"couponId": "cou_2", "name": "x", "amountMinor": 25},
    ]
    await deliver(services, *customer_events("sandbox_success"), period_opened(items=[FLAT_ITEM | {"discounts": off}]))
    [document] = await services.reader.page("acme", {}, limit=2)
    [line] = document.lines
    assert (document.total_minor, document.amount_paid_minor, line.amount_minor) == (1400, 1400, 1400)  # 19.00 − 4.75 − 0.25
    assert [(one.name, one.amount_minor) for one in line.discounts] == [("Launch, 25 %", 475), ("x", 25)]
    assert line.explanation == "19.00 EUR flat − 4.75 EUR (Launch, 25 %) − 0.25 EUR (x)"


async def test_what_was_used_is_billed_for_the_time_in_which_it_was(services: InvoiceServices) -> None:
    item = SEAT_ITEM | {"unitAmount": "0.002", "usage": "12345.5"}
    item |= {"periodStart": "2026-01-01T00:00:00Z", "periodEnd": "2026-02-01T00:00:00Z"}
    await deliver(services, *customer_events("sandbox_success"), period_opened(items=[FLAT_ITEM, item]))
    [document] = await services.reader.page("acme", {}, limit=2)
    line = document.lines[1]
    assert (line.usage, line.quantity, line.amount_minor) == ("12345.5", 12346, 2469)  # 24.691
    assert (line.period_start, line.period_end) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    assert line.explanation == "12345.5 × 0.002 EUR"


async def test_a_share_of_transactions_is_billed_as_they_were_priced(services: InvoiceServices) -> None:
    item = SEAT_ITEM | {"model": "PERCENTAGE", "unitAmount": None, "details": {"ratePercent": "1.2", "transactionFeeMinor": 10}}
    item |= {"usage": "450", "transactions": {"count": 4, "free": 3, "price": "0.70"}}
    await deliver(services, *customer_events("sandbox_success"), period_opened(items=[item]))
    [document] = await services.reader.page("acme", {}, limit=2)
    [line] = document.lines
    assert (line.usage, line.quantity, line.amount_minor) == ("450", 450, 70)  # W11
    assert line.explanation == "1.2 % of 450.00 EUR and 0.10 EUR each in 4 transactions, 3 of them free"
