"""Batched reads of customers, within the caller's tenant."""

from subgraphs.customer.documents import CustomerDocument
from subgraphs.customer.schema.context import Context

__all__ = ["load_customer"]


async def load_customer(context: Context, id: str) -> CustomerDocument | None:
    """Return the tenant's customer; all asked for at the same time are one query."""
    tenant, reader = context.tenant, context.deps.reader
    return await context.loader("customer", lambda ids: reader.find_many(tenant, ids)).load(id)
