"""Subscriptions held at a subgraph: a Strawberry one, and others that misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
import strawberry
from strawberry.asgi import GraphQL
from strawberry.types import Info

from router.errors import SubscriptionFailed, SubscriptionRefused
from router.subscriptions.upstream import UpstreamSubscriptions, websocket_url
from tests.testkit.asgi_server import free_port, serve


@strawberry.type
class Query:
    hello: str = "world"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncGenerator[int, None]:
        for number in range(to):
            yield number

    @strawberry.subscription
    async def who(self, info: Info) -> AsyncGenerator[str, None]:
        connection = info.context["connection_params"].get("authorization")
        yield f"{info.context['request'].headers.get('authorization')} {connection}"

    @strawberry.subscription
    async def forever(self) -> AsyncGenerator[int, None]:
        yield 0
        await asyncio.sleep(60)

    @strawberry.subscription
    async def refused(self) -> AsyncGenerator[int, None]:
        raise PermissionError("not yours")
        yield 0


SUBGRAPH: Any = GraphQL(strawberry.Schema(Query, subscription=Subscription))


@pytest.fixture
async def upstream() -> AsyncIterator[UpstreamSubscriptions]:
    subscriptions = UpstreamSubscriptions(
        retry_seconds=5, timeout_seconds=2, heartbeat_seconds=5, max_message_bytes=100_000, urls={}
    )
    yield subscriptions
    await subscriptions.close()


async def payloads(upstream: UpstreamSubscriptions, url: str, query: str, **headers: str) -> list[Any]:
    async with aclosing(upstream.subscribe("feeds", url, query, {"to": 3}, headers)) as events:
        return [event.payload async for event in events]


async def test_events_until_the_subgraph_completes(upstream: UpstreamSubscriptions) -> None:
    async with serve(SUBGRAPH, lifespan="off") as url:
        events = await payloads(upstream, url, "subscription($to: Int!) { count(to: $to) }")
    assert events == [{"data": {"count": 0}}, {"data": {"count": 1}}, {"data": {"count": 2}}]


async def test_authorization_is_sent_as_header_and_as_payload(upstream: UpstreamSubscriptions) -> None:
    async with serve(SUBGRAPH, lifespan="off") as url:
        events = await payloads(upstream, url, "subscription { who }", authorization="Bearer abc")
    assert events == [{"data": {"who": "Bearer abc Bearer abc"}}]


async def test_invalid_operation_is_refused_with_the_subgraph_s_errors(upstream: UpstreamSubscriptions) -> None:
    async with serve(SUBGRAPH, lifespan="off") as url:
        with pytest.raises(SubscriptionRefused) as refusal:
            await payloads(upstream, url, "subscription { nonsense }")
    assert refusal.value.formatted() == [
        {
            "message": "Cannot query field 'nonsense' on type 'Subscription'.",
            "extensions": {"code": "SUBSCRIPTION_REFUSED"},
        }
    ]


async def test_connection_is_opened_again_and_the_next_event_tells_the_gap(upstream: UpstreamSubscriptions) -> None:
    port = free_port()
    gaps: list[bool] = []

    async def read() -> None:
        url = f"http://127.0.0.1:{port}"
        async with aclosing(upstream.subscribe("feeds", url, "subscription { forever }", {}, {})) as events:
            async for event in events:
                gaps.append(event.gap)  # noqa: PERF401 - read while it grows

    async with asyncio.timeout(20):
        async with serve(SUBGRAPH, port=port, lifespan="off"):
            reading = asyncio.create_task(read())
            while not gaps:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)  # nobody listens
        async with serve(SUBGRAPH, port=port, lifespan="off"):
            while len(gaps) < 2:
                await asyncio.sleep(0.01)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
    assert gaps == [False, True]


async def test_unreachable_subgraph_fails_after_the_retries() -> None:
    upstream = UpstreamSubscriptions(retry_seconds=0.3, timeout_seconds=1, heartbeat_seconds=5, max_message_bytes=1000, urls={})
    with pytest.raises(SubscriptionFailed, match="'feeds' cannot be reached"):
        await payloads(upstream, f"http://127.0.0.1:{free_port()}", "subscription { forever }")
    await upstream.close()


async def misbehaving(*messages: str, code: int | None = None) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "graphql-transport-ws"})
        await receive()
        for message in messages:
            await send({"type": "websocket.send", "text": message})
        if code is not None:
            await send({"type": "websocket.close", "code": code})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    return app


@pytest.mark.parametrize(
    ("messages", "code", "reason"),
    [
        ([], 4403, "4403, forbidden"),
        ([], 4401, "4401, unauthorized"),
        (["nonsense"], None, "malformed message"),
        (["[]"], None, "malformed message"),
        (['{"type":"connection_ack"}', '{"no":"type"}'], None, "malformed message"),
    ],
)
async def test_subgraph_that_refuses_or_breaks_the_protocol_is_not_asked_again(
    upstream: UpstreamSubscriptions, messages: list[str], code: int | None, reason: str
) -> None:
    async with serve(await misbehaving(*messages, code=code), lifespan="off") as url:
        async with asyncio.timeout(3):
            with pytest.raises(SubscriptionFailed, match=reason):
                await payloads(upstream, url, "subscription { forever }")


async def test_ping_of_the_subgraph_is_answered_and_unknown_messages_passed_over(
    upstream: UpstreamSubscriptions,
) -> None:
    app = await misbehaving(
        '{"type":"ping"}',
        '{"type":"connection_ack"}',
        '{"type":"pong"}',
        '{"type":"next","id":"1","payload":{"data":{"a":1}}}',
        '{"type":"complete","id":"1"}',
    )
    async with serve(app, lifespan="off") as url:
        assert await payloads(upstream, url, "subscription { a }") == [{"data": {"a": 1}}]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a/graphql", "ws://a/graphql"),
        ("https://a/graphql", "wss://a/graphql"),
        ("wss://a/feed", "wss://a/feed"),
    ],
)
def test_websocket_url_follows_the_http_url(url: str, expected: str) -> None:
    assert websocket_url(url) == expected
