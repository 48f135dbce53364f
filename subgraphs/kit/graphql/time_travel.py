"""Reading the past: the `asOf` argument."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.graphql.context import RequestContext

__all__ = ["AsOf", "past_instant"]

AsOf = Annotated[
    datetime | None,
    strawberry.argument(
        description=(
            "Read it as it was known at this instant, which may not lie ahead; by default as it is now. "
            "What is reached from it (its customer, its invoices) is always as it is now."
        )
    ),
]


async def past_instant(context: RequestContext[Any], as_of: datetime) -> datetime:
    """Return the instant to read.

    Raises:
        InvalidInput: it lies ahead of the tenant's time.
    """
    now = await context.now()
    if as_of > now:
        raise InvalidInput(f"asOf lies ahead: it is {now.isoformat()} now", field=("asOf",))
    return as_of
