"""When what was billed becomes revenue, as the API shows it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated

import strawberry

from subgraphs.invoice.books import CREDITED, INVOICED, RECOGNISED
from subgraphs.invoice.documents import RevenueEntryDocument
from subgraphs.invoice.schema.context import Info
from subgraphs.invoice.schema.loaders import load_invoice
from subgraphs.invoice.schema.types import READ, Customer, Invoice
from subgraphs.kit.domain import money
from subgraphs.kit.domain.series import day_of, spans
from subgraphs.kit.graphql.pagination import After, Before, Connection, Edge, First, Last, PageArguments, connection
from subgraphs.kit.graphql.scalars import Money, Period
from subgraphs.kit.graphql.series import SeriesCurrency, SeriesFrom, SeriesTo, SeriesUnit

__all__ = ["RevenueQuery"]


@strawberry.federation.type(
    requires_scopes=READ,
    description="What one change of an invoice (its number, a credit note, a void) makes of one month, without tax. It never "
    "changes; all of a month come to what revenueSeries shows of it.",
)
class RevenueEntry:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The entry's id, `rev_…`.")
    at: datetime = strawberry.field(description="When the invoice changed.")
    month: Period = strawberry.field(description="The month, on the calendar of UTC.")
    invoiced: Money = strawberry.field(description="What it bills; only in the month of the change.")
    credited: Money = strawberry.field(description="What it takes back; only in the month of the change.")
    recognised: Money = strawberry.field(description="What more, or less, becomes revenue in the month.")
    customer: Customer | None = strawberry.field(description="Who is billed.")
    _invoice_id: strawberry.Private[str]

    @strawberry.field(description="The invoice.")
    async def invoice(self, info: Info) -> Invoice | None:
        document = await load_invoice(info.context, self._invoice_id)
        return Invoice.of(document) if document else None

    @classmethod
    def of(cls, document: RevenueEntryDocument) -> "RevenueEntry":
        sums = Counter[str]()
        for of_day in document.sums.values():
            sums.update(of_day)

        def amount(name: str) -> Money:
            return Money.of(money.Money(sums[name], document.currency))

        start = datetime.fromisoformat(document.bucket).replace(tzinfo=UTC)
        return cls(
            id=strawberry.ID(document.id),
            at=document.at,
            month=Period(start=start, end=(start + timedelta(days=31)).replace(day=1)),
            invoiced=amount(INVOICED),
            credited=amount(CREDITED),
            recognised=amount(RECOGNISED),
            customer=Customer(id=strawberry.ID(document.customer_id)),
            _invoice_id=document.invoice_id,
        )


@strawberry.type(description="One entry of a list and its place in it.")
class RevenueEntryEdge(Edge[RevenueEntry]):
    """Edge of RevenueEntry."""


@strawberry.type(description="A page of entries, latest first.")
class RevenueEntryConnection(Connection[RevenueEntry]):
    """Connection of RevenueEntry."""


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

    @strawberry.federation.field(
        requires_scopes=READ, description="What changes of invoices make of one month of revenue, latest first."
    )
    async def revenue_entries(
        self,
        info: Info,
        month: Annotated[
            datetime, strawberry.argument(description="The month that this instant lies in, on the calendar of UTC.")
        ],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> RevenueEntryConnection | None:
        page = PageArguments.parse(first, after, last, before)
        bucket = {"bucket": day_of(month).replace(day=1).isoformat()}
        rows = await info.context.deps.revenue_reader.page(info.context.tenant, bucket, **page.reading())
        return connection(RevenueEntryConnection, RevenueEntryEdge, page, rows, RevenueEntry.of)


def _deferred(sums: dict[str, int]) -> int:
    return sums.get(INVOICED, 0) - sums.get(CREDITED, 0) - sums.get(RECOGNISED, 0)
