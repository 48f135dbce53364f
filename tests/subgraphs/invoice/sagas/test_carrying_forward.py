"""What is too little to charge is carried forward by itself, and collected by what comes later, on real stores."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from subgraphs.invoice.commands.configure_dunning import set_minimum_charge
from subgraphs.invoice.commands.create_invoice import create_invoice
from subgraphs.invoice.documents import BroughtForwardValue, InvoiceDocument
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.invoice.minimum_charges import ConfiguredMinimumCharges
from subgraphs.invoice.services import InvoiceServices
from subgraphs.invoice.worker import event_handlers
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import draft
from tests.testkit.invoicing import customer_events, deliver, period_opened
from tests.testkit.memory import AT, context
from tests.testkit.payments import InMemoryProvider
from tests.testkit.received import received

LATER = AT + timedelta(days=28)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


async def invoices(services: InvoiceServices) -> list[InvoiceDocument]:
    """Return all invoices, the oldest first."""
    return (await services.reader.page("acme", {}, limit=100))[::-1]


async def answered(services: InvoiceServices, invoice: InvoiceDocument, **answer: Any) -> None:
    """Tell what the customer subgraph answers for the invoice."""
    data = {
        "invoiceId": invoice.id,
        "customerId": "cus_1",
        "currency": "EUR",
        "amountMinor": 0,
        "walletMinor": 0,
        "balanceMinor": 0,
        **answer,
    }
    for handler in event_handlers(services)["invoice-credit-applied.v1"]:
        await handler(received("invoice-credit-applied.v1", data, aggregate_id=invoice.id, at=LATER))


async def finalized(services: InvoiceServices, number: int) -> InvoiceDocument:
    """Bill a further period, whose customer has not answered yet."""
    for handler in event_handlers(services)["billing-period-opened.v1"]:
        await handler(period_opened(number, at=LATER))
    return (await invoices(services))[-1]


async def test_what_is_below_the_tenants_minimum_waits_for_the_next_invoice(services: InvoiceServices) -> None:
    await set_minimum_charge(services.dunning_configurations, eur(5651), context())
    await deliver(services, *customer_events("sandbox_success"), period_opened(), period_opened())
    [first] = await invoices(services)
    assert (first.status, first.amount_due_minor, first.carried_forward_minor) == (InvoiceStatus.PAID, 0, 5650)
    assert await services.payment_reader.page("acme", {}, limit=10) == []
    second = await finalized(services, 1)
    debts = [{"invoiceId": first.id, "amountMinor": 5650}, {"invoiceId": None, "amountMinor": 5}]
    for _ in range(2):  # told twice
        await answered(services, second, broughtForward=debts)
    second = (await invoices(services))[-1]
    assert (second.status, second.amount_paid_minor, second.carried_forward_minor) == (InvoiceStatus.PAID, 11305, 0)
    assert second.brought_forward == [
        BroughtForwardValue(invoice_id=first.id, number="INV-000001", amount_minor=5650),
        BroughtForwardValue(invoice_id=None, number=None, amount_minor=5),
    ]
    [payment] = await services.payment_reader.page("acme", {}, limit=10)
    assert (payment.invoice_id, payment.amount_minor) == (second.id, 11305)  # 56.50 + 56.50 + 0.05


async def test_credit_that_pays_all_but_a_little_leaves_no_debt_to_dun(services: InvoiceServices) -> None:
    await set_minimum_charge(services.dunning_configurations, eur(50), context())
    await deliver(services, *customer_events("sandbox_declined"))
    invoice = await finalized(services, 1)
    await answered(services, invoice, amountMinor=5610, walletMinor=5610)
    [invoice] = await invoices(services)
    assert (invoice.status, invoice.carried_forward_minor, invoice.in_arrears) == (InvoiceStatus.PAID, 40, False)
    assert (invoice.retry_at, await services.payment_reader.page("acme", {}, limit=10)) == (None, [])


async def test_the_providers_minimum_counts_for_its_payment_methods(services: InvoiceServices) -> None:
    provider = InMemoryProvider()
    provider.minimums = {"EUR": eur(50)}
    minimum_charges = ConfiguredMinimumCharges(services.dunning_configuration_reader, {"sandbox": provider})
    services = replace(services, providers={"sandbox": provider}, minimum_charges=minimum_charges)
    await deliver(services, *customer_events("sandbox_success"))
    invoice = await finalized(services, 1)
    await answered(services, invoice, amountMinor=5601)
    [invoice] = await invoices(services)
    assert (invoice.status, invoice.carried_forward_minor, provider.moved) == (InvoiceStatus.PAID, 49, [])


async def test_what_is_not_to_be_charged_by_itself_stays_open(services: InvoiceServices) -> None:
    await set_minimum_charge(services.dunning_configurations, eur(9900), context())
    await deliver(services, *customer_events("sandbox_success"))
    await create_invoice(services.invoices, services.numbers, services.billing_details, draft(), True, context())
    [invoice] = await invoices(services)
    await answered(services, invoice)
    [invoice] = await invoices(services)
    assert (invoice.status, invoice.amount_due_minor, invoice.carried_forward_minor) == (InvoiceStatus.OPEN, 5650, 0)


async def test_without_a_payment_method_the_tenants_minimum_counts(services: InvoiceServices) -> None:
    await set_minimum_charge(services.dunning_configurations, eur(50), context())
    await deliver(services, *customer_events())
    invoice = await finalized(services, 1)
    await answered(services, invoice, amountMinor=5610)
    [invoice] = await invoices(services)
    assert (invoice.status, invoice.carried_forward_minor) == (InvoiceStatus.PAID, 40)
