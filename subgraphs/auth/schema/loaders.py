"""Batched reads of OAuth clients, within the caller's tenant."""

from functools import partial

from subgraphs.auth.documents import OAuthClientDocument
from subgraphs.auth.schema.context import Context

__all__ = ["load_oauth_client"]


async def load_oauth_client(context: Context, id: str) -> OAuthClientDocument | None:
    """Return the tenant's client; all asked for at the same time are one query."""
    batch = partial(context.deps.client_reader.find_many, context.tenant)
    return await context.loader("oauth_client", batch).load(id)
