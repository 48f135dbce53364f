"""Batched reads of customers, within the caller's tenant."""

from functools import partial

from subgraphs.customer.documents import CustomerDocument
from subgraphs.customer.schema.context import Context

__all__ = ["load_customer"]


async def load_customer(context: Context, id: str) -> CustomerDocument | None:
    """Return the tenant's customer; all asked for at the same time are one query."""
    batch = partial(context.deps.reader.find_many, context.tenant)
    return await context.loader("customer", batch).load(id)
