"""A response that goes on: frames are sent as they come, with heartbeats between them, until either side ends it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from router.errors import RouterError, Unauthenticated
from router.subscriptions.registry import Subscriber

__all__ = ["Framing", "stream_response"]

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# What a client may take to read one frame before it counts as gone.
SEND_TIMEOUT_SECONDS = 10.0


class Framing(Protocol):
    """How one streaming media type writes answers, errors, heartbeats and the end."""

    content_type: bytes
    heartbeat: bytes

    def next(self, body: bytes) -> bytes: ...
    def error(self, error: RouterError) -> bytes: ...
    def end(self) -> bytes: ...


async def stream_response(
    receive: Receive,
    send: Send,
    source: Subscriber | bytes,
    framing: Framing,
    *,
    headers: list[tuple[bytes, bytes]],
    heartbeat_seconds: float,
    expires_at: float | None,
) -> None:
    """Send the answers of `source` (one, or a subscription's) until its end, the client's, or the token's."""
    sending = asyncio.create_task(_send_all(send, source, framing, headers, heartbeat_seconds, expires_at))
    leaving = asyncio.create_task(_disconnected(receive))
    try:
        await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        sending.cancel()
        leaving.cancel()
        await asyncio.gather(sending, leaving, return_exceptions=True)
        if isinstance(source, Subscriber):
            source.close()


async def _send_all(
    send: Send,
    source: Subscriber | bytes,
    framing: Framing,
    headers: list[tuple[bytes, bytes]],
    heartbeat_seconds: float,
    expires_at: float | None,
) -> None:
    start = [(b"content-type", framing.content_type), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": start + headers})
    if isinstance(source, bytes):
        await _send_frame(send, framing.next(source))
    else:
        # The first frame opens the stream at the client, who may have to wait long for the first event.
        await _send_frame(send, framing.heartbeat)
        try:
            while (frame := await _next_frame(source, framing, heartbeat_seconds, expires_at)) is not None:
                await _send_frame(send, frame)
        except RouterError as error:
            await _send_frame(send, framing.error(error))
    await send({"type": "http.response.body", "body": framing.end()})


async def _next_frame(source: Subscriber, framing: Framing, heartbeat_seconds: float, expires_at: float | None) -> bytes | None:
    wait = heartbeat_seconds
    if expires_at is not None:
        left = expires_at - time.time()
        if left <= 0:
            raise Unauthenticated("The access token has expired.")
        wait = min(wait, left)
    try:
        body = await source.next(wait)
    except TimeoutError:
        return framing.heartbeat
    return None if body is None else framing.next(body)


async def _send_frame(send: Send, frame: bytes) -> None:
    async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
        await send({"type": "http.response.body", "body": frame, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
