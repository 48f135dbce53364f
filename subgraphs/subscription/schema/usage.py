"""Telling of usage."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from subgraphs.kit.domain.errors import DomainError
from subgraphs.kit.graphql.errors import UserError, user_error
from subgraphs.kit.graphql.writes import KEPT_FOR_GOOD, KEY_DESCRIPTION, REASON_LENGTH, WriteInput, write
from subgraphs.subscription.commands.record_usage import (
    Recorded,
    RecordedEvent,
    WantedEvent,
    record_usage,
    will_be_billed,
    withdraw_usage,
)
from subgraphs.subscription.schema.context import Info

__all__ = ["UsageMutation"]

WRITE = [["usage:write"]]
WILL_BE_BILLED = (
    "Whether an invoice that is still to come bills it, as the subscription stands: where that is UNPAID or PAUSED, when it goes "
    "on. False where no price of the subscription bills the meter then, in a trial, in a pause after the period that was paid "
    "for, for what was withdrawn, and where the subscription has ended: its last invoice is out. It is recorded all the same."
)
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
        default=Decimal(1), description="How much, up to 10^15 with up to 12 decimals; below zero only with SUM and WEIGHTED_SUM."
    )
    at: datetime | None = strawberry.field(
        default=None,
        description=(
            "When: up to 35 days ago. What comes after its period was billed is billed with the next one, unless the "
            "subscription has ended: the answer's willBeBilled tells so. Null: now; the same event told again, without an "
            "instant, is of when it came first."
        ),
    )
    key: str | None = strawberry.field(
        default=None,
        description=(f"What is counted with UNIQUE_COUNT, such as a user's id of yours, 1 to 255 characters. {KEPT_FOR_GOOD}"),
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


@strawberry.type(description="What became of one event of usageRecordBatch that was not refused.")
class UsageRecordBatchEvent:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The event's id.")
    duplicate: bool = strawberry.field(description="Whether this very event was recorded before and counts no second time.")
    will_be_billed: bool = strawberry.field(description=WILL_BE_BILLED)


@strawberry.type(description="Answer of usageRecord.")
class UsageRecordPayload:
    """Answer of usageRecord."""

    duplicate: bool | None = strawberry.field(
        default=None, description="Whether this very event was recorded before and counts no second time; null when refused."
    )
    will_be_billed: bool = strawberry.field(default=False, description=f"{WILL_BE_BILLED} False when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type(description="Answer of usageRecordBatch: refused events do not keep the others from being recorded.")
class UsageRecordBatchPayload:
    """Answer of usageRecordBatch."""

    recorded: int = strawberry.field(default=0, description="How many events are new.")
    duplicates: int = strawberry.field(default=0, description="How many were recorded before and count no second time.")
    events: list[UsageRecordBatchEvent] = strawberry.field(
        default_factory=list, description="What became of each event that was not refused, in the order in which they were given."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list,
        description="Which events were refused and why: the field has events and their place from 0.",
    )


@strawberry.type(description="Answer of usageWithdraw.")
class UsageWithdrawPayload:
    """Answer of usageWithdraw."""

    will_be_billed: bool = strawberry.field(
        default=False,
        description=(
            "Whether it makes a difference to an invoice that is still to come: the event is not billed there, or credited where "
            "it was billed. False where its period had ended 35 days before the current one began, or the subscription has "
            "ended: what was billed stays, and creditNoteCreate gives it back; and where it was not billed. False when refused."
        ),
    )
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
        return UsageRecordPayload(duplicate=outcome.recorded is Recorded.KNOWN, will_be_billed=outcome.will_be_billed)

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Record up to 500 things used. Repeating any of them with its id counts once."
    )
    @write(UsageRecordBatchPayload)
    async def usage_record_batch(self, info: Info, input: Annotated[UsageRecordBatchInput, WHAT]) -> UsageRecordBatchPayload:
        outcomes = await _record(info, input.events)
        done = [
            UsageRecordBatchEvent(id=event.id, duplicate=one.recorded is Recorded.KNOWN, will_be_billed=one.will_be_billed)
            for event, one in zip(input.events, outcomes, strict=True)
            if isinstance(one, RecordedEvent)
        ]
        duplicates = sum(one.duplicate for one in done)
        return UsageRecordBatchPayload(
            recorded=len(done) - duplicates,
            duplicates=duplicates,
            events=done,
            user_errors=[_at_place(one, number) for number, one in enumerate(outcomes) if isinstance(one, DomainError)],
        )

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Take back an event that should not have been recorded. Where it was billed, it is credited with the next invoice, "
            "as long as that looks at its period: willBeBilled tells so. To correct one, withdraw it and record another under an "
            "id of its own. Repeating it changes nothing."
        ),
    )
    @write(UsageWithdrawPayload)
    async def usage_withdraw(self, info: Info, input: Annotated[UsageWithdrawInput, WHAT]) -> UsageWithdrawPayload:
        services, context = info.context.deps, await info.context.command()
        event = (await withdraw_usage(services.usage, input.id, context)).metered
        subscription = await services.usage_subscriptions.find(context.tenant, event.plan_subscription_id)
        return UsageWithdrawPayload(will_be_billed=will_be_billed(event, subscription))


async def _record(info: Info, events: list[UsageEventInput]) -> list[RecordedEvent | DomainError]:
    services, context = info.context.deps, await info.context.command()
    subscriptions, wanted = services.usage_subscriptions, [event.wanted() for event in events]
    return await record_usage(services.usage, services.meters, subscriptions, wanted, context, watched=services.watched)


def _at_place(error: DomainError, number: int) -> UserError:
    error.field = ("events", str(number), *error.field)
    return user_error(error)
