"""Numbers of invoices and credit notes: a gapless series of each per tenant, as EU VAT Directive 2006/112 Art. 226(2) asks."""

from typing import Protocol

__all__ = ["CREDIT_NOTE_SERIES", "DEFAULT_SERIES", "InvoiceNumbers", "format_number"]

DEFAULT_SERIES = "INV"
CREDIT_NOTE_SERIES = "CN"


class InvoiceNumbers(Protocol):
    """Gives each document the next number of its series, once and for all."""

    async def claim(self, tenant: str, series: str, owner: str) -> int:
        """Return the number of the document `owner`: the one it holds already, else the next free one.

        Numbers run from 1 without a gap and without a double, however many processes ask at the same time.
        """
        ...


def format_number(series: str, number: int) -> str:
    """Return `INV-000001` for number 1 of the series INV; longer numbers simply become longer."""
    return f"{series}-{number:06d}"
