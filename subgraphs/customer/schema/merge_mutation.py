"""Merging customers."""

from typing import Annotated

import strawberry

from subgraphs.customer.commands.merge_customers import merge_customers
from subgraphs.customer.schema.context import Info
from subgraphs.customer.schema.payloads import WHAT, WRITE, CustomerPayload
from subgraphs.customer.schema.write_input import CustomerWriteInput
from subgraphs.kit.graphql.writes import write

__all__ = ["MergeMutation"]


@strawberry.input(description="What customerMerge takes.")
class CustomerMergeInput(CustomerWriteInput):
    """Input of customerMerge."""

    id: strawberry.ID = strawberry.field(description="The customer that becomes an alias.")
    into_id: strawberry.ID = strawberry.field(description="The customer it is an alias of from then on.")


@strawberry.type(description="Answer of customerMerge; its customer is the one that was merged into.")
class CustomerMergePayload(CustomerPayload):
    """Answer of customerMerge."""


@strawberry.type
class MergeMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Merge a customer into another of the same currency, for good. Payment methods, tax ids, balances and wallets move; "
            "its id keeps working for reads and gives the other customer. Subscriptions and invoices keep the id they were made "
            "for, so it is refused (HAS_OPEN_BILLING) while the customer that becomes an alias has open ones. Repeating it "
            "changes nothing."
        ),
    )
    @write(CustomerMergePayload)
    async def customer_merge(self, info: Info, input: Annotated[CustomerMergeInput, WHAT]) -> CustomerMergePayload:
        stores, command = info.context.deps.merge, await info.context.command()
        return CustomerMergePayload.done(await merge_customers(stores, input.id, input.into_id, command))
