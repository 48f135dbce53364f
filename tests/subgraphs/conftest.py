"""Fixtures of tests over several subgraphs."""

import pytest

from subgraphs.kit.settings import Settings
from tests.testkit.stores import RunningStore


@pytest.fixture
def flow_settings(mongodb: RunningStore, redis_server: RunningStore) -> Settings:
    """Settings for flows that tell themselves apart by tenant: they share databases."""
    return Settings(_env_file=None, mongodb_uri=mongodb.url, redis_url=redis_server.url, database_prefix="test_flow")
