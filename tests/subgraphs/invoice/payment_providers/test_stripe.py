"""The Stripe provider, by its SDK over HTTP against recorded answers, with its records on a real database."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import SecretStr

from subgraphs.invoice.domain.dunning import HARD_DECLINES
from subgraphs.invoice.domain.payment_provider import (
    AMOUNT_TOO_SMALL,
    ActionRequired,
    Declined,
    DisputeFacts,
    DisputeState,
    NoAnswer,
    PaymentOutcome,
    RefundOutcome,
    Succeeded,
)
from subgraphs.invoice.payment_providers.stripe import KEYS_LAST, StripeProvider, open_stripe
from subgraphs.invoice.payment_providers.stripe_records import StripeRecords
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.errors import InvalidState
from subgraphs.kit.domain.money import Money
from tests.testkit.memory import AT
from tests.testkit.stripe_replay import SECRET_KEY, replay

AMOUNT, BACK = Money(5650, "EUR"), Money(1900, "EUR")
PAID = Succeeded("pi_3Ovk")
# AT is 2026-01-31T12:00:00.123Z, that is 1769860800 s; clocks may differ by 600 s: [1769860200, AT + 23 h + 600 s = 1769944200]


class Stripe:
    """The provider on recorded answers, with a clock of the test's choice."""

    def __init__(self, provider: StripeProvider, clock: FixedClock) -> None:
        self.provider, self.clock = provider, clock

    async def charge(self, amount: Money = AMOUNT) -> PaymentOutcome:
        return await self.provider.charge("acme", "pay_1", "pm_card_visa", amount)

    async def confirm(self) -> PaymentOutcome:
        return await self.provider.confirm("acme", "pay_1")

    async def cancel(self) -> PaymentOutcome:
        return await self.provider.cancel("acme", "pay_1")

    async def refund(self, amount: Money = BACK) -> RefundOutcome:
        return await self.provider.refund("acme", "cn_1", "pay_1", amount)


@contextlib.asynccontextmanager
async def recorded(
    services: InvoiceServices, name: str, *, timeout_seconds: float = 5.0, retries: int = 0
) -> AsyncIterator[Stripe]:
    clock = FixedClock(AT)
    records = StripeRecords(services.stores.database)
    async with (
        replay(name) as server,
        open_stripe(
            SecretStr(SECRET_KEY),
            records,
            api_base=server.url,
            timeout_seconds=timeout_seconds,
            retries=retries,
            clock=clock,
        ) as provider,
    ):
        yield Stripe(provider, clock)


async def test_a_charge_is_made_once_and_asked_for_by_its_intent_from_then_on(services: InvoiceServices) -> None:
    async with recorded(services, "charge_succeeds") as stripe:
        assert [await stripe.charge(), await stripe.charge()] == [PAID, PAID]


@pytest.mark.parametrize(
    ("name", "declined", "for_good"),
    [
        ("charge_declined", Declined("insufficient_funds", "Your card has insufficient funds."), False),
        ("charge_declined_for_good", Declined("stolen_card", "Your card was declined."), True),
        ("charge_expired_card", Declined("expired_card", "Your card has expired."), True),
        ("unknown_payment_method", Declined("invalid_payment_method", "Stripe does not know this payment method."), True),
        (
            "payment_method_of_another_tenant",
            Declined("invalid_payment_method", "Stripe does not know this payment method."),
            True,
        ),
        ("amount_refused", Declined(AMOUNT_TOO_SMALL, "Amount must be at least €0.50 eur"), False),
    ],
)
async def test_a_refusal_is_a_decline_whose_code_tells_whether_to_try_again(
    services: InvoiceServices, name: str, declined: Declined, for_good: bool
) -> None:
    async with recorded(services, name) as stripe:
        assert await stripe.charge() == declined
    assert (declined.code in HARD_DECLINES) is for_good


def test_the_least_it_charges_is_what_stripe_publishes() -> None:
    provider = StripeProvider(cast(Any, SimpleNamespace(v1=None)), cast(StripeRecords, None), FixedClock(AT))
    assert provider.minimum_charge("GBP") == Money(30, "GBP")
    assert provider.minimum_charge("ISK") is None


async def test_a_card_that_wants_authentication_waits_for_the_customer(services: InvoiceServices) -> None:
    async with recorded(services, "charge_requires_action") as stripe:
        assert await stripe.charge() == ActionRequired()
        assert await stripe.provider.client_secret("acme", "pay_1") == "pi_3Ovk_secret_9Xy"
        assert await stripe.confirm() == ActionRequired()  # the customer has not done it yet
        assert await stripe.confirm() == PAID


async def test_a_payment_that_waits_to_be_confirmed_is_confirmed(services: InvoiceServices) -> None:
    async with recorded(services, "waits_to_be_confirmed") as stripe:
        assert [await stripe.charge(), await stripe.confirm()] == [ActionRequired(), PAID]


async def test_a_failed_authentication_leaves_nothing_that_could_be_paid_later(services: InvoiceServices) -> None:
    async with recorded(services, "authentication_fails") as stripe:
        assert await stripe.charge() == ActionRequired()
        failed = Declined("payment_intent_authentication_failure", "The customer failed authentication.")
        assert await stripe.confirm() == failed


async def test_a_waiting_payment_is_canceled_for_good(services: InvoiceServices) -> None:
    canceled = Declined("canceled", "The payment was canceled before the customer confirmed it.")
    async with recorded(services, "cancel_waiting") as stripe:
        assert await stripe.charge() == ActionRequired()
        assert [await stripe.cancel(), await stripe.cancel()] == [canceled, canceled]


async def test_a_payment_that_succeeded_before_it_was_canceled_counts(services: InvoiceServices) -> None:
    async with recorded(services, "cancel_comes_too_late") as stripe:
        assert await stripe.charge() == ActionRequired()
        assert await stripe.cancel() == PAID


async def test_a_payment_method_without_a_customer_is_given_one(services: InvoiceServices) -> None:
    async with recorded(services, "new_payment_method") as stripe:
        assert await stripe.charge() == PAID


@pytest.mark.parametrize(
    "name",
    [
        "connection_lost_after_the_charge",
        "connection_lost_within_the_answer",
        "stripe_is_broken",
        "key_in_use",
        "rate_limited",
        "still_processing",
    ],
)
async def test_an_unknown_outcome_is_asked_for_again_with_the_same_key(services: InvoiceServices, name: str) -> None:
    async with recorded(services, name) as stripe:
        with pytest.raises(NoAnswer):
            await stripe.charge()
        assert await stripe.charge() == PAID


async def test_a_silent_stripe_is_asked_again_with_the_same_key(services: InvoiceServices) -> None:
    async with recorded(services, "no_answer_in_time", timeout_seconds=0.5) as stripe:
        with pytest.raises(NoAnswer):
            await stripe.charge()
        assert await stripe.charge() == PAID


async def test_the_sdk_repeats_a_lost_request_with_the_same_key(services: InvoiceServices) -> None:
    async with recorded(services, "sdk_repeats_by_itself", retries=1) as stripe:
        assert await stripe.charge() == PAID


async def test_a_secret_key_that_is_refused_declines_nobody_and_is_not_told(services: InvoiceServices) -> None:
    async with recorded(services, "wrong_secret_key") as stripe:
        with pytest.raises(NoAnswer) as refused:
            await stripe.charge()
    assert "sk_test" not in str(refused.value)


async def test_a_key_that_stood_for_something_else_is_a_mistake_of_the_program(services: InvoiceServices) -> None:
    async with recorded(services, "key_reused") as stripe:
        with pytest.raises(ValueError, match="other particulars"):
            await stripe.charge()
        with pytest.raises(ValueError, match="other particulars"):
            await stripe.charge(Money(5651, "EUR"))


async def test_a_charge_older_than_its_key_is_looked_for_before_it_is_made(services: InvoiceServices) -> None:
    async with recorded(services, "asked_two_days_ago_and_found") as stripe:
        with pytest.raises(NoAnswer):
            await stripe.charge()
        stripe.clock.at = AT + timedelta(days=2)
        assert await stripe.charge() == PAID


async def test_a_charge_older_than_its_key_that_was_never_made_is_made(services: InvoiceServices) -> None:
    async with recorded(services, "asked_two_days_ago_and_not_found") as stripe:
        with pytest.raises(NoAnswer):
            await stripe.charge()
        stripe.clock.at = AT + KEYS_LAST + timedelta(minutes=1)
        assert await stripe.charge() == PAID


async def test_a_refund_is_made_once(services: InvoiceServices) -> None:
    async with recorded(services, "refund_succeeds") as stripe:
        await stripe.charge()
        assert [await stripe.refund(), await stripe.refund()] == [Succeeded("re_3Ovk")] * 2


async def test_a_lost_refund_is_asked_for_again_with_the_same_key(services: InvoiceServices) -> None:
    async with recorded(services, "refund_lost") as stripe:
        await stripe.charge()
        with pytest.raises(NoAnswer):
            await stripe.refund()
        assert await stripe.refund() == Succeeded("re_3Ovk")
        with pytest.raises(ValueError, match="another amount"):
            await stripe.provider.records.begin_refund(await stripe.provider.records.get("acme", "pay_1"), "cn_1", AMOUNT, AT)


async def test_a_refund_older_than_its_key_is_looked_for_before_it_is_made(services: InvoiceServices) -> None:
    async with recorded(services, "refund_two_days_ago") as stripe:
        await stripe.charge()
        with pytest.raises(NoAnswer):
            await stripe.refund()
        stripe.clock.at = AT + timedelta(days=2)
        assert await stripe.refund() == Succeeded("re_3Ovk")


@pytest.mark.parametrize(
    ("name", "declined"),
    [
        ("refund_too_much", Declined("refund_exceeds_charge", "More would be refunded than is left of the charge.")),
        ("refund_fails", Declined("refund_declined", "The refund failed: lost_or_stolen_card.")),
        ("refund_of_nothing", Declined("not_charged", "The payment did not succeed, so there is nothing to refund.")),
    ],
)
async def test_a_refund_that_stripe_refuses_is_declined(services: InvoiceServices, name: str, declined: Declined) -> None:
    async with recorded(services, name) as stripe:
        await stripe.charge()
        assert await stripe.refund() == declined


async def test_a_dispute_stands_as_stripe_says_and_takes_evidence(services: InvoiceServices) -> None:
    async with recorded(services, "dispute_won") as stripe:
        provider = stripe.provider
        assert await provider.dispute("acme", "dp_1Ovk", AT) == DisputeFacts(
            reference="dp_1Ovk",
            state=DisputeState.NEEDS_EVIDENCE,
            reason="fraudulent",
            amount=AMOUNT,
            evidence_due_at=datetime(2026, 2, 7, 23, 59, 59, tzinfo=UTC),
        )
        await provider.submit_evidence("acme", "dp_1Ovk", "They used it.")
        states = [(await provider.dispute("acme", "dp_1Ovk", AT)).state for _ in range(2)]
        assert states == [DisputeState.UNDER_REVIEW, DisputeState.WON]


async def test_a_dispute_that_was_closed_at_stripe_takes_nothing_more(services: InvoiceServices) -> None:
    async with recorded(services, "dispute_closed_before") as stripe:
        for answer in (
            stripe.provider.submit_evidence("acme", "dp_1Ovk", "They used it."),
            stripe.provider.accept_dispute("acme", "dp_1Ovk"),
        ):
            with pytest.raises(InvalidState, match="This dispute is already closed"):
                await answer


async def test_a_dispute_that_is_accepted_is_lost(services: InvoiceServices) -> None:
    async with recorded(services, "dispute_accepted") as stripe:
        await stripe.provider.accept_dispute("acme", "dp_1Ovk")
        assert (await stripe.provider.dispute("acme", "dp_1Ovk", AT)).state is DisputeState.LOST


async def test_an_inquiry_that_ends_takes_nothing(services: InvoiceServices) -> None:
    async with recorded(services, "inquiry") as stripe:
        facts = [await stripe.provider.dispute("acme", "dp_1Ovk", AT) for _ in range(3)]
        assert [one.state for one in facts] == [DisputeState.NEEDS_EVIDENCE, DisputeState.WON, DisputeState.WON]
        assert (facts[0].evidence_due_at, facts[0].refundable) == (None, True)


async def test_a_payment_that_was_never_asked_for_is_not_continued(services: InvoiceServices) -> None:
    async with open_stripe(
        SecretStr(SECRET_KEY), StripeRecords(services.stores.database), api_base="http://127.0.0.1:9"
    ) as provider:
        with pytest.raises(LookupError):
            await provider.confirm("acme", "pay_1")
        # 5.125 KWD: Stripe charges whole tens of fils
        declined = await provider.charge("acme", "pay_1", "pm_card_visa", Money(5125, "KWD"))
        assert isinstance(declined, Declined)
        assert declined.code == "amount_not_chargeable"
