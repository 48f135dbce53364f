"""Request ids and trace context."""

from __future__ import annotations

import pytest

from router.telemetry.trace import trace_of

PARENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_trace_is_continued_with_a_span_of_our_own() -> None:
    trace = trace_of(b"req-1", PARENT)
    assert trace.request_id == "req-1"
    assert trace.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    version, trace_id, span_id, flags = trace.traceparent.split("-")
    assert (version, trace_id, flags) == ("00", trace.trace_id, "01")
    assert len(span_id) == 16
    assert span_id != "00f067aa0ba902b7"


@pytest.mark.parametrize("request_id", [None, b"", b"x" * 129, b'a"b', b"a\nb", "ä".encode()])
def test_malformed_request_id_is_replaced(request_id: bytes | None) -> None:
    assert len(trace_of(request_id, None).request_id) == 32


@pytest.mark.parametrize(
    "parent",
    [
        None,
        b"nonsense",
        b"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        b"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        b"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    ],
)
def test_malformed_traceparent_starts_a_trace(parent: bytes | None) -> None:
    first, second = trace_of(None, parent), trace_of(None, parent)
    assert first.trace_id != second.trace_id
    assert first.traceparent.startswith(f"00-{first.trace_id}-")
