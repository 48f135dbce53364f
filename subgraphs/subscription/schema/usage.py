"""Telling of usage."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from subgraphs.kit.domain.errors import DomainError
from subgraphs.kit.graphql.errors import UserError, user_error
from subgraphs.kit.graphql.writes import KEPT_FOR_GOOD, KEY_DESCRIPTION, REASON_LENGTH, WriteInput, write
from subgraphs.subscription.commands.record_usage import Recorded, WantedEvent, record_usage, withdraw_usage
from subgraphs.subscription.schema.context import Info

__all__ = ["UsageMutation"]

WRITE = [["usage:write"]]
WHAT = strawberry.argument(description="What to do.")


@strawberry.input(description="Something that a plan subscription used. The same id again is the same event: it counts once.")
class UsageEventInput:
    """As the API takes it."""

    id: strawberry.ID = strawberry.field(
        description="Your own id of the event, 1 to 255 characters without a slash, unique in your tenant."
    )
    plan_subscription_id: strawberry.ID = strawberry.field(description="Who used it.")
    meter: str = strawberry.field(description="The code of the meter that counts it.")
    value: Decimal = strawberry.field(
        default=Decimal(1), description="How much, up to 12 decimals; below zero only with SUM and WEIGHTED_SUM."
    )
    at: datetime | None = strawberry.field(
        default=None,
        description=(
            "When: up to 35 days ago. What comes after its period was billed is billed with the next one. Null: now; the same "
            "event told again, without an instant, is of when it came first."
        ),
    )
    key: str | None = strawberry.field(
        default=None, description=f"What is counted with UNIQUE_COUNT, such as a user's id of yours. {KEPT_FOR_GOOD}"
    )

    def wanted(self) -> WantedEvent:
        return WantedEvent(
            id=self.id,
            plan_subscription_id=self.plan_subscription_id,
            meter=self.meter,
            value=self.value,
            at=self.at,
            key=self.key,
        )


@strawberry.input
class UsageWriteInput(WriteInput):
    """Base of what tells of usage: who told of it and why is kept with the event."""

    reason: str | None = strawberry.field(
        default=None,
        description=(
            f"Why, in at most {REASON_LENGTH} characters. It is kept with the event and shown by PlanSubscription.usageEvents. "
            f"{KEPT_FOR_GOOD}"
        ),
    )


@strawberry.input(description="What usageRecord takes.")
class UsageRecordInput(UsageWriteInput):
    """Input of usageRecord."""

    event: UsageEventInput = strawberry.field(description="What was used.")


@strawberry.input(description="What usageRecordBatch takes.")
class UsageRecordBatchInput(UsageWriteInput):
    """Input of usageRecordBatch."""

    idempotency_key: str | None = strawberry.field(
        default=None,
        description=(
            f"{KEY_DESCRIPTION} Nor does one of which events were refused: what was recorded counts as duplicates when it comes "
            "again, corrected or not."
        ),
    )

    events: list[UsageEventInput] = strawberry.field(description="What was used: 1 to 500 events.")


@strawberry.input(description="What usageWithdraw takes.")
class UsageWithdrawInput(UsageWriteInput):
    """Input of usageWithdraw."""

    id: strawberry.ID = strawberry.field(description="The id with which the event was recorded.")


@strawberry.type(description="Answer of usageRecord.")
class UsageRecordPayload:
    """Answer of usageRecord."""

    duplicate: bool | None = strawberry.field(
        default=None, description="Whether this very event was recorded before and counts no second time; null when refused."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type(description="Answer of usageRecordBatch: refused events do not keep the others from being recorded.")
class UsageRecordBatchPayload:
    """Answer of usageRecordBatch."""

    recorded: int = strawberry.field(default=0, description="How many events are new.")
    duplicates: int = strawberry.field(default=0, description="How many were recorded before and count no second time.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list,
        description="Which events were refused and why: the field has events and their place from 0.",
    )


@strawberry.type(description="Answer of usageWithdraw.")
class UsageWithdrawPayload:
    """Answer of usageWithdraw."""

    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class UsageMutation:
    """Root fields."""

    @strawberry.federation.field(requires_scopes=WRITE, description="Record something used. Repeating it counts once, by its id.")
    @write(UsageRecordPayload)
    async def usage_record(self, info: Info, input: Annotated[UsageRecordInput, WHAT]) -> UsageRecordPayload:
        [outcome] = await _record(info, [input.event])
        if isinstance(outcome, DomainError):
            outcome.field = ("event", *outcome.field)
            raise outcome
        return UsageRecordPayload(duplicate=outcome is Recorded.KNOWN)

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Record up to 500 things used. Repeating any of them with its id counts once."
    )
    @write(UsageRecordBatchPayload)
    async def usage_record_batch(self, info: Info, input: Annotated[UsageRecordBatchInput, WHAT]) -> UsageRecordBatchPayload:
        outcomes = await _record(info, input.events)
        return UsageRecordBatchPayload(
            recorded=outcomes.count(Recorded.NEW),
            duplicates=outcomes.count(Recorded.KNOWN),
            user_errors=[
                _at_place(outcome, number) for number, outcome in enumerate(outcomes) if isinstance(outcome, DomainError)
            ],
        )

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Take back an event that should not have been recorded. Where it was billed, it is credited with the next invoice. "
            "To correct one, withdraw it and record another. Repeating it changes nothing."
        ),
    )
    @write(UsageWithdrawPayload)
    async def usage_withdraw(self, info: Info, input: Annotated[UsageWithdrawInput, WHAT]) -> UsageWithdrawPayload:
        await withdraw_usage(info.context.deps.usage, input.id, await info.context.command())
        return UsageWithdrawPayload()


async def _record(info: Info, events: list[UsageEventInput]) -> list[Recorded | DomainError]:
    services, context = info.context.deps, await info.context.command()
    wanted = [event.wanted() for event in events]
    return await record_usage(services.usage, services.meters, services.reader, wanted, context, watched=services.watched)


def _at_place(error: DomainError, number: int) -> UserError:
    error.field = ("events", str(number), *error.field)
    return user_error(error)
