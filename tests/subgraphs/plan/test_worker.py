"""The catalogue follows the clock of a tenant that has its own."""

from datetime import UTC, datetime, timedelta

from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.settings import Settings
from subgraphs.plan.bootstrap import open_services
from subgraphs.plan.worker import event_handlers
from tests.testkit.memory import AT
from tests.testkit.received import received

THEN = datetime(2026, 3, 1, tzinfo=UTC)


async def test_a_tenants_own_clock_is_followed_forwards_and_nobody_elses(settings: Settings) -> None:
    async with open_services(settings, FixedClock(AT)) as services:
        [clock_moved] = event_handlers(services)["test-clock-moved.v1"]
        for number, now in ((2, THEN), (1, THEN - timedelta(days=9))):
            told = {"now": now.isoformat(), "arrived": True}
            await clock_moved(received("test-clock-moved.v1", told, aggregate_id="acme", sequence=number))
        assert await services.stores.clocks.now("acme") == THEN
        assert await services.stores.clocks.now("rival") == AT
