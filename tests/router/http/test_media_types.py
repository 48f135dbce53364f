"""Content negotiation (GraphQL over HTTP, "Accept" and "Legacy Watershed")."""

from __future__ import annotations

import pytest

from router.errors import NotAcceptable
from router.http.media_types import EVENT_STREAM, JSON, MULTIPART, RESPONSE_JSON, is_json_content, negotiate


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, (RESPONSE_JSON, JSON)),
        (b"application/json", (JSON,)),
        (b"application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", (RESPONSE_JSON, JSON)),
        (b"application/json;q=0.5, application/graphql-response+json;q=0.9", (RESPONSE_JSON, JSON)),
        (b"*/*", (JSON,)),
        (b"text/html, */*;q=0.1", (JSON,)),
        (b"APPLICATION/JSON", (JSON,)),
        (b"text/event-stream", (EVENT_STREAM,)),
        (b'multipart/mixed;subscriptionSpec="1.0", application/json', (MULTIPART, JSON)),
        (b"application/json;q=0, text/event-stream", (EVENT_STREAM,)),
    ],
)
def test_preferred_supported_type_comes_first(accept: bytes | None, expected: tuple[str, ...]) -> None:
    assert negotiate(accept) == expected


@pytest.mark.parametrize("accept", [b"text/html", b"application/json; charset=latin-1", b"", b"application/json;q=x"])
def test_nothing_in_common_is_not_acceptable(accept: bytes) -> None:
    with pytest.raises(NotAcceptable, match="the router speaks application/graphql-response\\+json, application/json, "):
        negotiate(accept)


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (b"application/json", True),
        (b"application/json; charset=UTF-8", True),
        (b'application/json; charset="utf-8"', True),
        (b"application/json; charset=latin-1", False),
        (b"text/plain", False),
        (b"application/x-www-form-urlencoded", False),
        (b"multipart/form-data; boundary=x", False),
        (None, False),
    ],
)
def test_only_utf8_json_is_a_request_body(content_type: bytes | None, expected: bool) -> None:
    assert is_json_content(content_type) is expected
