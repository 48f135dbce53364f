"""Telling of usage over HTTP: what an idempotency key keeps, and what each answer says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from subgraphs.kit.persistence.mongo import connect
from tests.subgraphs.subscription import test_app, test_metered_api
from tests.subgraphs.subscription.test_app import Subscribing
from tests.subgraphs.subscription.test_metered_api import SCOPES, subscribed

subscribing, known = test_app.subscribing, test_metered_api.known

RECORD = """
mutation($input: UsageRecordInput!) { usageRecord(input: $input) { duplicate willBeBilled userErrors { code field } } }"""
BATCH = """
mutation($input: UsageRecordBatchInput!) {
  usageRecordBatch(input: $input) {
    recorded duplicates events { id duplicate willBeBilled } userErrors { code field }
  }
}"""

WITHDRAW = """
mutation($input: UsageWithdrawInput!) { usageWithdraw(input: $input) { willBeBilled userErrors { code field } } }"""
EVENTS = """
query($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $meter: String, $since: DateTime, $until: DateTime) {
  planSubscription(id: $id) {
    usageEvents(first: $first, after: $after, last: $last, before: $before, meter: $meter, since: $since, until: $until) {
      nodes {
        id meter value key at status recordedAt actor reason requestId withdrawal { at actor reason requestId }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
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

    async def withdraw(self, id: str) -> bool:
        payload = (await self.known.data(WITHDRAW, SCOPES, input={"id": id}))["usageWithdraw"]
        assert payload["userErrors"] == []
        billed: bool = payload["willBeBilled"]
        return billed

    async def events(self, **arguments: Any) -> dict[str, Any]:
        found: dict[str, Any] = (await self.known.data(EVENTS, SCOPES, id=self.id, **arguments))["planSubscription"]
        page: dict[str, Any] = found["usageEvents"]
        return page

    async def shown(self, **arguments: Any) -> list[dict[str, Any]]:
        nodes: list[dict[str, Any]] = (await self.events(**arguments))["nodes"]
        return nodes

    async def ids(self, **arguments: Any) -> list[str]:
        return [node["id"] for node in await self.shown(**arguments)]


async def test_a_refused_event_does_not_use_up_its_key(telling: Telling) -> None:
    wrong = telling.event("e1", "nothing")
    for _ in range(2):
        refused = await telling.record("key-1", wrong)
        error = {"code": "NOT_FOUND", "field": ["input", "event", "meter"]}
        assert refused == {"duplicate": None, "willBeBilled": False, "userErrors": [error]}
    recorded = {"duplicate": False, "willBeBilled": True, "userErrors": []}
    assert await telling.record("key-1", telling.event("e1")) == recorded
    assert await telling.record("key-1", telling.event("e1")) == recorded  # the same answer, not that it is known
    assert (await telling.record(None, telling.event("e1")))["duplicate"] is True
    reused = await telling.record("key-1", telling.event("e2"))
    assert [error["code"] for error in reused["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_a_batch_with_refused_events_does_not_use_up_its_key(telling: Telling) -> None:
    good, wrong, corrected = telling.event("e1"), telling.event("e2", "nothing"), telling.event("e2")
    refused = [{"code": "NOT_FOUND", "field": ["input", "events", "1", "meter"]}]

    def told(id: str, *, duplicate: bool) -> dict[str, Any]:
        return {"id": id, "duplicate": duplicate, "willBeBilled": True}

    first = {"recorded": 1, "duplicates": 0, "events": [told("e1", duplicate=False)], "userErrors": refused}
    again = {"recorded": 0, "duplicates": 1, "events": [told("e1", duplicate=True)], "userErrors": refused}
    assert await telling.batch("key-1", good, wrong) == first
    assert await telling.batch("key-1", good, wrong) == again
    events = [told("e1", duplicate=True), told("e2", duplicate=False)]
    done = {"recorded": 1, "duplicates": 1, "events": events, "userErrors": []}
    assert await telling.batch("key-1", good, corrected) == done
    assert await telling.batch("key-1", good, corrected) == done
    reused = await telling.batch("key-1", good)
    assert [error["code"] for error in reused["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_an_event_without_an_instant_is_of_when_it_came_first(telling: Telling) -> None:
    assert (await telling.record(None, telling.event("e1")))["duplicate"] is False
    assert (await telling.record(None, telling.event("e1")))["duplicate"] is True
    for other in (telling.event("e1", value="2"), telling.event("e1", at="2026-01-01T00:00:00Z")):
        assert (await telling.record(None, other))["userErrors"] != []


async def test_an_answer_tells_whether_an_event_will_be_billed(telling: Telling) -> None:
    known, meter = telling.known, test_metered_api.meter("mtr_other", "other", "SUM")
    await known.tell("plan", meter)
    assert (await telling.record(None, telling.event("e1")))["willBeBilled"] is True
    assert (await telling.record(None, telling.event("o1", "other")))["willBeBilled"] is False  # no price bills it
    for kept in (True, False):  # a document of before it was kept has none of it
        assert await telling.withdraw("e1") is True
        assert await telling.withdraw("o1") is False
        assert (await telling.record(None, telling.event("e1")))["willBeBilled"] is False  # it is withdrawn
        batch = await telling.batch(None, telling.event(f"e2-{kept}"), telling.event(f"o2-{kept}", "other"))
        assert [one["willBeBilled"] for one in batch["events"]] == [True, False]
        async with connect(known.subgraph.settings, "subscription") as database:
            await database["plan_subscriptions"].update_many({}, {"$unset": {"usage_windows": 1}})
    before = datetime.now(UTC).isoformat()
    await known.data(test_app.CANCEL, input={"id": telling.id, "when": "NOW"})
    late = await telling.record(None, telling.event("e3", at=before))
    assert late == {"duplicate": False, "willBeBilled": False, "userErrors": []}
    assert await telling.withdraw("e2-True") is False  # its last invoice is out


async def test_a_usage_event_shows_who_told_of_it_and_who_withdrew_it(telling: Telling) -> None:
    known, at = telling.known, datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    input = {"event": telling.event("e1", value="2.50", at=at), "reason": "counted by hand"}
    assert (await known.data(RECORD, SCOPES, input=input))["usageRecord"]["userErrors"] == []
    [event] = await telling.shown()
    recorded_at, request_id, actor = event["recordedAt"], event["requestId"], event["actor"]
    assert recorded_at >= at
    assert "" not in (request_id, actor)
    counted = {
        "id": "e1",
        "meter": "calls",
        "value": "2.5",
        "key": None,
        "at": at,
        "status": "COUNTED",
        "recordedAt": recorded_at,
        "actor": actor,
        "reason": "counted by hand",
        "requestId": request_id,
        "withdrawal": None,
    }
    assert event == counted
    for reason in ("counted twice", "again"):
        withdrawn = (await known.data(WITHDRAW, SCOPES, input={"id": "e1", "reason": reason}))["usageWithdraw"]
        assert withdrawn["userErrors"] == []
    [event] = await telling.shown()
    withdrawal = event["withdrawal"]
    assert event == counted | {"status": "WITHDRAWN", "withdrawal": withdrawal}
    assert (withdrawal["actor"], withdrawal["reason"]) == (actor, "counted twice")
    assert withdrawal["at"] >= recorded_at
    assert withdrawal["requestId"] != request_id


async def test_usage_events_are_listed_by_their_instants_and_page_by_page(telling: Telling) -> None:
    now = datetime.now(UTC)
    seconds = {f"{'é' * 200}{number}": number for number in range(1, 4)}
    at = {id: (now + timedelta(seconds=ahead)).isoformat(timespec="milliseconds") for id, ahead in seconds.items()}
    await telling.batch(None, *(telling.event(id, at=told) for id, told in at.items()))
    await telling.batch(None, telling.event("p", "payments", at=now.isoformat(timespec="milliseconds")))
    first, second, third = at
    assert await telling.ids() == [third, second, first, "p"]
    assert await telling.ids(meter="payments") == ["p"]
    assert await telling.ids(since=at[second]) == [third, second]
    assert await telling.ids(until=at[second], meter="calls") == [first]

    page = await telling.events(first=2)
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (True, False)
    assert await telling.ids(first=2, after=page["pageInfo"]["endCursor"]) == [first, "p"]
    assert await telling.ids(last=1, before=page["pageInfo"]["endCursor"]) == [third]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [({"meter": "nothing"}, "NOT_FOUND"), ({"after": "djE6cHN1Yl8x"}, "INVALID_CURSOR"), ({"first": 101}, "INVALID_INPUT")],
)
async def test_what_cannot_be_listed_is_told(telling: Telling, arguments: dict[str, Any], code: str) -> None:
    variables = {"id": telling.id, **arguments}
    answer = await telling.known.subgraph.graphql(EVENTS, variables, scopes=SCOPES, tenant="acme")
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
