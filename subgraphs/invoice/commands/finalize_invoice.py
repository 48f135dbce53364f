"""Give a draft its number and open it for payment."""

from typing import Protocol
from zoneinfo import ZoneInfo

from subgraphs.invoice.domain.invoice import UTC_ZONE, Invoice
from subgraphs.invoice.domain.numbering import DEFAULT_SERIES, InvoiceNumbers, format_number
from subgraphs.invoice.domain.values import BillToVersion, Charge, InvoiceStatus
from subgraphs.invoice.repository import InvoiceRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidState

__all__ = ["Details", "finalize_invoice"]


class Details(Protocol):
    """Knows whom invoices are billed to."""

    async def current(self, tenant: str, customer_id: str) -> BillToVersion | None:
        """Return the customer's billing details of now, which are kept from then on; None when the customer is not known."""
        ...

    async def time_zone(self, tenant: str, customer_id: str) -> ZoneInfo:
        """Return the time zone of the customer's calendar, UTC when the customer is not known."""
        ...


async def finalize_invoice(
    invoices: InvoiceRepository,
    numbers: InvoiceNumbers,
    details: Details,
    id: str,
    context: CommandContext,
    charge: Charge | None = None,
    *,
    loaded: Invoice | None = None,
) -> Invoice:
    """Finalise the invoice; one that is finalised already keeps its number. With nothing to pay it is paid at once.

    Else the customer's credit is asked to pay it, and `charge` says that what is left then is charged. It bears the customer's
    billing details of now for good, and is due on the customer's calendar.

    A crash between claim and commit leaves no gap: the claim names the invoice, which gets the same number when asked again.
    `loaded` is the invoice, where the caller has just loaded or made it.

    Raises:
        NotFound: there is no such invoice.
        InvalidState: it was deleted.
    """
    invoice = loaded or await invoices.get(context.tenant, id)
    if invoice.is_of_people:  # or it could be deleted once it has a number
        invoice = await invoices.update(id, context, lambda draft: draft.begin_finalizing(), loaded=invoice)
    if invoice.status is InvoiceStatus.DELETED:
        raise InvalidState(f"invoice {id!r} was deleted: create another one", field=("id",))
    if invoice.status is not InvoiceStatus.DRAFT:
        return invoice
    draft = invoice.drafted.draft
    bill_to = await details.current(context.tenant, draft.customer_id)
    zone = await details.time_zone(context.tenant, draft.customer_id) if draft.days_until_due else UTC_ZONE
    number = format_number(DEFAULT_SERIES, await numbers.claim(context.tenant, DEFAULT_SERIES, id))
    return await invoices.update(
        id, context, lambda draft: draft.finalize(number, context, charge, bill_to, zone), loaded=invoice
    )
