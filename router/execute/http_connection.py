"""One HTTP/1.1 connection (RFC 9112): a request at a time, the answer read whole."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httptools

from router.execute.failures import MalformedResponse, ResponseTooLarge, SubgraphFailure, SubgraphUnreachable

__all__ = ["HttpAnswer", "HttpConnection", "StaleConnection"]

# Status line and header fields, before the body.
MAX_HEAD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A response with its content still encoded."""

    status: int
    content_type: str
    content_encoding: str
    body: bytes


class StaleConnection(Exception):
    """The server closed a kept-alive connection before it answered anything."""


class HttpConnection(asyncio.Protocol):
    """Speaks HTTP on a transport. Whatever goes wrong closes the connection."""

    def __init__(self, max_response_bytes: int) -> None:
        self.closed = False
        # When it was last put back, in the loop's time.
        self.idle_since = 0.0
        self._max_bytes = max_response_bytes
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[HttpAnswer] | None = None
        self._used = False
        self._body: list[bytes] = []
        self._reset()

    async def exchange(self, request: bytes) -> HttpAnswer:
        """Send a request, return the answer.

        Raises:
            StaleConnection: on a connection used before; the request may be sent again if that does no harm.
            SubgraphFailure
        """
        if self._transport is None or self.closed:
            raise StaleConnection
        self._reset()
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            self._transport.write(request)
            return await self._waiting
        except BaseException:
            # An answer that comes now would be taken for that to the next request.
            self.close()
            raise
        finally:
            self._waiting = None
            self._used = True

    def close(self) -> None:
        """Close without waiting."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self._waiting is None or self._waiting.done():
            # Nothing was asked: a timeout notice of the server, or worse.
            self.close()
            return
        self._answered = True
        if not self._head_complete:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail(MalformedResponse("the answer is not HTTP"))
        else:
            if not self._head_complete and self._head_bytes > MAX_HEAD_BYTES:
                self._fail(ResponseTooLarge("the answer's header is too large"))

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self.closed = True
        if self._waiting is None or self._waiting.done():
            return
        if self._head_complete and not self._framed and exc is None:
            # RFC 9112, section 6.3: without a length the body ends with the connection.
            self._finish()
        elif self._used and not self._answered:
            self._waiting.set_exception(StaleConnection())
        else:
            self._waiting.set_exception(SubgraphUnreachable("the connection broke"))

    # -- httptools

    def on_message_begin(self) -> None:
        """A second answer to one request would be taken for that to the next."""
        if self._waiting is None or self._waiting.done():
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the header fields that matter."""
        name = name.lower()
        if name == b"content-type":
            self._content_type = value.decode("latin-1")
        elif name == b"content-encoding":
            self._content_encoding = value.decode("latin-1").strip().lower()
        elif name in {b"content-length", b"transfer-encoding"}:
            self._framed = True
            if name == b"content-length" and value.isdigit() and int(value) > self._max_bytes:
                self._fail(ResponseTooLarge("the answer is too large"))

    def on_headers_complete(self) -> None:
        """The body begins."""
        # An informational answer (1xx) is followed by the final one.
        self._head_complete = self._parser.get_status_code() >= 200

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        self._body_bytes += len(body)
        if self._body_bytes > self._max_bytes:
            self._fail(ResponseTooLarge("the answer is too large"))
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        """The answer is complete."""
        if self._head_complete:
            self._finish()

    def _finish(self) -> None:
        if self._waiting is None or self._waiting.done():
            return
        if not self.closed and not self._parser.should_keep_alive():
            self.close()
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body = []
        self._waiting.set_result(HttpAnswer(self._parser.get_status_code(), self._content_type, self._content_encoding, body))

    def _fail(self, failure: SubgraphFailure) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(failure)
        self._body = []
        self.close()

    def _reset(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._answered = False
        self._head_complete = False
        self._head_bytes = 0
        self._framed = False
        self._content_type = ""
        self._content_encoding = ""
        self._body = []
        self._body_bytes = 0
