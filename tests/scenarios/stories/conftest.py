"""Every story has a tenant of its own, whose clock stands still until the story moves it."""

import pytest

from tests.testkit.shop import open_shop
from tests.testkit.story import Story
from tests.testkit.system import RunningSystem


@pytest.fixture
async def story(system: RunningSystem, request: pytest.FixtureRequest) -> Story:
    """A tenant; its clock is to be frozen first."""
    return Story(await open_shop(system, request.node.name[:60]))
