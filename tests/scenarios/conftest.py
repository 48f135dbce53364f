"""One running system for all scenarios: the real launcher, embedded stores, every process, free ports, no demo data."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.testkit.shop import Shop, open_shop
from tests.testkit.system import RunningSystem, run_system


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """A system that runs, and leaves nothing behind when it is stopped."""
    with run_system(tmp_path_factory.mktemp("system") / "data") as system:
        yield system
        pids = [system.pid(name) for name in system.names()]
    assert system.process.returncode == 0
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


@pytest.fixture(scope="session")
async def shop(system: RunningSystem) -> AsyncIterator[Shop]:
    """A tenant of the running system."""
    yield await open_shop(system, "Acme")


@pytest.fixture(scope="session")
async def price_id(shop: Shop) -> str:
    """A monthly price of 12.50 EUR per seat."""
    return await shop.create_price()
