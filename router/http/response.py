"""Complete responses over bare ASGI, and the status of an answer in each media type (GraphQL over HTTP, "Status Codes")."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson

from router.errors import DocumentRejected, PersistedQueryNotFound, PersistedQueryNotSupported, RouterError
from router.http.media_types import JSON, RESPONSE_JSON

__all__ = ["CONTENT_TYPES", "Headers", "error_body", "error_status", "result_status", "send_response"]

Headers = list[tuple[bytes, bytes]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CONTENT_TYPES = {
    RESPONSE_JSON: b"application/graphql-response+json; charset=utf-8",
    JSON: b"application/json; charset=utf-8",
}


async def send_response(send: Send, status: int, content_type: bytes, body: bytes, headers: Headers) -> None:
    """Send one whole response."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", content_type),
                (b"content-length", b"%d" % len(body)),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


def result_status(media_type: str, executed: bool) -> int:
    """Return the status of an answer: a request error is 400, except in application/json, which says 200 to all."""
    return 200 if executed or media_type == JSON else 400


def error_status(media_type: str, error: RouterError) -> int:
    """Return the status of a refusal.

    In application/json a well-formed request is answered with 200 even when its document is refused; a refusal
    that HTTP has a word for (401, 405, 413, 429, …) keeps its status in every media type. What is not executed is
    never a 2xx in application/graphql-response+json.
    """
    if isinstance(error, DocumentRejected):
        return result_status(media_type, executed=False)
    if isinstance(error, PersistedQueryNotFound | PersistedQueryNotSupported):
        return 200 if media_type == JSON else 400
    return error.status


def error_body(error: RouterError) -> bytes:
    """Return the GraphQL response of a refusal: errors, no data (GraphQL section 7.1)."""
    return orjson.dumps({"errors": error.formatted()})
