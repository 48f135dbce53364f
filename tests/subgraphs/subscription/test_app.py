"""The subscription subgraph over HTTP with its worker, on real stores: events of other subgraphs in, GraphQL out."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.messaging.envelope import Envelope, events_stream, feed_channel
from subgraphs.kit.settings import Settings
from subgraphs.subscription import worker
from subgraphs.subscription.app import create_app
from subgraphs.subscription.documents import TenantClockDocument
from subgraphs.subscription.schema import entitlements
from tests.testkit.received import received
from tests.testkit.subgraph import RunningSubgraph, run_subgraph
from tests.testkit.websocket import Subscribed, subscribe

READ = "subscriptions:read"
BOTH = "subscriptions:read subscriptions:write"
ERRORS = "userErrors { field code message }"
START = f"""
mutation($input: PlanSubscriptionStartInput!) {{ planSubscriptionStart(input: $input) {{
  planSubscription {{ id status quantity customer {{ id }} plan {{ id }} price {{ id }} currentPeriod {{ start end }} startedAt }}
  {ERRORS}
}} }}"""
CANCEL = f"""
mutation($input: PlanSubscriptionCancelInput!) {{ planSubscriptionCancel(input: $input) {{
  planSubscription {{ status cancelAt canceledAt cancellationReason }} {ERRORS}
}} }}"""
UNDO = f"""
mutation($input: PlanSubscriptionUndoCancellationInput!) {{ planSubscriptionUndoCancellation(input: $input) {{
  planSubscription {{ status cancelAt }} {ERRORS}
}} }}"""
ONE = "query($id: ID!) { planSubscription(id: $id) { id status activatedAt incompleteReason } }"
LIST = """
query($first: Int, $after: String, $last: Int, $before: String, $where: PlanSubscriptionWhereInput) {
  planSubscriptions(first: $first, after: $after, last: $last, before: $before, where: $where) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
ENTITIES = """
query($r: [_Any!]!) { _entities(representations: $r) {
  __typename ... on PlanSubscription { id status } ... on Customer { id planSubscriptions(first: 2) { nodes { id } } }
} }"""
CHANGED = """
subscription($id: ID, $customerId: ID) { planSubscriptionChanged(id: $id, customerId: $customerId) {
  event gap planSubscription { id status }
} }"""


def facts(tenant: str = "acme", customers: tuple[str, ...] = ("cus_1",), price_id: str = "price_1") -> list[Received]:
    price = {
        "priceId": price_id,
        "planId": "plan_1",
        "planName": "Team",
        "currency": "EUR",
        "model": "FLAT",
        "flatAmountMinor": 1900,
        "unitAmount": None,
        "intervalUnit": "MONTH",
        "intervalCount": 1,
        "version": 1,
    }
    told: list[tuple[str, str, dict[str, Any]]] = [
        ("plan-created.v1", "plan_1", {"planId": "plan_1", "name": "Team"}),
        ("price-created.v1", price_id, price),
        *(("customer-created.v1", id, {"customerId": id, "currency": "EUR", "timeZone": "UTC"}) for id in customers),
    ]
    return [received(type, data, aggregate_id=id, tenant=tenant) for type, id, data in told]


class Subscribing:
    """The running subgraph, and what others tell it."""

    def __init__(self, subgraph: RunningSubgraph, redis: Redis) -> None:
        self.subgraph, self.redis = subgraph, redis

    async def tell(self, source: str, *events: Received) -> None:
        """Put events on the stream of the subgraph that tells them and wait until the worker has handled them."""
        stream = events_stream(source)
        for event in events:
            entry = await self.redis.xadd(stream, {"envelope": msgspec.json.encode(event.envelope)})
        async with asyncio.timeout(20):
            while not any(
                group["pending"] == 0 and group["last-delivered-id"] == entry for group in await self.redis.xinfo_groups(stream)
            ):
                await asyncio.sleep(0.01)

    async def payment(self, type: str, id: str, period: int = 0, code: str | None = None, sequence: int = 1) -> None:
        data = {"invoiceId": "inv_1", "planSubscriptionId": id, "periodNumber": period, "code": code}
        await self.tell("invoice", received(type, data, aggregate_id=f"inv_{id}_{period}_{type}", sequence=sequence))

    async def start(self, customer: str = "cus_1", tenant: str = "acme", **more: Any) -> dict[str, Any]:
        input = {"customerId": customer, "priceId": "price_1", **more}
        payload: dict[str, Any] = (await self.data(START, tenant=tenant, input=input))["planSubscriptionStart"]
        return payload

    async def started(self, customer: str = "cus_1", tenant: str = "acme") -> str:
        payload = await self.start(customer, tenant)
        assert payload["userErrors"] == []
        id: str = payload["planSubscription"]["id"]
        return id

    async def data(self, query: str, scopes: str = BOTH, tenant: str = "acme", **variables: Any) -> dict[str, Any]:
        return await self.subgraph.data(query, variables, scopes=scopes, tenant=tenant)

    async def sent(self, count: int) -> list[Envelope]:
        """Return the subgraph's first `count` envelopes once they are on its stream."""
        stream = events_stream("subscription")
        async with asyncio.timeout(20):
            while await self.redis.xlen(stream) < count:
                await asyncio.sleep(0.01)
        decode = msgspec.json.Decoder(Envelope).decode
        return [decode(fields[b"envelope"]) for _, fields in await self.redis.xrange(stream)]

    async def rounds(self) -> list[int]:
        """Return which rounds the clock has asked."""
        return [round for round, _ in await self._questions()]

    async def answer_clock(self) -> None:
        """Be those who follow the clock, until canceled: nothing is ever due for them."""
        answered = 0
        while True:
            for round, _ in await self._questions():
                for follower in ("customer", "invoice") if round > answered else ():
                    data = {"round": round, "sent": "0-0", "handled": {}}
                    answer = received(f"{follower}-clock-answered.v1", data, aggregate_id=f"{follower}:{round}")
                    await self.redis.xadd(events_stream(follower), {"envelope": msgspec.json.encode(answer.envelope)})
                answered = max(answered, round)
            await asyncio.sleep(0.01)

    async def _questions(self) -> list[tuple[int, bytes]]:
        decode = msgspec.json.Decoder(Envelope).decode
        sent = await self.redis.xrange(events_stream("subscription"))
        events = [(entry, event) for entry, fields in sent for event in decode(fields[b"envelope"]).events]
        return [(event.data["round"], entry) for entry, event in events if "round" in event.data]

    @contextlib.asynccontextmanager
    async def changes(self, **filters: str) -> AsyncIterator[Subscribed]:
        """Follow the changes of acme's subscriptions."""
        url, token = f"{self.subgraph.url}/graphql", self.subgraph.token(READ, "acme")
        channel = feed_channel("subscription", "acme")
        async with subscribe(self.subgraph.session, url, token, CHANGED, filters) as changes, asyncio.timeout(30):
            while dict(await self.redis.pubsub_numsub(channel))[channel.encode()] == 0:
                await asyncio.sleep(0.02)
            yield changes


@pytest.fixture
async def subscribing(settings: Settings, monkeypatch: pytest.MonkeyPatch, flushed_redis: None) -> AsyncIterator[Subscribing]:
    settings = settings.model_copy(update={"replica_wait_seconds": 0.05})
    monkeypatch.setenv("MONGODB_URI", settings.mongodb_uri.get_secret_value())
    monkeypatch.setenv("REDIS_URL", settings.redis_url.get_secret_value())
    monkeypatch.setenv("TRIBUTARY_DATABASE_PREFIX", settings.database_prefix)
    async with run_subgraph(create_app, settings) as running, contextlib.AsyncExitStack() as stack:
        redis: Redis = await stack.enter_async_context(Redis.from_url(settings.redis_url.get_secret_value()))
        stop = asyncio.Event()
        working = asyncio.create_task(worker.main(stop))
        try:
            yield Subscribing(running, redis)
        finally:
            stop.set()
            await working


async def test_a_start_is_pending_until_its_invoice_is_paid(subscribing: Subscribing) -> None:
    for source, events in (("plan", facts()[:2]), ("customer", facts()[2:])):
        await subscribing.tell(source, *events)
    payload = await subscribing.start(quantity=3)
    shown = payload["planSubscription"]
    assert payload["userErrors"] == []
    assert (shown["status"], shown["quantity"]) == ("PENDING", 3)
    assert (shown["customer"], shown["plan"], shown["price"]) == ({"id": "cus_1"}, {"id": "plan_1"}, {"id": "price_1"})
    assert shown["currentPeriod"]["start"] == shown["startedAt"]

    [envelope] = await subscribing.sent(1)
    assert [event.type for event in envelope.events] == ["plan-subscription-started.v1", "billing-period-opened.v1"]
    assert envelope.events[1].data["items"][0]["quantity"] == 3

    await subscribing.payment("invoice-paid.v1", shown["id"])
    found = (await subscribing.data(ONE, READ, id=shown["id"]))["planSubscription"]
    assert (found["status"], found["incompleteReason"]) == ("ACTIVE", None)
    assert found["activatedAt"] is not None


@pytest.fixture
async def known(subscribing: Subscribing) -> Subscribing:
    """With customers and a price of acme and of its rival."""
    for told in (facts(customers=("cus_1", "cus_2")), facts("rival", ("cus_3",), "price_3")):
        await subscribing.tell("plan", *told[:2])
        await subscribing.tell("customer", *told[2:])
    return subscribing


async def test_a_declined_first_payment_makes_it_incomplete_and_a_later_one_active(known: Subscribing) -> None:
    id = await known.started()
    await known.payment("payment-failed.v1", id, code="card_declined")
    found = (await known.data(ONE, READ, id=id))["planSubscription"]
    assert (found["status"], found["incompleteReason"]) == ("INCOMPLETE", "card_declined")
    await known.payment("invoice-paid.v1", id)
    assert (await known.data(ONE, READ, id=id))["planSubscription"]["status"] == "ACTIVE"


async def test_what_moves_the_mrr_is_there_when_it_is_told(known: Subscribing) -> None:
    id = await known.started()
    await known.payment("invoice-paid.v1", id)
    await known.data(CANCEL, input={"id": id, "when": "NOW"})
    await known.sent(3)
    found = await known.data("{ mrrMovements { nodes { kind amount { amount } planSubscription { id } } } }", READ)
    assert found["mrrMovements"]["nodes"] == [
        {"kind": "CHURN", "amount": {"amount": "-19.00"}, "planSubscription": {"id": id}},
        {"kind": "NEW", "amount": {"amount": "19.00"}, "planSubscription": {"id": id}},
    ]


@pytest.mark.parametrize(
    ("input", "field", "code"),
    [
        ({"customer": "cus_9"}, "customerId", "NOT_FOUND"),
        ({"priceId": "price_9"}, "priceId", "NOT_FOUND"),
        ({"quantity": 0}, "quantity", "INVALID_INPUT"),
    ],
)
async def test_a_refused_start_names_the_field(known: Subscribing, input: dict[str, Any], field: str, code: str) -> None:
    payload = await known.start(**input)
    assert payload["planSubscription"] is None
    assert [(error["field"], error["code"]) for error in payload["userErrors"]] == [(["input", field], code)]


async def test_canceling_with_the_period_can_be_undone_and_canceling_now_cannot(known: Subscribing) -> None:
    id = await known.started()
    early = (await known.data(CANCEL, input={"id": id}))["planSubscriptionCancel"]
    assert [error["code"] for error in early["userErrors"]] == ["INVALID_STATE"]
    await known.payment("invoice-paid.v1", id)

    scheduled = (await known.data(CANCEL, input={"id": id, "when": "PERIOD_END"}))["planSubscriptionCancel"]
    assert scheduled["planSubscription"]["status"] == "ACTIVE"
    assert scheduled["planSubscription"]["cancelAt"] is not None
    undone = (await known.data(UNDO, input={"id": id}))["planSubscriptionUndoCancellation"]
    assert undone == {"planSubscription": {"status": "ACTIVE", "cancelAt": None}, "userErrors": []}

    for _ in range(2):
        now = (await known.data(CANCEL, input={"id": id, "when": "NOW", "reason": "moved"}))["planSubscriptionCancel"]
        assert (now["planSubscription"]["status"], now["planSubscription"]["cancellationReason"]) == ("CANCELED", "moved")
    refused = (await known.data(UNDO, input={"id": id}))["planSubscriptionUndoCancellation"]
    assert [error["code"] for error in refused["userErrors"]] == ["INVALID_STATE"]


async def test_a_subscription_is_read_as_it_was(known: Subscribing) -> None:
    id = await known.started()
    await known.payment("invoice-paid.v1", id)
    await known.data(CANCEL, input={"id": id, "when": "NOW", "reason": "moved"})
    query = "query($id: ID!, $asOf: DateTime) { planSubscription(id: $id, asOf: $asOf) { status startedAt canceledAt } }"
    now = (await known.data(query, READ, id=id))["planSubscription"]
    assert now["status"] == "CANCELED"
    first = (await known.data(query, READ, id=id, asOf=now["startedAt"]))["planSubscription"]
    assert first["canceledAt"] is None
    assert (await known.data(query, READ, id=id, asOf=now["canceledAt"]))["planSubscription"] == now
    assert (await known.data(query, READ, id=id, asOf="2020-01-01T00:00:00Z"))["planSubscription"] is None
    assert (await known.data(query, READ, "other", id=id, asOf=now["canceledAt"]))["planSubscription"] is None
    refused = await known.subgraph.graphql(query, {"id": id, "asOf": "2999-01-01T00:00:00Z"}, scopes=READ, tenant="acme")
    assert refused["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


async def test_canceling_on_a_date_needs_one_that_lies_ahead(known: Subscribing) -> None:
    id = await known.started()
    await known.payment("invoice-paid.v1", id)
    ahead = "2999-01-01T00:00:00.000Z"
    scheduled = (await known.data(CANCEL, input={"id": id, "when": "DATE", "at": ahead}))["planSubscriptionCancel"]
    assert (scheduled["planSubscription"]["status"], scheduled["planSubscription"]["cancelAt"]) == ("ACTIVE", ahead)
    for input in ({"when": "DATE"}, {"when": "NOW", "at": ahead}, {"when": "DATE", "at": "2020-01-01T00:00:00Z"}):
        refused = (await known.data(CANCEL, input={"id": id, **input}))["planSubscriptionCancel"]
        assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("INVALID_INPUT", ["input", "at"])]


async def test_a_list_is_walked_and_filtered(known: Subscribing) -> None:
    first, second, third = [await known.started(customer) for customer in ("cus_1", "cus_2", "cus_1")]
    page = (await known.data(LIST, READ, first=2))["planSubscriptions"]
    assert [node["id"] for node in page["nodes"]] == [third, second]
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (True, False)
    rest = (await known.data(LIST, READ, first=2, after=page["pageInfo"]["endCursor"]))["planSubscriptions"]
    assert [node["id"] for node in rest["nodes"]] == [first]
    for where, ids in [
        ({"customerId": "cus_1"}, [third, first]),
        ({"status": "PENDING"}, [third, second, first]),
        ({"status": "ACTIVE"}, []),
        ({"planId": "plan_1", "customerId": "cus_2"}, [second]),
        ({"planId": "plan_9"}, []),
    ]:
        found = (await known.data(LIST, READ, where=where))["planSubscriptions"]["nodes"]
        assert [node["id"] for node in found] == ids


@pytest.mark.parametrize("arguments", [{"first": 0}, {"first": 101}, {"last": 101}, {"first": 1, "last": 1}, {"after": "x"}])
async def test_lists_are_bounded(known: Subscribing, arguments: dict[str, Any]) -> None:
    answer = await known.subgraph.graphql(LIST, arguments, scopes=READ)
    assert answer["data"] == {"planSubscriptions": None}
    assert answer["errors"][0]["extensions"]["code"] in {"INVALID_INPUT", "INVALID_CURSOR"}


async def test_a_tenant_reaches_another_by_no_id_cursor_or_reference(known: Subscribing) -> None:
    id = await known.started()
    cursor = (await known.data(LIST, READ, first=1))["planSubscriptions"]["pageInfo"]["endCursor"]
    rival: dict[str, Any] = {"scopes": BOTH, "tenant": "rival"}
    assert (await known.data(ONE, **rival, id=id))["planSubscription"] is None
    assert (await known.data(LIST, **rival))["planSubscriptions"]["nodes"] == []
    assert (await known.data(LIST, **rival, last=10, before=cursor))["planSubscriptions"]["nodes"] == []
    assert (await known.data(LIST, **rival, where={"customerId": "cus_1"}))["planSubscriptions"]["nodes"] == []
    references = [{"__typename": "PlanSubscription", "id": id}, {"__typename": "Customer", "id": "cus_1"}]
    entities = (await known.data(ENTITIES, **rival, r=references))["_entities"]
    assert entities == [None, {"__typename": "Customer", "id": "cus_1", "planSubscriptions": {"nodes": []}}]
    refused = (await known.data(CANCEL, **rival, input={"id": id, "when": "NOW"}))["planSubscriptionCancel"]
    assert [error["code"] for error in refused["userErrors"]] == ["NOT_FOUND"]
    assert (await known.data(ONE, READ, id=id))["planSubscription"]["status"] == "PENDING"


async def test_entities_are_resolved_in_the_order_asked_for(known: Subscribing) -> None:
    first, second = await known.started(), await known.started()
    references = [
        {"__typename": "PlanSubscription", "id": second},
        {"__typename": "Customer", "id": "cus_1"},
        {"__typename": "PlanSubscription", "id": "psub_0"},
        {"__typename": "PlanSubscription", "id": first},
    ]
    assert (await known.data(ENTITIES, READ, r=references))["_entities"] == [
        {"__typename": "PlanSubscription", "id": second, "status": "PENDING"},
        {"__typename": "Customer", "id": "cus_1", "planSubscriptions": {"nodes": [{"id": second}, {"id": first}]}},
        None,
        {"__typename": "PlanSubscription", "id": first, "status": "PENDING"},
    ]


@pytest.mark.parametrize(
    ("scopes", "field", "query", "variables"),
    [
        ("", "planSubscriptions", LIST, {}),
        ("customers:read", "planSubscriptions", LIST, {}),
        (READ, "planSubscriptionStart", START, {"input": {"customerId": "cus_1", "priceId": "price_1"}}),
        (READ, "planSubscriptionCancel", CANCEL, {"input": {"id": "psub_1"}}),
        (READ, "planSubscriptionUndoCancellation", UNDO, {"input": {"id": "psub_1"}}),
    ],
)
async def test_a_missing_scope_is_refused(
    known: Subscribing, scopes: str, field: str, query: str, variables: dict[str, Any]
) -> None:
    answer = await known.subgraph.graphql(query, variables, scopes=scopes, tenant="acme")
    assert answer["data"] == {field: None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHORIZED_FIELD_OR_TYPE"]


async def test_a_reference_without_the_scope_is_an_error_of_its_own(known: Subscribing) -> None:
    id = await known.started()
    references = [{"__typename": "PlanSubscription", "id": id}, {"__typename": "Customer", "id": "cus_1"}]
    query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on PlanSubscription { id } ... on Customer { id } } }"
    answer = await known.subgraph.graphql(query, {"r": references}, tenant="acme")
    assert answer["data"] == {"_entities": [None, {"id": "cus_1"}]}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["_entities", 0], "UNAUTHORIZED_FIELD_OR_TYPE")
    ]


async def test_changes_arrive_live_for_those_who_follow_them(known: Subscribing) -> None:
    async with known.changes(customerId="cus_2") as changes:
        await known.started("cus_1")
        await known.start("cus_3", "rival", priceId="price_3")
        id = await known.started("cus_2")
        seen = [(await changes.data())["planSubscriptionChanged"] for _ in range(2)]
        assert [change["event"] for change in seen] == ["plan-subscription-started.v1", "billing-period-opened.v1"]
        assert all(change["planSubscription"]["id"] == id and not change["gap"] for change in seen)
        await known.payment("invoice-paid.v1", id)
        assert (await changes.data())["planSubscriptionChanged"] == {
            "event": "plan-subscription-activated.v1",
            "gap": False,
            "planSubscription": {"id": id, "status": "ACTIVE"},
        }


COLLECT = f"""
mutation($input: PlanSubscriptionCollectionSetInput!) {{ planSubscriptionCollectionSet(input: $input) {{
  planSubscription {{ status collectionMethod daysUntilDue }} {ERRORS}
}} }}"""


async def test_invoices_are_sent_where_that_is_wanted_and_charged_again_when_it_is_not(known: Subscribing) -> None:
    refused = await known.start(collectionMethod="SEND_INVOICE")
    message = "SEND_INVOICE needs daysUntilDue, such as 30"
    assert refused["userErrors"] == [{"field": ["input", "daysUntilDue"], "code": "INVALID_INPUT", "message": message}]
    started = (await known.start(collectionMethod="SEND_INVOICE", daysUntilDue=30))["planSubscription"]
    assert started["status"] == "ACTIVE"

    async def collect(**input: Any) -> dict[str, Any]:
        data = await known.data(COLLECT, input={"id": started["id"], **input})
        answer: dict[str, Any] = data["planSubscriptionCollectionSet"]
        return answer

    for method, days in (("SEND_INVOICE", 14), ("CHARGE_AUTOMATICALLY", None)):
        shown = {"status": "ACTIVE", "collectionMethod": method, "daysUntilDue": days}
        assert await collect(collectionMethod=method, daysUntilDue=days) == {"planSubscription": shown, "userErrors": []}
    [error] = (await collect(collectionMethod="CHARGE_AUTOMATICALLY", daysUntilDue=3))["userErrors"]
    assert error["field"] == ["input", "daysUntilDue"]


async def test_a_feed_needs_the_scope(known: Subscribing) -> None:
    url = f"{known.subgraph.url}/graphql"
    for token in (None, known.subgraph.token("customers:read", "acme")):
        async with subscribe(known.subgraph.session, url, token, CHANGED) as refused:
            message = await refused.message()
            errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
            assert [error["message"] for error in errors] == ["Unauthorized field or type"]


CHANGE = f"""
mutation($input: PlanSubscriptionChangeInput!) {{ planSubscriptionChange(input: $input) {{
  planSubscription {{
    quantity price {{ id }} pendingAmount {{ amount }} pendingChange {{ quantity changeAt price {{ id }} plan {{ id }} }}
  }} {ERRORS}
}} }}"""
UNDO_CHANGE = f"""
mutation($input: PlanSubscriptionUndoChangeInput!) {{ planSubscriptionUndoChange(input: $input) {{
  planSubscription {{ pendingChange {{ quantity }} }} {ERRORS}
}} }}"""
PAUSE = f"""
mutation($input: PlanSubscriptionPauseInput!) {{ planSubscriptionPause(input: $input) {{
  planSubscription {{ status pausedAt resumesAt }} {ERRORS}
}} }}"""
RESUME = f"""
mutation($input: PlanSubscriptionResumeInput!) {{ planSubscriptionResume(input: $input) {{
  planSubscription {{ status pausedAt }} {ERRORS}
}} }}"""
START_PREVIEW = """
query($input: PlanSubscriptionStartPreviewInput!) { planSubscriptionStartPreview(input: $input) {
  startsAt trialEndsAt invoices { billedAt total { amount } }
} }"""
CANCEL_PREVIEW = """
query($input: PlanSubscriptionCancelPreviewInput!) { planSubscriptionCancelPreview(input: $input) {
  invoices { billedAt } credit { amount } refund
} }"""
UPCOMING = """
query($id: ID!) { planSubscription(id: $id) {
  currentPeriod { end } upcomingInvoices(first: 3) { billedAt total { amount } }
} }"""
MIGRATION_PREVIEW = """
query($input: PriceMigrationPreviewInput!) { priceMigrationPreview(input: $input) {
  subscribers steps { nodes { planSubscription { id } change { next { total { amount } } }
    pendingChanges { price { id } quantity } refusal { code } } }
} }"""
MIGRATE = f"""
mutation($input: PriceMigrationStartInput!) {{ priceMigrationStart(input: $input) {{ priceMigration {{ id }} {ERRORS} }} }}"""
MIGRATIONS = """
query { priceMigrations(first: 5) { nodes {
  id status moved refused fromPrice { id } toPrice { id } refusals { planSubscription { id } code }
} } }"""
SCHEDULE = f"""
mutation($input: PlanSubscriptionScheduleInput!) {{ planSubscriptionSchedule(input: $input) {{
  planSubscription {{ cancelAt pendingChanges {{ quantity changeAt proration }} }} {ERRORS}
}} }}"""
PERIOD = "query($id: ID!) { planSubscription(id: $id) { currentPeriod { start end } } }"
PREVIEW = """
query($input: PlanSubscriptionChangePreviewInput!) { planSubscriptionChangePreview(input: $input) {
  now { lines { description amount { amount } } total { amount } }
  next { lines { description quantity period { start end } explanation } total { amount } }
} }"""


async def test_a_change_is_previewed_made_and_told(known: Subscribing) -> None:
    price = {**facts()[1].event.data, "priceId": "price_seat", "model": "PER_UNIT", "flatAmountMinor": None, "unitAmount": "10"}
    await known.tell("plan", received("price-created.v1", price, aggregate_id="price_seat"))
    id = await known.started()
    wanted = {"id": id, "priceId": "price_seat", "quantity": 2}
    refused = (await known.data(CHANGE, input=wanted))["planSubscriptionChange"]
    assert [error["code"] for error in refused["userErrors"]] == ["INVALID_STATE"]  # it is still PENDING
    await known.payment("invoice-paid.v1", id)

    preview = (await known.data(PREVIEW, READ, input={**wanted, "proration": "INVOICE_NOW"}))["planSubscriptionChangePreview"]
    # All of the period is left: -19.00 + 2 * 10.00
    assert preview["now"]["total"]["amount"] == "1.00"
    assert [line["amount"]["amount"] for line in preview["now"]["lines"]] == ["-19.00", "20.00"]
    assert preview["next"]["total"]["amount"] == "20.00"
    assert [line["explanation"] for line in preview["next"]["lines"]] == ["2 × 10.00 EUR"]

    changed = (await known.data(CHANGE, input={**wanted, "idempotencyKey": "k1"}))["planSubscriptionChange"]
    assert changed == {
        "planSubscription": {
            "quantity": 2,
            "price": {"id": "price_seat"},
            "pendingAmount": {"amount": "1.00"},
            "pendingChange": None,
        },
        "userErrors": [],
    }
    assert (await known.data(CHANGE, input={**wanted, "idempotencyKey": "k1"}))["planSubscriptionChange"] == changed
    events = [event.type for envelope in await known.sent(3) for event in envelope.events]
    assert events[-1] == "plan-subscription-changed.v1"


async def test_a_change_with_the_period_is_shown_and_undone(known: Subscribing) -> None:
    id = await known.started()
    await known.payment("invoice-paid.v1", id)
    input = {"id": id, "quantity": 5, "when": "PERIOD_END"}
    scheduled = (await known.data(CHANGE, input=input))["planSubscriptionChange"]["planSubscription"]
    assert (scheduled["quantity"], scheduled["pendingChange"]["quantity"]) == (1, 5)
    assert (scheduled["pendingChange"]["price"], scheduled["pendingChange"]["plan"]) == ({"id": "price_1"}, {"id": "plan_1"})
    undone = (await known.data(UNDO_CHANGE, input={"id": id}))["planSubscriptionUndoChange"]
    assert undone == {"planSubscription": {"pendingChange": None}, "userErrors": []}


async def test_subscribers_of_a_price_are_moved_to_another_and_a_preview_says_what_that_does(known: Subscribing) -> None:
    price = {**facts()[1].event.data, "priceId": "price_2", "flatAmountMinor": 2500}
    await known.tell("plan", received("price-created.v1", price, aggregate_id="price_2"))
    paid, pending = await known.started(), await known.started()
    await known.payment("invoice-paid.v1", paid)
    move = {"fromPriceId": "price_1", "toPriceId": "price_2"}
    preview = (await known.data(MIGRATION_PREVIEW, READ, input=move))["priceMigrationPreview"]
    assert preview == {
        "subscribers": 2,
        "steps": {
            "nodes": [
                {
                    "planSubscription": {"id": pending},
                    "change": None,
                    "pendingChanges": None,
                    "refusal": {"code": "INVALID_STATE"},
                },
                {
                    "planSubscription": {"id": paid},
                    "change": {"next": {"total": {"amount": "25.00"}}},
                    "pendingChanges": [{"price": {"id": "price_2"}, "quantity": 1}],
                    "refusal": None,
                },
            ]
        },
    }
    migration = (await known.data(MIGRATE, input=move))["priceMigrationStart"]
    assert migration["userErrors"] == []
    async with asyncio.timeout(10):
        while (shown := (await known.data(MIGRATIONS, READ))["priceMigrations"]["nodes"])[0]["status"] == "RUNNING":
            await asyncio.sleep(0.05)
    [refusal] = shown[0].pop("refusals")
    assert shown == [
        {
            "id": migration["priceMigration"]["id"],
            "status": "COMPLETED",
            "moved": 1,
            "refused": 1,
            "fromPrice": {"id": "price_1"},
            "toPrice": {"id": "price_2"},
        }
    ]
    assert (refusal["planSubscription"], refusal["code"]) == ({"id": pending}, "INVALID_STATE")
    answer = await known.subgraph.graphql(MIGRATE, {"input": {**move, "when": "DATE"}}, scopes=BOTH, tenant="acme")
    assert "'DATE' does not exist in 'PriceMigrationTime' enum" in answer["errors"][0]["message"]


async def test_starts_ends_and_coming_invoices_are_previewed(known: Subscribing) -> None:
    wanted = {"customerId": "cus_1", "priceId": "price_1", "quantity": 2}
    preview = (await known.data(START_PREVIEW, READ, input=wanted))["planSubscriptionStartPreview"]
    assert [invoice["total"]["amount"] for invoice in preview["invoices"]] == ["19.00", "19.00"]
    assert (preview["trialEndsAt"], preview["invoices"][0]["billedAt"]) == (None, preview["startsAt"])

    id = await known.started()
    await known.payment("invoice-paid.v1", id)
    upcoming = (await known.data(UPCOMING, READ, id=id))["planSubscription"]
    assert [invoice["total"]["amount"] for invoice in upcoming["upcomingInvoices"]] == ["19.00"] * 3
    assert upcoming["upcomingInvoices"][0]["billedAt"] == upcoming["currentPeriod"]["end"]
    ending = await known.data(CANCEL_PREVIEW, READ, input={"id": id, "when": "NOW", "unusedTime": "REFUND"})
    # all of the first period is left
    assert ending["planSubscriptionCancelPreview"] == {"invoices": [], "credit": {"amount": "19.00"}, "refund": True}
    ending = await known.data(CANCEL_PREVIEW, READ, input={"id": id})
    assert ending["planSubscriptionCancelPreview"] == {"invoices": [], "credit": None, "refund": False}


async def test_phases_are_scheduled_shown_and_undone(known: Subscribing) -> None:
    id = await known.started()
    await known.payment("invoice-paid.v1", id)
    period = (await known.data(PERIOD, READ, id=id))["planSubscription"]["currentPeriod"]
    phases = [{"quantity": 2, "periods": 1}, {"quantity": 3, "periods": 1}]
    refused = (await known.data(SCHEDULE, input={"id": id, "phases": phases}))["planSubscriptionSchedule"]
    assert [(error["field"], error["code"]) for error in refused["userErrors"]] == [(["input", "phases", "1"], "INVALID_INPUT")]

    scheduled = (await known.data(SCHEDULE, input={"id": id, "phases": phases, "ending": "CANCEL"}))["planSubscriptionSchedule"]
    changes = scheduled["planSubscription"]["pendingChanges"]
    assert [(change["quantity"], change["proration"]) for change in changes] == [(2, "CREATE"), (3, "CREATE")]
    assert changes[0]["changeAt"] == period["end"]
    assert changes[1]["changeAt"] < scheduled["planSubscription"]["cancelAt"]
    events = [event.type for envelope in await known.sent(3) for event in envelope.events]
    assert events[-2:] == ["plan-subscription-phases-scheduled.v1", "plan-subscription-cancellation-scheduled.v1"]
    undone = (await known.data(UNDO_CHANGE, input={"id": id}))["planSubscriptionUndoChange"]
    assert undone == {"planSubscription": {"pendingChange": None}, "userErrors": []}


async def test_a_preview_of_what_would_be_refused_says_why(known: Subscribing) -> None:
    id = await known.started()
    await known.payment("invoice-paid.v1", id)
    for input, code, field in (
        ({"id": id, "quantity": 0}, "INVALID_INPUT", ["quantity"]),
        ({"id": "psub_0"}, "NOT_FOUND", ["id"]),
        ({"id": id, "priceId": "price_9"}, "NOT_FOUND", ["priceId"]),
        ({"id": id, "addOns": [{"priceId": "price_9"}]}, "NOT_FOUND", ["addOns", "0", "priceId"]),
    ):
        answer = await known.subgraph.graphql(PREVIEW, {"input": input}, scopes=READ, tenant="acme")
        assert answer["data"] == {"planSubscriptionChangePreview": None}
        assert answer["errors"][0]["extensions"] == {"code": code, "field": ["input", *field]}
        change = {"when": "NOW", **input}
        [refused] = (await known.data(CHANGE, input=change))["planSubscriptionChange"]["userErrors"]
        assert (refused["code"], refused["field"]) == (code, ["input", *field])  # as the preview says
    query = """query($input: PlanSubscriptionStartPreviewInput!) { planSubscriptionStartPreview(input: $input, first: 99) {
      trialEndsAt } }"""
    wanted = {"input": {"customerId": "cus_1", "priceId": "price_1"}}
    answer = await known.subgraph.graphql(query, wanted, scopes=READ, tenant="acme")
    assert answer["errors"][0]["extensions"] == {"code": "INVALID_INPUT", "field": ["first"]}


async def test_a_pause_and_its_end(known: Subscribing) -> None:
    id = await known.started()
    await known.payment("invoice-paid.v1", id)
    until = "2999-01-01T00:00:00.000Z"
    paused = (await known.data(PAUSE, input={"id": id, "resumesAt": until}))["planSubscriptionPause"]["planSubscription"]
    assert (paused["status"], paused["resumesAt"]) == ("PAUSED", until)
    resumed = (await known.data(RESUME, input={"id": id}))["planSubscriptionResume"]
    assert resumed == {"planSubscription": {"status": "ACTIVE", "pausedAt": None}, "userErrors": []}
    early = (await known.data(PAUSE, input={"id": id, "resumesAt": "2020-01-01T00:00:00Z"}))["planSubscriptionPause"]
    assert [(error["code"], error["field"]) for error in early["userErrors"]] == [("INVALID_INPUT", ["input", "resumesAt"])]


async def test_a_trial_is_not_billed(known: Subscribing) -> None:
    payload = await known.start(trial={"days": 14, "ending": "PAUSE"})
    shown = payload["planSubscription"]
    assert (shown["status"], payload["userErrors"]) == ("TRIALING", [])
    [envelope] = await known.sent(1)
    [event] = envelope.events
    assert (event.type, event.data["trialEndsAt"][:10]) == ("plan-subscription-started.v1", shown["currentPeriod"]["end"][:10])
    refused = await known.start(trial={"days": 0})
    assert [error["field"] for error in refused["userErrors"]] == [["input", "trial", "days"]]


async def test_a_failed_renewal_is_shown(known: Subscribing) -> None:
    id = await known.started()
    await known.payment("invoice-paid.v1", id)
    await known.payment("payment-failed.v1", id, period=1, code="card_declined")
    query = "query($id: ID!) { planSubscription(id: $id) { status pastDueReason } }"
    assert (await known.data(query, READ, id=id))["planSubscription"] == {"status": "PAST_DUE", "pastDueReason": "card_declined"}
    await known.payment("invoice-paid.v1", id, period=1)
    assert (await known.data(query, READ, id=id))["planSubscription"] == {"status": "ACTIVE", "pastDueReason": None}


@pytest.mark.parametrize("mutation", [CHANGE, UNDO_CHANGE, PAUSE, RESUME])
async def test_writing_needs_its_scope_and_the_tenants_own_subscription(known: Subscribing, mutation: str) -> None:
    id = await known.started()
    answer = await known.subgraph.graphql(mutation, {"input": {"id": id}}, scopes=READ, tenant="acme")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHORIZED_FIELD_OR_TYPE"]
    [payload] = (await known.data(mutation, BOTH, "rival", input={"id": id})).values()
    assert (payload["planSubscription"], [error["code"] for error in payload["userErrors"]]) == (None, ["NOT_FOUND"])


FREEZE = f"""
mutation($input: TestClockFreezeInput!) {{ testClockFreeze(input: $input) {{ testClock {{ now advancingTo }} {ERRORS} }} }}"""
ADVANCE = f"""
mutation($input: TestClockAdvanceInput!) {{ testClockAdvance(input: $input) {{ testClock {{ now advancingTo }} {ERRORS} }} }}"""
CLOCK = "{ testClock { now advancingTo } }"


async def test_a_tenant_lives_by_a_clock_of_its_own(known: Subscribing) -> None:
    assert (await known.data(CLOCK, READ))["testClock"] is None
    then, later = "2019-01-31T12:00:00.000Z", "2019-05-11T12:00:00.000Z"
    frozen = (await known.data(FREEZE, input={"now": then}))["testClockFreeze"]
    assert frozen == {"testClock": {"now": then, "advancingTo": None}, "userErrors": []}
    shown = (await known.start())["planSubscription"]
    id = shown["id"]
    assert (shown["startedAt"], shown["currentPeriod"]["end"]) == (then, "2019-02-28T12:00:00.000Z")
    await known.payment("invoice-paid.v1", id)

    on_its_way = (await known.data(ADVANCE, input={"to": later}))["testClockAdvance"]["testClock"]
    assert on_its_way == {"now": then, "advancingTo": later}
    # It does not go on without those who follow it.
    async with asyncio.timeout(30):
        while await known.rounds() == []:
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    waiting = (await known.data("{ testClock { now waitsFor } }", READ))["testClock"]
    assert (waiting, await known.rounds()) == ({"now": then, "waitsFor": ["CUSTOMERS", "INVOICES"]}, [1])
    answering = asyncio.create_task(known.answer_clock())
    async with asyncio.timeout(30):
        while (await known.data(CLOCK, READ))["testClock"] != {"now": later, "advancingTo": None}:
            await asyncio.sleep(0.05)
    answering.cancel()
    assert (await known.data("{ testClock { waitsFor } }", READ))["testClock"] == {"waitsFor": []}
    query = "query($id: ID!) { planSubscription(id: $id) { currentPeriod { start end } } }"
    period = (await known.data(query, READ, id=id))["planSubscription"]["currentPeriod"]
    assert period == {"start": "2019-04-30T12:00:00.000Z", "end": "2019-05-31T12:00:00.000Z"}
    told = [event for envelope in await known.sent(8) for event in envelope.events]
    assert [event.data["now"][:10] for event in told if event.type == "test-clock-moved.v1"][:: len(told)] == ["2019-01-31"]
    opened = [event.occurred_at.date().isoformat() for event in told if event.type == "billing-period-opened.v1"]
    assert opened == ["2019-01-31", "2019-02-28", "2019-03-31", "2019-04-30"]

    back = (await known.data(ADVANCE, input={"to": then}))["testClockAdvance"]
    assert [(error["code"], error["field"]) for error in back["userErrors"]] == [("INVALID_INPUT", ["input", "to"])]
    assert (await known.data(CLOCK, READ, "rival"))["testClock"] is None


async def test_the_clock_shows_the_time_that_commands_go_by_while_its_document_is_behind(known: Subscribing) -> None:
    await known.data(FREEZE, input={"now": "2019-02-28T12:00:00.000Z"})
    behind = {"now": datetime(2019, 1, 31, 12, tzinfo=UTC)}
    await TenantClockDocument.get_pymongo_collection().update_one({"_id": "acme"}, {"$set": behind})
    shown = (await known.data(CLOCK, READ))["testClock"]["now"]
    assert shown == (await known.start())["planSubscription"]["startedAt"] == "2019-01-31T12:00:00.000Z"


async def test_a_keyed_write_happens_in_the_tenants_own_time(known: Subscribing) -> None:
    then = "2019-01-31T12:00:00.000Z"
    await known.data(FREEZE, input={"now": then})
    shown = await known.start(idempotencyKey="k1")
    assert shown["planSubscription"]["startedAt"] == then
    assert await known.start(idempotencyKey="k1") == shown


ENTITLEMENTS = """
query($id: ID!, $r: [_Any!]!) {
  sso: entitlement(customerId: $id, feature: "sso") { feature granted limit }
  seats: entitlement(customerId: $id, feature: "seats") { feature granted limit }
  unknown: entitlement(customerId: $id, feature: "nothing") { granted }
  _entities(representations: $r) { ... on Customer {
    id entitlement(feature: "sso") { granted } entitlements { feature limit }
  } }
}"""


async def test_customers_are_entitled_to_what_their_plans_include(known: Subscribing) -> None:
    plan_2 = {**facts()[1].event.data, "priceId": "price_2", "planId": "plan_2"}
    told = [
        ("feature-created.v1", "feat_1", {"featureId": "feat_1", "code": "sso", "name": "SSO"}),
        ("feature-created.v1", "feat_2", {"featureId": "feat_2", "code": "seats", "name": "Seats"}),
        ("plan-feature-set.v1", "plan_1", {"planId": "plan_1", "featureId": "feat_1", "limit": None}),
        ("plan-feature-set.v1", "plan_1", {"planId": "plan_1", "featureId": "feat_2", "limit": 5}),
        ("plan-feature-set.v1", "plan_2", {"planId": "plan_2", "featureId": "feat_2", "limit": 20}),
        ("price-created.v1", "price_2", plan_2),
    ]
    await known.tell(
        "plan", *(received(type, data, aggregate_id=id, sequence=number) for number, (type, id, data) in enumerate(told, 2))
    )

    async def ask(tenant: str = "acme") -> dict[str, Any]:
        references = [{"__typename": "Customer", "id": id} for id in ("cus_1", "cus_2")]
        return await known.data(ENTITLEMENTS, READ, tenant, id="cus_1", r=references)

    nothing = {"feature": "sso", "granted": False, "limit": None}
    first = await known.started()
    found = await ask()
    assert (found["sso"], found["unknown"]) == (nothing, None)  # PENDING does not count

    await known.payment("invoice-paid.v1", first)
    found = await ask()
    assert found["sso"] == {"feature": "sso", "granted": True, "limit": None}
    assert found["seats"] == {"feature": "seats", "granted": True, "limit": 5}
    assert found["_entities"] == [
        {
            "id": "cus_1",
            "entitlement": {"granted": True},
            "entitlements": [{"feature": "seats", "limit": 5}, {"feature": "sso", "limit": None}],
        },
        {"id": "cus_2", "entitlement": {"granted": False}, "entitlements": []},
    ]

    second = (await known.start(priceId="price_2", trial={"days": 7}))["planSubscription"]["id"]
    assert (await ask())["seats"]["limit"] == 20
    await known.data(PAUSE, input={"id": second})
    assert (await ask())["seats"]["limit"] == 5
    await known.data(CANCEL, input={"id": first, "when": "NOW"})
    assert (await ask())["sso"] == nothing
    assert (await ask("rival"))["sso"] is None


SEATS = """
query($id: ID!) { entitlement(customerId: $id, feature: "seats") { granted limit } }"""


async def test_add_ons_entitle_too_whoever_the_customer_was_merged_into_and_however_many_there_are(
    known: Subscribing, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = [{**facts()[1].event.data, "priceId": f"price_{n}", "planId": f"plan_{n}"} for n in (2, 4)]
    told = [
        ("feature-created.v1", "feat_2", {"featureId": "feat_2", "code": "seats", "name": "Seats"}),
        ("plan-feature-set.v1", "plan_2", {"planId": "plan_2", "featureId": "feat_2", "limit": 20}),
        ("plan-feature-set.v1", "plan_4", {"planId": "plan_4", "featureId": "feat_2", "limit": 50}),
        *(("price-created.v1", data["priceId"], data) for data in plans),
    ]
    await known.tell(
        "plan", *(received(type, data, aggregate_id=id, sequence=number) for number, (type, id, data) in enumerate(told, 2))
    )

    async def ask(id: str) -> dict[str, Any]:
        found: dict[str, Any] = (await known.data(SEATS, READ, id=id))["entitlement"]
        return found

    trial = {"trial": {"days": 7}}
    await known.start(**trial)
    assert await ask("cus_1") == {"granted": False, "limit": None}
    assert (await known.start(addOns=[{"priceId": "price_4", "quantity": 2}], **trial))["userErrors"] == []
    # the most generous plan counts, whatever the quantity
    assert await ask("cus_1") == {"granted": True, "limit": 50}
    await known.start(addOns=[{"priceId": "price_2"}], **trial)
    assert await ask("cus_1") == {"granted": True, "limit": 50}

    monkeypatch.setattr(entitlements, "FIRST_SUBSCRIPTIONS", 1)
    monkeypatch.setattr(entitlements, "MORE_SUBSCRIPTIONS", 1)
    assert await ask("cus_1") == {"granted": True, "limit": 50}

    assert await ask("cus_9") == {"granted": False, "limit": None}
    merged = [("cus_9", "cus_8"), ("cus_8", "cus_1")]
    for id, into in merged:
        data = {"customerId": id, "intoCustomerId": into}
        await known.tell("customer", received("customer-merged.v1", data, aggregate_id=id, sequence=5))
    assert await ask("cus_9") == {"granted": True, "limit": 50}


TRIAL_END_SET = f"""
mutation($input: PlanSubscriptionTrialEndSetInput!) {{ planSubscriptionTrialEndSet(input: $input) {{
  planSubscription {{ status trialEndsAt currentPeriod {{ start end }} }} {ERRORS}
}} }}"""


async def test_a_trial_is_ended_later_and_then_at_once(known: Subscribing) -> None:
    id = (await known.start(trial={"days": 7}))["planSubscription"]["id"]

    async def set_end(**more: Any) -> dict[str, Any]:
        found: dict[str, Any] = (await known.data(TRIAL_END_SET, input={"id": id, **more}))["planSubscriptionTrialEndSet"]
        return found

    [missing] = (await set_end())["userErrors"]
    assert (missing["code"], missing["field"]) == ("INVALID_INPUT", ["input", "trialEndsAt"])
    later = (datetime.now(UTC) + timedelta(days=30)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    moved = await set_end(trialEndsAt=later, idempotencyKey="k1")
    assert (moved["planSubscription"]["status"], moved["planSubscription"]["trialEndsAt"]) == ("TRIALING", later)
    assert await set_end(trialEndsAt=later, idempotencyKey="k1") == moved
    ended = await set_end(trialEndsAt=None, idempotencyKey="k2")
    shown = ended["planSubscription"]
    assert (shown["status"], ended["userErrors"]) == ("ACTIVE", [])
    assert shown["currentPeriod"]["start"] == shown["trialEndsAt"] < later
    assert await set_end(trialEndsAt=None, idempotencyKey="k2") == ended
    [refused] = (await set_end(trialEndsAt=None))["userErrors"]
    assert (refused["code"], refused["message"].partition(" is ")[2]) == (
        "INVALID_STATE",
        "ACTIVE, not TRIALING: only the end of a running trial is set",
    )
    told = [event.type for envelope in await known.sent(3) for event in envelope.events]
    assert told == [
        "plan-subscription-started.v1",
        "plan-subscription-trial-end-set.v1",
        "plan-subscription-trial-end-set.v1",
        "plan-subscription-trial-ended.v1",
        "billing-period-opened.v1",
    ]


async def test_health_and_readiness(known: Subscribing) -> None:
    async with known.subgraph.session.get(f"{known.subgraph.url}/healthz") as response:
        assert (response.status, await response.json()) == (200, {"service": "subscription", "healthy": True})
    async with known.subgraph.session.get(f"{known.subgraph.url}/readyz") as response:
        assert (response.status, (await response.json())["checks"]) == (200, {"mongodb": "ok"})


async def test_what_another_system_billed_is_taken_over_without_an_invoice(known: Subscribing) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    through = (now + timedelta(days=5)).isoformat()
    given = {
        "startsAt": (now - timedelta(days=1_000)).isoformat(),
        "billingAnchor": through,
        "paidThrough": through,
        "cancelAt": through,
        "externalId": "sub_1",
    }
    payload = await known.start(**given)
    assert (payload["userErrors"], payload["planSubscription"]["status"]) == ([], "ACTIVE")
    shown = """{ planSubscriptions(where: {externalId: "sub_1"}) {
      nodes { id status externalId paidThrough cancelAt currentPeriod { end } }
    } }"""
    [found] = (await known.data(shown, READ))["planSubscriptions"]["nodes"]
    end = f"{now + timedelta(days=5):%Y-%m-%dT%H:%M:%S.000Z}"
    assert found == {
        "id": payload["planSubscription"]["id"],
        "status": "ACTIVE",
        "externalId": "sub_1",
        "paidThrough": end,
        "cancelAt": end,
        "currentPeriod": {"end": end},
    }
    [envelope] = await known.sent(1)
    assert [event.type for event in envelope.events] == [
        "plan-subscription-started.v1",
        "plan-subscription-activated.v1",
        "plan-subscription-cancellation-scheduled.v1",
    ]
    again = await known.start(**given)
    assert [(error["field"], error["code"]) for error in again["userErrors"]] == [(["input", "externalId"], "ALREADY_EXISTS")]
