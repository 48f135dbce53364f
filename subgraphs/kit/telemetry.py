"""Structured logs: one JSON line per event, with the request and trace it belongs to. Never a token, never a secret."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

__all__ = ["bind_request", "configure_logging", "get_logger"]

# Values under these names never reach a log line.
_SECRET_NAMES = ("authorization", "secret", "password", "token", "client_secret", "private_key")


def configure_logging(service: str, level: str = "INFO", *, readable: bool = False) -> None:
    """Set up this process's logs: JSON lines on stderr, or readable ones for a terminal."""
    renderer: Any = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_service(service),
            _drop_secrets,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level.upper(), logging.INFO)),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> Any:
    """Return a logger whose lines carry `logger: name`."""
    return structlog.get_logger().bind(logger=name)


def bind_request(request_id: str, trace_id: str | None = None, tenant: str | None = None) -> None:
    """Make every following log line of this task carry the request, its trace and its tenant."""
    structlog.contextvars.clear_contextvars()
    bound = {"request_id": request_id, "trace_id": trace_id, "tenant": tenant}
    structlog.contextvars.bind_contextvars(**{name: value for name, value in bound.items() if value is not None})


def _add_service(service: str) -> Any:
    def add(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["service"] = service
        return line

    return add


def _drop_secrets(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: "[redacted]" if name.lower() in _SECRET_NAMES else value for name, value in line.items()}
