"""Answering disputes, and listing them."""

from typing import Annotated

import strawberry

from subgraphs.invoice.commands.answer_dispute import accept_dispute, submit_evidence
from subgraphs.invoice.domain.dispute import Dispute as DisputeAggregate
from subgraphs.invoice.projections import dispute_document
from subgraphs.invoice.queries import DisputeFilter, dispute_filter
from subgraphs.invoice.schema.context import Info
from subgraphs.invoice.schema.enums import DisputeStatus
from subgraphs.invoice.schema.loaders import load_dispute
from subgraphs.invoice.schema.types import PAY, READ, Dispute, DisputeConnection, DisputeEdge
from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.pagination import After, Before, First, Last, PageArguments, connection
from subgraphs.kit.graphql.writes import WriteInput, write

__all__ = ["DisputeMutation", "DisputeQuery"]

WHAT = strawberry.argument(description="What to do.")


@strawberry.input(description="Which disputes to list; every given condition must hold.")
class DisputeWhereInput:
    """Conditions on disputes."""

    status: DisputeStatus | None = strawberry.field(default=None, description="Disputes in this status.")
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="Disputes of this customer.")
    invoice_id: strawberry.ID | None = strawberry.field(default=None, description="Disputes of payments of this invoice.")
    payment_id: strawberry.ID | None = strawberry.field(default=None, description="Disputes of this payment.")


@strawberry.input(description="What disputeSubmitEvidence takes.")
class DisputeSubmitEvidenceInput(WriteInput):
    """Input of disputeSubmitEvidence."""

    id: strawberry.ID = strawberry.field(description="The dispute that needs evidence.")
    text: str = strawberry.field(
        description=(
            "What speaks for the payment, 1 to 20000 characters. The provider gets it; it is not kept here. The sandbox knows "
            "winning_evidence and losing_evidence."
        )
    )


@strawberry.input(description="What disputeAccept takes.")
class DisputeAcceptInput(WriteInput):
    """Input of disputeAccept."""

    id: strawberry.ID = strawberry.field(description="The dispute to give in to.")


@strawberry.type
class DisputeSubmitEvidencePayload:
    """Answer of disputeSubmitEvidence."""

    dispute: Dispute | None = strawberry.field(default=None, description="The dispute afterwards, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class DisputeAcceptPayload:
    """Answer of disputeAccept."""

    dispute: Dispute | None = strawberry.field(default=None, description="The dispute afterwards, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class DisputeQuery:
    """Root fields."""

    @strawberry.federation.field(requires_scopes=READ, description="One dispute, null when there is none with this id.")
    async def dispute(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The dispute's id, `dsp_…`.")]
    ) -> Dispute | None:
        document = await load_dispute(info.context, id)
        return Dispute.of(document) if document else None

    @strawberry.federation.field(requires_scopes=READ, description="Disputes of payments, newest first.")
    async def disputes(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Annotated[DisputeWhereInput | None, strawberry.argument(description="Which disputes to list.")] = None,
    ) -> DisputeConnection | None:
        page = PageArguments.parse(first, after, last, before)
        conditions = dispute_filter(DisputeFilter(**vars(where))) if where else {}
        rows = await info.context.deps.dispute_reader.page(info.context.tenant, conditions, **page.reading())
        return connection(DisputeConnection, DisputeEdge, page, rows, Dispute.of)


@strawberry.type
class DisputeMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=PAY,
        description="Give the bank evidence against a dispute, once and for good. The provider tells later what came of it.",
    )
    @write(DisputeSubmitEvidencePayload)
    async def dispute_submit_evidence(
        self, info: Info, input: Annotated[DisputeSubmitEvidenceInput, WHAT]
    ) -> DisputeSubmitEvidencePayload:
        dispute = await submit_evidence(info.context.deps, input.id, input.text, await info.context.command())
        return DisputeSubmitEvidencePayload(dispute=_shown(dispute))

    @strawberry.federation.field(
        requires_scopes=PAY,
        description="Give in to a dispute: the bank takes the payment back, and its invoice is owed again (UNCOLLECTIBLE).",
    )
    @write(DisputeAcceptPayload)
    async def dispute_accept(self, info: Info, input: Annotated[DisputeAcceptInput, WHAT]) -> DisputeAcceptPayload:
        dispute = await accept_dispute(info.context.deps, input.id, await info.context.command())
        return DisputeAcceptPayload(dispute=_shown(dispute))


def _shown(dispute: DisputeAggregate) -> Dispute:
    return Dispute.of(dispute_document(dispute))
