"""The sandbox provider, on a real database."""

import asyncio
from datetime import timedelta

import pytest

from subgraphs.invoice.domain.payment_provider import (
    ActionRequired,
    Declined,
    DisputeState,
    PaymentOutcome,
    PaymentProvider,
    RefundOutcome,
    Succeeded,
)
from subgraphs.invoice.payment_providers.sandbox import SandboxProvider
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.money import Money
from tests.testkit.memory import AT

AMOUNT = Money(5650, "EUR")
SUCCEEDED = Succeeded("sandbox:acme/pay_1")
CANCELED = Declined("canceled", "The payment was canceled before the customer confirmed it.")

UNKNOWN = Declined(
    "invalid_payment_method",
    "The sandbox does not know this payment method; it knows sandbox_success, sandbox_declined, sandbox_lost_card, "
    "sandbox_requires_action, sandbox_unrefundable, sandbox_disputed.",
)


@pytest.fixture
def sandbox(services: InvoiceServices) -> PaymentProvider:
    return services.providers["sandbox"]


async def charge(sandbox: PaymentProvider, token: str, tenant: str = "acme", amount: Money = AMOUNT) -> PaymentOutcome:
    return await sandbox.charge(tenant, "pay_1", token, amount)


@pytest.mark.parametrize(
    ("token", "outcome"),
    [
        ("sandbox_success", SUCCEEDED),
        ("sandbox_unrefundable", SUCCEEDED),
        ("sandbox_disputed", SUCCEEDED),
        ("sandbox_declined", Declined("card_declined", "The card was declined.")),
        ("sandbox_lost_card", Declined("lost_card", "The card was reported lost.")),
        ("sandbox_requires_action", ActionRequired()),
        ("sandbox_sucess", UNKNOWN),
        ("tok_other", UNKNOWN),
    ],
)
async def test_the_token_decides_and_asking_again_tells_the_same(
    sandbox: PaymentProvider, services: InvoiceServices, token: str, outcome: PaymentOutcome
) -> None:
    assert [await charge(sandbox, token) for _ in range(2)] == [outcome, outcome]
    assert await services.stores.database["sandbox_charges"].count_documents({}) == 1


async def test_it_charges_any_amount(sandbox: PaymentProvider) -> None:
    assert sandbox.minimum_charge("EUR") is None
    assert await charge(sandbox, "sandbox_success", amount=Money(1, "EUR")) == SUCCEEDED


async def test_many_at_once_make_one_charge(sandbox: PaymentProvider, services: InvoiceServices) -> None:
    outcomes = await asyncio.gather(*(charge(sandbox, "sandbox_success") for _ in range(10)))
    assert outcomes == [SUCCEEDED] * 10
    assert await services.stores.database["sandbox_charges"].count_documents({}) == 1


async def test_a_payment_is_not_charged_with_other_particulars(sandbox: PaymentProvider) -> None:
    await charge(sandbox, "sandbox_success")
    with pytest.raises(ValueError, match="other particulars"):
        await charge(sandbox, "sandbox_success", amount=Money(5651, "EUR"))
    with pytest.raises(ValueError, match="other particulars"):
        await charge(sandbox, "sandbox_declined")


async def test_tenants_do_not_share_payments(sandbox: PaymentProvider) -> None:
    assert await charge(sandbox, "sandbox_success") == SUCCEEDED
    assert isinstance(await charge(sandbox, "sandbox_declined", "rival"), Declined)


async def test_a_waiting_payment_is_confirmed_for_good(sandbox: PaymentProvider) -> None:
    await charge(sandbox, "sandbox_requires_action")
    assert [await sandbox.confirm("acme", "pay_1") for _ in range(2)] == [SUCCEEDED, SUCCEEDED]
    assert await sandbox.cancel("acme", "pay_1") == SUCCEEDED
    assert await charge(sandbox, "sandbox_requires_action") == SUCCEEDED


async def test_a_waiting_payment_is_canceled_for_good(sandbox: PaymentProvider) -> None:
    await charge(sandbox, "sandbox_requires_action")
    assert [await sandbox.cancel("acme", "pay_1") for _ in range(2)] == [CANCELED, CANCELED]
    assert await sandbox.confirm("acme", "pay_1") == CANCELED


async def test_what_is_settled_is_not_undone(sandbox: PaymentProvider) -> None:
    declined = await charge(sandbox, "sandbox_declined")
    assert await sandbox.confirm("acme", "pay_1") == declined


async def test_an_unknown_payment_is_an_error(sandbox: PaymentProvider) -> None:
    with pytest.raises(LookupError, match="pay_1"):
        await sandbox.confirm("acme", "pay_1")


async def refund(sandbox: PaymentProvider, id: str, minor_units: int, currency: str = "EUR") -> RefundOutcome:
    return await sandbox.refund("acme", id, "pay_1", Money(minor_units, currency))


async def test_a_refund_is_made_once_per_id(sandbox: PaymentProvider, services: InvoiceServices) -> None:
    await charge(sandbox, "sandbox_success")
    made = await asyncio.gather(*(refund(sandbox, "cn_1", 5000) for _ in range(5)))
    assert made == [Succeeded("sandbox:acme/cn_1")] * 5
    stored = await services.stores.database["sandbox_charges"].find_one({"_id": "acme/pay_1"})
    assert stored is not None
    assert stored["refunded_minor"] == 5000
    with pytest.raises(ValueError, match="another amount"):
        await refund(sandbox, "cn_1", 4999)


async def test_refunds_never_come_to_more_than_the_charge(sandbox: PaymentProvider) -> None:
    await charge(sandbox, "sandbox_success")  # 56.50
    outcomes = await asyncio.gather(*(refund(sandbox, f"cn_{number}", 2000) for number in range(4)))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Declined", "Declined", "Succeeded", "Succeeded"]
    assert await refund(sandbox, "cn_8", 1651) == Declined("refund_exceeds_charge", "More would be refunded than was charged.")
    assert await refund(sandbox, "cn_9", 1650) == Succeeded("sandbox:acme/cn_9")  # 56.50 - 2 * 20.00 = 16.50


@pytest.mark.parametrize(
    ("token", "currency", "code"),
    [
        ("sandbox_unrefundable", "EUR", "refund_declined"),
        ("sandbox_declined", "EUR", "not_charged"),
        ("sandbox_requires_action", "EUR", "not_charged"),
        ("sandbox_success", "USD", "not_charged"),
    ],
)
async def test_a_refund_is_declined(sandbox: PaymentProvider, token: str, currency: str, code: str) -> None:
    await charge(sandbox, token)
    outcome = await refund(sandbox, "cn_1", 100, currency)
    assert isinstance(outcome, Declined)
    assert outcome.code == code


async def test_an_unknown_payment_is_not_refunded(sandbox: PaymentProvider) -> None:
    with pytest.raises(LookupError, match="pay_1"):
        await refund(sandbox, "cn_1", 100)


DISPUTE = "dispute:pay_1"
WEEK = timedelta(days=7)


async def disputed(services: InvoiceServices) -> SandboxProvider:
    """Charge a payment that is disputed, twice; the dispute is told once."""
    sandbox = services.providers["sandbox"]
    assert isinstance(sandbox, SandboxProvider)
    for _ in range(2):
        await charge(sandbox, "sandbox_disputed")
    assert await told(services) == ["dispute/acme/pay_1/opened"]
    assert await sandbox.payment_of("acme/pay_1") == ("acme", "pay_1")
    return sandbox


async def told(services: InvoiceServices) -> list[str]:
    return [waiting.event.id for waiting in await services.inbox.due(AT.replace(year=2100), 10)]


async def test_a_dispute_is_open_for_a_week_and_lost_without_evidence(services: InvoiceServices) -> None:
    sandbox = await disputed(services)
    facts = await sandbox.dispute("acme", DISPUTE, AT)
    assert (facts.state, facts.amount, facts.evidence_due_at) == (DisputeState.NEEDS_EVIDENCE, AMOUNT, AT + WEEK)
    assert await sandbox.dispute("acme", DISPUTE, AT + timedelta(days=6)) == facts
    assert (await sandbox.dispute("acme", DISPUTE, AT + WEEK)).state is DisputeState.LOST
    with pytest.raises(LookupError):
        await sandbox.dispute("rival", DISPUTE, AT)


@pytest.mark.parametrize(
    ("evidence", "state"),
    [
        ("winning_evidence", DisputeState.WON),
        ("losing_evidence", DisputeState.LOST),
        ("They used it.", DisputeState.UNDER_REVIEW),
        (None, DisputeState.LOST),  # accepted
    ],
)
async def test_the_evidence_decides_for_good(services: InvoiceServices, evidence: str | None, state: DisputeState) -> None:
    sandbox = await disputed(services)
    await sandbox.dispute("acme", DISPUTE, AT)
    if evidence is None:
        await sandbox.accept_dispute("acme", DISPUTE)
    else:
        await sandbox.submit_evidence("acme", DISPUTE, evidence)
    assert (await sandbox.dispute("acme", DISPUTE, AT + 2 * WEEK)).state is state
    assert sorted(await told(services)) == sorted(["dispute/acme/pay_1/opened", f"dispute/acme/pay_1/{state.lower()}"])
    refunded = await sandbox.refund("acme", "cn_1", "pay_1", AMOUNT)
    assert isinstance(refunded, Succeeded) == (state is DisputeState.WON)
