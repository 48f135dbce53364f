"""Reads a subgraph's answer (GraphQL section 7.1; GraphQL over HTTP, section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from router.execute.failures import MalformedResponse, SubgraphStatus
from router.execute.response_tree import Object
from router.execute.transport import SubgraphResponse

__all__ = ["SubgraphAnswer", "read_answer", "read_payload"]


@dataclass(frozen=True, slots=True)
class SubgraphAnswer:
    """An execution result of a subgraph."""

    data: Object | None
    errors: list[Any]


def read_answer(response: SubgraphResponse) -> SubgraphAnswer:
    """Return the GraphQL answer in an HTTP response, whatever its status if it is one.

    Raises:
        SubgraphStatus, MalformedResponse
    """
    try:
        return read_payload(orjson.loads(response.body))
    except orjson.JSONDecodeError as error:
        if not 200 <= response.status < 300:
            raise SubgraphStatus(response.status) from error
        raise MalformedResponse("the answer is not JSON") from error
    except MalformedResponse as error:
        if not 200 <= response.status < 300:
            raise SubgraphStatus(response.status) from error
        raise


def read_payload(payload: Any) -> SubgraphAnswer:
    """Return the GraphQL answer in a JSON value.

    Raises:
        MalformedResponse
    """
    if not isinstance(payload, dict):
        raise MalformedResponse("the answer is not a JSON object")
    data, errors = payload.get("data"), payload.get("errors")
    if errors is None:
        errors = []
    if not isinstance(errors, list):
        raise MalformedResponse("'errors' of the answer is not a list")
    if data is not None and not isinstance(data, dict):
        raise MalformedResponse("'data' of the answer is not an object")
    if data is None and not errors:
        raise MalformedResponse("the answer has neither data nor errors")
    return SubgraphAnswer(data, errors)
