"""Batched reads of customers, within the caller's tenant."""

from functools import partial

from subgraphs.customer.documents import CustomerDocument
from subgraphs.customer.schema.context import Context

__all__ = ["load_alias", "load_customer"]


async def load_customer(context: Context, id: str) -> CustomerDocument | None:
    """Return the tenant's customer, or whom it was merged into; all asked for at the same time are one query."""
    document = await load_alias(context, id)
    while document is not None and document.merged_into_id is not None:  # no cycle: only active ones are merged into
        document = await load_alias(context, document.merged_into_id)
    return document


async def load_alias(context: Context, id: str) -> CustomerDocument | None:
    """Return the tenant's customer as it was when it was merged, if it was."""
    batch = partial(context.deps.reader.find_many, context.tenant)
    return await context.loader("customer", batch).load(id)
