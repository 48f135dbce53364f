"""Where invoices, payments and credit notes are kept."""

from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment import Payment
from subgraphs.kit.persistence.repository import AggregateRepository

__all__ = ["CreditNoteRepository", "InvoiceRepository", "PaymentRepository"]

CreditNoteRepository = AggregateRepository[CreditNote]
InvoiceRepository = AggregateRepository[Invoice]
PaymentRepository = AggregateRepository[Payment]
