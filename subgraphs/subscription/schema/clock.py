"""A tenant's own clock, for tests."""

from datetime import datetime

import strawberry

from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.writes import WriteInput
from subgraphs.subscription.documents import TenantClockDocument
from subgraphs.subscription.domain.tenant_clock import TenantClock

__all__ = ["TestClock", "TestClockAdvanceInput", "TestClockFreezeInput", "TestClockPayload"]


@strawberry.type(
    description=(
        "This tenant's own clock. It stands still until it is advanced; then everything due on the way happens in its order. "
        "A tenant that has one never lives by real time again: it is a tenant for tests."
    )
)
class TestClock:
    """As the API shows it."""

    now: datetime = strawberry.field(description="What time it is for this tenant; moves while it advances.")
    advancing_to: datetime | None = strawberry.field(description="Where it is on its way to; null: it stands still.")

    @classmethod
    def of(cls, clock: TenantClock | TenantClockDocument) -> "TestClock":
        """Return it as commands know it: they read the document."""
        return cls(now=clock.now, advancing_to=clock.target)


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
