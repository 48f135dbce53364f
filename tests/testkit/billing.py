"""Drafts, lines and payment methods for tests of invoices."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from subgraphs.invoice.domain.jurisdictions import Jurisdiction
from subgraphs.invoice.domain.rating import rate_line
from subgraphs.invoice.domain.taxation import CustomerTaxation
from subgraphs.invoice.domain.values import InvoiceDraft, InvoiceLine, PaymentMethod, PriceModel
from subgraphs.kit.domain.period import Period

__all__ = ["FEBRUARY", "NO_CHARGE", "SEATS", "TOTAL_MINOR", "VISA", "draft", "method", "taxed_in"]

FEBRUARY = Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))


def _line(description: str, model: PriceModel, quantity: int, unit_amount: str | None, flat_minor: int | None) -> InvoiceLine:
    return rate_line(
        description=description,
        price_id="price_1",
        plan_id="plan_1",
        period=FEBRUARY,
        quantity=quantity,
        model=model,
        currency="EUR",
        unit_amount=None if unit_amount is None else Decimal(unit_amount),
        flat_amount_minor=flat_minor,
    )


SEATS = (
    _line("Team", PriceModel.FLAT, 1, None, 1900),
    _line("Seats", PriceModel.PER_UNIT, 3, "12.50", None),
)
TOTAL_MINOR = 5650  # 19.00 + 3 * 12.50 = 56.50
NO_CHARGE = (_line("Free", PriceModel.FLAT, 1, None, 0),)


def draft(lines: tuple[InvoiceLine, ...] = SEATS) -> InvoiceDraft:
    """Return what a subscription's first period is billed with."""
    return InvoiceDraft(customer_id="cus_1", plan_subscription_id="psub_1", period_number=0, currency="EUR", lines=lines)


def method(token: str = "sandbox_success") -> PaymentMethod:
    """Return a payment method of the sandbox."""
    return PaymentMethod(id=f"pm_{token}", provider="sandbox", token=token, label="Visa •••• 4242")


VISA = method()


def taxed_in(country: str | None, region: str | None = None, **more: Any) -> CustomerTaxation:
    """Return how a customer there is taxed."""
    return CustomerTaxation(customer_in=Jurisdiction(country, region), **more)
