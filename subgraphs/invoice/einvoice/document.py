"""What an e-invoice says: the business terms (BT) of EN 16931-1 that are used here, and why one cannot be made.

Totals are not given but follow, so that they obey the norm's rules by construction:

    BT-106 = Σ BT-131   BT-109 = BT-106   BT-110 = Σ BT-117   BT-112 = BT-109 + BT-110   BT-115 = BT-112 − BT-113
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum

__all__ = [
    "Address",
    "Allowance",
    "Buyer",
    "DocumentType",
    "EInvoice",
    "Line",
    "PRECISION",
    "PrecedingInvoice",
    "Problem",
    "ProblemCode",
    "Seller",
    "VatBreakdown",
    "VatCategory",
    "rounded",
]

CENT = Decimal("0.01")
# More digits than any product of a quantity (64 bits) and a price (12 decimals) has.
PRECISION = 60


class DocumentType(StrEnum):
    """BT-3, by UNTDID 1001."""

    INVOICE = "380"
    CREDIT_NOTE = "381"


class VatCategory(StrEnum):
    """BT-118 and BT-151, by UNTDID 5305."""

    STANDARD = "S"
    ZERO_RATED = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    EXPORT = "G"
    OUTSIDE_SCOPE = "O"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """BG-5 or BG-8; `country` is ISO 3166-1 alpha-2."""

    line1: str | None
    line2: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """BG-4: BT-27, BT-31 or BT-32, BT-30, BT-34."""

    name: str
    address: Address
    vat_id: str | None
    tax_number: str | None
    registration_number: str | None
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """BG-7: BT-44, BT-48, BT-49."""

    name: str
    address: Address
    vat_id: str | None
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """BG-27, an allowance on a line: BT-136 and BT-139."""

    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """BG-25: BT-153, BT-127, BT-129, BT-146, BG-27, BT-131, BT-151, BT-152 and BG-26.

    `net` is `quantity` × `price`, rounded, less the allowances. The period's days are the first and the last one.
    """

    name: str
    note: str | None
    quantity: Decimal
    price: Decimal
    allowances: tuple[Allowance, ...]
    net: Decimal
    category: VatCategory
    rate: Decimal | None
    period: tuple[date, date] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VatBreakdown:
    """BG-23: BT-116, BT-117, BT-118, BT-119, BT-120 and BT-121. The rate is None where there is no VAT at all (O)."""

    category: VatCategory
    rate: Decimal | None
    basis: Decimal
    tax: Decimal
    exemption_reason: str | None = None
    exemption_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecedingInvoice:
    """BG-3: BT-25 and BT-26."""

    number: str
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EInvoice:
    """One invoice or credit note by EN 16931. `prepaid` is BT-113, `terms` BT-20."""

    type: DocumentType
    number: str
    issued_on: date
    due_on: date | None
    terms: str | None
    currency: str
    seller: Seller
    buyer: Buyer
    lines: Sequence[Line]
    breakdown: Sequence[VatBreakdown]
    prepaid: Decimal
    preceding: PrecedingInvoice | None = None

    @property
    def line_total(self) -> Decimal:
        """BT-106."""
        return sum((line.net for line in self.lines), Decimal())

    @property
    def tax_total(self) -> Decimal:
        """BT-110."""
        return sum((part.tax for part in self.breakdown), Decimal())

    @property
    def grand_total(self) -> Decimal:
        """BT-112; without allowances and charges on the document, BT-109 is BT-106."""
        return self.line_total + self.tax_total

    @property
    def amount_due(self) -> Decimal:
        """BT-115."""
        return self.grand_total - self.prepaid


class ProblemCode(StrEnum):
    """Why an e-invoice cannot be made. The second half says what would have to be stated otherwise, the first what is missing."""

    NOT_ISSUED = "NOT_ISSUED"
    VOID = "VOID"
    CREDIT_PENDING = "CREDIT_PENDING"
    NO_LINES = "NO_LINES"
    SELLER_PROFILE_MISSING = "SELLER_PROFILE_MISSING"
    SELLER_TAX_ID_MISSING = "SELLER_TAX_ID_MISSING"
    SELLER_REGISTRATION_NUMBER_MISSING = "SELLER_REGISTRATION_NUMBER_MISSING"
    BUYER_UNKNOWN = "BUYER_UNKNOWN"
    BUYER_COUNTRY_MISSING = "BUYER_COUNTRY_MISSING"
    BUYER_VAT_ID_MISSING = "BUYER_VAT_ID_MISSING"
    TAX_CATEGORY_MISSING = "TAX_CATEGORY_MISSING"
    EXEMPTION_REASON_MISSING = "EXEMPTION_REASON_MISSING"
    SEVERAL_TAXES_ON_A_LINE = "SEVERAL_TAXES_ON_A_LINE"
    OUTSIDE_SCOPE_WITH_OTHERS = "OUTSIDE_SCOPE_WITH_OTHERS"
    TAX_ROUNDING = "TAX_ROUNDING"
    TOO_MANY_DECIMALS = "TOO_MANY_DECIMALS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One reason why there is no e-invoice; `term` is the business term of EN 16931 that it is about."""

    code: ProblemCode
    term: str | None
    message: str


def rounded(amount: Decimal) -> Decimal:
    """Return the amount with two decimals, half away from zero, as EN 16931 rounds."""
    with localcontext(prec=PRECISION):
        return amount.quantize(CENT, ROUND_HALF_UP)
