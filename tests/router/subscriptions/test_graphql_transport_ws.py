"""The WebSocket protocol, spoken by a client we did not write (`gql`) and, for what it never does, message by message."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

from router.auth.scopes import Grants, Identity
from router.errors import RateLimited, RouterError, Unauthenticated, ValidationFailed
from router.subscriptions.graphql_transport_ws import PROTOCOL, WebSocketLimits, serve_connection
from router.subscriptions.operations import Caller
from router.subscriptions.registry import Subscriber, SubscriptionRegistry
from router.telemetry.metrics import Metrics
from router.telemetry.trace import trace_of
from tests.testkit.asgi_server import serve


class FakeOperations:
    """Answers by the operation's text; tokens are "Bearer " and the seconds they live, or refused."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.registry = SubscriptionRegistry(max_subscriptions=10, queue_size=5, metrics=self.metrics)
        self.stopped = 0

    async def connect(self, scope: Mapping[str, Any], authorization: str | None) -> Caller:
        if authorization == "limited":
            raise RateLimited(3)
        seconds = None
        if authorization is not None:
            seconds = authorization.removeprefix("Bearer ")
            if not seconds.replace(".", "").isdigit():
                raise Unauthenticated("The access token is malformed.")
        expires_at = time.time() + float(seconds) if seconds else None
        return Caller(Identity(Grants(), None, expires_at), {}, trace_of(None, None), "test")

    async def start(self, payload: Any, caller: Caller) -> bytes | Subscriber:
        query = payload["query"]
        if "count" in query:
            return self.registry.subscribe(("count", payload["variables"]["to"]), lambda: self.count(payload))
        if "forever" in query:
            return self.registry.subscribe("forever", self.forever)
        if "broken" in query:
            return self.registry.subscribe("broken", self.broken)
        if "invalid" in query:
            raise ValidationFailed("Cannot query field 'invalid'.", [{"message": "Cannot query field 'invalid'."}])
        if "defect" in query:
            raise ZeroDivisionError
        if "slow" in query:
            await asyncio.sleep(30)
        return b'{"data":{"hello":"world"}}'

    async def count(self, payload: Any) -> AsyncGenerator[bytes, None]:
        for number in range(payload["variables"]["to"]):
            yield orjson.dumps({"data": {"count": number}})
            await asyncio.sleep(0)

    async def forever(self) -> AsyncGenerator[bytes, None]:
        try:
            yield b'{"data":{"forever":0}}'
            await asyncio.sleep(60)
        finally:
            self.stopped += 1

    async def broken(self) -> AsyncGenerator[bytes, None]:
        yield b'{"data":{"broken":0}}'
        raise RouterError("The feed is gone.")


@asynccontextmanager
async def running(**changes: Any) -> AsyncIterator[tuple[str, FakeOperations]]:
    operations = FakeOperations()
    limits = WebSocketLimits(
        **{
            "connection_init_timeout_seconds": 5.0,
            "ping_seconds": 5.0,
            "max_operations": 3,
            "max_message_bytes": 10_000,
            **changes,
        }
    )

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await serve_connection(scope, receive, send, operations, limits)

    async with serve(app, lifespan="off") as url:
        yield url.replace("http", "ws"), operations
        await operations.registry.close()


def client(url: str, **options: Any) -> Client:
    transport = WebsocketsTransport(url, subprotocols=[PROTOCOL], **options)
    return Client(transport=transport, fetch_schema_from_transport=False)


@asynccontextmanager
async def socket(url: str, *, init: Any = None, protocol: str = PROTOCOL) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A raw connection; with `init` it is initialised with this payload."""
    async with aiohttp.ClientSession() as session, session.ws_connect(url, protocols=(protocol,)) as connection:
        if init is not None:
            await connection.send_json({"type": "connection_init", "payload": init})
            assert await connection.receive_json(timeout=5) == {"type": "connection_ack"}
        yield connection


async def close_code(connection: aiohttp.ClientWebSocketResponse) -> int | None:
    while True:
        message = await connection.receive(timeout=5)
        if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING):
            return connection.close_code


def subscribe(operation_id: str, query: str, **variables: Any) -> dict[str, Any]:
    return {"id": operation_id, "type": "subscribe", "payload": {"query": query, "variables": variables}}


async def test_gql_client_gets_every_event_and_the_end() -> None:
    async with running() as (url, _), client(url) as session:
        query = gql("subscription ($to: Int!) { count(to: $to) }")
        query.variable_values = {"to": 3}
        assert [event async for event in session.subscribe(query)] == [{"count": 0}, {"count": 1}, {"count": 2}]


async def test_gql_client_gets_queries_and_errors() -> None:
    async with running() as (url, _), client(url) as session:
        assert await session.execute(gql("{ hello }")) == {"hello": "world"}
        with pytest.raises(TransportQueryError) as refusal:
            await session.execute(gql("{ invalid }"))
    assert refusal.value.errors == [
        {"message": "Cannot query field 'invalid'.", "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}
    ]


async def test_events_then_error_when_the_source_breaks() -> None:
    async with running() as (url, _), socket(url, init={}) as connection:
        await connection.send_json(subscribe("1", "subscription { broken }"))
        assert await connection.receive_json() == {"id": "1", "type": "next", "payload": {"data": {"broken": 0}}}
        assert await connection.receive_json() == {
            "id": "1",
            "type": "error",
            "payload": [{"message": "The feed is gone.", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}],
        }


async def test_complete_by_the_client_stops_the_source() -> None:
    async with running() as (url, operations), socket(url, init={}) as connection:
        await connection.send_json(subscribe("1", "subscription { forever }"))
        await connection.receive_json()
        await connection.send_json({"id": "1", "type": "complete"})
        await connection.send_json({"type": "ping", "payload": {"x": 1}})
        assert await connection.receive_json() == {"type": "pong", "payload": {"x": 1}}
        assert operations.stopped == 1
        # the id is free again
        await connection.send_json(subscribe("1", "{ hello }"))
        assert (await connection.receive_json())["type"] == "next"


async def test_client_that_leaves_stops_the_source() -> None:
    async with running() as (url, operations):
        async with socket(url, init={}) as connection:
            await connection.send_json(subscribe("1", "subscription { forever }"))
            await connection.receive_json()
        async with asyncio.timeout(5):
            while not operations.stopped:
                await asyncio.sleep(0.01)


async def test_source_is_shared_and_stops_with_the_last_subscriber() -> None:
    async with running() as (url, operations), socket(url, init={}) as first:
        await first.send_json(subscribe("1", "subscription { forever }"))
        await first.receive_json()
        async with socket(url, init={}) as second:
            await second.send_json(subscribe("1", "subscription { forever }"))
            await second.send_json({"type": "ping"})
            await second.receive_json()
            assert operations.metrics.upstreams.value() == 1
            assert operations.metrics.subscriptions.value() == 2
            await first.send_json({"id": "1", "type": "complete"})
            await first.send_json({"type": "ping"})
            await first.receive_json()
            assert operations.stopped == 0


async def test_connection_that_is_not_initialised_in_time_is_closed_4408() -> None:
    async with running(connection_init_timeout_seconds=0.05) as (url, _), socket(url) as connection:
        assert await close_code(connection) == 4408


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([subscribe("1", "{ hello }")], 4401),
        ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
        ([{"type": "connection_init"}, {"type": "nonsense"}], 4400),
        ([{"type": "connection_init"}, {"no": "type"}], 4400),
        ([{"type": "connection_init"}, [1]], 4400),
        ([{"type": "connection_init"}, {"type": "subscribe", "payload": {}}], 4400),
        ([{"type": "connection_init"}, {"type": "subscribe", "id": "1"}], 4400),
        ([{"type": "connection_init", "payload": "x"}], 4400),
        ([{"type": "connection_init", "payload": {"authorization": 7}}], 4400),
        ([{"type": "connection_init", "payload": {"Authorization": "Bearer nonsense"}}], 4403),
        ([{"type": "connection_init", "payload": {"authorization": "limited"}}], 4429),
        ([{"type": "connection_init"}, *[subscribe("1", "{ slow }")] * 2], 4409),
        ([{"type": "connection_init"}, *[subscribe(str(n), "{ slow }") for n in range(4)]], 4429),
        ([{"type": "connection_init"}, {"type": "ping", "payload": {"x": "y" * 10_000}}], 4400),
    ],
)
async def test_misuse_is_closed_with_the_protocol_s_code(messages: list[Any], code: int) -> None:
    async with running() as (url, _), socket(url) as connection:
        for message in messages:
            await connection.send_json(message)
        assert await close_code(connection) == code


async def test_text_that_is_not_json_is_closed_4400() -> None:
    async with running() as (url, _), socket(url, init={}) as connection:
        await connection.send_str("nonsense")
        assert await close_code(connection) == 4400


async def test_other_subprotocol_is_closed_4406() -> None:
    async with running() as (url, _), aiohttp.ClientSession() as session, session.ws_connect(url) as connection:
        assert await close_code(connection) == 4406


async def test_connection_ends_with_its_token() -> None:
    async with running() as (url, operations), socket(url, init={"authorization": "Bearer 0.3"}) as connection:
        await connection.send_json(subscribe("1", "subscription { forever }"))
        await connection.receive_json()
        assert await close_code(connection) == 4403
        async with asyncio.timeout(5):
            while not operations.stopped:
                await asyncio.sleep(0.01)


async def test_silent_client_is_pinged_and_then_closed() -> None:
    async with running(ping_seconds=0.05) as (url, _), socket(url, init={}) as connection:
        assert await connection.receive_json() == {"type": "ping"}
        await connection.send_json({"type": "pong"})
        assert await connection.receive_json() == {"type": "ping"}
        assert await close_code(connection) == 4408


async def test_slow_reader_loses_the_subscription_not_the_router() -> None:
    metrics = Metrics()
    registry = SubscriptionRegistry(max_subscriptions=10, queue_size=2, metrics=metrics)

    async def flood() -> AsyncGenerator[bytes, None]:
        for number in range(4):
            yield b"%d" % number

    subscriber = registry.subscribe("flood", flood)
    await asyncio.sleep(0.01)
    with pytest.raises(RouterError) as reason:
        await subscriber.next(1)
    assert reason.value.code == "SUBSCRIPTION_OVERFLOW"
    assert metrics.subscription_events.value("overflow") == 1
    assert metrics.subscriptions.value() == 0


async def test_a_defect_is_told_under_a_request_id_and_the_connection_goes_on() -> None:
    async with running() as (url, _), socket(url, init={}) as connection:
        await connection.send_json(subscribe("1", "{ defect }"))
        message = await connection.receive_json(timeout=5)
        assert (message["id"], message["type"]) == ("1", "error")
        [error] = message["payload"]
        assert error["message"].startswith("Internal error, request id ")
        assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
        await connection.send_json(subscribe("1", "{ hello }"))
        assert (await connection.receive_json(timeout=5))["payload"] == {"data": {"hello": "world"}}
