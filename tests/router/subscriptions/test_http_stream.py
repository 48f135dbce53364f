"""Subscriptions over plain HTTP: server-sent events and multipart, read from real sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from router.errors import SubscriptionFailed
from router.subscriptions.http_stream import Framing, stream_response
from router.subscriptions.multipart import MultipartFraming
from router.subscriptions.registry import SubscriptionRegistry
from router.subscriptions.sse import EventStreamFraming
from router.telemetry.metrics import Metrics
from tests.testkit.asgi_server import serve


class Feed:
    """Two events, then whatever `end` says; counts how often it was stopped early."""

    def __init__(self, end: str = "complete") -> None:
        self.registry = SubscriptionRegistry(max_subscriptions=10, queue_size=10, metrics=Metrics())
        self.end = end
        self.stopped = asyncio.Event()

    async def events(self) -> AsyncGenerator[bytes, None]:
        yield b'{"data":{"n":1}}'
        yield b'{"data":{"n":2}}'
        if self.end == "fail":
            raise SubscriptionFailed("The feed is gone.")
        if self.end == "silence":
            try:
                await asyncio.sleep(30)
            finally:
                self.stopped.set()


@asynccontextmanager
async def streaming(
    feed: Feed, framing: Framing, *, heartbeat_seconds: float = 5, lives_seconds: float | None = None
) -> AsyncIterator[aiohttp.ClientResponse]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await stream_response(
            receive,
            send,
            feed.registry.subscribe("feed", feed.events),
            framing,
            headers=[(b"x-request-id", b"r1")],
            heartbeat_seconds=heartbeat_seconds,
            expires_at=None if lives_seconds is None else time.time() + lives_seconds,
        )

    async with (
        serve(app, lifespan="off") as url,
        aiohttp.ClientSession() as session,
        session.post(url, data=b"{}") as response,
    ):
        yield response


async def test_server_sent_events_follow_the_protocol() -> None:
    async with streaming(Feed(), EventStreamFraming()) as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["x-request-id"] == "r1"
        assert await response.text() == (
            ':\n\nevent: next\ndata: {"data":{"n":1}}\n\nevent: next\ndata: {"data":{"n":2}}\n\nevent: complete\ndata:\n\n'
        )


async def test_multipart_is_read_by_a_multipart_reader() -> None:
    async with streaming(Feed(), MultipartFraming()) as response:
        assert response.headers["content-type"] == 'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0'
        parts = []
        async for part in aiohttp.MultipartReader.from_response(response):
            assert isinstance(part, aiohttp.BodyPartReader)
            parts.append(await part.json())
    assert parts == [{}, {"payload": {"data": {"n": 1}}}, {"payload": {"data": {"n": 2}}}]


@pytest.mark.parametrize(
    ("framing", "expected"),
    [
        (
            EventStreamFraming(),
            'event: next\ndata: {"errors":[{"message":"The feed is gone.",'
            '"extensions":{"code":"SUBSCRIPTION_UPSTREAM_FAILED"}}]}\n\nevent: complete\ndata:\n\n',
        ),
        (
            MultipartFraming(),
            '\r\n\r\n{"payload":null,"errors":[{"message":"The feed is gone.",'
            '"extensions":{"code":"SUBSCRIPTION_UPSTREAM_FAILED"}}]}\r\n--graphql--\r\n',
        ),
    ],
)
async def test_failure_is_told_before_the_end(framing: Framing, expected: str) -> None:
    async with streaming(Feed("fail"), framing) as response:
        assert (await response.text()).endswith(expected)


async def test_silence_is_filled_with_heartbeats() -> None:
    async with streaming(Feed("silence"), EventStreamFraming(), heartbeat_seconds=0.05) as response:
        received = b""
        async with asyncio.timeout(5):
            while received.count(b":\n\n") < 3:
                received += await response.content.readany()


async def test_client_that_leaves_stops_the_source() -> None:
    feed = Feed("silence")
    async with streaming(feed, EventStreamFraming()) as response:
        await response.content.readany()
        response.close()
        async with asyncio.timeout(5):
            await feed.stopped.wait()


async def test_stream_ends_with_the_token() -> None:
    feed = Feed("silence")
    async with streaming(feed, EventStreamFraming(), lives_seconds=0.2) as response, asyncio.timeout(5):
        text = await response.text()
    assert '"code":"UNAUTHENTICATED"' in text
    assert text.endswith("event: complete\ndata:\n\n")
    assert feed.stopped.is_set()


async def test_closing_the_registry_completes_the_stream() -> None:
    feed = Feed("silence")
    async with streaming(feed, EventStreamFraming()) as response:
        await response.content.readany()
        await feed.registry.close()
        assert (await response.text()).endswith("event: complete\ndata:\n\n")
