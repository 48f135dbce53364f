"""What time it is for a tenant, on a real store."""

from datetime import timedelta
from itertools import permutations

import pytest

from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.persistence.tenant_clocks import TenantClocks
from subgraphs.kit.settings import Settings
from tests.testkit.memory import AT


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
async def test_another_subgraphs_clock_is_followed_in_any_order(settings: Settings, order: tuple[int, ...]) -> None:
    async with connect(settings, "clocks") as database:
        clocks = TenantClocks(database, FixedClock(AT))
        assert await clocks.now("acme") == AT
        for version in order + order:
            await clocks.set("acme", AT + timedelta(days=version), version)
        assert await clocks.now("acme") == AT + timedelta(days=3)
        assert await clocks.frozen_at("rival") is None
        assert await clocks.now("rival") == AT
