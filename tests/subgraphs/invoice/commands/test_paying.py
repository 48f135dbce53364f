"""Charging, confirming, canceling and voiding."""

import asyncio
from datetime import timedelta

import pytest

from subgraphs.invoice.commands import settle_payment as settling
from subgraphs.invoice.commands.cancel_pending_payment import cancel_pending_payment
from subgraphs.invoice.commands.collect_invoice import collect_invoice
from subgraphs.invoice.commands.confirm_payment import confirm_payment
from subgraphs.invoice.commands.mark_invoice_uncollectible import mark_invoice_uncollectible
from subgraphs.invoice.commands.pay_invoice import pay_invoice
from subgraphs.invoice.commands.settle_payment import settle_payment
from subgraphs.invoice.commands.void_invoice import void_invoice
from subgraphs.invoice.domain import events
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.payment_provider import ActionRequired, Declined, PaymentOutcome
from subgraphs.invoice.domain.values import InvoiceStatus, PaymentMethod, PaymentOperation, PaymentStatus
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import NO_CHARGE, TOTAL_MINOR, VISA, draft, method
from tests.testkit.memory import AT, context
from tests.testkit.payments import InMemoryBilling, InMemoryProvider

TOTAL = Money(TOTAL_MINOR, "EUR")
LATER = context(at=AT + timedelta(hours=1))


@pytest.fixture
async def billing() -> InMemoryBilling:
    """One open invoice."""
    billing = InMemoryBilling()
    await billing.opened()
    return billing


async def collect(billing: InMemoryBilling, token: str | None = "sandbox_success", id: str = "inv_1") -> Invoice:
    way = method(token) if token else None
    return await collect_invoice(billing.invoices, billing.payments, billing.providers, id, way, context())


async def pay(billing: InMemoryBilling, way: PaymentMethod = VISA, tenant: str = "acme") -> tuple[Invoice, str]:
    circumstances = context(tenant, LATER.at)
    return await pay_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", way, circumstances)


async def confirm(billing: InMemoryBilling, id: str) -> tuple[Invoice, Payment]:
    return await confirm_payment(billing.invoices, billing.payments, billing.providers, id, LATER)


async def void(billing: InMemoryBilling, reason: str = "a mistake") -> Invoice:
    return await void_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", reason, LATER)


async def give_up(billing: InMemoryBilling, reason: str = "insolvent") -> Invoice:
    return await mark_invoice_uncollectible(billing.invoices, billing.payments, billing.providers, "inv_1", reason, LATER)


async def waiting(billing: InMemoryBilling) -> str:
    """Make the invoice wait for a payment's confirmation; return the payment's id."""
    invoice = await collect(billing, "sandbox_requires_action")
    assert invoice.pending_payment is not None
    return invoice.pending_payment.payment_id


async def statuses(billing: InMemoryBilling) -> list[PaymentStatus]:
    return [payment.status for payment in await billing.all_payments()]


async def test_a_collected_invoice_is_paid_by_one_payment(billing: InMemoryBilling) -> None:
    invoice = await collect(billing)
    [payment] = await billing.all_payments()
    assert (invoice.status, invoice.amount_paid, payment.status) == (InvoiceStatus.PAID, TOTAL, PaymentStatus.SUCCEEDED)
    assert await billing.events() == [
        events.InvoicePaymentStarted(payment_id=payment.id, method=VISA, amount=TOTAL, started_at=AT),
        events.InvoicePaid(facts=invoice.facts, payment_id=payment.id, paid_at=AT),
    ]
    assert billing.provider.moved == [(payment.id, TOTAL)]


async def test_collecting_again_charges_nothing(billing: InMemoryBilling) -> None:
    await collect(billing)
    assert (await collect(billing)).status is InvoiceStatus.PAID
    await collect(billing, "sandbox_declined")
    assert len(billing.provider.asked) == 1


async def test_a_declined_invoice_stays_open_and_is_not_collected_again(billing: InMemoryBilling) -> None:
    for _ in range(2):
        invoice = await collect(billing, "sandbox_declined")
        assert (invoice.status, invoice.amount_due, invoice.payment_count) == (InvoiceStatus.OPEN, TOTAL, 1)
    [payment] = await billing.all_payments()
    assert payment.outcome == Declined("card_declined", "The card was declined.")


@pytest.mark.parametrize(
    ("way", "code"),
    [
        (None, "no_payment_method"),
        (PaymentMethod(id="pm_1", provider="elsewhere", token="t", label="x"), "provider_not_configured"),
    ],
)
async def test_a_payment_fails_without_a_way_to_pay(billing: InMemoryBilling, way: PaymentMethod | None, code: str) -> None:
    invoice = await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", way, context())
    [payment] = await billing.all_payments()
    assert isinstance(payment.outcome, Declined)
    assert (invoice.status, payment.outcome.code, billing.provider.asked) == (InvoiceStatus.OPEN, code, [])


async def test_nothing_is_charged_for_an_invoice_about_nothing(billing: InMemoryBilling) -> None:
    await billing.invoices.create(Invoice.create("inv_2", draft(NO_CHARGE), context()), context())
    await billing.invoices.update("inv_2", context(), lambda invoice: invoice.finalize("INV-000002", context()))
    assert (await collect(billing, id="inv_2")).status is InvoiceStatus.PAID
    assert await billing.all_payments() == []


async def test_a_payment_that_needs_action_waits_and_is_confirmed(billing: InMemoryBilling) -> None:
    id = await waiting(billing)
    assert await statuses(billing) == [PaymentStatus.ACTION_REQUIRED]
    assert billing.provider.moved == []
    invoice, payment = await confirm(billing, id)
    assert (invoice.status, invoice.paid_at) == (InvoiceStatus.PAID, LATER.at)
    assert (payment.id, payment.status) == (id, PaymentStatus.SUCCEEDED)
    assert billing.provider.moved == [(id, TOTAL)]
    assert [type(event) for event in await billing.events()] == [
        events.InvoicePaymentStarted,
        events.InvoicePaymentActionRequired,
        events.InvoicePaymentContinued,
        events.InvoicePaid,
    ]


async def test_confirming_again_changes_nothing(billing: InMemoryBilling) -> None:
    id = await waiting(billing)
    await confirm(billing, id)
    asked = list(billing.provider.asked)
    invoice, payment = await confirm(billing, id)
    assert (invoice.status, payment.status) == (InvoiceStatus.PAID, PaymentStatus.SUCCEEDED)
    assert billing.provider.asked == asked


async def test_a_failed_payment_is_not_confirmed(billing: InMemoryBilling) -> None:
    await collect(billing, "sandbox_declined")
    [payment] = await billing.all_payments()
    with pytest.raises(InvalidState, match="is settled") as refused:
        await confirm(billing, payment.id)
    assert refused.value.field == ("id",)


async def test_an_unknown_payment_is_not_confirmed(billing: InMemoryBilling) -> None:
    with pytest.raises(NotFound) as refused:
        await confirm(billing, "pay_none")
    assert refused.value.field == ("id",)


async def test_a_declined_invoice_is_paid_with_another_method(billing: InMemoryBilling) -> None:
    await collect(billing, "sandbox_declined")
    invoice, payment_id = await pay(billing)
    assert (invoice.status, invoice.payment_count) == (InvoiceStatus.PAID, 2)
    assert await statuses(billing) == [PaymentStatus.FAILED, PaymentStatus.SUCCEEDED]
    assert billing.provider.moved == [(payment_id, TOTAL)]


async def test_paying_cancels_the_payment_that_waits(billing: InMemoryBilling) -> None:
    first = await waiting(billing)
    invoice, second = await pay(billing)
    assert (invoice.status, first != second) == (InvoiceStatus.PAID, True)
    assert billing.provider.asked == [("charge", first), ("cancel", first), ("charge", second)]
    assert await statuses(billing) == [PaymentStatus.FAILED, PaymentStatus.SUCCEEDED]
    assert billing.provider.moved == [(second, TOTAL)]


async def test_paying_a_payment_confirmed_meanwhile_pays_once(billing: InMemoryBilling) -> None:
    id = await waiting(billing)
    await billing.provider.confirm("acme", id)  # the customer did it at the provider
    with pytest.raises(InvalidState, match="is PAID"):
        await pay(billing)
    assert billing.provider.moved == [(id, TOTAL)]
    assert await statuses(billing) == [PaymentStatus.SUCCEEDED]


class MeetingProvider(InMemoryProvider):
    """Answers nobody before two have asked."""

    def __init__(self) -> None:
        super().__init__()
        self.barrier = asyncio.Barrier(2)

    async def charge(self, tenant: str, payment_id: str, token: str, amount: Money) -> PaymentOutcome:
        async with asyncio.timeout(5), self.barrier:
            return await super().charge(tenant, payment_id, token, amount)


async def test_two_requests_to_pay_at_the_same_time_charge_once(billing: InMemoryBilling) -> None:
    billing.provider = MeetingProvider()
    billing.providers = {"sandbox": billing.provider}
    (first, first_id), (second, second_id) = await asyncio.gather(pay(billing), pay(billing))
    assert (first.status, second.status) == (InvoiceStatus.PAID, InvoiceStatus.PAID)
    assert first_id == second_id
    assert billing.provider.moved == [(first_id, TOTAL)]


async def test_another_method_is_refused_while_a_payment_is_under_way(billing: InMemoryBilling) -> None:
    await billing.invoices.update("inv_1", context(), lambda invoice: invoice.start_payment("pay_1", VISA, context()))
    with pytest.raises(InvalidState, match="not settled yet"):
        await pay(billing, method("sandbox_declined"))


async def test_a_paid_or_void_invoice_is_not_paid(billing: InMemoryBilling) -> None:
    await void(billing)
    with pytest.raises(InvalidState, match="is VOID"):
        await pay(billing)
    with pytest.raises(NotFound):
        await pay(billing, tenant="rival")


async def test_canceling_needs_a_payment_that_waits(billing: InMemoryBilling) -> None:
    invoice = await cancel_pending_payment(billing.invoices, billing.payments, billing.providers, "inv_1", context())
    assert (invoice.status, billing.provider.asked) == (InvoiceStatus.OPEN, [])


async def test_voiding_cancels_the_payment_that_waits(billing: InMemoryBilling) -> None:
    id = await waiting(billing)
    invoice = await void(billing)
    assert (invoice.status, invoice.void_reason) == (InvoiceStatus.VOID, "a mistake")
    assert billing.provider.outcomes["acme", id] == Declined("canceled", "Canceled.")
    assert await statuses(billing) == [PaymentStatus.FAILED]
    assert (await void(billing, "again")).void_reason == "a mistake"


async def test_a_refused_reason_cancels_nothing(billing: InMemoryBilling) -> None:
    await waiting(billing)
    with pytest.raises(InvalidInput):
        await void(billing, " ")
    assert await statuses(billing) == [PaymentStatus.ACTION_REQUIRED]


async def test_an_invoice_paid_meanwhile_is_not_voided(billing: InMemoryBilling) -> None:
    id = await waiting(billing)
    await billing.provider.confirm("acme", id)
    with pytest.raises(InvalidState, match="is PAID"):
        await void(billing)
    assert (await billing.invoices.get("acme", "inv_1")).status is InvoiceStatus.PAID


async def test_settling_with_nothing_under_way_asks_nobody(billing: InMemoryBilling) -> None:
    await settle_payment(billing.invoices, billing.payments, billing.providers, "inv_1", context())
    await waiting(billing)
    await settle_payment(billing.invoices, billing.payments, billing.providers, "inv_1", context())
    assert len(billing.provider.asked) == 1


class SilentProvider(InMemoryProvider):
    async def charge(self, tenant: str, payment_id: str, token: str, amount: Money) -> PaymentOutcome:
        await asyncio.Event().wait()
        return ActionRequired()


async def test_a_provider_that_does_not_answer_leaves_the_payment_pending(
    billing: InMemoryBilling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "PROVIDER_SECONDS", 0.01)
    with pytest.raises(TimeoutError):
        await collect_invoice(billing.invoices, billing.payments, {"sandbox": SilentProvider()}, "inv_1", VISA, context())
    pending = (await billing.invoices.get("acme", "inv_1")).pending_payment
    assert pending is not None
    assert pending.operation is PaymentOperation.CHARGE
    assert (await collect(billing)).status is InvoiceStatus.PAID
    assert billing.provider.moved == [(pending.payment_id, TOTAL)]


async def test_giving_up_cancels_the_payment_that_waits(billing: InMemoryBilling) -> None:
    id = await waiting(billing)
    invoice = await give_up(billing)
    assert (invoice.status, invoice.pending_payment) == (InvoiceStatus.UNCOLLECTIBLE, None)
    assert billing.provider.asked == [("charge", id), ("cancel", id)]


async def test_a_payment_confirmed_meanwhile_wins_over_giving_up(billing: InMemoryBilling) -> None:
    id = await waiting(billing)
    await billing.provider.confirm("acme", id)  # the customer did it at the provider
    with pytest.raises(InvalidState, match="is PAID, not OPEN"):
        await give_up(billing)


async def test_giving_up_again_leaves_a_later_payment_alone(billing: InMemoryBilling) -> None:
    await give_up(billing)
    invoice, id = await pay(billing, method("sandbox_requires_action"))
    assert (invoice.status, await statuses(billing)) == (InvoiceStatus.UNCOLLECTIBLE, [PaymentStatus.ACTION_REQUIRED])
    await give_up(billing)
    invoice, payment = await confirm(billing, id)
    assert (invoice.status, payment.status) == (InvoiceStatus.PAID, PaymentStatus.SUCCEEDED)


async def test_an_uncollectible_invoice_is_paid_or_voided_after_all(billing: InMemoryBilling) -> None:
    await give_up(billing)
    assert (await pay(billing))[0].status is InvoiceStatus.PAID
    await billing.opened("inv_2")
    await mark_invoice_uncollectible(billing.invoices, billing.payments, billing.providers, "inv_2", "insolvent", LATER)
    voided = await void_invoice(billing.invoices, billing.payments, billing.providers, "inv_2", "a mistake", LATER)
    assert (voided.status, voided.uncollectible_reason) == (InvoiceStatus.VOID, "insolvent")


async def test_an_uncollectible_invoice_is_not_collected_by_itself(billing: InMemoryBilling) -> None:
    await give_up(billing)
    assert (await collect(billing)).status is InvoiceStatus.UNCOLLECTIBLE
    assert billing.provider.asked == []
