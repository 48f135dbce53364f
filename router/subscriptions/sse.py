"""GraphQL over server-sent events, distinct connections mode: one operation per response.

Protocol: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import orjson

from router.errors import RouterError

__all__ = ["EventStreamFraming"]


class EventStreamFraming:
    """`next` events with an execution result each, then `complete`. JSON on one line needs no further escaping."""

    content_type = b"text/event-stream; charset=utf-8"
    heartbeat = b":\n\n"

    def next(self, body: bytes) -> bytes:
        """Return the event for one answer."""
        return b"event: next\ndata: " + body + b"\n\n"

    def error(self, error: RouterError) -> bytes:
        """Return the event for the reason of an early end: the protocol has none but an answer with errors."""
        return self.next(orjson.dumps({"errors": error.formatted()}))

    def end(self) -> bytes:
        """Return the event after which nothing comes."""
        return b"event: complete\ndata:\n\n"
