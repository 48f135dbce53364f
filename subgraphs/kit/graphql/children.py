"""Connections below a parent: first pages of many parents are one query."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from subgraphs.kit.graphql.context import RequestContext
from subgraphs.kit.graphql.pagination import PageArguments, first_page
from subgraphs.kit.persistence.documents import TenantDocument, TenantReader

__all__ = ["children"]

D = TypeVar("D", bound=TenantDocument)


async def children(
    context: RequestContext[Any], reader: TenantReader[D], parent_field: str, parent_id: str, page: PageArguments
) -> Sequence[D]:
    """Return a page of the tenant's documents whose `parent_field` is `parent_id`, newest first."""
    tenant = context.tenant

    def per_parent(limit: int) -> Callable[[list[str]], Awaitable[Sequence[list[D]]]]:
        async def load(ids: list[str]) -> list[list[D]]:
            found = await reader.first_per_parent(tenant, parent_field, ids, {}, limit)
            return [found[id] for id in ids]

        return load

    return await first_page(
        page,
        lambda limit: context.loader((reader, parent_field, limit), per_parent(limit)).load(parent_id),
        lambda page: reader.page(tenant, {parent_field: parent_id}, **page.reading()),
    )
