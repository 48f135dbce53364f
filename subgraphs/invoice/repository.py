"""Where invoices and payments are kept."""

from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment import Payment
from subgraphs.kit.persistence.repository import AggregateRepository

__all__ = ["InvoiceRepository", "PaymentRepository"]

InvoiceRepository = AggregateRepository[Invoice]
PaymentRepository = AggregateRepository[Payment]
