"""Whom is written to, about what, in which language, and once: on real stores and a real mail server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO
from typing import Any

import pytest
from pydantic import SecretStr
from pypdf import PdfReader
from structlog.testing import capture_logs

from subgraphs.invoice.commands.configure_dunning import set_minimum_charge
from subgraphs.invoice.commands.create_credit_note import create_credit_note
from subgraphs.invoice.commands.create_invoice import create_invoice
from subgraphs.invoice.domain.crediting import CreditRequest
from subgraphs.invoice.domain.dunning import DunningAction, DunningCampaign
from subgraphs.invoice.domain.values import Bill, Charge, InvoiceStatus
from subgraphs.invoice.mail.letter import MailUncertain
from subgraphs.invoice.mail.outbox import ATTEMPTS, TAKEN
from subgraphs.invoice.mail.smtp import SmtpPostman
from subgraphs.invoice.published import publish
from subgraphs.invoice.sagas.dunning import DunningTimer
from subgraphs.invoice.sagas.mails import MailSaga, MailSender
from subgraphs.invoice.sagas.reminders import ReminderTimer
from subgraphs.invoice.services import InvoiceServices
from subgraphs.invoice.worker import event_handlers
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.money import Money
from subgraphs.kit.messaging.consumer import Received
from tests.testkit.billing import draft
from tests.testkit.invoicing import customer_events, deliver, no_credit, period_opened
from tests.testkit.memory import AT, context
from tests.testkit.payments import InMemoryCampaigns
from tests.testkit.received import received
from tests.testkit.smtp import MailServer, run_mail_server

DECLINED, PAYS = "sandbox_declined", "sandbox_success"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with run_mail_server() as server:
        yield server


class Writing:
    """Billing that is told to the mail saga, event by event, and a sender at a time of the test's choice."""

    def __init__(self, services: InvoiceServices, server: MailServer) -> None:
        self.clock, self.wall, self.campaigns = FixedClock(AT), FixedClock(AT), InMemoryCampaigns()
        self.services = replace(services, clock=self.clock, sends_mail=True, campaigns=self.campaigns)
        self.server = server
        self.sender = MailSender(self.services, SmtpPostman(SecretStr(server.url)), "billing@t.example", self.wall)

    async def bill(
        self,
        token: str,
        number: int = 1,
        *,
        language: str = "en",
        email: str | None = "pay@hooli.example",
        name: str = "Hooli",
        **more: Any,
    ) -> None:
        await deliver(self.services, *customer_events(token))
        profile = {"customerId": "cus_1", "name": name, "email": email, "language": language}
        await deliver(self.services, received("customer-updated.v1", profile, aggregate_id="cus_1", sequence=8))
        await deliver(self.services, period_opened(number, **more))

    async def after(self, days: float) -> None:
        self.clock.at = AT + timedelta(days=days)
        await DunningTimer(self.services).retry_due()

    async def told(self, times: int = 1) -> None:
        """Tell the saga all that has happened, so many times."""
        handlers = MailSaga(self.services, self.wall).handlers()
        for _ in range(times):
            for commit in await self.services.stores.events.undispatched(1000):
                for event in publish(commit):
                    if event.type in handlers:
                        envelope = received("x", {}, aggregate_id="x").envelope
                        await handlers[event.type](Received(event, envelope))

    async def send(self) -> list[str]:
        """Send what waits; return the subjects of all that was taken in so far."""
        await self.sender.send()
        return [str(message["Subject"]) for message in self.server.taken]

    async def dead_letters(self) -> list[dict[str, Any]]:
        return await self.services.stores.database["dead_letters"].find({}).to_list()


@pytest.fixture
async def writing(services: InvoiceServices, server: MailServer) -> AsyncIterator[Writing]:
    yield Writing(services, server)


def parts(message: EmailMessage) -> tuple[str, str]:
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None and html is not None
    said = [part.get_content().replace("\xa0", " ").replace("\r\n", "\n") for part in (plain, html)]
    return said[0], said[1]


async def test_a_paid_invoice_is_receipted_once_with_the_invoice(writing: Writing) -> None:
    await writing.bill(PAYS)
    await writing.told(times=3)
    assert [await writing.send() for _ in range(2)] == [["Receipt for invoice INV-000001"]] * 2
    [message] = writing.server.taken
    assert (message["From"], message["To"]) == ("billing@t.example", "pay@hooli.example")
    plain, html = parts(message)
    assert plain == "Hello Hooli,\n\nthank you: invoice INV-000001 over €56.50 is paid. You find it attached.\n"
    assert "<p>thank you: invoice INV-000001 over €56.50 is paid." in html
    [attachment] = message.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content_type()) == ("INV-000001.pdf", "application/pdf")
    assert "INV-000001" in PdfReader(BytesIO(attachment.get_content())).pages[0].extract_text()


@pytest.mark.parametrize(
    ("language", "subject", "sentence"),
    [
        ("de-AT", "Beleg zu Rechnung INV-000001", "vielen Dank: Rechnung INV-000001 über € 56,50 ist bezahlt."),
        ("fr", "Reçu de la facture INV-000001", "merci : la facture INV-000001 de 56,50 € est payée."),
        ("es", "Recibo de la factura INV-000001", "gracias: la factura INV-000001 de 56,50 € está pagada."),
        ("pt", "Receipt for invoice INV-000001", "thank you: invoice INV-000001 over € 56,50 is paid."),
    ],
)
async def test_the_language_is_the_customers(writing: Writing, language: str, subject: str, sentence: str) -> None:
    await writing.bill(PAYS, language=language)
    await writing.told()
    assert await writing.send() == [subject]
    plain, html = parts(writing.server.taken[0])
    assert sentence in plain
    assert f'lang="{language}"' in html


async def test_dunning_escalates_to_the_end(writing: Writing) -> None:
    await writing.bill(DECLINED)
    for days in (0, 1, 3, 5, 7):
        await writing.after(days)
        await writing.told()
        await writing.send()
    assert [str(message["Subject"]) for message in writing.server.taken] == [
        "Your payment for invoice INV-000001 failed",
        "Invoice INV-000001: we will try again on Feb 3, 2026",  # AT, Jan 31, + 3 days
        "Invoice INV-000001: we will try again on Feb 5, 2026",
        "Last reminder of invoice INV-000001",  # the fourth of four retries is planned
        "Your subscription was canceled",
    ]
    assert "We will try for the last time on Feb 7, 2026." in parts(writing.server.taken[3])[0]


async def test_what_is_sent_is_mailed_and_reminded_of_to_the_end(writing: Writing) -> None:
    await writing.bill(DECLINED, collectionMethod="SEND_INVOICE", daysUntilDue=14)
    for days in (0, 14, 15, 17, 19, 21):
        writing.clock.at = AT + timedelta(days=days)
        await ReminderTimer(writing.services).remind_due()
        await writing.told(times=2)
        await writing.send()
    assert [str(message["Subject"]) for message in writing.server.taken] == [
        "Invoice INV-000001",
        *["Reminder of invoice INV-000001"] * 4,  # on the 14th, 15th, 17th and 19th day
        "Your subscription was canceled",
    ]
    invoice, reminder, *_, end = writing.server.taken
    assert "Please pay €56.50 by Feb 14, 2026." in parts(invoice)[0]  # AT, Jan 31, + 14 days
    assert "was due on Feb 14, 2026, and €56.50 of it is not paid yet." in parts(reminder)[0]
    assert [len(list(message.iter_attachments())) for message in (invoice, reminder, end)] == [1, 1, 0]
    [attachment] = invoice.iter_attachments()
    assert "Feb 14, 2026" in PdfReader(BytesIO(attachment.get_content())).pages[0].extract_text()


async def test_a_subscription_that_goes_on_is_not_said_to_be_canceled(writing: Writing) -> None:
    writing.campaigns.campaign = DunningCampaign(retry_after_days=(), action=DunningAction.MARK_UNPAID)
    await writing.bill(DECLINED)
    await writing.told()
    assert await writing.send() == ["Invoice INV-000001 is unpaid"]


async def test_the_first_invoice_fails_without_a_plan(writing: Writing) -> None:
    await writing.bill(DECLINED, number=0)
    await writing.told()
    assert await writing.send() == ["Your payment for invoice INV-000001 failed"]


async def test_every_failure_that_is_dunned_is_told_once(writing: Writing) -> None:
    services = writing.services
    await deliver(services, *customer_events(DECLINED))
    profile = {"customerId": "cus_1", "name": "Hooli", "email": "pay@hooli.example", "language": "en"}
    await deliver(services, received("customer-updated.v1", profile, aggregate_id="cus_1", sequence=8))
    of_subscription = draft()
    of_several = replace(
        of_subscription,
        plan_subscription_id=None,
        period_number=None,
        bills=(Bill(plan_subscription_id="psub_1", period_number=1), Bill(plan_subscription_id="psub_2", period_number=1)),
    )
    after_trial = replace(of_subscription, period_number=0, after_trial=True)
    of_none = replace(of_subscription, plan_subscription_id=None, period_number=None)
    stores = services.invoices, services.numbers, services.billing_details
    for number, one in enumerate((of_several, after_trial, of_none), 1):
        await create_invoice(*stores, one, True, replace(context(), write=f"{number}"), Charge(payment_method_id=None))
    for invoice in await services.reader.page("acme", {}, limit=10):
        asked = {"invoiceId": invoice.id, "customerId": "cus_1", "currency": "EUR"}
        for handler in event_handlers(services)["invoice-credit-applied.v1"]:
            await handler(no_credit(asked))
    await writing.told()
    assert sorted(await writing.send()) == [f"Your payment for invoice INV-00000{number} failed" for number in (1, 2, 3)]


async def test_a_retry_is_not_announced_once_nobody_expects_the_money(writing: Writing) -> None:
    writing.campaigns.campaign = DunningCampaign(retry_after_days=(1,), action=DunningAction.CANCEL)
    await writing.bill(DECLINED)
    await writing.told()  # the only retry is the last
    [invoice] = await writing.services.reader.page("acme", {}, limit=2)
    await writing.services.invoices.update(invoice.id, context(), lambda it: it.mark_uncollectible("gone", context()))
    assert await writing.send() == []
    kept = await writing.services.stores.database["mails"].find({}).to_list()
    assert [(one["letter"]["kind"], one["how"]) for one in kept] == [("FINAL_NOTICE", "it is not tried again")]


async def test_what_was_taken_back_is_not_receipted(writing: Writing) -> None:
    await writing.bill(DECLINED)
    [invoice] = await writing.services.reader.page("acme", {}, limit=2)
    await create_credit_note(writing.services, invoice.id, CreditRequest(reason="wrong"), context())
    await writing.told()
    assert await writing.send() == []


async def test_what_was_too_little_to_charge_is_neither_receipted_nor_dunned(writing: Writing) -> None:
    await set_minimum_charge(writing.services.dunning_configurations, Money(5651, "EUR"), context())
    await writing.bill(DECLINED)
    [invoice] = await writing.services.reader.page("acme", {}, limit=2)
    assert (invoice.status, invoice.carried_forward_minor) == (InvoiceStatus.PAID, 5650)
    await writing.told()
    assert await writing.send() == []


async def test_who_has_paid_meanwhile_is_not_reminded(writing: Writing) -> None:
    await writing.bill(DECLINED)
    await writing.told()
    changed = {"customerId": "cus_1", "paymentMethodId": f"pm_{PAYS}"}
    attached = {**changed, "provider": "sandbox", "token": PAYS, "label": "Visa"}
    await deliver(
        writing.services,
        received("payment-method-attached.v1", attached, aggregate_id="cus_1", sequence=9),
        received("default-payment-method-changed.v1", changed, aggregate_id="cus_1", sequence=10),
    )
    assert await writing.send() == []
    await writing.told()
    assert await writing.send() == ["Receipt for invoice INV-000001"]


async def test_an_erased_customer_is_not_written_to(writing: Writing) -> None:
    await writing.bill(PAYS)
    await writing.told()
    erased = {"customerId": "cus_1", "name": "[erased]", "email": None, "language": "en"}
    await deliver(writing.services, received("customer-updated.v1", erased, aggregate_id="cus_1", sequence=9))
    assert await writing.send() == []
    kept = await writing.services.stores.database["mails"].find({}).to_list()
    assert [(document["how"], "hooli" in repr(document).lower()) for document in kept] == [("no address", False)]


async def test_a_name_cannot_add_headers_or_markup(writing: Writing) -> None:
    await writing.bill(PAYS, name="<b>Hooli</b>\nBcc: everybody@example.com")
    await writing.told()
    await writing.send()
    [message] = writing.server.taken
    assert message["Bcc"] is None
    assert writing.server.recipients == ["pay@hooli.example"]
    assert "&lt;b&gt;Hooli&lt;/b&gt;" in parts(message)[1]


async def test_events_of_long_ago_are_no_news_and_without_smtp_nothing_is_kept(writing: Writing) -> None:
    await writing.bill(PAYS)
    writing.clock.at = AT + timedelta(days=4)
    await writing.told()
    writing.clock.at = AT
    writing.services = replace(writing.services, sends_mail=False)
    await writing.told()
    assert await writing.services.stores.database["mails"].count_documents({}) == 0


async def test_a_server_that_has_trouble_is_tried_again_later(writing: Writing) -> None:
    writing.server.answers = ["451 try again", "451 try again"]
    await writing.bill(PAYS)
    await writing.told()
    for _ in range(3):
        assert await writing.send() == []
        assert await writing.send() == []  # not before its pause is over
        writing.wall.at += timedelta(minutes=1)
        if not writing.server.answers:
            break
    assert await writing.send() == ["Receipt for invoice INV-000001"]
    assert await writing.dead_letters() == []


async def test_what_is_never_taken_in_is_a_dead_letter(writing: Writing) -> None:
    writing.server.answers = ["451 <pay@hooli.example> is busy"] * (ATTEMPTS + 1)
    await writing.bill(PAYS)
    await writing.told()
    for _ in range(ATTEMPTS + 5):
        await writing.send()
        writing.wall.at += timedelta(hours=4)
    [letter] = await writing.dead_letters()
    assert (len(writing.server.answers), "hooli" in repr(letter)) == (1, False)  # it outlives the customer's data


async def test_a_refused_address_is_a_dead_letter_at_once(writing: Writing) -> None:
    await writing.bill(PAYS, email="nobody@hooli.example")
    await writing.told()
    assert await writing.send() == []
    [letter] = await writing.dead_letters()
    assert (letter["stream"], "nobody" in repr(letter)) == ("mail", False)


async def test_content_that_was_not_acknowledged_is_not_sent_twice(writing: Writing) -> None:
    writing.server.answers = ["hang up"]
    await writing.bill(PAYS)
    await writing.told()
    for _ in range(3):
        assert len(await writing.send()) == 1
        writing.wall.at += timedelta(hours=5)
    [letter] = await writing.dead_letters()
    assert "MailUncertain" in letter["error"]


class DyingPostman:
    """The process ends before or after the content is handed over."""

    def __init__(self, after_hand_over: bool) -> None:
        self.after_hand_over = after_hand_over

    async def deliver(
        self, message: EmailMessage, sender: str, recipient: str, handing_over: Callable[[], Awaitable[None]]
    ) -> None:
        if self.after_hand_over:
            await handing_over()
        raise KeyboardInterrupt


@pytest.mark.parametrize(("after_hand_over", "sent"), [(False, 1), (True, 0)])
async def test_a_process_that_ends_sends_it_once_or_says_that_nobody_knows(
    writing: Writing, after_hand_over: bool, sent: int
) -> None:
    await writing.bill(PAYS)
    await writing.told()
    dying = MailSender(writing.services, DyingPostman(after_hand_over), "billing@t.example", writing.wall)
    with pytest.raises(KeyboardInterrupt):
        await dying.send()
    assert await writing.send() == []  # it may still be at work
    writing.wall.at += TAKEN
    assert len(await writing.send()) == sent
    letters = await writing.dead_letters()
    assert [MailUncertain.__name__ in letter["error"] for letter in letters] == ([] if sent else [True])


def expiring(expires_on: str, sequence: int = 20) -> Received:
    told = {"customerId": "cus_1", "paymentMethodId": f"pm_{PAYS}", "expiresOn": expires_on}
    return received("payment-method-expiring.v1", told, aggregate_id="cus_1", sequence=sequence)


async def test_a_card_that_expires_soon_is_told_once_unless_it_is_gone(writing: Writing) -> None:
    await writing.bill(DECLINED, language="fr")
    attached = {
        "customerId": "cus_1",
        "paymentMethodId": f"pm_{PAYS}",
        "provider": "sandbox",
        "token": PAYS,
        "label": "Visa 4242",
    }
    await deliver(writing.services, received("payment-method-attached.v1", attached, aggregate_id="cus_1", sequence=9))
    saga = MailSaga(writing.services, writing.wall)
    for event in (expiring("2026-02-28"), expiring("2026-02-28"), expiring("2025-12-31", 21)):
        await saga.card_expiring(event)
    assert await writing.send() == ["Votre carte arrive à expiration"]
    assert "Visa 4242 expire le 28 févr. 2026." in parts(writing.server.taken[0])[0]
    await saga.card_expiring(expiring("2026-02-28", 22))
    detached = {"customerId": "cus_1", "paymentMethodId": f"pm_{PAYS}"}
    await deliver(writing.services, received("payment-method-detached.v1", detached, aggregate_id="cus_1", sequence=23))
    assert len(await writing.send()) == 1


async def test_that_no_mail_is_sent_is_said_once(writing: Writing) -> None:
    stop = asyncio.Event()
    stop.set()
    with capture_logs() as lines:
        await MailSender(writing.services, None, "billing@t.example").run(stop)
    assert [line["event"] for line in lines] == ["SMTP_URL is not set: no mail is sent to customers"]


async def test_two_senders_send_each_letter_once(writing: Writing) -> None:
    await writing.bill(PAYS)
    await writing.told()
    [waiting] = await writing.services.mails.due(AT, 10)
    assert await writing.services.mails.take(waiting, AT)
    assert not await writing.services.mails.take(waiting, AT)
