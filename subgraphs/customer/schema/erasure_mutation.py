"""Erasing personal data."""

from typing import Annotated

import strawberry

from subgraphs.customer.commands.erase_customer import erase_customer
from subgraphs.customer.schema.context import Info
from subgraphs.customer.schema.payloads import WHAT, WRITE, CustomerPayload
from subgraphs.customer.schema.write_input import CustomerWriteInput
from subgraphs.kit.graphql.writes import write

__all__ = ["ErasureMutation"]


@strawberry.input(description="What customerErase takes.")
class CustomerEraseInput(CustomerWriteInput):
    """Input of customerErase."""

    id: strawberry.ID = strawberry.field(description="Whose personal data to erase.")


@strawberry.type(description="Answer of customerErase.")
class CustomerErasePayload(CustomerPayload):
    """Answer of customerErase."""


@strawberry.type
class ErasureMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Erase a customer's personal data for good, also from the history: name, e-mail, addresses, tax ids, external id, "
            "ways to pay, descriptions, and those of customers merged into it. The books stay: ids, amounts, times, "
            "and what you wrote into them: reasons on plan subscriptions and invoices, lines, references, ids of yours. "
            "Refused (HAS_OPEN_BILLING) while it has open subscriptions or invoices. Repeating it changes nothing."
        ),
    )
    @write(CustomerErasePayload)
    async def customer_erase(self, info: Info, input: Annotated[CustomerEraseInput, WHAT]) -> CustomerErasePayload:
        stores, command = info.context.deps.erasure, await info.context.command()
        return CustomerErasePayload.done(await erase_customer(stores, input.id, command))
