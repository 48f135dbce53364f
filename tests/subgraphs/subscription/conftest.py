"""Fixtures of the subscription subgraph's tests."""

from collections.abc import AsyncIterator

import pytest

from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.settings import Settings
from subgraphs.subscription.bootstrap import open_services
from subgraphs.subscription.services import SubscriptionServices
from tests.testkit.memory import AT


@pytest.fixture
def clock() -> FixedClock:
    """The present, for the test to move."""
    return FixedClock(AT)


@pytest.fixture
async def services(settings: Settings, clock: FixedClock) -> AsyncIterator[SubscriptionServices]:
    """The subgraph's services on real stores, hardly waiting for events."""
    impatient = settings.model_copy(update={"replica_wait_seconds": 0.05})
    async with open_services(impatient, clock) as services:
        yield services
