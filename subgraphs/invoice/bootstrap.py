"""Builds the invoice subgraph's adapters; nothing else does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from subgraphs.invoice.billing_details import BillingDetails
from subgraphs.invoice.campaigns import ConfiguredCampaigns
from subgraphs.invoice.customer_credit import CustomerCredit
from subgraphs.invoice.documents import (
    BillingDetailsDocument,
    CreditNoteDocument,
    CustomerReplica,
    DunningConfigurationDocument,
    InvoiceDocument,
    InvoiceGroupingDocument,
    PaymentDocument,
    PlanSubscriptionReplica,
    SellerProfileDocument,
    TaxConfigurationDocument,
)
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.dunning_configuration import DunningConfiguration
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.invoice_grouping import InvoiceGrouping
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.seller_profile import SellerProfile
from subgraphs.invoice.domain.tax_configuration import TaxConfiguration
from subgraphs.invoice.groupings import Groupings
from subgraphs.invoice.payment_methods import PaymentMethods
from subgraphs.invoice.payment_providers.sandbox import SandboxProvider
from subgraphs.invoice.projections import (
    credit_note_projection,
    dunning_configuration_projection,
    invoice_grouping_projection,
    invoice_projection,
    payment_projection,
    seller_profile_projection,
    tax_configuration_projection,
)
from subgraphs.invoice.services import InvoiceServices
from subgraphs.invoice.taxes import Taxes
from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.messaging.feed import Feed, following
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.persistence.numbers import MongoNumbers
from subgraphs.kit.settings import Settings
from subgraphs.kit.stores import open_stores

__all__ = ["open_services"]


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncIterator[InvoiceServices]:
    """Open the stores and return what commands, queries, sagas and the worker use."""
    documents = [
        InvoiceDocument,
        PaymentDocument,
        CreditNoteDocument,
        TaxConfigurationDocument,
        DunningConfigurationDocument,
        SellerProfileDocument,
        InvoiceGroupingDocument,
        CustomerReplica,
        BillingDetailsDocument,
        PlanSubscriptionReplica,
    ]
    async with (
        open_stores(settings, "invoice", documents, clock) as stores,
        connect_redis(settings, listener=True) as listening,
        following(Feed("invoice", listening)) as feed,
    ):
        customers, tax_configurations = TenantReader(CustomerReplica), TenantReader(TaxConfigurationDocument)
        numbers = MongoNumbers(stores.database, "invoice_numbers")
        await numbers.ensure_indexes()
        dunning_configurations = TenantReader(DunningConfigurationDocument)
        invoice_groupings = TenantReader(InvoiceGroupingDocument)
        invoices = stores.repository(Invoice, invoice_projection())
        yield InvoiceServices(
            stores=stores,
            invoices=invoices,
            payments=stores.repository(Payment, payment_projection()),
            credit_notes=stores.repository(CreditNote, credit_note_projection()),
            dunning_configurations=stores.repository(DunningConfiguration, dunning_configuration_projection()),
            seller_profiles=stores.repository(SellerProfile, seller_profile_projection()),
            invoice_groupings=stores.repository(InvoiceGrouping, invoice_grouping_projection()),
            tax_configurations=stores.repository(TaxConfiguration, tax_configuration_projection()),
            numbers=numbers,
            providers={"sandbox": SandboxProvider(stores.database)},
            reader=TenantReader(InvoiceDocument),
            payment_reader=TenantReader(PaymentDocument),
            credit_note_reader=TenantReader(CreditNoteDocument),
            dunning_configuration_reader=dunning_configurations,
            invoice_grouping_reader=invoice_groupings,
            groupings=Groupings(invoice_groupings, customers, stores.claims, stores.clocks),
            campaigns=ConfiguredCampaigns(dunning_configurations),
            seller_profile_reader=TenantReader(SellerProfileDocument),
            tax_configuration_reader=tax_configurations,
            taxes=Taxes(tax_configurations, customers, settings.replica_wait_seconds),
            customers=customers,
            payment_methods=PaymentMethods(customers, settings.replica_wait_seconds),
            billing_details=BillingDetails(customers, TenantReader(BillingDetailsDocument)),
            customer_credit=CustomerCredit(invoices, settings.replica_wait_seconds),
            plan_subscriptions=TenantReader(PlanSubscriptionReplica),
            feed=feed,
            clock=stores.clock,
        )
