"""Variables are checked before anything is fetched, and reach subgraphs as the client sent them."""

from __future__ import annotations

from typing import Any

import orjson
from graphql import strip_ignored_characters

from tests.testkit.executing import execute, fetch

SDL = """
type Query { find(at: Day, filter: Filter, first: Int): Int }
input Filter { name: String!, tags: [String!] = ["x"] }
enum Day { MON TUE }
scalar Blob
"""
QUERY = "query($at: Day, $filter: Filter!, $first: Int = 10) { find(at: $at, filter: $filter, first: $first) }"
PLAN = fetch("a", QUERY, variables=("at", "filter", "first"), operation_name=None)
ANSWER = {"a": {"data": {"find": 1}}}


async def test_given_values_are_sent_as_given_and_missing_ones_by_their_default() -> None:
    variables: dict[str, Any] = {"filter": {"name": "n"}, "at": None, "unknown": 1}
    result, transport = await execute(SDL, QUERY, PLAN, ANSWER, variables)
    assert result.data == {"find": 1}
    # The default of an input field is the subgraph's to apply; 'at' is null, not missing.
    sent = strip_ignored_characters(QUERY)
    assert transport.sent == [("a", {"query": sent, "variables": {"at": None, "filter": {"name": "n"}, "first": 10}})]


async def test_invalid_variables_are_a_request_error_and_nothing_is_fetched() -> None:
    result, transport = await execute(SDL, QUERY, PLAN, ANSWER, {"at": "SUN", "filter": {"tags": []}})
    assert transport.sent == []
    answer = orjson.loads(result.to_bytes())
    assert list(answer) == ["errors"]
    assert [error["extensions"] for error in answer["errors"]] == [{"code": "BAD_USER_INPUT"}] * 2
    assert [error["message"].split(" ")[1] for error in answer["errors"]] == ["'$at'", "'$filter'"]


async def test_a_missing_required_variable_is_a_request_error() -> None:
    result, transport = await execute(SDL, QUERY, PLAN, ANSWER)
    assert transport.sent == []
    assert result.data is None
    assert result.errors is not None
    assert [error["message"] for error in result.errors] == [
        "Variable '$filter' has invalid value: Expected a value of non-null type 'Filter!' to be provided."
    ]


async def test_an_operation_name_is_sent() -> None:
    plan = fetch("a", "query Find__a__0{find}", operation_name="Find__a__0")
    _, transport = await execute(SDL, "query Find { find }", plan, ANSWER)
    assert transport.sent == [("a", {"query": "query Find__a__0{find}", "operationName": "Find__a__0"})]
