"""How what is billed to a plan subscription is collected: charged by itself, or paid by the customer until a due date."""

from enum import StrEnum

from subgraphs.kit.domain.errors import InvalidInput

__all__ = [
    "COLLECTION_METHOD",
    "COLLECTION_METHODS",
    "LONGEST_TERM_DAYS",
    "CollectionMethod",
    "check_payment_term",
    "collection_method",
    "payment_term",
]

LONGEST_TERM_DAYS = 365
# What the APIs of several subgraphs say of it, in the same words.
COLLECTION_METHOD = "How what a plan subscription is billed is collected."
COLLECTION_METHODS = {
    "CHARGE_AUTOMATICALLY": "The payment method is charged when an invoice is finalised.",
    "SEND_INVOICE": "Nothing is charged, and the customer pays until the invoice is due, such as by bank transfer.",
}


class CollectionMethod(StrEnum):
    """CHARGE_AUTOMATICALLY: the payment method is charged when an invoice is finalised. SEND_INVOICE: the customer pays it."""

    CHARGE_AUTOMATICALLY = "CHARGE_AUTOMATICALLY"
    SEND_INVOICE = "SEND_INVOICE"


def payment_term(method: CollectionMethod, days_until_due: int | None) -> int | None:
    """Return how many days after it is finalised an invoice is due, None: it is charged then.

    Raises:
        InvalidInput: SEND_INVOICE has no days, or not 0 to LONGEST_TERM_DAYS; CHARGE_AUTOMATICALLY has some.
    """
    if method is CollectionMethod.CHARGE_AUTOMATICALLY:
        if days_until_due is not None:
            raise InvalidInput("what is charged automatically has no daysUntilDue: leave it out", field=("daysUntilDue",))
        return None
    if days_until_due is None:
        raise InvalidInput("SEND_INVOICE needs daysUntilDue, such as 30", field=("daysUntilDue",))
    check_payment_term(days_until_due)
    return days_until_due


def check_payment_term(days_until_due: int) -> None:
    """Raise InvalidInput unless an invoice may be due so many days after it is finalised."""
    if not 0 <= days_until_due <= LONGEST_TERM_DAYS:
        raise InvalidInput(f"an invoice is due within 0 to {LONGEST_TERM_DAYS} days", field=("daysUntilDue",))


def collection_method(payment_term: int | None) -> CollectionMethod:
    """Return the method that a payment term, as `payment_term` returns it, belongs to."""
    return CollectionMethod.CHARGE_AUTOMATICALLY if payment_term is None else CollectionMethod.SEND_INVOICE
