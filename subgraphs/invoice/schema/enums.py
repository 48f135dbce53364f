"""This subgraph's enums as the API names them; imported before types and inputs use them."""

import strawberry

from subgraphs.invoice.domain.values import CreditNoteStatus, InvoiceStatus, PaymentStatus

__all__ = ["CreditNoteStatus", "InvoiceStatus", "PaymentStatus"]

strawberry.enum(
    InvoiceStatus,
    description=(
        "Where an invoice is in its life: DRAFT, then OPEN, then PAID or VOID. "
        "UNCOLLECTIBLE is an open one whose money nobody expects any more; it can still be paid or voided."
    ),
)
strawberry.enum(PaymentStatus, description="How far a payment is; SUCCEEDED and FAILED are final.")
strawberry.enum(
    CreditNoteStatus, description="How far a credit note is: PENDING while the refund is under way, then ISSUED for good."
)
