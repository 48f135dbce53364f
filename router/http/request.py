"""GraphQL request parameters, read from a GET query string, a POST body or a WebSocket payload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from router.errors import BadRequest, BatchingNotAllowed, BatchTooLarge

__all__ = ["GraphQLRequest", "request_from_object", "request_from_query_string", "requests_from_body"]


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A GraphQL-over-HTTP request; `query` may be missing when a persisted document is named instead."""

    query: str | None
    operation_name: str | None
    variables: dict[str, Any]
    extensions: dict[str, Any]
    document_id: str | None = None


def requests_from_body(body: bytes, max_batch_size: int) -> tuple[list[GraphQLRequest], bool]:
    """Return the requests of a JSON body, and whether they came as a batch.

    Raises:
        BadRequest, BatchingNotAllowed, BatchTooLarge
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest("The request body is not valid JSON.") from None
    if not isinstance(value, list):
        return [request_from_object(value)], False
    if max_batch_size <= 1:
        raise BatchingNotAllowed("Batches of operations are not enabled.")
    if not value:
        raise BadRequest("The batch is empty.")
    if len(value) > max_batch_size:
        raise BatchTooLarge(f"A batch may hold {max_batch_size} operations.")
    return [request_from_object(entry) for entry in value], True


def request_from_query_string(query_string: bytes) -> GraphQLRequest:
    """Return the request of a GET: `variables` and `extensions` are JSON, an empty `operationName` is none.

    Raises:
        BadRequest: the parameters are malformed or given twice.
    """
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, max_num_fields=32, errors="strict")
    except ValueError:
        raise BadRequest("The query string is malformed.") from None
    parameters = dict(pairs)
    if len(parameters) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise BadRequest(f"The parameter '{repeated[:100]}' is given more than once.")
    value: dict[str, Any] = {}
    for name in ("query", "operationName", "documentId"):
        if parameters.get(name):
            value[name] = parameters[name]
    for name in ("variables", "extensions"):
        if parameters.get(name):
            try:
                value[name] = orjson.loads(parameters[name])
            except orjson.JSONDecodeError:
                raise BadRequest(f"The parameter '{name}' is not valid JSON.") from None
    return request_from_object(value)


def request_from_object(value: Any) -> GraphQLRequest:
    """Return the request in a decoded JSON object.

    Raises:
        BadRequest: a parameter is missing or of the wrong type.
    """
    if not isinstance(value, dict):
        raise BadRequest("A GraphQL request is a JSON object.")
    query = value.get("query")
    operation_name = value.get("operationName")
    variables = value.get("variables")
    extensions = value.get("extensions")
    document_id = value.get("documentId")
    if query is not None and not isinstance(query, str):
        raise BadRequest("The parameter 'query' must be a string.")
    if operation_name is not None and not isinstance(operation_name, str):
        raise BadRequest("The parameter 'operationName' must be a string.")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("The parameter 'variables' must be an object.")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest("The parameter 'extensions' must be an object.")
    if document_id is not None and not isinstance(document_id, str):
        raise BadRequest("The parameter 'documentId' must be a string.")
    if not query and not document_id and not (extensions and "persistedQuery" in extensions):
        raise BadRequest("The parameter 'query' is missing.")
    return GraphQLRequest(query or None, operation_name or None, variables or {}, extensions or {}, document_id)
