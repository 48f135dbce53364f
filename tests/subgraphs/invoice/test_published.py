"""What others are told of invoices and payments."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from subgraphs.invoice.commands.collect_invoice import collect_invoice
from subgraphs.invoice.commands.configure_taxes import add_tax_rate, remove_tax_rate, set_tax_rounding
from subgraphs.invoice.commands.create_credit_note import create_credit_note
from subgraphs.invoice.commands.draft_invoice import draft_invoice
from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.commands.follow_dispute import follow_dispute
from subgraphs.invoice.commands.mark_invoice_uncollectible import mark_invoice_uncollectible
from subgraphs.invoice.commands.set_customer_tax_rates import set_customer_tax_rates
from subgraphs.invoice.commands.void_invoice import void_invoice
from subgraphs.invoice.domain.crediting import CreditRequest
from subgraphs.invoice.domain.customer_tax_rates import CustomerTaxRates
from subgraphs.invoice.domain.payment_provider import DisputeState
from subgraphs.invoice.domain.tax_configuration import TaxConfiguration
from subgraphs.invoice.domain.values import BroughtForward
from subgraphs.invoice.published import json_schemas, publish
from subgraphs.kit.domain.money import Money
from subgraphs.pricing.tax import RoundingMode, TaxRule
from tests.testkit.billing import VISA, draft, method
from tests.testkit.memory import AT, context, repository
from tests.testkit.payments import InMemoryBilling

INVOICE = {
    "invoiceId": "inv_1",
    "customerId": "cus_1",
    "planSubscriptionId": "psub_1",
    "periodNumber": 0,
    "number": "INV-000001",
    "currency": "EUR",
    "totalMinor": 5650,
    "amountDueMinor": 5650,
}
SETTLED = {**INVOICE, "amountDueMinor": 0}
PAYMENT = {
    "invoiceId": "inv_1",
    "customerId": "cus_1",
    "planSubscriptionId": "psub_1",
    "periodNumber": 0,
    "amountMinor": 5650,
    "currency": "EUR",
    "code": None,
    "message": None,
}
OPENING = [
    ("invoice-drafted.v1", {**INVOICE, "number": None}),
    ("invoice-finalized.v1", INVOICE),
    ("invoice-credit-requested.v1", {"invoiceId": "inv_1", "customerId": "cus_1", "currency": "EUR", "amountMinor": 5650}),
]


async def billed(token: str) -> InMemoryBilling:
    billing = InMemoryBilling()
    await billing.opened()
    await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", method(token), context())
    return billing


def told(billing: InMemoryBilling) -> list[tuple[str, dict[str, Any]]]:
    """Return type and data of every public event in the order of the commits; payments' ids are left out."""
    events = [event for commit in billing.store.commits.values() for event in publish(commit)]
    return [(event.type, {key: value for key, value in event.data.items() if key != "paymentId"}) for event in events]


async def test_a_paid_invoice() -> None:
    assert told(await billed("sandbox_success")) == [*OPENING, ("payment-succeeded.v1", PAYMENT), ("invoice-paid.v1", SETTLED)]


async def test_an_invoice_that_credit_pays_in_part() -> None:
    billing = InMemoryBilling()
    billing.credit = Money(650, "EUR")
    await billing.opened()
    assert told(billing) == [*OPENING, ("invoice-amount-due-changed.v1", {**INVOICE, "amountDueMinor": 5000})]


async def test_an_invoice_that_is_carried_forward() -> None:
    billing = InMemoryBilling()
    await billing.opened()
    minimum = Money(5651, "EUR")
    await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", VISA, context(), minimum=minimum)
    carried = ("invoice-carried-forward.v1", {**SETTLED, "carriedForwardMinor": 5650})
    assert told(billing) == [*OPENING, carried, ("invoice-paid.v1", SETTLED)]


async def test_an_invoice_that_collects_what_was_owed_before() -> None:
    billing = InMemoryBilling()
    await draft_invoice(billing.invoices, "inv_1", draft(), context())
    await finalize_invoice(billing.invoices, billing.numbers, billing.details, "inv_1", context())
    owed, nothing = (BroughtForward(invoice_id="inv_0", number="INV-0", amount=Money(40, "EUR")),), Money(0, "EUR")
    await billing.invoices.update("inv_1", context(), lambda invoice: invoice.apply_credit(nothing, nothing, context(), owed))
    assert told(billing) == [*OPENING, ("invoice-amount-due-changed.v1", {**INVOICE, "amountDueMinor": 5690})]


async def test_a_declined_invoice() -> None:
    refusal = {"code": "card_declined", "message": "The card was declined."}
    assert told(await billed("sandbox_declined")) == [*OPENING, ("payment-failed.v1", {**PAYMENT, **refusal})]


async def test_an_invoice_that_waits_and_is_voided() -> None:
    billing = await billed("sandbox_requires_action")
    await void_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", "a mistake", context())
    waiting = {"code": "action_required", "message": "The customer must confirm the payment."}
    assert told(billing) == [
        *OPENING,
        ("payment-action-required.v1", {**PAYMENT, **waiting}),
        ("payment-failed.v1", {**PAYMENT, "code": "canceled", "message": "Canceled."}),
        ("invoice-voided.v1", SETTLED),
    ]


async def test_an_uncollectible_invoice_is_still_owed() -> None:
    billing = await billed("sandbox_declined")
    await mark_invoice_uncollectible(billing.invoices, billing.payments, billing.providers, "inv_1", "insolvent", context())
    assert told(billing)[-1] == ("invoice-marked-uncollectible.v1", INVOICE)


CREDITED = {
    "number": "CN-000001",
    "invoiceId": "inv_1",
    "invoiceNumber": "INV-000001",
    "customerId": "cus_1",
    "planSubscriptionId": "psub_1",
    "reason": "canceled",
    "currency": "EUR",
    "amountMinor": 5650,
    "fromDueMinor": 0,
    "refundMinor": 0,
    "balanceMinor": 0,
    "periodNumber": 0,
    "lines": (
        {"lineNumber": 1, "amountMinor": 1900, "periodStart": "2026-02-01T00:00:00Z", "periodEnd": "2026-03-01T00:00:00Z"},
        {"lineNumber": 2, "amountMinor": 3750, "periodStart": "2026-02-01T00:00:00Z", "periodEnd": "2026-03-01T00:00:00Z"},
    ),
}


@pytest.mark.parametrize(
    ("token", "parts"),
    [
        ("sandbox_success", {"refundMinor": 5650}),
        ("sandbox_unrefundable", {"balanceMinor": 5650}),  # where the money really went
    ],
)
async def test_a_credit_note_tells_where_the_money_went(token: str, parts: dict[str, int]) -> None:
    billing = await billed(token)
    total = (await billing.invoices.get("acme", "inv_1")).total
    await create_credit_note(billing, "inv_1", CreditRequest(reason="canceled", refund=total), context())
    events = dict(told(billing))
    issued, refunded = events["credit-note-issued.v1"], events.get("payment-refunded.v1")
    credit_note_id = issued.pop("creditNoteId")
    assert credit_note_id.startswith("cn_")
    assert issued == {**CREDITED, **parts}
    told_of = {"invoiceId": "inv_1", "customerId": "cus_1", "creditNoteId": credit_note_id, "currency": "EUR"}
    assert refunded == ({**told_of, "amountMinor": 5650} if "refundMinor" in parts else None)


async def test_an_open_invoice_credited_in_full_is_told_to_be_paid() -> None:
    billing = await billed("sandbox_declined")
    await create_credit_note(billing, "inv_1", CreditRequest(reason="canceled"), context())
    paid, (type, data) = told(billing)[-2:]
    assert paid == ("invoice-paid.v1", SETTLED)
    assert (type, data["fromDueMinor"]) == ("credit-note-issued.v1", 5650)


async def test_a_dispute_from_its_opening_to_its_end() -> None:
    billing = await billed("sandbox_success")
    [payment] = await billing.all_payments()
    before = len(told(billing))
    for state in (DisputeState.NEEDS_EVIDENCE, DisputeState.LOST):
        dispute = await follow_dispute(billing, payment.id, billing.provider.facts(payment.id, state), context())
        if state is DisputeState.NEEDS_EVIDENCE:
            await billing.disputes.update(dispute.id, context(), lambda one: one.note_evidence(context()))
    about = {"disputeId": dispute.id, "invoiceId": "inv_1", "customerId": "cus_1", "planSubscriptionId": "psub_1"}
    about |= {"reason": "fraudulent", "currency": "EUR", "amountMinor": 5650}
    assert told(billing)[before:] == [
        ("dispute-opened.v1", {**about, "evidenceDueAt": (AT + timedelta(days=7)).isoformat().replace("+00:00", "Z")}),
        ("dispute-evidence-submitted.v1", about),
        ("invoice-marked-uncollectible.v1", INVOICE),
        ("dispute-lost.v1", about),
    ]


async def test_a_draft_is_told_of_when_it_is_changed_and_given_up() -> None:
    billing = InMemoryBilling()
    one_off = replace(draft(), plan_subscription_id=None, period_number=None)
    await draft_invoice(billing.invoices, "inv_1", one_off, context())
    revised = replace(one_off, days_until_due=30)
    await billing.invoices.update("inv_1", context(), lambda invoice: invoice.revise(revised, context()))
    await billing.invoices.update("inv_1", context(), lambda invoice: invoice.delete("Not wanted.", context()))
    about = {**INVOICE, "planSubscriptionId": None, "periodNumber": None, "number": None, "amountDueMinor": 5650}
    assert told(billing) == [
        ("invoice-drafted.v1", about),
        ("invoice-revised.v1", about),
        ("invoice-deleted.v1", about | {"amountDueMinor": 0}),
    ]


async def test_taxes_are_told_as_they_come_and_go() -> None:
    billing = InMemoryBilling()
    taxes = repository(TaxConfiguration, billing.store)
    _, rate = await add_tax_rate(taxes, "VAT", Decimal("19.50"), True, "DE", context())
    await set_tax_rounding(taxes, TaxRule(mode=RoundingMode.HALF_EVEN), context())
    await remove_tax_rate(taxes, rate.id, context())
    vat = {
        "taxRateId": rate.id,
        "name": "VAT",
        "percentage": "19.50",
        "inclusive": True,
        "country": "DE",
        "region": None,
        "taxCategory": None,
    }
    assert told(billing) == [("tax-rate-added.v1", vat), ("tax-rate-removed.v1", {"taxRateId": rate.id})]


async def test_a_customers_own_tax_rates_are_told_when_they_change() -> None:
    billing = InMemoryBilling()
    taxes, own = repository(TaxConfiguration, billing.store), repository(CustomerTaxRates, billing.store)
    _, rate = await add_tax_rate(taxes, "VAT", Decimal("7"), False, "DE", context())
    for rate_ids in ([rate.id], [rate.id, rate.id], []):
        await set_customer_tax_rates(own, taxes, "cus_1", rate_ids, context())
    assert told(billing)[1:] == [
        ("customer-tax-rates-set.v1", {"customerId": "cus_1", "taxRateIds": (rate.id,)}),
        ("customer-tax-rates-set.v1", {"customerId": "cus_1", "taxRateIds": ()}),
    ]


async def test_ids_and_sequences_let_a_reader_put_events_in_order() -> None:
    billing = await billed("sandbox_success")
    events = [event for commit in billing.store.commits.values() for event in publish(commit)]
    assert len({event.id for event in events}) == len(events)
    of_invoice = [event.sequence for event in events if event.type.startswith("invoice-")]
    assert of_invoice == [1, 2, 2, 5]  # finalised and asked for credit in one commit; no credit, a payment started: untold


@pytest.mark.parametrize("token", ["sandbox_success", "sandbox_declined", "sandbox_requires_action"])
async def test_the_providers_token_is_told_to_nobody(token: str) -> None:
    billing = await billed(token)
    for commit in billing.store.commits.values():
        for event in publish(commit):
            assert token not in msgspec.json.encode(event).decode()


async def test_every_event_keeps_to_its_schema() -> None:
    schemas = json_schemas()
    assert set(schemas) == {
        "invoice-drafted.v1",
        "invoice-bill-added.v1",
        "invoice-revised.v1",
        "invoice-deleted.v1",
        "invoice-finalized.v1",
        "invoice-credit-requested.v1",
        "invoice-amount-due-changed.v1",
        "invoice-carried-forward.v1",
        "invoice-retry-scheduled.v1",
        "invoice-overdue.v1",
        "invoice-reminder-due.v1",
        "dunning-exhausted.v1",
        "invoice-paid.v1",
        "invoice-marked-uncollectible.v1",
        "invoice-voided.v1",
        "payment-succeeded.v1",
        "payment-failed.v1",
        "payment-action-required.v1",
        "payment-refunded.v1",
        "dispute-opened.v1",
        "dispute-evidence-submitted.v1",
        "dispute-won.v1",
        "dispute-lost.v1",
        "credit-note-issued.v1",
        "customer-tax-rates-set.v1",
        "tax-rate-added.v1",
        "tax-rate-removed.v1",
        "invoice-clock-answered.v1",
    }
    billing = await billed("sandbox_success")
    for commit in billing.store.commits.values():
        for event in publish(commit):
            schema = schemas[event.type]
            assert set(schema["required"]) == set(event.data)
            # which only a consolidated invoice has, and only one of changes
            assert set(schema["properties"]) - set(event.data) <= {"bills", "adjustmentsNumber"}
            json.dumps(event.data)
