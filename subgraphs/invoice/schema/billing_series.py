"""What was billed and paid over time, as the API shows it."""

import strawberry

from subgraphs.invoice.domain.billing_totals import BillingTotals
from subgraphs.invoice.schema.context import Info
from subgraphs.kit.domain import money
from subgraphs.kit.domain.series import spans
from subgraphs.kit.graphql.scalars import Money, Period
from subgraphs.kit.graphql.series import SeriesCurrency, SeriesFrom, SeriesTo, SeriesUnit

__all__ = ["BillingSeriesQuery"]

READ = [["invoices:read"]]


@strawberry.type(
    description="What was billed, paid and given back in an interval, and what is owed when it ends. Of all time until then, "
    "outstanding + uncollectible = invoiced + tax + broughtForward − carriedForward − credited − paid − paidByCredit + refunded "
    "+ toBalance, to the minor unit."
)
class BillingPoint:
    """As the API shows it."""

    period: Period = strawberry.field(description="The interval.")
    invoiced: Money = strawberry.field(description="What invoices that got their number in it bill, without tax.")
    tax: Money = strawberry.field(description="The tax on that.")
    credited: Money = strawberry.field(description="What credit notes and void invoices took back in it, with taxes.")
    paid: Money = strawberry.field(
        description="What payments paid, less what lost disputes took back; negative where more was taken back than paid."
    )
    paid_by_credit: Money = strawberry.field(description="What customers' wallets and balances paid.")
    refunded: Money = strawberry.field(description="What went back to where payments came from.")
    to_balance: Money = strawberry.field(
        description="What was given back to customers' credit, refunds on their way included until they are made; negative where "
        "a payment went back at its provider and no credit note accounts for it yet."
    )
    carried_forward: Money = strawberry.field(
        description="What was due and too little to charge: it is owed in customers' balances since, and no invoice's any more."
    )
    brought_forward: Money = strawberry.field(
        description="What was owed in customers' balances and invoices collect, less what void ones gave back to them."
    )
    outstanding: Money = strawberry.field(
        description="What is owed of open invoices when it ends: now, what agedReceivables comes to."
    )
    uncollectible: Money = strawberry.field(description="What is owed of uncollectible invoices when it ends.")


@strawberry.type
class BillingSeriesQuery:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=READ,
        description="What was billed, paid and given back over time, and what is owed, in one currency.",
    )
    async def billing_series(
        self, info: Info, from_: SeriesFrom, to: SeriesTo, interval: SeriesUnit, currency: SeriesCurrency
    ) -> list[BillingPoint] | None:
        found = spans(from_, to, interval)
        sums = await info.context.deps.books.billing(info.context.tenant, currency, found[0].first, found[-1].after)
        total, points = BillingTotals(**sums.before), []

        def of(minor: int) -> Money:
            return Money.of(money.Money(minor, currency))

        for span, changed in sums.of_spans(found):
            moved = BillingTotals(**changed)
            total += moved
            points.append(
                BillingPoint(
                    period=Period.of(span.period),
                    invoiced=of(moved.invoiced),
                    tax=of(moved.tax),
                    credited=of(moved.credited),
                    paid=of(moved.paid),
                    paid_by_credit=of(moved.paid_by_credit),
                    refunded=of(moved.refunded),
                    to_balance=of(moved.to_balance),
                    carried_forward=of(moved.carried_forward),
                    brought_forward=of(moved.brought_forward),
                    outstanding=of(total.outstanding),
                    uncollectible=of(total.uncollectible),
                )
            )
        return points
