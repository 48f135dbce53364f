"""What an invoice about no subscription is put together from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from subgraphs.invoice.domain.rating import rate_line
from subgraphs.invoice.domain.values import InvoiceDraft, InvoiceLine, PriceModel
from subgraphs.kit.domain.codes import checked_code
from subgraphs.kit.domain.currency import check_currency
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.pricing.charge import Charge
from subgraphs.pricing.collection import check_payment_term

__all__ = ["MOST_LINES", "CataloguePrice", "OneOffLine", "check_payment_term", "one_off_draft"]

DESCRIPTION_LENGTH = 500
# Lines are read and shown whole; more charges than this belong on several invoices.
MOST_LINES = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguePrice:
    """A one-time price version of the catalogue, and the name of its plan."""

    id: str
    plan_id: str
    plan_name: str
    charge: Charge


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOffLine:
    """A charge as it is asked for: by `unit_amount`, in major units with up to 12 decimals, or by a `price` of the catalogue.

    Without a description, that of a price is the name of its plan. It may name its taxes: the ids of rates, or a tax category.
    """

    description: str | None
    quantity: int
    unit_amount: Decimal | None = None
    price: CataloguePrice | None = None
    tax_rate_ids: tuple[str, ...] = ()
    tax_category: str | None = None


def one_off_draft(customer_id: str, currency: str, lines: Sequence[OneOffLine], days_until_due: int = 0) -> InvoiceDraft:
    """Return what is to be billed: per line quantity times unit amount, or what its price asks for; rounded once, half away from
    zero.

    Raises:
        InvalidInput: the currency is unknown, the days until it is due are out of range, there is no line or too many,
            or one has no description, no quantity, an impossible amount, not exactly one of amount and price, or both rates
            and a category of taxes.
    """
    check_currency(currency)
    check_payment_term(days_until_due)
    if not 1 <= len(lines) <= MOST_LINES:
        raise InvalidInput(f"an invoice has 1 to {MOST_LINES} lines", field=("lines",))
    return InvoiceDraft(
        customer_id=customer_id,
        plan_subscription_id=None,
        period_number=None,
        currency=currency,
        lines=tuple(_line(index, line, currency) for index, line in enumerate(lines)),
        days_until_due=days_until_due,
    )


def _line(index: int, line: OneOffLine, currency: str) -> InvoiceLine:
    field, price = ("lines", str(index)), line.price
    description = line.description.strip() if line.description is not None else price.plan_name if price else ""
    if not 1 <= len(description) <= DESCRIPTION_LENGTH:
        raise InvalidInput(f"a description has 1 to {DESCRIPTION_LENGTH} characters", field=(*field, "description"))
    if line.quantity < 1:
        raise InvalidInput(f"a quantity is a whole number from 1, not {line.quantity}", field=(*field, "quantity"))
    if price is not None and line.unit_amount is not None:
        raise InvalidInput("a line has a unitAmount or a priceId, not both", field=(*field, "unitAmount"))
    if price is None and line.unit_amount is None:
        raise InvalidInput("a line needs a unitAmount, or the priceId of a ONE_TIME price", field=(*field, "unitAmount"))
    if price is not None and price.charge.currency != currency:
        raise InvalidInput(
            f"price {price.id!r} is in {price.charge.currency}, the invoice in {currency}", field=(*field, "priceId")
        )
    if line.tax_rate_ids and line.tax_category is not None:
        raise InvalidInput("a line has taxRateIds or a taxCategory, not both", field=(*field, "taxCategory"))
    if line.tax_category is not None:
        checked_code(line.tax_category, (*field, "taxCategory"))
    charge = price.charge if price else Charge(currency=currency, model=PriceModel.PER_UNIT, unit_amount=line.unit_amount)
    try:
        rated = rate_line(
            description=description,
            price_id=price.id if price else None,
            plan_id=price.plan_id if price else None,
            period=None,
            quantity=line.quantity,
            model=charge.model,
            currency=currency,
            unit_amount=charge.unit_amount,
            flat_amount_minor=charge.flat_amount_minor,
            details=charge.details,
        )
    except InvalidInput as error:
        raise InvalidInput(error.message, field=(*field, "quantity" if price else "unitAmount")) from error
    return replace(rated, tax_rate_ids=line.tax_rate_ids, tax_category=line.tax_category)
