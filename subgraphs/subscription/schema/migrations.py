"""Moving subscribers of one price version to another."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from subgraphs.kit.domain.errors import DomainError
from subgraphs.kit.graphql.errors import UserError, user_error
from subgraphs.kit.graphql.pagination import After, Before, Connection, Edge, First, Last, PageArguments, connection
from subgraphs.kit.graphql.writes import WriteInput, write
from subgraphs.subscription.commands.migrate_price import WantedMigration, cancel_price_migration, start_price_migration
from subgraphs.subscription.commands.previews import MovePreview
from subgraphs.subscription.documents import PlanSubscriptionDocument, PriceMigrationDocument, RefusalPart
from subgraphs.subscription.domain.price_migration import PriceMigration as PriceMigrationAggregate
from subgraphs.subscription.domain.values import ChangeTime
from subgraphs.subscription.projections import phase_part, price_migration_document
from subgraphs.subscription.queries import subscriber_filter
from subgraphs.subscription.schema.context import Info
from subgraphs.subscription.schema.enums import MigrationStatus, PriceMigrationTime, ProrationBehavior
from subgraphs.subscription.schema.loaders import load_plan_subscription
from subgraphs.subscription.schema.previews import PlanSubscriptionChangePreview
from subgraphs.subscription.schema.types import READ, PlanSubscription, PlanSubscriptionPendingChange, Price

__all__ = ["MigrationMutation", "MigrationQuery"]

WRITE = [["subscriptions:write"]]
WHAT = strawberry.argument(description="What to do.")
# More are not counted.
MOST_COUNTED = 100_000


@strawberry.type(description="A plan subscription that stays as it is, and why.")
class PriceMigrationRefusal:
    """As the API shows it."""

    id: strawberry.Private[str]
    code: str = strawberry.field(description="The reason, as the code that planSubscriptionChange gives.")
    message: str = strawberry.field(description="The reason, to be read.")

    @strawberry.field(description="Which one.")
    async def plan_subscription(self, info: Info) -> PlanSubscription | None:
        document = await load_plan_subscription(info.context, self.id)
        return PlanSubscription.of(document) if document else None

    @classmethod
    def of(cls, part: RefusalPart) -> "PriceMigrationRefusal":
        return cls(id=part.plan_subscription_id, code=part.code, message=part.message)


@strawberry.federation.type(
    keys=["id"],
    requires_scopes=READ,
    description="The move of all who subscribe to one price version to another: RUNNING until everybody was moved.",
)
class PriceMigration:
    """The PriceMigration entity."""

    id: strawberry.ID = strawberry.field(description="The migration's id, `pmig_…`.")
    from_price: Price | None = strawberry.field(description="Whose subscribers are moved, and those who are scheduled to be.")
    to_price: Price | None = strawberry.field(description="What they pay then.")
    when: PriceMigrationTime = strawberry.field(description="Whether they pay it at once or from the end of their periods on.")
    proration: ProrationBehavior = strawberry.field(description="With NOW, what is billed for the rest of their periods.")
    status: MigrationStatus = strawberry.field(description="Where it stands.")
    moved: int = strawberry.field(description="How many have left the price, or will where they had it or were to have it.")
    refused: int = strawberry.field(description="How many stay as they are.")
    refusals: list[PriceMigrationRefusal] = strawberry.field(
        description="The first 100 that stay as they are. Do what the reason asks for, and start a migration again."
    )
    started_at: datetime = strawberry.field(description="When it was started.")
    ended_at: datetime | None = strawberry.field(description="When it was completed or canceled.")

    @classmethod
    def of(cls, document: PriceMigrationDocument) -> "PriceMigration":
        return cls(
            id=strawberry.ID(document.id),
            from_price=Price(id=strawberry.ID(document.from_price_id)),
            to_price=Price(id=strawberry.ID(document.to_price_id)),
            when=PriceMigrationTime(document.when.value),
            proration=document.proration,
            status=document.status,
            moved=document.moved,
            refused=document.refused,
            refusals=[PriceMigrationRefusal.of(part) for part in document.refusals],
            started_at=document.started_at,
            ended_at=document.ended_at,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "PriceMigration | None":
        document = await info.context.deps.migration_reader.find(info.context.tenant, id)
        return cls.of(document) if document else None


@strawberry.type(description="One price migration of a list and its place in it.")
class PriceMigrationEdge(Edge[PriceMigration]):
    """Edge of PriceMigration."""


@strawberry.type(description="A page of price migrations, newest first.")
class PriceMigrationConnection(Connection[PriceMigration]):
    """Connection of PriceMigration."""


@strawberry.type(description="What a migration would do to one plan subscription.")
class PriceMigrationStep:
    """As the API shows it."""

    plan_subscription: PlanSubscription | None = strawberry.field(description="The plan subscription as it is.")
    change: PlanSubscriptionChangePreview | None = strawberry.field(
        description="What it would be billed with; null: it would stay as it is."
    )
    pending_changes: list[PlanSubscriptionPendingChange] | None = strawberry.field(
        description="All that would be scheduled then, in order, the other price in it; null: it would stay as it is."
    )
    refusal: UserError | None = strawberry.field(description="Why it would stay as it is; null: it would be moved.")

    @classmethod
    def of(cls, row: PlanSubscriptionDocument, outcome: MovePreview | DomainError) -> "PriceMigrationStep":
        subscription = PlanSubscription.of(row)
        if isinstance(outcome, DomainError):
            return cls(plan_subscription=subscription, change=None, pending_changes=None, refusal=user_error(outcome))
        return cls(
            plan_subscription=subscription,
            change=PlanSubscriptionChangePreview.of(outcome.change),
            pending_changes=[PlanSubscriptionPendingChange.of(phase_part(change)) for change in outcome.schedule],
            refusal=None,
        )


@strawberry.type(description="One plan subscription of a migration to come and its place in the list.")
class PriceMigrationStepEdge(Edge[PriceMigrationStep]):
    """Edge of PriceMigrationStep."""


@strawberry.type(description="A page of what a migration would do, the newest plan subscriptions first.")
class PriceMigrationStepConnection(Connection[PriceMigrationStep]):
    """Connection of PriceMigrationStep."""


@strawberry.type(description="What a migration would do, by the code that does it.")
class PriceMigrationPreview:
    """As the API shows it."""

    subscribers: int = strawberry.field(
        description="How many subscribe to the price or are scheduled to, up to 100000; some may refuse."
    )
    steps: PriceMigrationStepConnection = strawberry.field(description="What would happen to each.")


@strawberry.input(description="Which subscribers would move where.")
class PriceMigrationPreviewInput:
    """Input of priceMigrationPreview."""

    from_price_id: strawberry.ID = strawberry.field(description="Whose subscribers are moved; it may be archived.")
    to_price_id: strawberry.ID = strawberry.field(description="What they pay then, in the same currency.")
    when: PriceMigrationTime = strawberry.field(
        default=PriceMigrationTime.PERIOD_END, description="Whether they pay it at once or from the end of their periods on."
    )
    proration: ProrationBehavior = strawberry.field(
        default=ProrationBehavior.NONE, description="With NOW, what is billed for the rest of their periods."
    )

    def wanted(self) -> WantedMigration:
        return WantedMigration(
            from_price_id=self.from_price_id,
            to_price_id=self.to_price_id,
            when=ChangeTime(self.when.value),
            proration=self.proration,
        )


@strawberry.input(description="What priceMigrationStart takes.")
class PriceMigrationStartInput(PriceMigrationPreviewInput, WriteInput):
    """Input of priceMigrationStart."""


@strawberry.input(description="What priceMigrationCancel takes.")
class PriceMigrationCancelInput(WriteInput):
    """Input of priceMigrationCancel."""

    id: strawberry.ID = strawberry.field(description="What to stop.")


@strawberry.type
class PriceMigrationPayload:
    """Base of every payload with a price migration."""

    price_migration: PriceMigration | None = strawberry.field(
        default=None, description="The price migration afterwards, null when refused."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )

    @classmethod
    def done(cls, migration: PriceMigrationAggregate) -> Self:
        return cls(price_migration=PriceMigration.of(price_migration_document(migration)))


@strawberry.type(description="Answer of priceMigrationStart.")
class PriceMigrationStartPayload(PriceMigrationPayload):
    """Answer of priceMigrationStart."""


@strawberry.type(description="Answer of priceMigrationCancel.")
class PriceMigrationCancelPayload(PriceMigrationPayload):
    """Answer of priceMigrationCancel."""


@strawberry.type
class MigrationMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Move everybody who subscribes to one price version to another, in plans and add-ons, while you go on; ask "
            "priceMigration how far it got. What is scheduled stays scheduled, and comes to the other price. Archive the price "
            "first, or others subscribe to it behind its back."
        ),
    )
    @write(PriceMigrationStartPayload)
    async def price_migration_start(
        self, info: Info, input: Annotated[PriceMigrationStartInput, WHAT]
    ) -> PriceMigrationStartPayload:
        services = info.context.deps
        started = await start_price_migration(services.migrations, services.known, input.wanted(), await info.context.command())
        return PriceMigrationStartPayload.done(started)

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Leave those that a migration did not reach as they are. Those that were moved stay so.",
    )
    @write(PriceMigrationCancelPayload)
    async def price_migration_cancel(
        self, info: Info, input: Annotated[PriceMigrationCancelInput, WHAT]
    ) -> PriceMigrationCancelPayload:
        canceled = await cancel_price_migration(info.context.deps.migrations, input.id, await info.context.command())
        return PriceMigrationCancelPayload.done(canceled)


@strawberry.type
class MigrationQuery:
    """Root fields."""

    @strawberry.federation.field(requires_scopes=READ, description="One price migration, null when there is none with this id.")
    async def price_migration(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its id, `pmig_…`.")]
    ) -> PriceMigration | None:
        return await PriceMigration.resolve_reference(info, id)

    @strawberry.federation.field(requires_scopes=READ, description="Price migrations, newest first.")
    async def price_migrations(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> PriceMigrationConnection | None:
        page = PageArguments.parse(first, after, last, before)
        rows = await info.context.deps.migration_reader.page(info.context.tenant, {}, **page.reading())
        return connection(PriceMigrationConnection, PriceMigrationEdge, page, rows, PriceMigration.of)

    @strawberry.federation.field(
        requires_scopes=READ,
        description="What a migration would do to each subscriber; nothing is changed. At most 20 at a time.",
    )
    async def price_migration_preview(
        self,
        info: Info,
        input: Annotated[PriceMigrationPreviewInput, strawberry.argument(description="The move, as for priceMigrationStart.")],
        first: Annotated[int, strawberry.argument(description="How many subscribers, 1 to 20.")] = 20,
        after: After = None,
    ) -> PriceMigrationPreview | None:
        services, context = info.context.deps, await info.context.command()
        page = PageArguments.parse(first, after, most=20)
        conditions = subscriber_filter(context.tenant, input.from_price_id)
        rows = await services.reader.page(context.tenant, conditions, **page.reading())
        ids = [row.id for row in rows[: page.size]]
        outcomes = dict(zip(ids, await services.previews.migration(ids, input.wanted(), context), strict=True))
        return PriceMigrationPreview(
            subscribers=await services.reader.count(context.tenant, conditions, at_most=MOST_COUNTED),
            steps=connection(
                PriceMigrationStepConnection,
                PriceMigrationStepEdge,
                page,
                rows,
                lambda row: PriceMigrationStep.of(row, outcomes[row.id]),
            ),
        )
