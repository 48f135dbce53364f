"""Introspection is answered from the API schema, beside data of subgraphs."""

from __future__ import annotations

import asyncio

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


async def test_the_answer_is_kept_when_it_cannot_vary() -> None:
    query = "query($no: Boolean!) { me @skip(if: $no) { id } __schema { queryType { name } } }"
    constant = prepared(SDL, query, None).introspection
    kept = await constant.answer({"no": True})
    assert kept is not None
    assert kept.data == {"__schema": {"queryType": {"name": "Query"}}}
    assert await constant.answer({"no": False}) is kept
    varying = prepared(SDL, "query($n: String!) { __type(name: $n) { name } }", None).introspection
    first, second = await varying.answer({"n": "User"}), await varying.answer({"n": "Query"})
    assert first is not None
    assert second is not None
    assert (first.data, second.data) == ({"__type": {"name": "User"}}, {"__type": {"name": "Query"}})


async def test_others_are_served_while_a_long_answer_is_made() -> None:
    sdl = SDL + " ".join(f"type T{number} {{ a: User b: User c: User }}" for number in range(200))
    long = "query($yes: Boolean!) {" + " ".join(
        f"a{number}: __schema @include(if: $yes) {{ types {{ fields {{ type {{ name fields {{ name }} }} }} }} }}"
        for number in range(20)
    )
    introspection = prepared(sdl, long + "}", None).introspection
    answer = asyncio.create_task(introspection.answer({"yes": True}))
    turns = 0
    while not answer.done():
        await asyncio.sleep(0.001)
        turns += 1
    made = answer.result()
    assert made is not None
    assert len(made.data) == 20
    # In the event loop it would be made in one turn.
    assert turns > 5
