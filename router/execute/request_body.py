"""Builds the JSON bodies of one fetch; what does not vary between requests is serialised once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from graphql import strip_ignored_characters

from router.plan.nodes import Fetch

__all__ = ["RequestBody"]


class RequestBody:
    """The GraphQL over HTTP request of a fetch (GraphQL over HTTP, section 5.1)."""

    def __init__(self, fetch: Fetch, defaults: Mapping[str, Any]) -> None:
        """`defaults` are the default values of the client's variables, for those that the client leaves out."""
        head: dict[str, Any] = {"query": strip_ignored_characters(fetch.operation)}
        if fetch.operation_name is not None:
            head["operationName"] = fetch.operation_name
        self._without_variables = orjson.dumps(head)
        self._head = self._without_variables[:-1] + b',"variables":{'
        self._names = tuple((name, orjson.dumps(name) + b":") for name in fetch.variables)
        self._defaults = {name: prefix + orjson.dumps(defaults[name]) for name, prefix in self._names if name in defaults}

    def build(self, variables: Mapping[str, Any]) -> bytes:
        """Return the body of a request for root fields."""
        parts = self._parts(variables)
        return self._head + b",".join(parts) + b"}}" if parts else self._without_variables

    def head(self, variables: Mapping[str, Any], extra: Mapping[str, Any]) -> bytes:
        """Return an `_entities` request's body up to the representations; `extra` are variables that are not the client's."""
        parts = self._parts(variables)
        parts += [orjson.dumps(name) + b":" + orjson.dumps(value) for name, value in extra.items()]
        parts.append(b'"representations":')
        return self._head + b",".join(parts)

    @staticmethod
    def with_representations(head: bytes, representations: bytes) -> bytes:
        """Return the body with this head; `representations` is JSON."""
        return head + representations + b"}}"

    def _parts(self, variables: Mapping[str, Any]) -> list[bytes]:
        parts = []
        for name, prefix in self._names:
            if name in variables:
                parts.append(prefix + orjson.dumps(variables[name]))
            elif name in self._defaults:
                parts.append(self._defaults[name])
        return parts
