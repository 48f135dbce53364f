"""What Stripe sends: signed, once, fast; and what comes of it."""

import contextlib
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import stripe
from pydantic import SecretStr

from subgraphs.invoice.app import create_app
from subgraphs.invoice.bootstrap import open_services
from subgraphs.invoice.commands.draft_invoice import draft_invoice
from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.commands.settle_payment import settle_payment
from subgraphs.invoice.domain.provider_events import ProviderEvent, ProviderEventKind
from subgraphs.invoice.domain.values import InvoiceStatus, PaymentMethod, PaymentStatus
from subgraphs.invoice.payment_providers.stripe_webhook import TOLERANCE_SECONDS, event_of
from subgraphs.invoice.provider_inbox import ATTEMPTS, ProviderInbox
from subgraphs.invoice.sagas.provider_events import ProviderEvents
from subgraphs.invoice.services import InvoiceServices
from subgraphs.invoice.settings import InvoiceSettings
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.money import Money
from subgraphs.kit.persistence.lease import Lease
from subgraphs.kit.settings import Settings
from tests.testkit.billing import draft
from tests.testkit.memory import AT, context
from tests.testkit.stripe_replay import SECRET_KEY, recorded_event, replay
from tests.testkit.subgraph import RunningSubgraph, run_subgraph

SECRET = "whsec_recorded"
CARD = PaymentMethod(id="pm_1", provider="stripe", token="pm_card_visa", label="Visa •••• 4242")


def with_stripe(settings: Settings, **more: str) -> InvoiceSettings:
    """Return the test's settings with those of Stripe; the environment has none."""
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    return InvoiceSettings.model_construct(
        **values, **{"stripe_secret_key": None, "stripe_webhook_secret": SecretStr(SECRET), "stripe_api_base": "", **more}
    )


@pytest.fixture
async def endpoint(settings: Settings) -> AsyncIterator[RunningSubgraph]:
    async with run_subgraph(create_app, with_stripe(settings)) as running:
        yield running


async def send(endpoint: RunningSubgraph, body: str, signature: str | None = None) -> tuple[int, Any]:
    headers = {"stripe-signature": stripe.WebhookSignature.generate_signature_header(body, SECRET)}
    if signature is not None:
        headers = {"stripe-signature": signature} if signature else {}
    async with endpoint.session.post(f"{endpoint.url}/webhooks/stripe", data=body.encode(), headers=headers) as response:
        return response.status, await response.json()


async def kept(settings: Settings) -> list[ProviderEvent]:
    async with open_services(settings) as services:
        return [waiting.event for waiting in await services.inbox.due(AT.replace(year=2100), 10)]


async def test_a_signed_event_is_kept_once_and_acknowledged(endpoint: RunningSubgraph, settings: Settings) -> None:
    body = recorded_event("payment_intent.succeeded")
    assert [await send(endpoint, body) for _ in range(3)] == [(200, {"received": True})] * 3
    assert await kept(settings) == [
        ProviderEvent(id="evt_1", provider="stripe", kind=ProviderEventKind.PAYMENT_CHANGED, reference="pi_3Ovk")
    ]


async def test_an_event_that_means_nothing_here_is_acknowledged_and_forgotten(
    endpoint: RunningSubgraph, settings: Settings
) -> None:
    for name in ("customer.created", "payment_intent.payment_failed.authentication"):
        assert await send(endpoint, recorded_event(name)) == (200, {"received": True, "ignored": True})
    assert await kept(settings) == []


@pytest.mark.parametrize("signature", ["", "t=1,v1=0", "nonsense", "of another body", "of another secret", "too old"])
async def test_what_is_not_signed_with_the_secret_just_now_is_refused(
    endpoint: RunningSubgraph, settings: Settings, signature: str
) -> None:
    body, sign = recorded_event("payment_intent.succeeded"), stripe.WebhookSignature.generate_signature_header
    made = {
        "of another body": sign(body + " ", SECRET),
        "of another secret": sign(body, "whsec_other"),
        "too old": sign(body, SECRET, int(time.time()) - TOLERANCE_SECONDS - 60),
    }
    status, answer = await send(endpoint, body, made.get(signature, signature))
    assert (status, answer) == (400, {"error": "the signature does not fit"})
    assert await kept(settings) == []


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"type": "charge.refunded", "data": {"object": {"payment_intent": "pi_1"}}}'])
async def test_a_signed_event_of_another_shape_is_refused(endpoint: RunningSubgraph, body: str) -> None:
    assert await send(endpoint, body) == (400, {"error": "the event cannot be read"})


async def test_an_event_that_is_too_large_is_not_read(settings: Settings) -> None:
    async with run_subgraph(create_app, with_stripe(settings).model_copy(update={"body_limit_bytes": 100})) as endpoint:
        assert (await send(endpoint, recorded_event("payment_intent.succeeded")))[0] == 413


async def test_without_a_webhook_secret_there_is_no_endpoint(settings: Settings) -> None:
    async with run_subgraph(create_app, settings) as endpoint:
        with pytest.raises(aiohttp.ContentTypeError):
            await send(endpoint, recorded_event("payment_intent.succeeded"))


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "")
    settings = InvoiceSettings(_env_file=None)
    assert settings.stripe_secret_key is not None
    assert settings.stripe_secret_key.get_secret_value() == SECRET_KEY
    assert settings.stripe_webhook_secret is None
    assert SECRET_KEY not in repr(settings)


def test_events_are_read() -> None:
    refunded = event_of(json.loads(recorded_event("charge.refunded")))
    assert refunded == ProviderEvent(
        id="evt_4",
        provider="stripe",
        kind=ProviderEventKind.CHARGE_REFUNDED,
        reference="pi_3Ovk",
        refunded=Money(1900, "EUR"),
    )


class Working:
    """An invoice that Stripe is to charge, and the worker's look into the inbox."""

    def __init__(self, services: InvoiceServices) -> None:
        self.services, self.clock = services, FixedClock(AT)
        self.worker = ProviderEvents(services, Lease(services.stores.database, "test", "one"), self.clock)

    async def charged(self) -> None:
        services = self.services
        await draft_invoice(services.invoices, "inv_1", draft(), context())
        await finalize_invoice(services.invoices, services.numbers, services.billing_details, "inv_1", context())
        nothing = Money.zero("EUR")
        await services.invoices.update("inv_1", context(), lambda invoice: invoice.apply_credit(nothing, nothing, context()))
        await services.invoices.update("inv_1", context(), lambda invoice: invoice.start_payment("pay_1", CARD, context()))
        await settle_payment(services.invoices, services.payments, services.providers, "inv_1", context())

    async def told(self, name: str) -> int:
        event = event_of(json.loads(recorded_event(name)))
        assert event is not None
        await self.services.inbox.put(event, AT)
        return await self.worker.work()

    async def status(self) -> tuple[InvoiceStatus, PaymentStatus]:
        invoice = await self.services.invoices.get("acme", "inv_1")
        return invoice.status, (await self.services.payments.get("acme", "pay_1")).status

    async def dead_letters(self) -> list[dict[str, Any]]:
        return await self.services.stores.database["dead_letters"].find({}).to_list()


@contextlib.asynccontextmanager
async def working(settings: Settings, name: str) -> AsyncIterator[Working]:
    async with replay(name) as server:
        chosen = with_stripe(settings, stripe_api_base=server.url).model_copy(update={"stripe_secret_key": SecretStr(SECRET_KEY)})
        async with open_services(chosen, FixedClock(AT + timedelta(minutes=1))) as services:
            yield Working(services)


async def test_a_payment_that_the_customer_confirmed_at_stripe_pays_the_invoice(settings: Settings) -> None:
    async with working(settings, "event_of_a_waiting_payment") as work:
        await work.charged()
        assert await work.status() == (InvoiceStatus.OPEN, PaymentStatus.ACTION_REQUIRED)
        assert [await work.told("payment_intent.succeeded") for _ in range(2)] == [1, 0]
        assert await work.status() == (InvoiceStatus.PAID, PaymentStatus.SUCCEEDED)
        assert await work.told("payment_intent.payment_failed") == 1  # it comes late, and changes nothing
        assert await work.status() == (InvoiceStatus.PAID, PaymentStatus.SUCCEEDED)


async def test_a_charge_whose_answer_was_lost_is_settled_by_the_event(settings: Settings) -> None:
    async with working(settings, "event_of_a_lost_charge") as work:
        with pytest.raises(TimeoutError):
            await work.charged()
        assert await work.status() == (InvoiceStatus.OPEN, PaymentStatus.PROCESSING)
        assert await work.told("payment_intent.succeeded") == 1
        assert await work.status() == (InvoiceStatus.PAID, PaymentStatus.SUCCEEDED)


async def test_a_refund_made_at_stripe_is_noted_on_the_payment(settings: Settings) -> None:
    async with working(settings, "event_of_a_refund") as work:
        await work.charged()
        assert [await work.told("charge.refunded") for _ in range(2)] == [1, 0]
        document = await work.services.payment_reader.find("acme", "pay_1")
        assert document is not None
        assert (document.amount_refunded_minor, document.provider) == (1900, "stripe")


async def test_an_event_about_somebody_elses_payment_is_left_alone(settings: Settings) -> None:
    async with working(settings, "event_of_an_unknown_payment") as work:
        assert await work.told("payment_intent.succeeded") == 1
        assert await work.told("payment_intent.succeeded") == 0
        assert await work.dead_letters() == []


async def test_an_event_waits_longer_each_time_and_is_a_dead_letter_in_the_end(services: InvoiceServices) -> None:
    work = Working(services)  # Stripe is not set up here
    assert await work.told("payment_intent.succeeded") == 1
    assert await work.worker.work() == 0
    tried = 1
    while not await work.dead_letters():
        work.clock.at += timedelta(hours=1)
        tried += await work.worker.work()
    assert tried == ATTEMPTS
    [letter] = await work.dead_letters()
    assert (letter["_id"], letter["stream"], letter["entry"]) == ("stripe/evt_1", "provider/stripe", "evt_1")
    work.clock.at += timedelta(days=1)
    assert await work.worker.work() == 0
    assert await ProviderInbox(services.stores.database).due(work.clock.at, 10) == []
