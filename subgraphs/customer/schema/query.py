"""Reading customers."""

import asyncio
from typing import Annotated

import strawberry

from subgraphs.customer.domain.values import CustomerStatus
from subgraphs.customer.queries import CustomerFilter, customer_filter
from subgraphs.customer.schema.context import Info
from subgraphs.customer.schema.loaders import load_customer
from subgraphs.customer.schema.types import Customer, CustomerConnection, CustomerEdge
from subgraphs.kit.graphql.pagination import After, Before, First, Last, PageArguments, connection

__all__ = ["CustomerWhereInput", "Query"]


@strawberry.input(description="Which customers to list; every given condition must hold.")
class CustomerWhereInput:
    """Conditions on customers."""

    status: CustomerStatus | None = strawberry.field(default=None, description="Customers in this status.")
    external_id: str | None = strawberry.field(default=None, description="The customer with this id of yours.")
    email: str | None = strawberry.field(default=None, description="Customers with exactly this e-mail address.")
    name_starts_with: str | None = strawberry.field(default=None, description="Customers whose name begins so, in any case.")


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=[["customers:read"]],
        description="One customer, null when there is none with this id. The id of a merged one gives the other.",
    )
    async def customer(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The customer's id, `cus_…`.")]
    ) -> Customer | None:
        document = await load_customer(info.context, id)
        return Customer.of(document) if document else None

    @strawberry.federation.field(requires_scopes=[["customers:read"]], description="Customers, newest first.")
    async def customers(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Annotated[CustomerWhereInput | None, strawberry.argument(description="Which customers to list.")] = None,
    ) -> CustomerConnection | None:
        page = PageArguments.parse(first, after, last, before)
        conditions = customer_filter(CustomerFilter(**vars(where)) if where else CustomerFilter())
        rows = await info.context.deps.reader.page(info.context.tenant, conditions, **page.reading())
        if where is not None and where.external_id is not None and where.status is None:  # an alias's stands for the other one
            rows = [row for row in await asyncio.gather(*(load_customer(info.context, row.id) for row in rows)) if row]
        return connection(CustomerConnection, CustomerEdge, page, rows, Customer.of)
