"""Invoices on real stores and what happens to them, each at a time of its own, for tests of charts, lists and exports."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment_provider import Succeeded
from subgraphs.invoice.domain.values import InvoiceDraft, InvoiceLine, LineTax, PaymentOperation, PriceModel, RefundPart
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from tests.testkit.billing import VISA
from tests.testkit.memory import context

__all__ = ["APRIL", "JULY", "JUNE", "MAY", "Billed", "billed", "line", "tell"]

APRIL, MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (4, 5, 6, 7))


def line(minor: int, start: datetime | None = None, end: datetime | None = None, *, currency: str = "EUR") -> InvoiceLine:
    """Return a line with 20 percent tax on top."""
    tax = LineTax(
        rate_id="vat",
        name="VAT",
        percentage=Decimal(20),
        inclusive=False,
        country="DE",
        amount=Money(minor, currency).share(1, 5),
    )
    return InvoiceLine(
        description="Team",
        price_id=None,
        plan_id=None,
        period=Period(start, end) if start and end else None,
        quantity=1,
        model=PriceModel.FLAT,
        unit_amount=None,
        flat_amount=Money(minor, currency),
        amount=Money(minor, currency),
        explanation="",
        taxes=(tax,),
    )


class Billed:
    """One invoice and what happens to it, each at a time of its own."""

    def __init__(self, services: InvoiceServices, id: str, tenant: str) -> None:
        self.services, self.id, self.tenant = services, id, tenant

    async def do(self, at: datetime, change: Callable[[Invoice], None]) -> Invoice:
        return await self.services.invoices.update(self.id, context(self.tenant, at), change)

    async def pay(self, at: datetime, payment_id: str = "pay_1") -> None:
        command = context(self.tenant, at)
        await self.do(at, lambda it: it.start_payment(payment_id, VISA, command))
        outcome = Succeeded("ref")
        await self.do(at, lambda it: it.settle_payment(payment_id, PaymentOperation.CHARGE, outcome, command))

    async def credit(self, at: datetime, minor: int | None = None, *, refund: int = 0, settle: bool = True) -> str:
        command, id = context(self.tenant, at), f"cn_{self.id}_{at:%Y%m%d}"
        lines = None if minor is None else (LineCredit(line_number=1, amount=Money(minor, "EUR")),)
        gross = None if minor is None else Money(minor + minor // 5, "EUR")
        parts = {"refund": Money(refund, "EUR"), "balance": gross - Money(refund, "EUR")} if refund and gross else {}
        request = CreditRequest(reason="why", lines=lines, **parts)
        await self.do(at, lambda it: it.credit(id, request, command))
        if settle:
            parts_back = [RefundPart(payment_id="pay_1", amount=Money(refund, "EUR"))] if refund else []
            await self.do(at, lambda it: it.settle_credit_note(id, parts_back))
        return id


async def billed(
    services: InvoiceServices,
    id: str,
    *lines: InvoiceLine,
    at: datetime = APRIL,
    credit: int = 0,
    tenant: str = "acme",
    days_until_due: int = 0,
) -> Billed:
    """Return an open invoice that got its number at `at`, of which the customer's credit paid `credit`."""
    command, currency = context(tenant, at), lines[0].amount.currency
    draft = InvoiceDraft(
        customer_id="cus_1",
        plan_subscription_id=None,
        period_number=None,
        currency=currency,
        lines=lines,
        days_until_due=days_until_due,
    )
    await services.invoices.create(Invoice.create(id, draft, command), command)
    made = Billed(services, id, tenant)
    await made.do(at, lambda it: it.finalize(f"INV-{id}", command))
    await made.do(at, lambda it: it.apply_credit(Money(credit, currency), Money(0, currency), command))
    return made


async def tell(services: InvoiceServices) -> None:
    """Do as a relay does that ends before it notes what it sent: what is in the outbox comes again."""
    for commit in await services.stores.events.undispatched(1000):
        if commit.kind == Invoice.kind:
            await services.books.catch_up(commit)
