"""What every mutation of customers answers with, and what it needs."""

from typing import Self

import strawberry

from subgraphs.customer.domain.customer import Customer as CustomerAggregate
from subgraphs.customer.projections import customer_document
from subgraphs.customer.schema.types import Customer
from subgraphs.kit.graphql.errors import UserError

__all__ = ["WHAT", "WRITE", "CustomerPayload"]

WRITE = [["customers:write"]]
WHAT = strawberry.argument(description="What to do, and to which customer.")


@strawberry.type
class CustomerPayload:
    """Base of every payload with a customer."""

    customer: Customer | None = strawberry.field(default=None, description="The customer afterwards, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )

    @classmethod
    def done(cls, customer: CustomerAggregate) -> Self:
        return cls(customer=Customer.of(customer_document(customer)))
