"""An answer in parts as multipart/mixed (incremental delivery over HTTP).

Protocol: https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md. Clients that ask for
`deferSpec=20220824` get the format of that draft, in which each deferred result repeats its path and label.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

import orjson

from router.errors import ClientGone
from router.execute.incremental import Payload

__all__ = ["only_part", "send_parts"]

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CONTENT_TYPE = b'multipart/mixed; boundary="-"'
DRAFT = b"deferspec=20220824"
DRAFT_CONTENT_TYPE = CONTENT_TYPE + b"; deferSpec=20220824"
DELIMITER = b"\r\n---"
HEAD = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
END = b"--\r\n"
# What a client may take to read one part before it counts as gone.
SEND_TIMEOUT_SECONDS = 10.0


async def send_parts(send: Send, payloads: AsyncIterable[Payload], accept: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """Send each payload as soon as it is there, in the format that `accept` asks for.

    The end of a part is told by the delimiter that follows it at once.

    Raises:
        ClientGone: a part was not read in time.
    """
    draft = DRAFT in accept.lower().replace(b" ", b"").replace(b'"', b"")
    content_type = DRAFT_CONTENT_TYPE if draft else CONTENT_TYPE
    start = [(b"content-type", content_type), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": start + headers})
    before = DELIMITER + HEAD
    pending: dict[str, Payload] = {}
    async for payload in payloads:
        body = orjson.dumps(_in_draft(payload, pending) if draft else payload)
        await _send(send, before + body + DELIMITER)
        before = HEAD
    await _send(send, END, more=False)


async def only_part(body: bytes) -> AsyncIterator[Payload]:
    """Yield an answer of which nothing is deferred."""
    yield {**orjson.loads(body), "hasNext": False}


def _in_draft(payload: Payload, pending: dict[str, Payload]) -> Payload:
    """Return a payload in the format of the draft of 24 August 2022; `pending` is what was announced so far, by id."""
    for entry in payload.get("pending", ()):
        pending[entry["id"]] = {name: value for name, value in entry.items() if name != "id"}
    results: list[Payload] = []
    for entry in payload.get("incremental", ()):
        told = {name: value for name, value in entry.items() if name != "id"}
        results.append({**told, **pending[entry["id"]]})
    for entry in payload.get("completed", ()):
        place = pending.pop(entry["id"])
        if "errors" in entry:
            results.append({"data": None, "errors": entry["errors"], **place})
    kept = {name: value for name, value in payload.items() if name not in {"pending", "incremental", "completed"}}
    return {"incremental": results, **kept} if results else kept


async def _send(send: Send, body: bytes, *, more: bool = True) -> None:
    try:
        async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
            await send({"type": "http.response.body", "body": body, "more_body": more})
    except TimeoutError:
        raise ClientGone("The client does not read its answer.") from None
