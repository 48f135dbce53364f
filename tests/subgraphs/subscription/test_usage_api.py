"""Telling of usage over HTTP: what an idempotency key keeps, and what each answer says."""

from typing import Any

import pytest

from tests.subgraphs.subscription import test_app, test_metered_api
from tests.subgraphs.subscription.test_app import Subscribing
from tests.subgraphs.subscription.test_metered_api import SCOPES, subscribed

subscribing, known = test_app.subscribing, test_metered_api.known

RECORD = """
mutation($input: UsageRecordInput!) { usageRecord(input: $input) { duplicate userErrors { code field } } }"""
BATCH = """
mutation($input: UsageRecordBatchInput!) {
  usageRecordBatch(input: $input) { recorded duplicates userErrors { code field } }
}"""


@pytest.fixture
async def telling(known: Subscribing) -> "Telling":
    return Telling(known, await subscribed(known))


class Telling:
    """A subscription to calls and a share of payments, and a client that tells of its usage."""

    def __init__(self, known: Subscribing, id: str) -> None:
        self.known, self.id = known, id

    def event(self, id: str, meter: str = "calls", **more: Any) -> dict[str, Any]:
        return {"id": id, "planSubscriptionId": self.id, "meter": meter, **more}

    async def record(self, key: str | None, event: dict[str, Any]) -> dict[str, Any]:
        input = {"event": event, "idempotencyKey": key}
        found: dict[str, Any] = (await self.known.data(RECORD, SCOPES, input=input))["usageRecord"]
        return found

    async def batch(self, key: str | None, *events: dict[str, Any]) -> dict[str, Any]:
        input = {"events": list(events), "idempotencyKey": key}
        found: dict[str, Any] = (await self.known.data(BATCH, SCOPES, input=input))["usageRecordBatch"]
        return found


async def test_a_refused_event_does_not_use_up_its_key(telling: Telling) -> None:
    wrong = telling.event("e1", "nothing")
    for _ in range(2):
        refused = await telling.record("key-1", wrong)
        assert refused == {"duplicate": None, "userErrors": [{"code": "NOT_FOUND", "field": ["input", "event", "meter"]}]}
    recorded = {"duplicate": False, "userErrors": []}
    assert await telling.record("key-1", telling.event("e1")) == recorded
    assert await telling.record("key-1", telling.event("e1")) == recorded  # the same answer, not that it is known
    assert (await telling.record(None, telling.event("e1")))["duplicate"] is True
    reused = await telling.record("key-1", telling.event("e2"))
    assert [error["code"] for error in reused["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_a_batch_with_refused_events_does_not_use_up_its_key(telling: Telling) -> None:
    good, wrong, corrected = telling.event("e1"), telling.event("e2", "nothing"), telling.event("e2")
    refused = [{"code": "NOT_FOUND", "field": ["input", "events", "1", "meter"]}]
    assert await telling.batch("key-1", good, wrong) == {"recorded": 1, "duplicates": 0, "userErrors": refused}
    assert await telling.batch("key-1", good, wrong) == {"recorded": 0, "duplicates": 1, "userErrors": refused}
    done = {"recorded": 1, "duplicates": 1, "userErrors": []}
    assert await telling.batch("key-1", good, corrected) == done
    assert await telling.batch("key-1", good, corrected) == done
    reused = await telling.batch("key-1", good)
    assert [error["code"] for error in reused["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_an_event_without_an_instant_is_of_when_it_came_first(telling: Telling) -> None:
    assert (await telling.record(None, telling.event("e1")))["duplicate"] is False
    assert (await telling.record(None, telling.event("e1")))["duplicate"] is True
    for other in (telling.event("e1", value="2"), telling.event("e1", at="2026-01-01T00:00:00Z")):
        assert (await telling.record(None, other))["userErrors"] != []
