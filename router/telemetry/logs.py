"""Structured logs: one JSON object per line on stderr, with secrets removed whatever a caller passes."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, MutableMapping
from typing import Any

import orjson
import structlog

__all__ = ["configure_logging", "get_logger", "redact_secrets", "without_query_strings"]

SECRET_NAMES = ("authorization", "cookie", "token", "secret", "password", "api_key", "apikey")


def configure_logging(level: str) -> None:
    """Send structlog and the standard library's logging (uvicorn, aiohttp) to stderr as JSON lines."""
    processors: list[Callable[..., Any]] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact_secrets,
    ]
    structlog.configure(
        processors=[*processors, structlog.processors.JSONRenderer(serializer=_dumps)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=processors,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_dumps),
            ],
        )
    )
    handler.addFilter(without_query_strings)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return a logger that names its module."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(module=name)
    return logger


def redact_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank the value of every key that names a secret, at any depth."""
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(key: str, value: Any) -> Any:
    if any(name in key.lower() for name in SECRET_NAMES):
        return "[redacted]"
    if isinstance(value, dict):
        return {str(name): _redacted(str(name), entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redacted("", entry) for entry in value]
    return value


def without_query_strings(record: logging.LogRecord) -> bool:
    """Cut the query strings out of uvicorn's lines about WebSockets: where browsers can set no header, tokens are put there."""
    if record.name.startswith("uvicorn") and isinstance(record.args, tuple):
        record.args = tuple(given.partition("?")[0] if isinstance(given, str) else given for given in record.args)
    return True


def _dumps(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
