"""Request ids and W3C Trace Context: taken over from the caller when well formed, generated otherwise."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

__all__ = ["Trace", "trace_of"]

# What others may put in our logs and headers: printable, no spaces, short.
REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=\-]{1,128}\Z")
# https://www.w3.org/TR/trace-context/#traceparent-header; version ff is forbidden, ids of zeros are invalid.
TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")


@dataclass(frozen=True, slots=True)
class Trace:
    """The identity of one request across processes."""

    request_id: str
    trace_id: str
    traceparent: str


def trace_of(request_id: bytes | None, traceparent: bytes | None) -> Trace:
    """Return the trace that this request continues, with a new span id for the router's own work."""
    random = secrets.token_hex(40)
    parent = TRACEPARENT.match(traceparent) if traceparent else None
    trace_id = parent[1].decode() if parent else random[:32]
    flags = parent[2].decode() if parent else "00"
    known = request_id if request_id and REQUEST_ID.match(request_id) else None
    return Trace(
        request_id=known.decode() if known else random[48:],
        trace_id=trace_id,
        traceparent=f"00-{trace_id}-{random[32:48]}-{flags}",
    )
