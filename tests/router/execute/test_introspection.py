"""Introspection is answered from the API schema, beside data of subgraphs."""

from __future__ import annotations

from graphql import build_schema, execute_sync, get_introspection_query, parse

from tests.testkit.executing import execute, fetch, prepared

SDL = "type Query { me: User } type User { id: ID }"


async def test_introspection_and_data_in_one_operation() -> None:
    query = """
    query ($name: String!, $no: Boolean! = false) {
      me { id }
      ...F
      t: __type(name: $name) { fields { name } }
      ... @include(if: $no) { __schema { description } }
    }
    fragment F on Query { __schema { queryType { name } } __typename }
    """
    result, transport = await execute(SDL, query, fetch("a", "{me{id}}"), {"a": {"data": {"me": {"id": "1"}}}}, {"name": "User"})
    assert result.errors is None
    assert str(result.data) == str(
        {
            "me": {"id": "1"},
            "__schema": {"queryType": {"name": "Query"}},
            "__typename": "Query",
            "t": {"fields": [{"name": "id"}]},
        }
    )
    assert len(transport.sent) == 1


async def test_the_standard_introspection_query_is_answered_whole() -> None:
    result, _ = await execute(SDL, get_introspection_query(), None, {})
    assert result.data == execute_sync(build_schema(SDL), parse(get_introspection_query())).data


async def test_an_unknown_type_is_null() -> None:
    result, _ = await execute(SDL, '{ __type(name: "Nothing") { name } }', None, {})
    assert (result.data, result.errors) == ({"__type": None}, None)


def test_the_answer_is_kept_when_it_cannot_vary() -> None:
    constant = prepared(SDL, "{ __schema { queryType { name } } }", None).introspection
    assert constant.answer({}) is constant.answer({})
    varying = prepared(SDL, "query($n: String!) { __type(name: $n) { name } }", None).introspection
    first, second = varying.answer({"n": "User"}), varying.answer({"n": "Query"})
    assert first is not None
    assert second is not None
    assert (first.data, second.data) == ({"__type": {"name": "User"}}, {"__type": {"name": "Query"}})
