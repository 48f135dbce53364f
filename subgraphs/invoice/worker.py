"""The invoice subgraph's background work: its relay, what follows from others' events, and payments a crash left half done."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial

from subgraphs.invoice import replicas
from subgraphs.invoice.bootstrap import open_services
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.dunning_configuration import DunningConfiguration
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.invoice_grouping import InvoiceGrouping
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.seller_profile import SellerProfile
from subgraphs.invoice.domain.tax_configuration import TaxConfiguration
from subgraphs.invoice.published import publish
from subgraphs.invoice.sagas.billing import BillingSaga
from subgraphs.invoice.sagas.consolidation import ConsolidationTimer
from subgraphs.invoice.sagas.dunning import DunningTimer
from subgraphs.invoice.sagas.unfinished_payments import UnfinishedPayments
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.messaging.consumer import Consumer, EventHandler
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.messaging.relay import CatchUp
from subgraphs.kit.persistence.lease import Lease
from subgraphs.kit.settings import Settings
from subgraphs.kit.stores import process_name
from subgraphs.kit.telemetry import configure_logging
from subgraphs.kit.worker import run_until_stopped

__all__ = ["SOURCES", "event_handlers", "main"]

SOURCES = ("customer", "subscription")


async def main(stop: asyncio.Event) -> None:
    """Work until `stop` is set."""
    settings = Settings()
    configure_logging("invoice-worker", settings.log_level, readable=settings.development)
    async with open_services(settings) as services, connect_redis(settings) as redis:
        database = services.stores.database
        read_models: dict[str, CatchUp] = {
            Invoice.kind: services.invoices,
            Payment.kind: services.payments,
            CreditNote.kind: services.credit_notes,
            TaxConfiguration.kind: services.tax_configurations,
            DunningConfiguration.kind: services.dunning_configurations,
            SellerProfile.kind: services.seller_profiles,
            InvoiceGrouping.kind: services.invoice_groupings,
        }
        relay = services.stores.relay(publish, read_models)
        consumer = Consumer("invoice", process_name(), redis, database, sources=SOURCES, handlers=event_handlers(services))
        await consumer.ensure_indexes()
        unfinished = UnfinishedPayments(services, Lease(database, "unfinished-payments", process_name()))
        consolidation = ConsolidationTimer(services)
        await run_until_stopped(stop, relay.run, consumer.run, unfinished.run, DunningTimer(services).run, consolidation.run)


def event_handlers(services: InvoiceServices) -> Mapping[str, Iterable[EventHandler]]:
    """Return what is done about each public event of other subgraphs."""
    billing, dunning, consolidation = BillingSaga(services), DunningTimer(services), ConsolidationTimer(services)
    return {
        "customer-created.v1": [replicas.replicate_customer_created],
        "customer-updated.v1": [replicas.replicate_customer_updated],
        "customer-tax-status-changed.v1": [replicas.replicate_customer_tax_status_changed],
        "customer-erased.v1": [replicas.replicate_customer_erased],
        "customer-archived.v1": [replicas.replicate_customer_archived],
        "payment-method-attached.v1": [replicas.replicate_payment_method_attached],
        "payment-method-detached.v1": [replicas.replicate_payment_method_detached],
        "default-payment-method-changed.v1": [
            replicas.replicate_default_payment_method_changed,
            dunning.payment_method_changed,
        ],
        "billing-period-opened.v1": [billing.bill_period],
        "adjustments-billed.v1": [billing.bill_adjustments],
        "invoice-credit-applied.v1": [billing.apply_credit],
        "test-clock-moved.v1": [
            partial(replicas.replicate_test_clock_moved, services.stores.clocks),
            consolidation.clock_moved,
            dunning.clock_moved,
        ],
        "plan-subscription-canceled.v1": [billing.void_unused, billing.credit_unused],
    }
