"""Where the requests of one URL go, and how they are written (RFC 9112, section 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from router.execute.content_decoding import ACCEPT_ENCODING
from router.execute.http_pool import ConnectionPool

__all__ = ["HttpTarget"]

# Fields that describe the message or the connection, not the caller (RFC 9110, section 7.6.1).
OWN_FIELDS = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


class HttpTarget:
    """A URL: its server's connections, and the part of the header that all requests share."""

    def __init__(self, pool: ConnectionPool, path: str, host: str) -> None:
        self.pool = pool
        head = (
            f"POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
            "accept: application/graphql-response+json, application/json;q=0.9\r\n"
            f"accept-encoding: {ACCEPT_ENCODING}\r\n"
        )
        self._head = head.encode("ascii")

    def message(self, headers: Mapping[str, str], body: bytes) -> bytes:
        """Return a POST request."""
        fields = "".join(_fields(headers)).encode("latin-1", "replace")
        return b"%b%bcontent-length: %d\r\n\r\n%b" % (self._head, fields, len(body), body)


def _fields(headers: Mapping[str, str]) -> Iterator[str]:
    for name, value in headers.items():
        # A line break in a value would end the field (RFC 9110, section 5.5).
        if name.lower() not in OWN_FIELDS and not any(c in value or c in name for c in "\r\n\0"):
            yield f"{name}: {value}\r\n"
