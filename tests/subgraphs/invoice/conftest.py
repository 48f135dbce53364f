"""Fixtures of the invoice subgraph's tests."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from subgraphs.invoice.bootstrap import open_services
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.settings import Settings
from tests.testkit.memory import AT


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[InvoiceServices]:
    """The subgraph's services on real stores, hardly waiting for events, a minute after what other subgraphs tell of."""
    impatient = settings.model_copy(update={"replica_wait_seconds": 0.05})
    async with open_services(impatient, FixedClock(AT + timedelta(minutes=1))) as services:
        yield services
