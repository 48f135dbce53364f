"""Builds the invoice subgraph's adapters; nothing else does."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from subgraphs.invoice.billing_details import BillingDetails
from subgraphs.invoice.books import Books
from subgraphs.invoice.campaigns import ConfiguredCampaigns
from subgraphs.invoice.catalogue import ReplicatedPrices
from subgraphs.invoice.customer_credit import CustomerCredit
from subgraphs.invoice.documents import (
    BillingDetailsDocument,
    BillingEntryDocument,
    CreditNoteDocument,
    CustomerReplica,
    CustomerTaxRatesDocument,
    DisputeDocument,
    DunningConfigurationDocument,
    InvoiceDocument,
    InvoiceGroupingDocument,
    PaymentDocument,
    PlanReplica,
    PlanSubscriptionReplica,
    PriceReplica,
    RevenueEntryDocument,
    SellerProfileDocument,
    TaxConfigurationDocument,
)
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.customer_tax_rates import CustomerTaxRates
from subgraphs.invoice.domain.dispute import Dispute
from subgraphs.invoice.domain.dunning_configuration import DunningConfiguration
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.invoice_grouping import InvoiceGrouping
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.payment_provider import PaymentProvider
from subgraphs.invoice.domain.seller_profile import SellerProfile
from subgraphs.invoice.domain.tax_configuration import TaxConfiguration
from subgraphs.invoice.groupings import Groupings
from subgraphs.invoice.mail.outbox import MailOutbox
from subgraphs.invoice.minimum_charges import ConfiguredMinimumCharges
from subgraphs.invoice.number_audit import NumberAudits
from subgraphs.invoice.payment_methods import PaymentMethods
from subgraphs.invoice.payment_providers.sandbox import SandboxProvider
from subgraphs.invoice.projections import (
    credit_note_projection,
    customer_tax_rates_projection,
    dispute_projection,
    dunning_configuration_projection,
    invoice_grouping_projection,
    invoice_projection,
    payment_projection,
    seller_profile_projection,
    tax_configuration_projection,
)
from subgraphs.invoice.provider_inbox import ProviderInbox
from subgraphs.invoice.services import InvoiceServices
from subgraphs.invoice.settings import InvoiceSettings
from subgraphs.invoice.taxes import Taxes
from subgraphs.kit.domain.clock import Clock, SystemClock
from subgraphs.kit.messaging.feed import Feed, following
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.persistence.event_store import MongoEventStore
from subgraphs.kit.persistence.numbers import MongoNumbers
from subgraphs.kit.settings import Settings
from subgraphs.kit.stores import Stores, open_stores
from subgraphs.sandbox import SANDBOX

__all__ = ["open_services"]

NUMBERS = "invoice_numbers"


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncIterator[InvoiceServices]:
    """Open the stores and return what commands, queries, sagas and the worker use.

    Outside services are reached with InvoiceSettings alone: with settings of every subgraph there is only the sandbox.
    """
    documents = [
        InvoiceDocument,
        PaymentDocument,
        CreditNoteDocument,
        DisputeDocument,
        TaxConfigurationDocument,
        CustomerTaxRatesDocument,
        DunningConfigurationDocument,
        SellerProfileDocument,
        InvoiceGroupingDocument,
        CustomerReplica,
        BillingDetailsDocument,
        PriceReplica,
        PlanReplica,
        PlanSubscriptionReplica,
        BillingEntryDocument,
        RevenueEntryDocument,
    ]
    async with (
        open_stores(settings, "invoice", documents, clock) as stores,
        connect_redis(settings, listener=True) as listening,
        following(Feed("invoice", listening, MongoEventStore(stores.database).position)) as feed,
        AsyncExitStack() as outside,
    ):
        inbox = ProviderInbox(stores.database)
        await inbox.ensure_indexes()
        mails = MailOutbox(stores.database)
        await mails.ensure_indexes()
        customers, tax_configurations = TenantReader(CustomerReplica), TenantReader(TaxConfigurationDocument)
        numbers = MongoNumbers(stores.database, NUMBERS)
        await numbers.ensure_indexes()
        dunning_configurations = TenantReader(DunningConfigurationDocument)
        invoice_groupings = TenantReader(InvoiceGroupingDocument)
        own_tax_rates = TenantReader(CustomerTaxRatesDocument)
        invoices = stores.repository(Invoice, invoice_projection())
        providers = await _providers(settings, stores, inbox, outside)
        books = Books(stores.database, stores.events, SystemClock())
        await books.ensure_indexes()
        yield InvoiceServices(
            stores=stores,
            invoices=invoices,
            payments=stores.repository(Payment, payment_projection()),
            credit_notes=stores.repository(CreditNote, credit_note_projection()),
            disputes=stores.repository(Dispute, dispute_projection()),
            dunning_configurations=stores.repository(DunningConfiguration, dunning_configuration_projection()),
            seller_profiles=stores.repository(SellerProfile, seller_profile_projection()),
            invoice_groupings=stores.repository(InvoiceGrouping, invoice_grouping_projection()),
            customer_tax_rates=stores.repository(CustomerTaxRates, customer_tax_rates_projection()),
            tax_configurations=stores.repository(TaxConfiguration, tax_configuration_projection()),
            numbers=numbers,
            providers=providers,
            inbox=inbox,
            number_audits=NumberAudits(stores.database, NUMBERS),
            reader=TenantReader(InvoiceDocument),
            payment_reader=TenantReader(PaymentDocument),
            credit_note_reader=TenantReader(CreditNoteDocument),
            revenue_reader=TenantReader(RevenueEntryDocument),
            mails=mails,
            sends_mail=isinstance(settings, InvoiceSettings) and settings.smtp_url is not None,
            dispute_reader=TenantReader(DisputeDocument),
            dunning_configuration_reader=dunning_configurations,
            invoice_grouping_reader=invoice_groupings,
            groupings=Groupings(invoice_groupings, customers, stores.claims, stores.clocks),
            campaigns=ConfiguredCampaigns(dunning_configurations),
            minimum_charges=ConfiguredMinimumCharges(dunning_configurations, providers),
            seller_profile_reader=TenantReader(SellerProfileDocument),
            tax_configuration_reader=tax_configurations,
            customer_tax_rates_reader=own_tax_rates,
            taxes=Taxes(tax_configurations, customers, own_tax_rates, TenantReader(PlanReplica), settings.replica_wait_seconds),
            customers=customers,
            prices=ReplicatedPrices(settings.replica_wait_seconds),
            payment_methods=PaymentMethods(customers, settings.replica_wait_seconds),
            billing_details=BillingDetails(customers, TenantReader(BillingDetailsDocument)),
            customer_credit=CustomerCredit(invoices, settings.replica_wait_seconds),
            plan_subscriptions=TenantReader(PlanSubscriptionReplica),
            books=books,
            feed=feed,
            clock=stores.clock,
        )


async def _providers(
    settings: Settings, stores: Stores, inbox: ProviderInbox, outside: AsyncExitStack
) -> dict[str, PaymentProvider]:
    providers: dict[str, PaymentProvider] = {SANDBOX: SandboxProvider(stores.database, inbox)}
    if isinstance(settings, InvoiceSettings) and settings.stripe_secret_key is not None:
        # The SDK is large: it is loaded where it is used.
        from subgraphs.invoice.payment_providers.stripe import open_stripe
        from subgraphs.invoice.payment_providers.stripe_records import StripeRecords

        opened = open_stripe(settings.stripe_secret_key, StripeRecords(stores.database), api_base=settings.stripe_api_base)
        providers["stripe"] = await outside.enter_async_context(opened)
    return providers
