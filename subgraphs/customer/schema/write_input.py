"""What the input of every mutation about a customer has."""

import strawberry

from subgraphs.kit.graphql.writes import REASON_LENGTH, WriteInput

__all__ = ["CustomerWriteInput"]


@strawberry.input
class CustomerWriteInput(WriteInput):
    """Base of every mutation's input: here the reason is sealed with the customer's key, and erased with it."""

    reason: str | None = strawberry.field(
        default=None,
        description=(
            f"Why, in at most {REASON_LENGTH} characters. It is kept with the change, in its history, "
            "until the customer is erased."
        ),
    )
