"""Fixtures of every test of subgraphs."""

from collections.abc import Iterator

import pytest
import structlog

from subgraphs.kit.messaging import consumer, relay
from subgraphs.kit.settings import Settings
from tests.testkit.stores import RunningStore


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Undo what a test sets up: its logs may go to a file that ends with it."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(autouse=True)
def stopped_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers ask more often whether they are to stop: a second at the end of each test is long."""
    monkeypatch.setattr(consumer, "BLOCK_MILLISECONDS", 50)
    monkeypatch.setattr(relay, "IDLE_SECONDS", 0.05)


@pytest.fixture
def flow_settings(mongodb: RunningStore, redis_server: RunningStore) -> Settings:
    """Settings for flows that tell themselves apart by tenant: they share databases."""
    return Settings(_env_file=None, mongodb_uri=mongodb.url, redis_url=redis_server.url, database_prefix="test_flow")
