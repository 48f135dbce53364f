"""Fixtures every test can ask for. A store starts only when a test asks for it."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadScopeScheduling

from subgraphs.kit.settings import Settings
from tests.testkit.stores import RunningStore, run_mongodb, run_redis

# No example is too slow: how busy the machine is says nothing of the code.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")

# A disk in memory, on Linux. In a container it may be far too small for the stores of a whole system.
MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 3 * 1024**3


def pytest_configure() -> None:
    """Keep what tests write in memory, where it has room: the stores wait for the disk after each commit, as they should."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


# They take long: begun last, one process would work on them while the other has nothing left to do.
FIRST = ("tests/subgraphs/test_two_years.py", "tests/subgraphs/test_exactly_once.py", "tests/tributary/commands/test_up.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Share tests out one by one, but keep the scenarios in one process, so that the system is started once."""
    return ScenariosTogether(config, log)


class ScenariosTogether(LoadScopeScheduling):
    """The groups of `--dist loadgroup` do not work with this pytest: it does not take over the names that xdist gives tests."""

    def _split_scope(self, nodeid: str) -> str:
        return "scenarios" if nodeid.startswith("tests/scenarios/") else nodeid


@pytest.fixture(scope="session")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A real MongoDB-compatible server."""
    with run_mongodb(tmp_path_factory.mktemp("mongodb")) as store:
        yield store


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A real Redis server."""
    with run_redis(tmp_path_factory.mktemp("redis")) as store:
        yield store


@pytest.fixture
def settings(mongodb: RunningStore, redis_server: RunningStore) -> Settings:
    """Settings that lead to the test stores, with databases of the test's own."""
    return Settings(
        _env_file=None, mongodb_uri=mongodb.url, redis_url=redis_server.url, database_prefix=f"test_{uuid4().hex[:12]}"
    )


@pytest.fixture
async def flushed_redis(redis_server: RunningStore) -> AsyncIterator[None]:
    """A Redis without keys at the start of the test."""
    from redis.asyncio import Redis

    client: Redis = Redis.from_url(redis_server.url)
    await client.flushall()
    yield
    await client.aclose()
