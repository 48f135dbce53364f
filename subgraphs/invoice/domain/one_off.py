"""What an invoice about no subscription is put together from."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from subgraphs.invoice.domain.rating import rate_line
from subgraphs.invoice.domain.values import InvoiceDraft, InvoiceLine, PriceModel
from subgraphs.kit.domain.currency import check_currency
from subgraphs.kit.domain.errors import InvalidInput

__all__ = ["OneOffLine", "check_payment_term", "one_off_draft"]

LONGEST_TERM_DAYS = 365
DESCRIPTION_LENGTH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOffLine:
    """A charge as it is asked for: `unit_amount` is in major units with up to 12 decimals."""

    description: str
    quantity: int
    unit_amount: Decimal


def one_off_draft(customer_id: str, currency: str, lines: Sequence[OneOffLine], days_until_due: int = 0) -> InvoiceDraft:
    """Return what is to be billed: quantity times unit amount per line, rounded once, half away from zero.

    Raises:
        InvalidInput: the currency is unknown, the days until it is due are out of range, there is no line,
            or one has no description, no quantity or an impossible amount.
    """
    check_currency(currency)
    check_payment_term(days_until_due)
    if not lines:
        raise InvalidInput("an invoice needs at least one line", field=("lines",))
    return InvoiceDraft(
        customer_id=customer_id,
        plan_subscription_id=None,
        period_number=None,
        currency=currency,
        lines=tuple(_line(index, line, currency) for index, line in enumerate(lines)),
        days_until_due=days_until_due,
    )


def check_payment_term(days_until_due: int) -> None:
    """Raise InvalidInput unless an invoice may be due so many days after it is finalised."""
    if not 0 <= days_until_due <= LONGEST_TERM_DAYS:
        raise InvalidInput(f"an invoice is due within 0 to {LONGEST_TERM_DAYS} days", field=("daysUntilDue",))


def _line(index: int, line: OneOffLine, currency: str) -> InvoiceLine:
    field, description = ("lines", str(index)), line.description.strip()
    if not 1 <= len(description) <= DESCRIPTION_LENGTH:
        raise InvalidInput(f"a description has 1 to {DESCRIPTION_LENGTH} characters", field=(*field, "description"))
    if line.quantity < 1:
        raise InvalidInput(f"a quantity is a whole number from 1, not {line.quantity}", field=(*field, "quantity"))
    try:
        return rate_line(
            description=description,
            price_id=None,
            plan_id=None,
            period=None,
            quantity=line.quantity,
            model=PriceModel.PER_UNIT,
            currency=currency,
            unit_amount=line.unit_amount,
            flat_amount_minor=None,
        )
    except InvalidInput as error:
        raise InvalidInput(error.message, field=(*field, "unitAmount")) from error
