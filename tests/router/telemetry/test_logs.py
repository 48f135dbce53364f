"""Secrets do not reach the logs."""

from __future__ import annotations

import logging

from router.telemetry.logs import redact_secrets, without_query_strings


def test_secrets_are_blanked_at_any_depth() -> None:
    event = {
        "event": "request",
        "Authorization": "Bearer abc",
        "headers": {"cookie": "session=1", "accept": "*/*"},
        "access_token": "abc",
        "client_secret": "abc",
        "attempts": [{"password": "abc", "user": "me"}],
    }
    assert redact_secrets(None, "info", event) == {
        "event": "request",
        "Authorization": "[redacted]",
        "headers": {"cookie": "[redacted]", "accept": "*/*"},
        "access_token": "[redacted]",
        "client_secret": "[redacted]",
        "attempts": [{"password": "[redacted]", "user": "me"}],
    }


def test_query_strings_of_websockets_are_not_told() -> None:
    given = ("127.0.0.1:1", "/graphql?access_token=abc", 403)
    record = logging.LogRecord("uvicorn.error", logging.INFO, "", 0, '%s - "WebSocket %s" %d', given, None)
    assert without_query_strings(record)
    assert record.getMessage() == '127.0.0.1:1 - "WebSocket /graphql" 403'
