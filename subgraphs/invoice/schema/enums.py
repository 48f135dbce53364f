"""This subgraph's enums as the API names them; imported before types and inputs use them."""

from subgraphs.invoice.domain.dispute import DisputeStatus
from subgraphs.invoice.domain.dunning import DunningAction
from subgraphs.invoice.domain.receivables import Age
from subgraphs.invoice.domain.values import CreditNoteStatus, InvoiceStatus, PaymentStatus, TaxCategory, TaxExemptionKind
from subgraphs.invoice.einvoice.document import ProblemCode
from subgraphs.kit.graphql.enums import described_enum, shared_enum
from subgraphs.pricing.collection import COLLECTION_METHOD, COLLECTION_METHODS, CollectionMethod
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

described_enum(
    InvoiceStatus,
    {
        "DRAFT": "It has no number, is owed by nobody yet, and can change.",
        "OPEN": "It has its number, never changes any more, and is owed.",
        "UNCOLLECTIBLE": "Nobody expects its money any more, or a lost dispute took it back; it can still be paid or voided.",
        "PAID": "Nothing of it is due.",
        "VOID": "It was withdrawn and is owed by nobody; it keeps its number. Final.",
        "DELETED": "It was a draft that was given up, without a number. Final.",
    },
    description="Where an invoice is in its life.",
)
shared_enum(CollectionMethod, COLLECTION_METHODS, description=COLLECTION_METHOD)
described_enum(
    Age,
    {
        "DUE_LATER": "It is not due yet.",
        "DAYS_0_TO_30": "It is due since 0 to 30 days.",
        "DAYS_31_TO_60": "Since 31 to 60 days.",
        "DAYS_61_TO_90": "Since 61 to 90 days.",
        "DAYS_OVER_90": "Since more than 90 days.",
    },
    name="ReceivablesAge",
    description="How many whole days an invoice is overdue.",
)
described_enum(
    PaymentStatus,
    {
        "PROCESSING": "The payment provider was asked, or is about to be.",
        "ACTION_REQUIRED": "It waits for the customer, as the bank wants a confirmation.",
        "SUCCEEDED": "The money came; final.",
        "FAILED": "The money did not come; final.",
    },
    description="How far a payment is.",
)
described_enum(
    CreditNoteStatus,
    {
        "PENDING": "Its refund is under way.",
        "ISSUED": "It has given back what it says; final.",
    },
    description="How far a credit note is.",
)
described_enum(
    ProblemCode,
    {
        "NOT_ISSUED": "It is a draft, without a number.",
        "VOID": "It was withdrawn.",
        "CREDIT_PENDING": "It is not known yet what of it the customer's credit pays.",
        "NO_LINES": "It bills nothing, such as the first invoice of prices that bill usage.",
        "SELLER_PROFILE_MISSING": "Nothing says who bills: sellerProfileSet.",
        "SELLER_TAX_ID_MISSING": "The seller has no tax id, which VAT needs: sellerProfileSet.",
        "SELLER_REGISTRATION_NUMBER_MISSING": "The seller has neither a VAT id nor a registration number: sellerProfileSet.",
        "BUYER_UNKNOWN": "Nothing is known of the customer yet.",
        "BUYER_COUNTRY_MISSING": "It bears no address of the customer, which says at least the country.",
        "BUYER_VAT_ID_MISSING": "Reverse charge needs the VAT id that the customer had when it got its number.",
        "TAX_CATEGORY_MISSING": "A line bears no tax, and nothing says why.",
        "EXEMPTION_REASON_MISSING": "An exemption does not say its reason: that of a tax rate, or of the customer.",
        "SEVERAL_TAXES_ON_A_LINE": "A line bears several rates of tax.",
        "OUTSIDE_SCOPE_WITH_OTHERS": "What is outside the scope of VAT needs an invoice of its own.",
        "TAX_ROUNDING": "The tax charged is not what EN 16931 computes.",
        "TOO_MANY_DECIMALS": "An amount has more than the two decimals that are allowed.",
    },
    name="EInvoiceProblemCode",
    description=(
        "Why there is no e-invoice. What ends in MISSING or UNKNOWN can be set, what is about taxes and customers "
        "for what is drafted from then on."
    ),
)
described_enum(
    DisputeStatus,
    {
        "NEEDS_EVIDENCE": "The bank waits for evidence: disputeSubmitEvidence, or disputeAccept.",
        "UNDER_REVIEW": "The bank looks at the evidence.",
        "WON": "The payment stands; final.",
        "LOST": "The bank took the payment back, and its invoice is owed again; final.",
    },
    description="How far a dispute is.",
)
described_enum(
    DunningAction,
    {
        "CANCEL": "It ends.",
        "MARK_UNPAID": "Nothing more is billed until the invoice is paid or void.",
        "LEAVE_PAST_DUE": "It goes on, and is billed.",
    },
    description="What becomes of a plan subscription whose invoice was not paid by the last retry.",
)
described_enum(
    TaxCategory,
    {
        "STANDARD": "The rate is above 0 %.",
        "ZERO_RATED": "The law taxes it at 0 %.",
        "EXEMPT": "The law exempts it.",
        "EXPORT": "Goods go out of the EU.",
        "OUTSIDE_SCOPE": "It is outside of the EU's VAT, such as services to businesses elsewhere.",
    },
    description="Why a rate is what it is, as e-invoices say it.",
)
# The customer subgraph's enum, value for value: it is an input there, so that composition wants the two alike.
described_enum(
    TaxExemptionKind,
    {
        "NONE": "Tax is charged.",
        "EXEMPT": "No tax is charged.",
        "REVERSE_CHARGE": "No tax is charged: the customer, a business with a tax id, owes it itself.",
    },
    name="TaxExemption",
    description="Whether tax is charged.",
)
described_enum(
    TaxRounding,
    {
        "PER_LINE": "The tax of every line.",
        "PER_INVOICE": "The sum of an invoice's taxes, per rate.",
    },
    description="What is rounded.",
)
described_enum(
    RoundingMode,
    {
        "HALF_UP": "It is rounded away from zero.",
        "HALF_EVEN": "It is rounded to the even neighbour.",
    },
    name="TaxRoundingMode",
    description="What becomes of half a minor unit.",
)
