"""Writes to customers: which events are worth a mail, and the sending of what waits.

    payment-failed (nothing is planned) ─→ PAYMENT_FAILED
    invoice-retry-scheduled ─→ the first: PAYMENT_FAILED with the date … RETRY_SCHEDULED … the campaign's last: FINAL_NOTICE
    dunning-exhausted ─→ CANCELED, or UNPAID where the subscription goes on
    invoice-paid ─→ RECEIPT, unless nothing was paid
    invoice-finalized, where it is sent ─→ INVOICE
    invoice-overdue, invoice-reminder-due ─→ OVERDUE … dunning-exhausted ─→ OVERDUE_CANCELED, or OVERDUE where it goes on
    payment-method-expiring ─→ CARD_EXPIRING, unless it has expired

A letter is kept once per event and kind before it is sent, so a redelivered event writes nothing again. An event of long ago is
no news: nobody is written to when a system starts to send mail.
"""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import msgspec
from pymongo.errors import PyMongoError

from subgraphs.invoice.billing_details import BillToKey
from subgraphs.invoice.documents import InvoiceDocument
from subgraphs.invoice.domain.dunning import DunningAction
from subgraphs.invoice.domain.seller_profile import SellerProfile
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.invoice.mail.compose import Facts, compose, recipient_of
from subgraphs.invoice.mail.letter import Letter, MailKind, MailRefused, MailUncertain, Postman
from subgraphs.invoice.mail.outbox import WaitingLetter
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.clock import Clock, SystemClock
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.messaging.consumer import EventHandler, Received
from subgraphs.kit.telemetry import get_logger

__all__ = ["MailSaga", "MailSender"]

IDLE_SECONDS = 1.0
BATCH = 50
NEWS = timedelta(days=3)


class _AboutInvoice(msgspec.Struct, frozen=True, rename="camel"):
    """What events about invoices and their payments tell, as far as it matters here."""

    customer_id: str
    invoice_id: str
    currency: str
    total_minor: int = 0
    code: str | None = None
    retry_number: int = 0
    retry_at: datetime | None = None
    action: str = ""
    overdue_since: datetime | None = None


class _CardExpiring(msgspec.Struct, frozen=True, rename="camel"):
    customer_id: str
    payment_method_id: str
    expires_on: date


class MailSaga:
    """Keeps letters; without somebody to hand mail in to, it keeps none."""

    def __init__(self, services: InvoiceServices, clock: Clock | None = None) -> None:
        self._services, self._clock = services, clock or SystemClock()

    def handlers(self) -> Mapping[str, EventHandler]:
        """Return what is done about each event."""
        return {
            "payment-failed.v1": self.payment_failed,
            "invoice-retry-scheduled.v1": self.retry_scheduled,
            "dunning-exhausted.v1": self.dunning_exhausted,
            "invoice-paid.v1": self.invoice_paid,
            "invoice-finalized.v1": self.invoice_finalized,
            "invoice-overdue.v1": self.overdue,
            "invoice-reminder-due.v1": self.overdue,
            "payment-method-expiring.v1": self.card_expiring,
        }

    async def payment_failed(self, received: Received) -> None:
        """Tell of a failure after which nothing is planned: of a subscription's first invoice, or of what was charged by hand."""
        told = msgspec.convert(received.event.data, _AboutInvoice)
        invoice = await self._services.invoices.find(received.tenant, told.invoice_id)
        if invoice is not None and not invoice.is_dunned and told.code != "canceled":
            await self._write(received, MailKind.PAYMENT_FAILED, told)

    async def retry_scheduled(self, received: Received) -> None:
        """Tell of a failure and of the next try."""
        told = msgspec.convert(received.event.data, _AboutInvoice)
        campaign = await self._services.campaigns.of(received.tenant, told.currency)
        if told.retry_number >= len(campaign.retry_after_days):
            kind = MailKind.FINAL_NOTICE
        else:
            kind = MailKind.PAYMENT_FAILED if told.retry_number == 1 else MailKind.RETRY_SCHEDULED
        await self._write(received, kind, told)

    async def dunning_exhausted(self, received: Received) -> None:
        """Tell that there is no further try, and what comes of it."""
        told = msgspec.convert(received.event.data, _AboutInvoice)
        if told.overdue_since is not None:
            canceled = told.action == DunningAction.CANCEL
            await self._write(received, MailKind.OVERDUE_CANCELED if canceled else MailKind.OVERDUE, told)
            return
        await self._write(received, MailKind.CANCELED if told.action == DunningAction.CANCEL else MailKind.UNPAID, told)

    async def invoice_finalized(self, received: Received) -> None:
        """Send the invoice that the customer is to pay, unless there is nothing to pay."""
        told = msgspec.convert(received.event.data, _AboutInvoice)
        invoice = await self._services.invoices.find(received.tenant, told.invoice_id) if told.total_minor > 0 else None
        if invoice is not None and invoice.drafted.draft.is_sent:
            await self._write(received, MailKind.INVOICE, told)

    async def overdue(self, received: Received) -> None:
        """Remind of what was not paid when due."""
        await self._write(received, MailKind.OVERDUE, msgspec.convert(received.event.data, _AboutInvoice))

    async def invoice_paid(self, received: Received) -> None:
        """Send the receipt, unless there was nothing to pay."""
        told = msgspec.convert(received.event.data, _AboutInvoice)
        if told.total_minor:
            await self._write(received, MailKind.RECEIPT, told)

    async def card_expiring(self, received: Received) -> None:
        """Tell that a card will not be charged for much longer."""
        told = msgspec.convert(received.event.data, _CardExpiring)
        if told.expires_on < received.event.occurred_at.date():
            return
        letter = Letter(
            tenant=received.tenant,
            event_id=received.event.id,
            kind=MailKind.CARD_EXPIRING,
            customer_id=told.customer_id,
            payment_method_id=told.payment_method_id,
            expires_on=told.expires_on,
            created_at=received.event.occurred_at,
        )
        await self.keep(received, letter)

    async def _write(self, received: Received, kind: MailKind, told: _AboutInvoice) -> None:
        await self.keep(
            received,
            Letter(
                tenant=received.tenant,
                event_id=received.event.id,
                kind=kind,
                customer_id=told.customer_id,
                invoice_id=told.invoice_id,
                retry_at=told.retry_at,
                created_at=received.event.occurred_at,
            ),
        )

    async def keep(self, received: Received, letter: Letter) -> None:
        """Keep the letter that an event is worth, where mail is sent and the event is news."""
        if not self._services.sends_mail:
            return
        now = await self._services.stores.clocks.frozen_at(received.tenant)
        if now is None and received.event.occurred_at < self._services.clock.now() - NEWS:
            return
        await self._services.mails.put(letter, self._clock.now())


class MailSender:
    """Sends what waits; any number of processes do, each letter one of them. `clock` is real time: how long letters wait."""

    def __init__(self, services: InvoiceServices, postman: Postman | None, sender: str, clock: Clock | None = None) -> None:
        self._services, self._postman, self._sender = services, postman, sender
        self._clock = clock or SystemClock()
        self._log = get_logger("mail")

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; without anybody to hand mail in to, wait for that."""
        if self._postman is None:
            self._log.info("SMTP_URL is not set: no mail is sent to customers")
            await stop.wait()
            return
        while not stop.is_set():
            try:
                await self.send()
            except PyMongoError as error:
                self._log.warning("the database is unreachable, mails wait", error=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
            except TimeoutError:
                continue

    async def send(self) -> int:
        """Send one batch; return how many letters were taken up."""
        found = await self._services.mails.due(self._clock.now(), BATCH)
        for waiting in found:
            if await self._services.mails.take(waiting, self._clock.now()):
                await self._send(waiting)
        return len(found)

    async def _send(self, waiting: WaitingLetter) -> None:
        mails, letter = self._services.mails, waiting.letter
        try:
            if waiting.handed_over:
                raise MailUncertain("the process ended after the content was handed over")
            how = await self._hand_in(letter)
        except PyMongoError:
            raise
        except (MailRefused, MailUncertain) as error:
            await mails.bury(letter, error, self._clock.now())
            self._log.error("a mail was given up, kept as a dead letter", letter=letter.id, error=repr(error))
        except Exception as error:  # one mail's trouble must not keep the others waiting
            kept = await mails.put_off(waiting, error, self._clock.now())
            message = "a mail waits" if kept else "a mail was given up, kept as a dead letter"
            self._log.warning(message, letter=letter.id, error=type(error).__name__)
        else:
            await mails.done(letter, how, self._clock.now())

    async def _hand_in(self, letter: Letter) -> str:
        """Return what was done with the letter: sent, or why not."""
        services, tenant = self._services, letter.tenant
        customer = await services.customers.find(tenant, letter.customer_id)
        recipient = recipient_of(customer)
        if customer is None or recipient is None:
            return "no address"
        if letter.payment_method_id is not None:
            method = customer.payment_methods.get(letter.payment_method_id)
            if method is None or not method.attached:
                return "no such payment method any more"
        invoice = await services.reader.find(tenant, letter.invoice_id) if letter.invoice_id else None
        if letter.invoice_id is not None and invoice is None:
            return "no invoice"
        if letter.kind is MailKind.INVOICE and invoice is not None and invoice.awaits_credit:
            raise NotReady(f"what credit pays of invoice {invoice.id!r} is not known yet")
        if invoice is not None and (reason := _outdated(letter, invoice)) is not None:
            return reason
        seller = await services.seller_profile_reader.find(tenant, SellerProfile.id_of(tenant))
        bill_to = await services.billing_details.of(tenant, BillToKey.of(invoice)) if invoice else None
        facts = Facts(customer=customer, invoice=invoice, bill_to=bill_to, seller=seller)
        try:
            message = await asyncio.to_thread(compose, letter, facts, self._sender)
        except ValueError as error:  # an address or text that no header can hold
            raise MailRefused("it cannot be written") from error

        async def handing_over() -> None:
            await services.mails.hand_over(letter, self._clock.now())

        if self._postman is None:
            return "nobody to hand it in to"
        await self._postman.deliver(message, self._sender, recipient, handing_over)
        return "sent"


def _outdated(letter: Letter, invoice: InvoiceDocument) -> str | None:
    """Return why the letter is not true any more, None when it is."""
    if letter.kind is MailKind.RECEIPT:  # of what a credit note took back as a whole there is none
        return None if invoice.amount_paid_minor or invoice.credit_applied_minor else "nothing was paid"
    if not invoice.amount_due_minor:
        return "nothing is due any more"
    if letter.kind in (MailKind.INVOICE, MailKind.OVERDUE) and invoice.status is not InvoiceStatus.OPEN:
        return "nobody waits for it any more"
    tried_again = letter.kind in (MailKind.RETRY_SCHEDULED, MailKind.FINAL_NOTICE)
    return "it is not tried again" if tried_again and invoice.status is not InvoiceStatus.OPEN else None
