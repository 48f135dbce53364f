"""What clients are told when subgraphs fail: one clear error per failure, at the client's paths, and all data there is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from graphql import build_schema, parse
from starlette.requests import Request
from starlette.responses import Response

from router.execute.executor import Executor, RequestContext
from router.execute.failures import SubgraphTimeout
from router.execute.transport import HttpTransport, SubgraphResponse
from router.plan.nodes import RequiredField, Sequence
from router.supergraph.model import Subgraph, Supergraph
from tests.testkit.asgi_server import serve
from tests.testkit.executing import entities, execute, fetch, path, prepared, requires

SDL = """
type Query { me: User, other: Int, users: [User!] }
type User { id: ID!, name: String, must: String!, friend: User, price: Int, tax: Int }
"""
QUERY = "{ users { id name friend { id name } } }"
PLAN = Sequence(
    (
        fetch("a", "{users{__typename id friend{__typename id}}}"),
        entities("b", path("users.@"), requires("User", "id"), "...on User{name}"),
        entities("c", path("users.@", "friend"), requires("User", "id"), "...on User{name}"),
    )
)


def user(id: str, friend: str | None = None) -> dict[str, Any]:
    return {"__typename": "User", "id": id, "friend": user(friend) if friend else None}


USERS = {"data": {"users": [user("1", "9"), user("2"), user("3", "9")]}}
NAMES = {"data": {"_entities": [{"name": "A"}, {"name": "B"}, {"name": "C"}]}}


async def test_an_entity_error_comes_at_every_place_of_the_entity() -> None:
    error = {
        "message": "no name",
        "path": ["_entities", 0, "name"],
        "locations": [{"line": 1, "column": 2}],
        "extensions": {"code": "NOT_FOUND", "hint": 1},
    }
    result, _ = await execute(
        SDL, QUERY, PLAN, {"a": USERS, "b": NAMES, "c": {"data": {"_entities": [{"name": None}]}, "errors": [error]}}
    )
    nobody = {"id": "9", "name": None}
    assert result.data == {
        "users": [
            {"id": "1", "name": "A", "friend": nobody},
            {"id": "2", "name": "B", "friend": None},
            {"id": "3", "name": "C", "friend": nobody},
        ]
    }
    extensions = {"code": "NOT_FOUND", "hint": 1, "serviceName": "c"}
    assert result.errors == [
        {"message": "no name", "path": ["users", 0, "friend", "name"], "extensions": extensions},
        {"message": "no name", "path": ["users", 2, "friend", "name"], "extensions": extensions},
    ]


async def test_a_failed_fetch_is_one_error_and_the_rest_of_the_data_stays() -> None:
    result, _ = await execute(SDL, QUERY, PLAN, {"a": USERS, "b": SubgraphTimeout("no answer in time"), "c": NAMES | {"x": 1}})
    assert result.errors == [
        {
            "message": "HTTP fetch failed from 'b': no answer in time",
            "path": ["users"],
            "extensions": {"code": "SUBREQUEST_TIMEOUT", "reason": "no answer in time", "serviceName": "b"},
        },
        {
            "message": "HTTP fetch failed from 'c': '_entities' does not have an entry for each representation",
            "path": ["users"],
            "extensions": {
                "code": "SUBREQUEST_MALFORMED_RESPONSE",
                "reason": "'_entities' does not have an entry for each representation",
                "serviceName": "c",
            },
        },
    ]
    assert result.data is not None
    assert [found["id"] for found in result.data["users"]] == ["1", "2", "3"]


async def test_a_failed_fetch_for_one_object_has_its_path() -> None:
    users = {"data": {"users": [user("1"), user("2", "9")]}}
    names = {"data": {"_entities": [{"name": "A"}, {"name": "B"}]}}
    result, _ = await execute(SDL, QUERY, PLAN, {"a": users, "b": names, "c": b"<html>"})
    assert result.errors is not None
    assert [(error["path"], error["extensions"]["reason"]) for error in result.errors] == [
        (["users", 1, "friend"], "the answer is not JSON")
    ]


async def test_an_error_without_a_path_is_at_what_was_fetched() -> None:
    answers = {"a": USERS, "b": {"data": None, "errors": [{"message": "denied"}]}, "c": {"data": {"_entities": [None]}}}
    result, _ = await execute(SDL, QUERY, PLAN, answers)
    assert result.errors == [
        {
            "message": "denied",
            "path": ["users"],
            "extensions": {"code": "DOWNSTREAM_SERVICE_ERROR", "serviceName": "b"},
        }
    ]


async def test_a_root_error_keeps_its_path_and_partial_data() -> None:
    answer = {"data": {"me": None, "other": 1}, "errors": [{"message": "x", "path": ["me"]}]}
    result, _ = await execute(SDL, "{ me { id } other }", fetch("a", "{me{id} other}"), {"a": answer})
    assert result.data == {"me": None, "other": 1}
    assert result.errors == [
        {"message": "x", "path": ["me"], "extensions": {"code": "DOWNSTREAM_SERVICE_ERROR", "serviceName": "a"}}
    ]


async def test_a_null_for_a_field_that_must_not_be_null_is_reported_once_when_a_fetch_failed() -> None:
    plan = Sequence((PLAN.nodes[0], entities("b", path("users.@"), requires("User", "id"), "...on User{must}")))
    result, _ = await execute(SDL, "{ users { id must } }", plan, {"a": USERS, "b": SubgraphResponse(503, b"busy")})
    assert result.data == {"users": None}
    assert result.errors == [
        {
            "message": "HTTP fetch failed from 'b': HTTP status 503",
            "path": ["users"],
            "extensions": {
                "code": "SUBREQUEST_HTTP_ERROR",
                "reason": "HTTP status 503",
                "http": {"status": 503},
                "serviceName": "b",
            },
        }
    ]


async def test_a_required_field_that_failed_is_not_sent_and_one_that_is_null_is() -> None:
    plan = Sequence(
        (
            fetch("a", "{users{__typename id price}}"),
            entities("b", path("users.@"), requires("User", "id", RequiredField("price", "price")), "...on User{tax}"),
        )
    )
    users = [{"__typename": "User", "id": id, "price": price} for id, price in (("1", None), ("2", None), ("3", 5))]
    failed = {"data": {"users": users}, "errors": [{"message": "x", "path": ["users", 0, "price"]}]}
    answers = {"a": failed, "b": {"data": {"_entities": [{"tax": 0}, {"tax": 1}]}}}
    result, transport = await execute(SDL, "{ users { tax } }", plan, answers)
    assert transport.sent[1][1]["variables"]["representations"] == [
        {"__typename": "User", "id": "2", "price": None},
        {"__typename": "User", "id": "3", "price": 5},
    ]
    assert result.data == {"users": [{"tax": None}, {"tax": 0}, {"tax": 1}]}


async def test_an_error_of_a_field_that_the_client_did_not_select_is_at_the_object() -> None:
    plan = Sequence(
        (
            fetch("a", "{users{__typename id internal:price}}"),
            entities("b", path("users.@"), requires("User", RequiredField("price", "internal")), "...on User{tax}"),
        )
    )
    answer = {
        "data": {"users": [{"__typename": "User", "id": "1", "internal": None}]},
        "errors": [{"message": "x", "path": ["users", 0, "internal"]}],
    }
    result, _ = await execute(SDL, "{ users { ...F } } fragment F on User { tax }", plan, {"a": answer, "b": {}})
    assert result.data == {"users": [{"tax": None}]}
    assert result.errors is not None
    assert [error["path"] for error in result.errors] == [["users", 0]]


async def test_an_error_status_with_a_graphql_answer_is_a_graphql_answer() -> None:
    answer = SubgraphResponse(401, b'{"data":null,"errors":[{"message":"who?","extensions":{"code":"UNAUTHENTICATED"}}]}')
    result, _ = await execute(SDL, "{ me { id } }", fetch("a", "{me{id}}"), {"a": answer})
    assert result.data == {"me": None}
    assert result.errors == [{"message": "who?", "path": ["me"], "extensions": {"code": "UNAUTHENTICATED", "serviceName": "a"}}]


async def test_the_number_of_errors_is_bounded() -> None:
    errors = [{"message": "x", "path": ["_entities", 0, "name"]}] * 600
    answers = {
        "a": USERS,
        "b": {"data": {"_entities": [None, None, None]}, "errors": errors},
        "c": {"data": {"_entities": [None]}},
    }
    result, _ = await execute(SDL, QUERY, PLAN, answers)
    assert result.errors is not None
    assert len(result.errors) == 500


@pytest.mark.parametrize(
    ("answer", "code", "reason"),
    [
        (b"", "SUBREQUEST_MALFORMED_RESPONSE", "the answer is not JSON"),
        (b"[]", "SUBREQUEST_MALFORMED_RESPONSE", "the answer is not a JSON object"),
        (b"{}", "SUBREQUEST_MALFORMED_RESPONSE", "the answer has neither data nor errors"),
        (b'{"data":[]}', "SUBREQUEST_MALFORMED_RESPONSE", "'data' of the answer is not an object"),
        (b'{"data":{},"errors":"x"}', "SUBREQUEST_MALFORMED_RESPONSE", "'errors' of the answer is not a list"),
        (SubgraphResponse(302, b""), "SUBREQUEST_HTTP_ERROR", "HTTP status 302"),
        (SubgraphResponse(500, b'{"detail":"oops"}'), "SUBREQUEST_HTTP_ERROR", "HTTP status 500"),
    ],
)
async def test_answers_that_are_no_graphql_answers(answer: Any, code: str, reason: str) -> None:
    result, _ = await execute(SDL, "{ me { id } }", fetch("a", "{me{id}}"), {"a": answer})
    assert result.data == {"me": None}
    assert result.errors is not None
    assert [error["path"] for error in result.errors] == [["me"]]
    assert (result.errors[0]["extensions"]["code"], result.errors[0]["extensions"]["reason"]) == (code, reason)


@pytest.mark.parametrize(
    ("how", "code", "reason"),
    [
        ("status", "SUBREQUEST_HTTP_ERROR", "HTTP status 500"),
        ("text", "SUBREQUEST_MALFORMED_RESPONSE", "the answer is not JSON"),
        ("large", "SUBREQUEST_HTTP_ERROR", "the answer is too large"),
        ("slow", "SUBREQUEST_TIMEOUT", "no answer in time"),
    ],
)
async def test_over_http(how: str, code: str, reason: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        operation = (await Request(scope, receive).json())["query"]
        if operation == "{other}":
            answer = Response(b'{"data":{"other":1}}', media_type="application/json")
        elif how == "status":
            answer = Response("Internal Server Error", status_code=500)
        elif how == "large":
            answer = Response(b'{"data":{"me":{"id":"' + b"x" * 2_000 + b'"}}}', media_type="application/json")
        else:
            await asyncio.sleep(0.3 if how == "slow" else 0)
            answer = Response("<html>")
        await answer(scope, receive, send)

    transport = HttpTransport(timeout_seconds=0.15, max_response_bytes=1_000)
    async with serve(app, lifespan="off") as url:
        schema = build_schema(SDL)
        subgraphs = {"a": Subgraph("a", url, "A")}
        executor = Executor(Supergraph("", subgraphs, schema, schema, parse(SDL)), transport)
        operation = prepared(SDL, "{ me { id } other }", Sequence((fetch("a", "{me{id}}"), fetch("a", "{other}"))))
        result = await executor.execute(operation, {}, RequestContext())
        await transport.close()
    assert result.data == {"me": None, "other": 1}
    assert result.errors is not None
    assert [(e["path"], e["extensions"]["code"], e["extensions"]["reason"]) for e in result.errors] == [(["me"], code, reason)]
