"""When what was billed becomes revenue, as the API shows it."""

from datetime import UTC, datetime, time, timedelta

import strawberry

from subgraphs.invoice.books import CREDITED, INVOICED, RECOGNISED
from subgraphs.invoice.domain.revenue import RecognisedMonth
from subgraphs.invoice.schema.context import Info
from subgraphs.kit.domain import money
from subgraphs.kit.domain.series import spans
from subgraphs.kit.graphql.scalars import Money, Period
from subgraphs.kit.graphql.series import SeriesCurrency, SeriesFrom, SeriesTo, SeriesUnit

__all__ = ["RevenueMonth", "RevenueQuery"]

READ = [["invoices:read"]]


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


@strawberry.type(
    description="What was invoiced and what became revenue in an interval, without tax. When it ends, all that was ever "
    "recognised and what is deferred come to all that was ever invoiced and not credited, to the minor unit."
)
class RevenuePoint:
    """As the API shows it."""

    period: Period = strawberry.field(description="The interval.")
    invoiced: Money = strawberry.field(description="What invoices that got their number in it bill.")
    credited: Money = strawberry.field(description="What credit notes and void invoices took back in it.")
    recognised: Money = strawberry.field(
        description="What became revenue in it; of the future, what will by what is invoiced now."
    )
    deferred: Money = strawberry.field(description="What is invoiced and still to be recognised when it ends.")


@strawberry.type
class RevenueQuery:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=READ,
        description="What was invoiced, recognised by day over the time it pays for, and deferred, in one currency, without tax.",
    )
    async def revenue_series(
        self, info: Info, from_: SeriesFrom, to: SeriesTo, interval: SeriesUnit, currency: SeriesCurrency
    ) -> list[RevenuePoint] | None:
        found = spans(from_, to, interval)
        sums = await info.context.deps.books.revenue(info.context.tenant, currency, found[0].first, found[-1].after)
        deferred, points = _deferred(sums.before), []

        def of(minor: int) -> Money:
            return Money.of(money.Money(minor, currency))

        for span, moved in sums.of_spans(found):
            deferred += _deferred(moved)
            points.append(
                RevenuePoint(
                    period=Period.of(span.period),
                    invoiced=of(moved[INVOICED]),
                    credited=of(moved[CREDITED]),
                    recognised=of(moved[RECOGNISED]),
                    deferred=of(deferred),
                )
            )
        return points


def _deferred(sums: dict[str, int]) -> int:
    return sums.get(INVOICED, 0) - sums.get(CREDITED, 0) - sums.get(RECOGNISED, 0)
