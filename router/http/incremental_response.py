"""An answer in parts as multipart/mixed (incremental delivery over HTTP).

Protocol: https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, MutableMapping
from typing import Any

__all__ = ["send_parts"]

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CONTENT_TYPE = b'multipart/mixed; boundary="-"'
DELIMITER = b"\r\n---"
HEAD = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
END = b"--\r\n"
# What a client may take to read one part before it counts as gone.
SEND_TIMEOUT_SECONDS = 10.0


async def send_parts(send: Send, payloads: AsyncIterable[bytes], headers: list[tuple[bytes, bytes]]) -> None:
    """Send each payload as soon as it is there. The end of a part is told by the delimiter that follows it at once."""
    start = [(b"content-type", CONTENT_TYPE), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": start + headers})
    before = DELIMITER + HEAD
    async for payload in payloads:
        await _send(send, before + payload + DELIMITER)
        before = HEAD
    await _send(send, END, more=False)


async def _send(send: Send, body: bytes, *, more: bool = True) -> None:
    async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
        await send({"type": "http.response.body", "body": body, "more_body": more})
