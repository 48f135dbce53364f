"""This subgraph's enums as the API names them; imported before types and inputs use them."""

import strawberry

from subgraphs.invoice.domain.dispute import DisputeStatus
from subgraphs.invoice.domain.dunning import DunningAction
from subgraphs.invoice.domain.receivables import Age
from subgraphs.invoice.domain.values import CreditNoteStatus, InvoiceStatus, PaymentStatus, TaxCategory, TaxExemptionKind
from subgraphs.invoice.einvoice.document import ProblemCode
from subgraphs.kit.graphql.enums import shared_enum
from subgraphs.pricing.collection import COLLECTION_METHOD, CollectionMethod
from subgraphs.pricing.tax import RoundingMode, TaxRounding

__all__ = [
    "Age",
    "CollectionMethod",
    "CreditNoteStatus",
    "DunningAction",
    "ProblemCode",
    "InvoiceStatus",
    "PaymentStatus",
    "RoundingMode",
    "TaxCategory",
    "TaxExemptionKind",
    "DisputeStatus",
    "TaxRounding",
]

strawberry.enum(
    InvoiceStatus,
    description=(
        "Where an invoice is in its life: DRAFT, then OPEN, then PAID or VOID. A draft that was given up is DELETED. "
        "UNCOLLECTIBLE is one whose money nobody expects any more, or a lost dispute took back; it can still be paid or voided."
    ),
)
shared_enum(CollectionMethod, description=COLLECTION_METHOD)
strawberry.enum(Age, name="ReceivablesAge", description="How many days an invoice is overdue; DUE_LATER: it is not due yet.")
strawberry.enum(PaymentStatus, description="How far a payment is; SUCCEEDED and FAILED are final.")
strawberry.enum(
    CreditNoteStatus, description="How far a credit note is: PENDING while the refund is under way, then ISSUED for good."
)
strawberry.enum(
    ProblemCode,
    name="EInvoiceProblemCode",
    description=(
        "Why there is no e-invoice. What ends in MISSING or UNKNOWN can be set, what is about taxes and customers for what is "
        "drafted from then on. TAX_ROUNDING: the tax charged is not what EN 16931 computes. TOO_MANY_DECIMALS: two are allowed. "
        "OUTSIDE_SCOPE_WITH_OTHERS: that needs an invoice of its own. NO_LINES: the invoice bills nothing, such as the first "
        "one of prices that bill usage."
    ),
)
strawberry.enum(
    DisputeStatus,
    description="How far a dispute is. WON: the payment stands. LOST: the bank took it back, and its invoice is owed again.",
)
strawberry.enum(
    DunningAction,
    description=(
        "What becomes of a plan subscription whose invoice was not paid by the last retry. CANCEL: it ends. MARK_UNPAID: nothing "
        "more is billed until the invoice is paid. LEAVE_PAST_DUE: it goes on."
    ),
)
strawberry.enum(
    TaxCategory,
    description=(
        "Why a rate is what it is, as e-invoices say it. STANDARD: above 0 %. Of 0 %: ZERO_RATED, EXEMPT by law, EXPORT of goods "
        "out of the EU, or OUTSIDE_SCOPE of its VAT, such as services to businesses elsewhere."
    ),
)
# The customer subgraph's enum, value for value: it is an input there, so that composition wants the two alike.
strawberry.enum(
    TaxExemptionKind,
    name="TaxExemption",
    description="Whether tax is charged. REVERSE_CHARGE: the customer, a business with a tax id, owes it itself.",
)
strawberry.enum(
    TaxRounding, description="What is rounded: the tax of every line (PER_LINE), or the sum per rate of an invoice (PER_INVOICE)."
)
strawberry.enum(
    RoundingMode,
    name="TaxRoundingMode",
    description="What becomes of half a minor unit: away from zero (HALF_UP), or to the even neighbour (HALF_EVEN).",
)
