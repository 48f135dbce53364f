"""Monthly recurring revenue as the API shows it."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from subgraphs.kit.domain import money
from subgraphs.kit.domain.ids import earliest_id
from subgraphs.kit.domain.series import spans
from subgraphs.kit.graphql.pagination import After, Before, Connection, Edge, First, Last, PageArguments, connection
from subgraphs.kit.graphql.scalars import CurrencyCode, Money, Period
from subgraphs.kit.graphql.series import SeriesCurrency, SeriesFrom, SeriesTo, SeriesUnit
from subgraphs.subscription.documents import MrrMovementDocument
from subgraphs.subscription.mrr import MOVEMENT, SUBSCRIPTIONS
from subgraphs.subscription.schema.context import Info
from subgraphs.subscription.schema.enums import MrrMovementKind, MrrMovementReason
from subgraphs.subscription.schema.loaders import load_plan_subscription
from subgraphs.subscription.schema.types import READ, Customer, Plan, PlanSubscription

__all__ = ["MrrQuery"]


@strawberry.federation.type(
    requires_scopes=READ,
    description="A change of the monthly recurring revenue (MRR) of one plan subscription. It never changes.",
)
class MrrMovement:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The movement's id, `mrm_…`.")
    kind: MrrMovementKind = strawberry.field(description="What kind of movement.")
    reason: MrrMovementReason = strawberry.field(description="What happened to the plan subscription.")
    at: datetime = strawberry.field(description="When.")
    amount: Money = strawberry.field(description="The difference: negative for CONTRACTION and CHURN.")
    before: Money = strawberry.field(description="The plan subscription's MRR before.")
    after: Money = strawberry.field(description="The plan subscription's MRR after.")
    customer: Customer | None = strawberry.field(description="Who subscribes.")
    plan: Plan | None = strawberry.field(description="The plan subscribed to after it.")
    _plan_subscription_id: strawberry.Private[str]

    @strawberry.field(description="What moved.")
    async def plan_subscription(self, info: Info) -> PlanSubscription | None:
        document = await load_plan_subscription(info.context, self._plan_subscription_id)
        return PlanSubscription.of(document) if document else None

    @classmethod
    def of(cls, document: MrrMovementDocument) -> "MrrMovement":
        before, after = (money.Money(minor, document.currency) for minor in (document.before_minor, document.after_minor))
        return cls(
            id=strawberry.ID(document.id),
            kind=document.kind,
            reason=document.reason,
            at=document.at,
            amount=Money.of(after - before),
            before=Money.of(before),
            after=Money.of(after),
            customer=Customer(id=strawberry.ID(document.customer_id)),
            plan=Plan(id=strawberry.ID(document.plan_id)),
            _plan_subscription_id=document.plan_subscription_id,
        )


@strawberry.type(description="One movement of a list and its place in it.")
class MrrMovementEdge(Edge[MrrMovement]):
    """Edge of MrrMovement."""


@strawberry.type(description="A page of movements, latest first.")
class MrrMovementConnection(Connection[MrrMovement]):
    """Connection of MrrMovement."""


@strawberry.input(description="Which movements to list; every given condition must hold.")
class MrrMovementWhereInput:
    """Conditions on movements."""

    kind: MrrMovementKind | None = strawberry.field(default=None, description="Those of this kind.")
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="Those of this customer.")
    plan_subscription_id: strawberry.ID | None = strawberry.field(default=None, description="Those of this plan subscription.")
    currency: CurrencyCode | None = strawberry.field(default=None, description="Those in this currency.")
    from_: datetime | None = strawberry.field(name="from", default=None, description="Those from this instant on.")
    to: datetime | None = strawberry.field(default=None, description="Those before this instant.")

    def conditions(self) -> dict[str, Any]:
        """Return them as a filter on `mrr_movements`, without time."""
        found = {
            "kind": self.kind.value if self.kind else None,
            "customer_id": self.customer_id,
            "plan_subscription_id": self.plan_subscription_id,
            "currency": self.currency,
        }
        return {name: value for name, value in found.items() if value is not None}

    def within(self, page: PageArguments) -> dict[str, Any]:
        """Return how to read the page with the bounds of time, which the order of ids follows."""
        reading = page.reading()
        if self.to is not None:
            reading["after"] = min(page.after or "~", earliest_id(MOVEMENT, self.to))
        if self.from_ is not None:
            reading["before"] = max(page.before or "", earliest_id(MOVEMENT, self.from_))
        return reading


@strawberry.type(
    description="MRR at the beginning and the end of an interval, and what moved it: opening + new + reactivation + expansion − "
    "contraction − churn = closing, to the minor unit."
)
class MrrPoint:
    """As the API shows it."""

    period: Period = strawberry.field(description="The interval.")
    opening: Money = strawberry.field(description="MRR when it begins.")
    new: Money = strawberry.field(description="Of plan subscriptions that pay for the first time.")
    reactivation: Money = strawberry.field(description="Of those that pay again.")
    expansion: Money = strawberry.field(description="Of those that pay more.")
    contraction: Money = strawberry.field(description="Of those that pay less; not negative.")
    churn: Money = strawberry.field(description="Of those that pay nothing any more; not negative.")
    closing: Money = strawberry.field(description="MRR when it ends.")
    subscriptions: int = strawberry.field(description="How many plan subscriptions pay when it ends.")


@strawberry.type
class MrrQuery:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=READ,
        description="What moved the monthly recurring revenue (MRR), latest first; a moment behind commands.",
    )
    async def mrr_movements(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Annotated[MrrMovementWhereInput | None, strawberry.argument(description="Which movements to list.")] = None,
    ) -> MrrMovementConnection | None:
        page = PageArguments.parse(first, after, last, before)
        conditions, reading = (where.conditions(), where.within(page)) if where else ({}, page.reading())
        rows = await info.context.deps.mrr_movements.page(info.context.tenant, conditions, **reading)
        return connection(MrrMovementConnection, MrrMovementEdge, page, rows, MrrMovement.of)

    @strawberry.federation.field(
        requires_scopes=READ,
        description="Monthly recurring revenue (MRR) over time, in one currency: what ACTIVE and PAST_DUE plan subscriptions "
        "come to per month by their prices and discounts, without usage and taxes.",
    )
    async def mrr_series(
        self, info: Info, from_: SeriesFrom, to: SeriesTo, interval: SeriesUnit, currency: SeriesCurrency
    ) -> list[MrrPoint] | None:
        found = spans(from_, to, interval)
        sums = await info.context.deps.mrr.daily(info.context.tenant, currency, found[0].first, found[-1].after)
        closing, subscriptions = _net(sums.before), sums.before[SUBSCRIPTIONS]
        points = []
        for span, moved in sums.of_spans(found):
            opening, closing = closing, closing + _net(moved)
            subscriptions += moved[SUBSCRIPTIONS]

            def of(minor: int) -> Money:
                return Money.of(money.Money(minor, currency))

            points.append(
                MrrPoint(
                    period=Period.of(span.period),
                    opening=of(opening),
                    new=of(moved[MrrMovementKind.NEW]),
                    reactivation=of(moved[MrrMovementKind.REACTIVATION]),
                    expansion=of(moved[MrrMovementKind.EXPANSION]),
                    contraction=of(moved[MrrMovementKind.CONTRACTION]),
                    churn=of(moved[MrrMovementKind.CHURN]),
                    closing=of(closing),
                    subscriptions=subscriptions,
                )
            )
        return points


def _net(sums: dict[str, int]) -> int:
    gained = (MrrMovementKind.NEW, MrrMovementKind.REACTIVATION, MrrMovementKind.EXPANSION)
    lost = (MrrMovementKind.CONTRACTION, MrrMovementKind.CHURN)
    return sum(sums.get(kind, 0) for kind in gained) - sum(sums.get(kind, 0) for kind in lost)
