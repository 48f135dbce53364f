"""Reading plan subscriptions."""

from typing import Annotated

import strawberry

from subgraphs.kit.graphql.pagination import After, Before, First, Last, PageArguments, connection
from subgraphs.kit.graphql.time_travel import AsOf
from subgraphs.subscription.queries import plan_subscription_filter
from subgraphs.subscription.schema.clock import TestClock
from subgraphs.subscription.schema.context import Info
from subgraphs.subscription.schema.entitlements import Entitlement, entitlement_to
from subgraphs.subscription.schema.enums import PlanSubscriptionStatus
from subgraphs.subscription.schema.inputs import (
    PlanSubscriptionCancelPreviewInput,
    PlanSubscriptionChangePreviewInput,
    PlanSubscriptionFeeAddPreviewInput,
    PlanSubscriptionStartPreviewInput,
)
from subgraphs.subscription.schema.loaders import load_plan_subscription
from subgraphs.subscription.schema.migrations import MigrationQuery
from subgraphs.subscription.schema.mrr import MrrQuery
from subgraphs.subscription.schema.previews import (
    PlanSubscriptionCancelPreview,
    PlanSubscriptionChangePreview,
    PlanSubscriptionFeeAddPreview,
    PlanSubscriptionStartPreview,
)
from subgraphs.subscription.schema.types import (
    READ,
    PlanSubscription,
    PlanSubscriptionConnection,
    PlanSubscriptionEdge,
)

__all__ = ["PlanSubscriptionWhereInput", "Query"]

ID = Annotated[strawberry.ID, strawberry.argument(description="The plan subscription's id, `psub_…`.")]


@strawberry.input(description="Which plan subscriptions to list; every given condition must hold.")
class PlanSubscriptionWhereInput:
    """Conditions on plan subscriptions."""

    customer_id: strawberry.ID | None = strawberry.field(default=None, description="Those of this customer.")
    plan_id: strawberry.ID | None = strawberry.field(default=None, description="Those to this plan.")
    status: PlanSubscriptionStatus | None = strawberry.field(default=None, description="Those in this status.")
    external_id: str | None = strawberry.field(default=None, description="The plan subscription with this id of yours.")


@strawberry.type
class Query(MigrationQuery, MrrQuery):
    """Root fields."""

    @strawberry.federation.field(requires_scopes=READ, description="One plan subscription, null when there is none with this id.")
    async def plan_subscription(self, info: Info, id: ID, as_of: AsOf = None) -> PlanSubscription | None:
        document = await load_plan_subscription(info.context, id, as_of)
        return PlanSubscription.of(document) if document else None

    @strawberry.federation.field(requires_scopes=READ, description="Plan subscriptions, newest first.")
    async def plan_subscriptions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Annotated[
            PlanSubscriptionWhereInput | None, strawberry.argument(description="Which plan subscriptions to list.")
        ] = None,
    ) -> PlanSubscriptionConnection | None:
        page = PageArguments.parse(first, after, last, before)
        conditions = plan_subscription_filter(where.customer_id, where.plan_id, where.status, where.external_id) if where else {}
        rows = await info.context.deps.reader.page(info.context.tenant, conditions, **page.reading())
        return connection(PlanSubscriptionConnection, PlanSubscriptionEdge, page, rows, PlanSubscription.of)

    @strawberry.federation.field(
        requires_scopes=READ,
        description=(
            "What a change would be billed with; nothing is changed. "
            "An error says why the change would be refused, and by extensions.field where."
        ),
    )
    async def plan_subscription_change_preview(
        self,
        info: Info,
        input: Annotated[
            PlanSubscriptionChangePreviewInput, strawberry.argument(description="The change, as for planSubscriptionChange.")
        ],
    ) -> PlanSubscriptionChangePreview | None:
        previews, command = info.context.deps.previews, await info.context.command()
        return PlanSubscriptionChangePreview.of(await previews.change(input.id, input.wanted(), command))

    @strawberry.federation.field(
        requires_scopes=READ,
        description=(
            "What a start would be billed with; nothing is started. "
            "An error says why it would be refused, and by extensions.field where."
        ),
    )
    async def plan_subscription_start_preview(
        self,
        info: Info,
        input: Annotated[
            PlanSubscriptionStartPreviewInput, strawberry.argument(description="The start, as for planSubscriptionStart.")
        ],
        first: Annotated[int, strawberry.argument(description="How many invoices, 1 to 12.")] = 2,
    ) -> PlanSubscriptionStartPreview | None:
        previews, command = info.context.deps.previews, await info.context.command()
        return PlanSubscriptionStartPreview.of(await previews.start(input.wanted(), first, command))

    @strawberry.federation.field(
        requires_scopes=READ,
        description=(
            "What a fee would be billed with; nothing is added. "
            "An error says why it would be refused, and by extensions.field where."
        ),
    )
    async def plan_subscription_fee_add_preview(
        self,
        info: Info,
        input: Annotated[
            PlanSubscriptionFeeAddPreviewInput, strawberry.argument(description="The fee, as for planSubscriptionFeeAdd.")
        ],
    ) -> PlanSubscriptionFeeAddPreview | None:
        previews, command = info.context.deps.previews, await info.context.command()
        return PlanSubscriptionFeeAddPreview.of(await previews.fee(input.id, input.wanted(), command))

    @strawberry.federation.field(
        requires_scopes=READ,
        description=(
            "What a cancellation would bill and give back; nothing ends. "
            "An error says why it would be refused, and by extensions.field where."
        ),
    )
    async def plan_subscription_cancel_preview(
        self,
        info: Info,
        input: Annotated[
            PlanSubscriptionCancelPreviewInput,
            strawberry.argument(description="The cancellation, as for planSubscriptionCancel."),
        ],
    ) -> PlanSubscriptionCancelPreview | None:
        previews, command = info.context.deps.previews, await info.context.command()
        return PlanSubscriptionCancelPreview.of(await previews.cancellation(input.id, input.wanted(), command))

    @strawberry.federation.field(requires_scopes=READ, description="This tenant's own clock; null when it lives by real time.")
    async def test_clock(self, info: Info) -> TestClock | None:
        clock = await info.context.deps.clock_reader.find(info.context.tenant, info.context.tenant)
        return TestClock.of(clock) if clock else None

    @strawberry.federation.field(
        requires_scopes=READ,
        description="Whether a customer has a feature, as one fast check; null when there is no feature with this code.",
    )
    async def entitlement(
        self,
        info: Info,
        customer_id: Annotated[
            strawberry.ID, strawberry.argument(description="Whose; the id of a merged one tells what the other has.")
        ],
        feature: Annotated[str, strawberry.argument(description="The feature's code, such as sso.")],
    ) -> Entitlement | None:
        return await entitlement_to(info.context, customer_id, feature)
