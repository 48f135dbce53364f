"""Subscriptions as multipart/mixed parts (`subscriptionSpec=1.0`), the protocol of Apollo's clients over HTTP.

Protocol: https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
"""

from __future__ import annotations

import orjson

from router.errors import RouterError

__all__ = ["MultipartFraming"]

BOUNDARY = b"graphql"
PART = b"\r\n--" + BOUNDARY + b"\r\ncontent-type: application/json\r\n\r\n"


class MultipartFraming:
    """One part per answer, `{"payload": …}`; a heartbeat is an empty object."""

    content_type = b'multipart/mixed; boundary="' + BOUNDARY + b'"; subscriptionSpec=1.0'
    heartbeat = PART + b"{}"

    def next(self, body: bytes) -> bytes:
        """Return the part for one answer."""
        return PART + b'{"payload":' + body + b"}"

    def error(self, error: RouterError) -> bytes:
        """Return the part for an error of the transport, which ends the subscription."""
        return PART + orjson.dumps({"payload": None, "errors": error.formatted()})

    def end(self) -> bytes:
        """Return the closing boundary."""
        return b"\r\n--" + BOUNDARY + b"--\r\n"
