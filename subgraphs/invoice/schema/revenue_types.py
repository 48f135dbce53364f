"""How one invoice becomes revenue, as the API shows it."""

from datetime import UTC, datetime, time, timedelta

import strawberry

from subgraphs.invoice.domain.revenue import RecognisedMonth
from subgraphs.kit.graphql.scalars import Money, Period

__all__ = ["RevenueMonth"]


@strawberry.type(description="What a month recognises of a line of an invoice.")
class RevenueOfLine:
    """As the API shows it."""

    line_number: int = strawberry.field(description="The line, counted from 1.")
    recognised: Money = strawberry.field(description="What the month recognises of it.")


@strawberry.type(description="What a month recognises of an invoice.")
class RevenueMonth:
    """As the API shows it."""

    period: Period = strawberry.field(description="The month.")
    recognised: Money = strawberry.field(
        description="What becomes revenue in it; negative where a credit note takes back what was recognised."
    )
    deferred: Money = strawberry.field(description="What is still to be recognised when it ends.")
    lines: list[RevenueOfLine] = strawberry.field(description="The same by line, those that it recognises something of.")

    @classmethod
    def of(cls, month: RecognisedMonth) -> "RevenueMonth":
        start = datetime.combine(month.first, time(), UTC)
        return cls(
            period=Period(start=start, end=(start + timedelta(days=31)).replace(day=1)),
            recognised=Money.of(month.recognised),
            deferred=Money.of(month.deferred),
            lines=[RevenueOfLine(line_number=number, recognised=Money.of(part)) for number, part in month.by_line.items()],
        )
