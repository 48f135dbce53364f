"""Builds the JSON bodies of one fetch; what does not vary between requests is serialised once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from router.plan.nodes import Fetch

__all__ = ["RequestBody"]


class RequestBody:
    """The GraphQL over HTTP request of a fetch (GraphQL over HTTP, section 5.1)."""

    def __init__(self, fetch: Fetch, defaults: Mapping[str, Any]) -> None:
        """`defaults` are the default values of the client's variables, for those that the client leaves out."""
        head: dict[str, Any] = {"query": fetch.operation}
        if fetch.operation_name is not None:
            head["operationName"] = fetch.operation_name
        self._without_variables = orjson.dumps(head)
        self._head = self._without_variables[:-1] + b',"variables":{'
        self._names = tuple((name, orjson.dumps(name) + b":") for name in fetch.variables)
        self._defaults = {name: prefix + orjson.dumps(defaults[name]) for name, prefix in self._names if name in defaults}

    def build(self, variables: Mapping[str, Any], representations: bytes | None, extra: Mapping[str, Any] | None = None) -> bytes:
        """Return the body; `representations` is JSON, `extra` are variables that are not the client's."""
        parts = []
        for name, prefix in self._names:
            if name in variables:
                parts.append(prefix + orjson.dumps(variables[name]))
            elif name in self._defaults:
                parts.append(self._defaults[name])
        for name, value in (extra or {}).items():
            parts.append(orjson.dumps(name) + b":" + orjson.dumps(value))
        if representations is not None:
            parts.append(b'"representations":' + representations)
        return self._head + b",".join(parts) + b"}}" if parts else self._without_variables
