"""What the invoice subgraph's entry points work with, once built."""

from dataclasses import dataclass

from subgraphs.invoice.billing_details import BillingDetails
from subgraphs.invoice.books import Books
from subgraphs.invoice.commands.dun_invoice import Campaigns
from subgraphs.invoice.commands.one_off_lines import KnownPrices
from subgraphs.invoice.commands.settle_payment import PaymentProviders
from subgraphs.invoice.customer_credit import CustomerCredit
from subgraphs.invoice.documents import (
    CreditNoteDocument,
    CustomerReplica,
    CustomerTaxRatesDocument,
    DisputeDocument,
    DunningConfigurationDocument,
    InvoiceDocument,
    InvoiceGroupingDocument,
    PaymentDocument,
    PlanSubscriptionReplica,
    RevenueEntryDocument,
    SellerProfileDocument,
    TaxConfigurationDocument,
)
from subgraphs.invoice.domain.numbering import InvoiceNumbers
from subgraphs.invoice.groupings import Groupings
from subgraphs.invoice.mail.outbox import MailOutbox
from subgraphs.invoice.minimum_charges import ConfiguredMinimumCharges
from subgraphs.invoice.number_audit import NumberAudits
from subgraphs.invoice.payment_methods import PaymentMethods
from subgraphs.invoice.provider_inbox import ProviderInbox
from subgraphs.invoice.repository import (
    CreditNoteRepository,
    CustomerTaxRatesRepository,
    DisputeRepository,
    DunningConfigurationRepository,
    InvoiceGroupingRepository,
    InvoiceRepository,
    PaymentRepository,
    SellerProfileRepository,
    TaxConfigurationRepository,
)
from subgraphs.invoice.taxes import Taxes
from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.messaging.feed import Feed
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.stores import Stores

__all__ = ["InvoiceServices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceServices:
    """Handed to every resolver as the request context's `deps`, and to the sagas."""

    stores: Stores
    invoices: InvoiceRepository
    payments: PaymentRepository
    credit_notes: CreditNoteRepository
    disputes: DisputeRepository
    dunning_configurations: DunningConfigurationRepository
    seller_profiles: SellerProfileRepository
    invoice_groupings: InvoiceGroupingRepository
    tax_configurations: TaxConfigurationRepository
    customer_tax_rates: CustomerTaxRatesRepository
    numbers: InvoiceNumbers
    number_audits: NumberAudits
    providers: PaymentProviders
    inbox: ProviderInbox
    mails: MailOutbox
    sends_mail: bool
    reader: TenantReader[InvoiceDocument]
    payment_reader: TenantReader[PaymentDocument]
    credit_note_reader: TenantReader[CreditNoteDocument]
    revenue_reader: TenantReader[RevenueEntryDocument]
    dispute_reader: TenantReader[DisputeDocument]
    dunning_configuration_reader: TenantReader[DunningConfigurationDocument]
    campaigns: Campaigns
    minimum_charges: ConfiguredMinimumCharges
    invoice_grouping_reader: TenantReader[InvoiceGroupingDocument]
    groupings: Groupings
    seller_profile_reader: TenantReader[SellerProfileDocument]
    tax_configuration_reader: TenantReader[TaxConfigurationDocument]
    customer_tax_rates_reader: TenantReader[CustomerTaxRatesDocument]
    taxes: Taxes
    customers: TenantReader[CustomerReplica]
    prices: KnownPrices
    payment_methods: PaymentMethods
    billing_details: BillingDetails
    customer_credit: CustomerCredit
    books: Books
    plan_subscriptions: TenantReader[PlanSubscriptionReplica]
    feed: Feed
    clock: Clock
