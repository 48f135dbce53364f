"""Whether the customer's wallets and balance have answered what they pay of an invoice."""

import asyncio

from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.repository import InvoiceRepository

__all__ = ["CustomerCredit"]

LONGEST_PAUSE_SECONDS = 0.2


class CustomerCredit:
    """Waits a moment for the answer, which takes the way of events."""

    def __init__(self, invoices: InvoiceRepository, wait_seconds: float) -> None:
        self._invoices, self._wait = invoices, wait_seconds

    async def settled(self, tenant: str, id: str, *, field: tuple[str, ...] = ("id",)) -> Invoice:
        """Return the invoice once nothing is awaited, or as it is when that takes too long; `field` is named in the error.

        Raises:
            NotFound: there is no such invoice.
        """
        deadline = asyncio.get_running_loop().time() + self._wait
        pause = 0.01
        while True:
            invoice = await self._invoices.get(tenant, id, field=field)
            if not invoice.awaits_credit or asyncio.get_running_loop().time() >= deadline:
                return invoice
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
