"""Secrets do not reach the logs."""

from __future__ import annotations

from router.telemetry.logs import redact_secrets


def test_secrets_are_blanked_at_any_depth() -> None:
    event = {
        "event": "request",
        "Authorization": "Bearer abc",
        "headers": {"cookie": "session=1", "accept": "*/*"},
        "access_token": "abc",
        "client_secret": "abc",
    }
    assert redact_secrets(None, "info", event) == {
        "event": "request",
        "Authorization": "[redacted]",
        "headers": {"cookie": "[redacted]", "accept": "*/*"},
        "access_token": "[redacted]",
        "client_secret": "[redacted]",
    }
