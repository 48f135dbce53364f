"""Logs are JSON lines that say what they belong to, and keep secrets to themselves."""

import json
from typing import Any

import pytest

from subgraphs.kit.telemetry import bind_request, configure_logging, get_logger


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_carries_its_service_request_trace_and_tenant(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("thing")
    bind_request("req-1", "0af7651916cd43dd8448eb211c80319c", "acme")
    get_logger("relay").warning("late", commits=3)
    [line] = lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "service": "thing",
        "logger": "relay",
        "level": "warning",
        "event": "late",
        "commits": 3,
        "request_id": "req-1",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "tenant": "acme",
    }
    bind_request("req-2")
    get_logger("relay").warning("next")
    assert "tenant" not in lines(capsys)[0]


def test_secrets_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("thing")
    get_logger("http").info("request", Authorization="Bearer abc", client_secret="abc", token="abc", password="abc", path="/")
    [line] = lines(capsys)
    assert "abc" not in json.dumps(line)
    assert line["path"] == "/"


def test_an_error_is_written_with_its_traceback_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("thing")
    try:
        raise ValueError("broken\nin two lines")
    except ValueError as error:
        get_logger("relay").error("failed", exc_info=error)
    [line] = lines(capsys)
    assert "ValueError: broken" in line["exception"]


def test_less_than_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("thing", "WARNING")
    get_logger("relay").info("busy")
    assert lines(capsys) == []
