"""What is charged by itself is at least the minimum; by hand, what the provider can charge."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from subgraphs.invoice.commands.collect_invoice import collect_invoice
from subgraphs.invoice.commands.dun_invoice import charge_again, plan_retry, retry_invoice
from subgraphs.invoice.commands.pay_invoice import pay_invoice
from subgraphs.invoice.commands.record_payment import record_payment
from subgraphs.invoice.domain.dunning_configuration import DunningConfiguration, MinimumChargeRemoved, MinimumChargeSet
from subgraphs.invoice.domain.errors import BelowMinimumCharge
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import Charge, InvoiceDraft, InvoiceStatus, ReceivedPayment
from subgraphs.invoice.minimum_charges import ConfiguredMinimumCharges
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import SEATS, VISA, method
from tests.testkit.memory import AT, context
from tests.testkit.payments import Crash, InMemoryBilling

BAD = method("sandbox_declined")
TOTAL = 5650


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


async def opened(billing: InMemoryBilling, applied: int) -> Invoice:
    """Return an open invoice of 56.50 EUR for a second period, of which credit paid `applied`: it is charged by itself."""
    draft = InvoiceDraft(customer_id="cus_1", plan_subscription_id="psub_1", period_number=1, currency="EUR", lines=SEATS)
    invoice = Invoice.create("inv_1", draft, context())
    invoice.finalize("INV-1", context(), Charge(payment_method_id=None))
    invoice.apply_credit(eur(applied), eur(0), context())
    return await billing.invoices.create(invoice, context())


async def collect(billing: InMemoryBilling, minimum: int) -> Invoice:
    return await collect_invoice(
        billing.invoices, billing.payments, billing.providers, "inv_1", VISA, context(), minimum=eur(minimum)
    )


async def test_less_than_the_minimum_is_carried_forward_once_and_nothing_is_asked_of_the_provider() -> None:
    billing = InMemoryBilling()
    await opened(billing, TOTAL - 49)
    for _ in range(3):
        invoice = await collect(billing, 50)
        assert (invoice.status, invoice.amount_carried_forward) == (InvoiceStatus.PAID, eur(49))
    assert (billing.provider.asked, await billing.all_payments()) == ([], [])


async def test_the_minimum_is_charged() -> None:
    billing = InMemoryBilling()
    await opened(billing, TOTAL - 50)
    invoice = await collect(billing, 50)
    assert (invoice.status, invoice.amount_carried_forward) == (InvoiceStatus.PAID, eur(0))
    assert [amount for _, amount in billing.provider.moved] == [eur(50)]


@pytest.mark.parametrize("stored_first", [False, True])
async def test_a_crash_at_the_commit_carries_once(stored_first: bool) -> None:
    billing = InMemoryBilling()
    await opened(billing, TOTAL - 20)
    billing.store.crash_at, billing.store.stored_first = len(billing.store.commits) + 1, stored_first
    with pytest.raises(Crash):
        await collect(billing, 50)
    # The minimum may have changed meanwhile: what was carried stays so.
    invoice = await collect(billing, 50 if not stored_first else 1)
    assert (invoice.status, invoice.amount_carried_forward) == (InvoiceStatus.PAID, eur(20))
    assert billing.provider.moved == []


async def declined(billing: InMemoryBilling, applied: int) -> None:
    await opened(billing, applied)
    await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", BAD, context())
    await plan_retry(billing, "inv_1", context())


async def test_a_retry_carries_forward_what_is_too_little_by_then() -> None:
    billing = InMemoryBilling()
    await declined(billing, TOTAL - 40)
    billing.minimum_charges.minimum = eur(50)
    invoice = await retry_invoice(billing, "inv_1", VISA, context(at=AT + timedelta(days=1)))
    assert (invoice.status, invoice.amount_carried_forward) == (InvoiceStatus.PAID, eur(40))
    assert (billing.provider.moved, len(await billing.all_payments())) == ([], 1)


async def test_a_new_payment_method_is_not_charged_with_too_little() -> None:
    billing = InMemoryBilling()
    await declined(billing, TOTAL - 40)
    billing.minimum_charges.minimum = eur(50)
    for _ in range(2):
        invoice = await charge_again(billing, "inv_1", VISA, context())
        assert (invoice.status, invoice.amount_carried_forward) == (InvoiceStatus.PAID, eur(40))
    assert billing.provider.moved == []


async def pay(billing: InMemoryBilling, amount: Money | None = None) -> Invoice:
    invoice, _ = await pay_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", VISA, context(), amount)
    return invoice


@pytest.mark.parametrize(("amount", "field", "wanted"), [(None, ("id",), r"0\.40 EUR"), (eur(30), ("amount",), r"0\.30 EUR")])
async def test_less_than_the_provider_charges_is_refused_before_anything_changes(
    amount: Money | None, field: tuple[str, ...], wanted: str
) -> None:
    billing = InMemoryBilling()
    await opened(billing, TOTAL - 40)
    billing.provider.minimums["EUR"] = eur(50)
    commits = len(billing.store.commits)
    with pytest.raises(BelowMinimumCharge, match=rf"sandbox charges 0\.50 EUR or more, not {wanted}") as refused:
        await pay(billing, amount)
    assert (refused.value.code, refused.value.field, refused.value.minimum) == ("BELOW_MINIMUM_CHARGE", field, eur(50))
    assert (len(billing.store.commits), billing.provider.asked) == (commits, [])


async def test_by_hand_the_tenants_own_minimum_does_not_count() -> None:
    billing = InMemoryBilling()
    await opened(billing, TOTAL - 40)
    billing.minimum_charges.minimum = eur(50)
    assert (await pay(billing)).status is InvoiceStatus.PAID
    assert [amount for _, amount in billing.provider.moved] == [eur(40)]


async def test_what_came_otherwise_is_recorded_however_little() -> None:
    billing = InMemoryBilling()
    await opened(billing, TOTAL - 40)
    billing.provider.minimums["EUR"] = eur(50)
    received = ReceivedPayment(reference="DE-1", received_at=AT)
    invoice, _ = await record_payment(
        billing.invoices, billing.payments, billing.providers, "inv_1", eur(40), received, context()
    )
    assert invoice.status is InvoiceStatus.PAID


class _Configurations:
    def __init__(self, **minimum_charges: int) -> None:
        self._found = SimpleNamespace(minimum_charges=minimum_charges) if minimum_charges else None

    async def find(self, tenant: str, id: str) -> Any:
        assert id == f"dun_{tenant}"
        return self._found


@pytest.mark.parametrize(
    ("own", "of_provider", "minimum"),
    [(None, None, None), (None, 50, 50), (30, 50, 50), (70, 50, 70), (70, None, 70)],
)
async def test_the_higher_one_of_the_tenant_and_the_provider_counts(
    own: int | None, of_provider: int | None, minimum: int | None
) -> None:
    billing = InMemoryBilling()
    billing.provider.minimums = {"EUR": eur(of_provider)} if of_provider else {}
    configurations: Any = _Configurations(**({"EUR": own} if own else {}))
    charges = ConfiguredMinimumCharges(configurations, billing.providers)
    assert await charges.of("acme", "EUR", VISA) == (eur(minimum) if minimum else None)
    # Without a method the provider is not known, in another currency nothing is set.
    assert await charges.of("acme", "EUR", None) == (eur(own) if own else None)
    assert await charges.of("acme", "USD", VISA) is None


def test_a_tenants_own_minimum_is_set_changed_and_removed() -> None:
    configuration = DunningConfiguration.create(context())
    for minor in (50, 50, 70):
        configuration.set_minimum_charge(eur(minor), context())
    for _ in range(2):
        configuration.remove_minimum_charge("EUR", context())
    assert list(configuration.unsaved[1:]) == [
        MinimumChargeSet(amount=eur(50), set_at=AT),
        MinimumChargeSet(amount=eur(70), set_at=AT),
        MinimumChargeRemoved(currency="EUR", removed_at=AT),
    ]
    codec = DunningConfiguration.codec
    stored = [codec.decode(*codec.encode(event)) for event in configuration.unsaved]
    assert DunningConfiguration.replay(configuration.id, "acme", [(AT, stored)]).minimum_charges == {}


@pytest.mark.parametrize("minor", [0, -50, 10_000_001])
def test_a_minimum_out_of_range_is_refused(minor: int) -> None:
    with pytest.raises(InvalidInput, match="above zero and at most 100000 EUR") as refused:
        DunningConfiguration.create(context()).set_minimum_charge(eur(minor), context())
    assert refused.value.field == ("amount",)
