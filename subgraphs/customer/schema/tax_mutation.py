"""Changing how customers are taxed."""

from typing import Annotated

import strawberry

from subgraphs.customer.commands.change_tax_status import add_tax_id, remove_tax_id, set_tax_exemption
from subgraphs.customer.domain.tax_ids import TaxIdType
from subgraphs.customer.domain.tax_status import TaxExemption
from subgraphs.customer.schema.context import Info
from subgraphs.customer.schema.payloads import WHAT, WRITE, CustomerPayload
from subgraphs.customer.schema.write_input import CustomerWriteInput
from subgraphs.kit.graphql.writes import write

__all__ = ["TaxMutation"]


@strawberry.input(description="What taxIdAdd takes.")
class TaxIdAddInput(CustomerWriteInput):
    """Input of taxIdAdd."""

    customer_id: strawberry.ID = strawberry.field(description="Whose tax id it is.")
    type: TaxIdType = strawberry.field(description="Who issued it and what it is.")
    value: str = strawberry.field(description="The tax id, with or without separators, such as DE 136 695 976.")


@strawberry.input(description="What taxIdRemove takes.")
class TaxIdRemoveInput(CustomerWriteInput):
    """Input of taxIdRemove."""

    customer_id: strawberry.ID = strawberry.field(description="Whose tax id it is.")
    tax_id_id: strawberry.ID = strawberry.field(description="What to remove, `txi_…`.")


@strawberry.input(description="What taxExemptionSet takes.")
class TaxExemptionSetInput(CustomerWriteInput):
    """Input of taxExemptionSet."""

    customer_id: strawberry.ID = strawberry.field(description="Who is taxed or not.")
    exemption: TaxExemption = strawberry.field(description="Whether tax is charged from now on.")
    reason: str | None = strawberry.field(
        default=None,
        description=(
            "Why no tax is charged, 1 to 500 characters; left out for NONE. "
            "Invoices print it and keep it: write no personal data."
        ),
    )


@strawberry.type(description="Answer of taxIdAdd.")
class TaxIdAddPayload(CustomerPayload):
    """Answer of taxIdAdd."""


@strawberry.type(description="Answer of taxIdRemove.")
class TaxIdRemovePayload(CustomerPayload):
    """Answer of taxIdRemove."""


@strawberry.type(description="Answer of taxExemptionSet.")
class TaxExemptionSetPayload(CustomerPayload):
    """Answer of taxExemptionSet."""


@strawberry.type
class TaxMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Give a customer a tax id, whose format and check digits must be right (INVALID_TAX_ID). Again: nothing.",
    )
    @write(TaxIdAddPayload)
    async def tax_id_add(self, info: Info, input: Annotated[TaxIdAddInput, WHAT]) -> TaxIdAddPayload:
        customers, command = info.context.deps.customers, await info.context.command()
        return TaxIdAddPayload.done(await add_tax_id(customers, input.customer_id, input.type, input.value, command))

    @strawberry.federation.field(requires_scopes=WRITE, description="Take a tax id away from a customer.")
    @write(TaxIdRemovePayload)
    async def tax_id_remove(self, info: Info, input: Annotated[TaxIdRemoveInput, WHAT]) -> TaxIdRemovePayload:
        customers, command = info.context.deps.customers, await info.context.command()
        return TaxIdRemovePayload.done(await remove_tax_id(customers, input.customer_id, input.tax_id_id, command))

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Charge a customer tax or not from now on. REVERSE_CHARGE needs a tax id."
    )
    @write(TaxExemptionSetPayload)
    async def tax_exemption_set(self, info: Info, input: Annotated[TaxExemptionSetInput, WHAT]) -> TaxExemptionSetPayload:
        customers, command = info.context.deps.customers, await info.context.command()
        return TaxExemptionSetPayload.done(
            await set_tax_exemption(customers, input.customer_id, input.exemption, input.reason, command)
        )
