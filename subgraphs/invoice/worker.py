"""The invoice subgraph's background work: its relay, what follows from events, what providers tell, payments a crash left half
done, and mail to customers."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial

from subgraphs.invoice import replicas
from subgraphs.invoice.bootstrap import open_services
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.customer_tax_rates import CustomerTaxRates
from subgraphs.invoice.domain.dispute import Dispute
from subgraphs.invoice.domain.dunning_configuration import DunningConfiguration
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.invoice_grouping import InvoiceGrouping
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.seller_profile import SellerProfile
from subgraphs.invoice.domain.tax_configuration import TaxConfiguration
from subgraphs.invoice.mail.smtp import SmtpPostman
from subgraphs.invoice.published import publish
from subgraphs.invoice.queries import MongoInvoiceSteps
from subgraphs.invoice.sagas.billing import BillingSaga
from subgraphs.invoice.sagas.clock_agenda import InvoiceAgenda
from subgraphs.invoice.sagas.consolidation import ConsolidationTimer
from subgraphs.invoice.sagas.disputes import DisputeTimer
from subgraphs.invoice.sagas.dunning import DunningTimer
from subgraphs.invoice.sagas.mails import MailSaga, MailSender
from subgraphs.invoice.sagas.provider_events import ProviderEvents
from subgraphs.invoice.sagas.reminders import ReminderTimer
from subgraphs.invoice.sagas.unfinished_payments import UnfinishedPayments
from subgraphs.invoice.services import InvoiceServices
from subgraphs.invoice.settings import InvoiceSettings
from subgraphs.kit.clock_following import ClockFollower, NoDocuments, open_follower
from subgraphs.kit.domain.clock_answer import ClockAnswer
from subgraphs.kit.messaging.catch_up import CatchUpAll
from subgraphs.kit.messaging.clock_contracts import follow_test_clock
from subgraphs.kit.messaging.consumer import Consumer, EventHandler
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.messaging.relay import CatchUp
from subgraphs.kit.persistence.backfill import Backfill
from subgraphs.kit.persistence.lease import Lease
from subgraphs.kit.stores import process_name
from subgraphs.kit.telemetry import configure_logging
from subgraphs.kit.worker import run_until_stopped

__all__ = ["SOURCES", "event_handlers", "main", "read_models"]

SOURCES = ("customer", "plan", "subscription")
# What customers are written to about.
MAIL_SOURCES = ("invoice",)


async def main(stop: asyncio.Event) -> None:
    """Work until `stop` is set."""
    settings = InvoiceSettings()
    configure_logging("invoice-worker", settings.log_level, readable=settings.development)
    async with open_services(settings) as services, connect_redis(settings) as redis:
        database = services.stores.database
        relay = services.stores.relay(publish, read_models(services))
        sources = (*SOURCES, *MAIL_SOURCES) if services.sends_mail else SOURCES
        agenda = InvoiceAgenda(services, MongoInvoiceSteps())
        follower = await open_follower(services.stores, redis, sources, agenda, publish=publish)
        handlers = event_handlers(services, follower)
        consumer = Consumer("invoice", process_name(), redis, database, sources=sources, handlers=handlers)
        await consumer.ensure_indexes()
        unfinished = UnfinishedPayments(services, Lease(database, "unfinished-payments", process_name()))
        backfill = Backfill(database, "books", Invoice.kind, services.books.follow)
        told = ProviderEvents(services, Lease(database, "provider-events", process_name()))
        postman = SmtpPostman(settings.smtp_url) if settings.smtp_url is not None else None
        mail = MailSender(services, postman, settings.mail_from)
        looks = DunningTimer(services), DisputeTimer(services), ConsolidationTimer(services), ReminderTimer(services)
        timers = *(timer.run for timer in looks), follower.run
        await run_until_stopped(stop, relay.run, consumer.run, unfinished.run, told.run, mail.run, *timers, backfill.run)


def read_models(services: InvoiceServices) -> Mapping[str, CatchUp]:
    """Return what is brought up to date, by aggregate kind, before a commit is told of."""
    return {
        Invoice.kind: CatchUpAll(services.invoices, services.books),
        Payment.kind: services.payments,
        CreditNote.kind: services.credit_notes,
        Dispute.kind: services.disputes,
        TaxConfiguration.kind: services.tax_configurations,
        DunningConfiguration.kind: services.dunning_configurations,
        SellerProfile.kind: services.seller_profiles,
        CustomerTaxRates.kind: services.customer_tax_rates,
        InvoiceGrouping.kind: services.invoice_groupings,
        ClockAnswer.kind: NoDocuments(),
    }


def event_handlers(services: InvoiceServices, follower: ClockFollower | None = None) -> Mapping[str, Iterable[EventHandler]]:
    """Return what is done about each public event of other subgraphs, and of this one's own; `follower` answers clocks."""
    billing, dunning = BillingSaga(services), DunningTimer(services)
    mails = MailSaga(services).handlers() if services.sends_mail else {}
    return {
        **{type_: [handler] for type_, handler in mails.items()},
        "customer-created.v1": [replicas.replicate_customer_created],
        "customer-updated.v1": [replicas.replicate_customer_updated],
        "customer-tax-status-changed.v1": [replicas.replicate_customer_tax_status_changed],
        "customer-erased.v1": [replicas.replicate_customer_erased],
        "customer-archived.v1": [replicas.replicate_customer_archived],
        "customer-unarchived.v1": [replicas.replicate_customer_unarchived],
        "price-created.v1": [replicas.replicate_price_created],
        "one-time-price-created.v1": [replicas.replicate_one_time_price_created],
        "price-archived.v1": [replicas.replicate_price_archived],
        "plan-updated.v1": [replicas.replicate_plan_updated],
        "plan-archived.v1": [replicas.replicate_plan_archived],
        "plan-tax-category-set.v1": [replicas.replicate_plan_tax_category_set],
        "payment-method-attached.v1": [replicas.replicate_payment_method_attached],
        "payment-method-detached.v1": [replicas.replicate_payment_method_detached],
        "default-payment-method-changed.v1": [
            replicas.replicate_default_payment_method_changed,
            dunning.payment_method_changed,
        ],
        "payment-method-expiry-changed.v1": [dunning.payment_method_renewed],
        "billing-period-opened.v1": [billing.bill_period],
        "adjustments-billed.v1": [billing.bill_adjustments],
        "invoice-credit-applied.v1": [billing.apply_credit, dunning.catch_up_on_clock],
        "test-clock-moved.v1": [
            partial(follow_test_clock, services.stores.clocks),
            *([follower.asked] if follower else []),
        ],
        "plan-subscription-canceled.v1": [billing.void_unused, billing.credit_unused],
    }
