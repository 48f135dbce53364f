"""A tenant's own clock, for tests."""

from datetime import datetime
from enum import Enum

import strawberry

from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.writes import WriteInput
from subgraphs.subscription.clock_answers import FOLLOWERS
from subgraphs.subscription.documents import TenantClockDocument
from subgraphs.subscription.domain.tenant_clock import TenantClock
from subgraphs.subscription.schema.context import Info

__all__ = ["TestClock", "TestClockAdvanceInput", "TestClockFollower", "TestClockFreezeInput", "TestClockPayload"]


@strawberry.enum(description="A part of the system that a test clock waits for.")
class TestClockFollower(Enum):
    """As the API shows it."""

    CUSTOMERS = strawberry.enum_value("customer", description="Credit that is asked for, and what expires of it.")
    INVOICES = strawberry.enum_value("invoice", description="Invoices, their charges and retries, and what follows from them.")
    PLAN_SUBSCRIPTIONS = strawberry.enum_value(
        "subscription", description="Renewals, and what becomes of plan subscriptions by what was paid."
    )


@strawberry.type(
    description=(
        "This tenant's own clock. It stands still until it is advanced; then everything due on the way happens as it would have "
        "in that time: a charge that fails is tried again, and what its last retry ends is not renewed, before anything later "
        "happens to that customer. Of different customers, what is due on one day (UTC) may happen in any order. "
        "A tenant that has one never lives by real time again: it is a tenant for tests."
    )
)
class TestClock:
    """As the API shows it."""

    now: datetime = strawberry.field(
        description=(
            "What time it is for this tenant. While it advances: how far it got; everything due before has happened, with all "
            "that follows from it."
        )
    )
    advancing_to: datetime | None = strawberry.field(
        description=(
            "Where it is on its way to. Null: it stands still; everything due up to now has happened, and everything that "
            "follows from it as well."
        )
    )
    round: strawberry.Private[int]
    asked: strawberry.Private[bool]

    @classmethod
    def of(cls, clock: TenantClock | TenantClockDocument) -> "TestClock":
        """Return it as commands know it: they read the document."""
        asked = clock.asked if isinstance(clock, TenantClockDocument) else clock.asked_version is not None
        return cls(now=clock.now, advancing_to=clock.target, round=clock.round, asked=asked)

    @strawberry.field(
        description=(
            "What it waits for just now, while it advances: parts that still have something to do by now. It never goes on "
            "without them, so one that stays here is away, or cannot do what is due. Empty while it stands still."
        )
    )
    async def waits_for(self, info: Info) -> list[TestClockFollower]:
        if self.advancing_to is None:
            return []
        answers = await info.context.deps.followers.of(info.context.tenant) if self.asked else {}
        awaited = [
            name
            for name in FOLLOWERS
            if name not in answers or answers[name].round < self.round or any(at <= self.now for _, at in answers[name].due)
        ]
        return [TestClockFollower(name) for name in awaited or ["subscription"]]


@strawberry.input(description="What testClockFreeze takes.")
class TestClockFreezeInput(WriteInput):
    """Input of testClockFreeze."""

    now: datetime = strawberry.field(description="Where the clock stands, between the years 2000 and 2100.")


@strawberry.input(description="What testClockAdvance takes.")
class TestClockAdvanceInput(WriteInput):
    """Input of testClockAdvance."""

    to: datetime = strawberry.field(description="Where to, at most 731 days ahead.")


@strawberry.type(description="Answer of testClockFreeze and testClockAdvance.")
class TestClockPayload:
    """As the API shows it."""

    test_clock: TestClock | None = strawberry.field(default=None, description="The clock afterwards, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )
