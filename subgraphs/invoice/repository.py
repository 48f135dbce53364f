"""Where invoices, payments, credit notes and configurations are kept."""

from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.customer_tax_rates import CustomerTaxRates
from subgraphs.invoice.domain.dispute import Dispute
from subgraphs.invoice.domain.dunning_configuration import DunningConfiguration
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.invoice_grouping import InvoiceGrouping
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.seller_profile import SellerProfile
from subgraphs.invoice.domain.tax_configuration import TaxConfiguration
from subgraphs.kit.persistence.repository import AggregateRepository

__all__ = [
    "CreditNoteRepository",
    "DisputeRepository",
    "DunningConfigurationRepository",
    "CustomerTaxRatesRepository",
    "InvoiceGroupingRepository",
    "InvoiceRepository",
    "PaymentRepository",
    "SellerProfileRepository",
    "TaxConfigurationRepository",
]

CreditNoteRepository = AggregateRepository[CreditNote]
DisputeRepository = AggregateRepository[Dispute]
InvoiceRepository = AggregateRepository[Invoice]
CustomerTaxRatesRepository = AggregateRepository[CustomerTaxRates]
InvoiceGroupingRepository = AggregateRepository[InvoiceGrouping]
PaymentRepository = AggregateRepository[Payment]
DunningConfigurationRepository = AggregateRepository[DunningConfiguration]
SellerProfileRepository = AggregateRepository[SellerProfile]
TaxConfigurationRepository = AggregateRepository[TaxConfiguration]
