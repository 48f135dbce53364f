"""The HTTP client against real sockets: a server that answers with exactly the bytes it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import brotli
import pytest

from router.execute.failures import MalformedResponse, ResponseTooLarge, SubgraphTimeout, SubgraphUnreachable
from router.execute.transport import HttpTransport, SubgraphRequest, SubgraphResponse
from tests.testkit.asgi_server import free_port

Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
Send = Callable[..., Awaitable[SubgraphResponse]]


class RawServer:
    """Reads requests, gives each to a handler that writes the answer."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self.heads: list[bytes] = []

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                await self.handler(await reader.readexactly(length), writer)
                await writer.drain()
        self.open -= 1
        writer.close()


def answering(*parts: bytes, close: bool = False) -> Handler:
    async def handler(body: bytes, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(0.001)
        if close:
            writer.close()

    return handler


def response(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@contextlib.asynccontextmanager
async def talking(handler: Handler, **options: Any) -> AsyncIterator[tuple[RawServer, Send]]:
    raw = RawServer(handler)
    server = await asyncio.start_server(raw.connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport = HttpTransport(**{"timeout_seconds": 5, "max_response_bytes": 10_000, **options})

    async def send(body: bytes = b"{}", **more: Any) -> SubgraphResponse:
        more = {"headers": {}, **more}
        return await transport.send(SubgraphRequest("a", f"http://127.0.0.1:{port}/graphql?v=1", body, **more))

    try:
        yield raw, send
    finally:
        await transport.close()
        server.close()
        await asyncio.sleep(0.01)


async def test_the_request_is_a_post_of_json_with_the_headers_given() -> None:
    async with talking(answering(response(b"{}", "content-type: application/json"))) as (server, send):
        answer = await send(headers={"authorization": "Bearer t", "Host": "evil", "x-bad": "a\r\nx: y"})
    assert answer == SubgraphResponse(200, b"{}", "application/json")
    lines = server.heads[0].decode().split("\r\n")
    assert lines[0] == "POST /graphql?v=1 HTTP/1.1"
    assert lines[1].startswith("host: 127.0.0.1:")
    assert lines[2:] == [
        "content-type: application/json",
        "accept: application/graphql-response+json, application/json;q=0.9",
        "accept-encoding: gzip, br",
        "authorization: Bearer t",
        "content-length: 2",
        "",
        "",
    ]


async def test_connections_are_used_again() -> None:
    async with talking(answering(response(b"1"))) as (server, send):
        for _ in range(5):
            assert (await send()).body == b"1"
    assert server.connections == 1


async def test_no_more_connections_than_allowed_are_open_at_once() -> None:
    async with talking(answering(response(b"1")), max_connections_per_host=3) as (server, send):
        answers = await asyncio.gather(*(send() for _ in range(20)))
    assert [answer.body for answer in answers] == [b"1"] * 20
    assert server.most_open == 3


async def test_a_chunked_answer_in_pieces_is_read_whole() -> None:
    parts = (b"HTTP/1.1 200 OK\r\ntransfer-", b"encoding: chunked\r\n\r\n3\r\nabc\r", b"\n2\r\nde\r\n0\r\n\r\n")
    async with talking(answering(*parts)) as (_, send):
        assert (await send()).body == b"abcde"


async def test_an_answer_without_length_ends_with_the_connection() -> None:
    async with talking(answering(b"HTTP/1.1 200 OK\r\n\r\nabc", close=True)) as (server, send):
        assert (await send()).body == b"abc"
        assert (await send()).body == b"abc"
    assert server.connections == 2


async def test_an_informational_answer_is_skipped() -> None:
    async with talking(answering(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", response(b"final"))) as (_, send):
        assert await send() == SubgraphResponse(200, b"final", "")


@pytest.mark.parametrize(("coding", "encode"), [("gzip", gzip.compress), ("br", brotli.compress)])
async def test_compressed_answers_are_decoded_up_to_the_limit(coding: str, encode: Callable[[bytes], bytes]) -> None:
    content = b"x" * 9_999
    async with talking(answering(response(encode(content), f"content-encoding: {coding}"))) as (_, send):
        assert (await send()).body == content
    async with talking(answering(response(encode(b"x" * 10_001), f"content-encoding: {coding}"))) as (_, send):
        with pytest.raises(ResponseTooLarge):
            await send()
    async with talking(answering(response(encode(content)[:-3], f"content-encoding: {coding}"))) as (_, send):
        with pytest.raises(MalformedResponse):
            await send()


@pytest.mark.parametrize(
    "answer",
    [
        response(b"x" * 10_001),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        + b"1000\r\n"
        + b"x" * 4096
        + b"\r\n" * 1
        + b"2000\r\n"
        + b"y" * 8192,
        b"HTTP/1.1 200 OK\r\nx-big: " + b"x" * 70_000,
    ],
    ids=["length", "chunked", "header"],
)
async def test_an_oversized_answer_is_refused_before_it_is_read_whole(answer: bytes) -> None:
    async with talking(answering(answer)) as (_, send):
        with pytest.raises(ResponseTooLarge):
            await send()


async def test_what_is_not_http_is_malformed() -> None:
    async with talking(answering(b"SSH-2.0-OpenSSH\r\n")) as (_, send):
        with pytest.raises(MalformedResponse):
            await send()


async def test_a_slow_answer_times_out_and_its_connection_is_not_used_again() -> None:
    slow = True

    async def handler(body: bytes, writer: asyncio.StreamWriter) -> None:
        if slow:
            await asyncio.sleep(0.2)
        writer.write(response(b"late" if slow else b"fresh"))

    async with talking(handler, timeout_seconds=0.05) as (server, send):
        with pytest.raises(SubgraphTimeout):
            await send()
        slow = False
        assert (await send()).body == b"fresh"
        await asyncio.sleep(0.2)
    assert server.connections == 2


async def test_a_subgraph_has_its_own_timeout_and_a_request_less_time() -> None:
    async def handler(body: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        writer.write(response(b"1"))

    async with talking(handler, timeout_seconds=0.01, timeouts={"a": 2.0}) as (_, send):
        assert (await send()).body == b"1"
        with pytest.raises(SubgraphTimeout):
            await send(timeout_seconds=0.01)
        await asyncio.sleep(0.1)


async def test_a_query_on_a_stale_connection_is_sent_again_a_mutation_is_not() -> None:
    received: list[bytes] = []

    async def handler(body: bytes, writer: asyncio.StreamWriter) -> None:
        received.append(body)
        if len(received) in {2, 4}:
            # The race of a keep-alive timeout: closed when the next request is already on its way.
            writer.transport.abort()
        else:
            writer.write(response(b"1"))

    async with talking(handler) as (_, send):
        await send(b"first")
        assert (await send(b"query")).body == b"1"
        with pytest.raises(SubgraphUnreachable):
            await send(b"mutation", repeatable=False)
    assert received == [b"first", b"query", b"query", b"mutation"]


async def test_a_connection_that_breaks_in_the_middle_is_an_error() -> None:
    async with talking(answering(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", close=True)) as (server, send):
        with pytest.raises(SubgraphUnreachable):
            await send()
    assert len(server.heads) == 1


async def test_a_connection_that_talks_unasked_is_closed() -> None:
    async with talking(answering(response(b"1") + b"HTTP/1.1 408 Timeout\r\n\r\n")) as (server, send):
        await send()
        await send()
    assert server.connections == 2


async def test_cancelling_closes_the_connection() -> None:
    async def handler(body: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.write(response(body))

    async with talking(handler, max_connections_per_host=1) as (server, send):
        task = asyncio.create_task(send(b"1"))  # type: ignore[arg-type]
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await send(b"2")).body == b"2"
    assert server.connections == 2


async def test_nobody_listening_and_no_url_are_unreachable() -> None:
    transport = HttpTransport(timeout_seconds=1, max_response_bytes=1)
    for url in (f"http://127.0.0.1:{free_port()}/graphql", "ftp://x/", "http://x:99999/", "/graphql"):
        with pytest.raises(SubgraphUnreachable):
            await transport.send(SubgraphRequest("a", url, b"{}", {}))
    await transport.close()
