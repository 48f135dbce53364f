"""Whom an invoice is billed to, as the API shows it."""

from functools import partial

import strawberry

from subgraphs.invoice import billing_details
from subgraphs.invoice.schema.context import Context

__all__ = ["BillTo", "BillToAddress", "load_bill_to"]


@strawberry.type(description="Where an invoice is billed to.")
class BillToAddress:
    """As the API shows it."""

    line1: str | None = strawberry.field(description="Street and number.")
    line2: str | None = strawberry.field(description="More of the street's line.")
    city: str | None = strawberry.field(description="The city.")
    region: str | None = strawberry.field(description="State, province or county.")
    postal_code: str | None = strawberry.field(description="The postal code.")
    country: str | None = strawberry.field(description="ISO 3166-1 alpha-2.")


@strawberry.type(
    description=(
        "Whom an invoice is billed to. It stands as it is printed, whatever becomes of the customer; only customerErase "
        "takes it away, for [erased]."
    )
)
class BillTo:
    """As the API shows it."""

    name: str = strawberry.field(description="The customer's name.")
    email: str | None = strawberry.field(description="The customer's e-mail address.")
    address: BillToAddress | None = strawberry.field(description="The customer's address.")
    tax_ids: list[str] = strawberry.field(description="The customer's tax ids, without separators.")
    language: str | None = strawberry.field(description="The language the invoice is printed in, where there are words for it.")

    @classmethod
    def of(cls, bill_to: billing_details.BillTo) -> "BillTo | None":
        profile = bill_to.profile
        if profile is None:
            return None
        return cls(
            name=profile.name,
            email=profile.email,
            address=BillToAddress(**profile.address.model_dump()) if profile.address else None,
            tax_ids=list(bill_to.tax_status.tax_ids) if bill_to.tax_status else [],
            language=profile.language,
        )


async def load_bill_to(context: Context, key: billing_details.BillToKey) -> billing_details.BillTo:
    """Return whom an invoice is billed to; all asked for at the same time are two queries."""
    return await context.loader("bill_to", partial(context.deps.billing_details.of_many, context.tenant)).load(key)
