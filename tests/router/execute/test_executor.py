"""Plans run against subgraphs in memory: what is sent, and the exact answer."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from router.execute.executor import RequestContext
from router.plan.nodes import Condition, FieldRename, Parallel, PathStep, Sequence
from tests.testkit.executing import MemoryTransport, entities, execute, executor, fetch, path, prepared, requires

SDL = """
type Query { me: User, users: [User!], top: [Product] }
type User { id: ID!, name: String!, reviews: [Review!], age: Int }
type Review { id: ID!, product: Product, author: User }
type Product { upc: String!, price: Int }
type Mutation { first: Int, second: Int }
"""


async def test_root_fields_come_in_the_order_of_the_operation() -> None:
    result, transport = await execute(
        SDL,
        "{ me { age name id } }",
        fetch("accounts", "{me{id name age}}"),
        {"accounts": {"data": {"me": {"id": "1", "name": "Ann", "age": 7, "internal": 1}}}},
    )
    assert result.to_bytes() == b'{"data":{"me":{"age":7,"name":"Ann","id":"1"}}}'
    assert transport.sent == [("accounts", {"query": "{me{id name age}}"})]


async def test_entities_are_asked_once_each_and_merged_into_every_place() -> None:
    reviews = {
        "data": {
            "me": {
                "reviews": [
                    {"id": "r1", "product": {"__typename": "Product", "upc": "a"}},
                    {"id": "r2", "product": None},
                    {"id": "r3", "product": {"__typename": "Product", "upc": "b"}},
                    {"id": "r4", "product": {"__typename": "Product", "upc": "a"}},
                ]
            }
        }
    }
    plan = Sequence(
        (
            fetch("reviews", "{me{reviews{id product{__typename upc}}}}"),
            entities("products", path("me", "reviews.@", "product"), requires("Product", "upc"), "...on Product{price}"),
        )
    )
    products = {"data": {"_entities": [{"price": 10}, {"price": 20}]}}
    result, transport = await execute(
        SDL, "{ me { reviews { product { price upc } } } }", plan, {"reviews": reviews, "products": products}
    )
    assert result.errors is None
    assert result.data == {
        "me": {
            "reviews": [
                {"product": {"price": 10, "upc": "a"}},
                {"product": None},
                {"product": {"price": 20, "upc": "b"}},
                {"product": {"price": 10, "upc": "a"}},
            ]
        }
    }
    assert transport.sent[1][1]["variables"] == {
        "representations": [{"__typename": "Product", "upc": "a"}, {"__typename": "Product", "upc": "b"}]
    }


async def test_values_that_entities_share_are_completed_by_later_fetches_in_every_place() -> None:
    plan = Sequence(
        (
            fetch("accounts", "{users{__typename id}}"),
            entities("reviews", path("users.@"), requires("User", "id"), "...on User{reviews{id product{__typename upc}}}"),
            entities("products", path("users.@", "reviews.@", "product"), requires("Product", "upc"), "...on Product{price}"),
        )
    )
    user = {"__typename": "User", "id": "1"}
    result, transport = await execute(
        SDL,
        "{ users { reviews { product { price } } } }",
        plan,
        {
            "accounts": {"data": {"users": [user, user]}},
            "reviews": {"data": {"_entities": [{"reviews": [{"id": "r", "product": {"__typename": "Product", "upc": "a"}}]}]}},
            "products": {"data": {"_entities": [{"price": 3}]}},
        },
    )
    one = {"reviews": [{"product": {"price": 3}}]}
    assert (result.data, result.errors) == ({"users": [one, one]}, None)
    assert transport.sent[2][1]["variables"]["representations"] == [{"__typename": "Product", "upc": "a"}]


async def test_nothing_is_sent_when_no_object_is_there() -> None:
    plan = Sequence(
        (
            fetch("accounts", "{users{__typename id}}"),
            entities("reviews", path("users.@"), requires("User", "id"), "...on User{reviews{id}}"),
        )
    )
    result, transport = await execute(SDL, "{ users { id } }", plan, {"accounts": {"data": {"users": []}}, "reviews": {}})
    assert result.data == {"users": []}
    assert [name for name, _ in transport.sent] == ["accounts"]


async def test_parallel_fetches_merge_into_one_object() -> None:
    plan = Parallel((fetch("a", "{me{id name}}"), fetch("b", "{me{age}}")))
    result, _ = await execute(
        SDL,
        "{ me { id name age } }",
        plan,
        {"a": {"data": {"me": {"id": "1", "name": "Ann"}}}, "b": {"data": {"me": {"age": 5}}}},
    )
    assert result.data == {"me": {"id": "1", "name": "Ann", "age": 5}}


async def test_equal_queries_in_flight_are_sent_once() -> None:
    plan = Parallel((fetch("a", "{me{id}}", id=1), fetch("a", "{me{id}}", id=2)))
    result, transport = await execute(SDL, "{ me { id } }", plan, {"a": {"data": {"me": {"id": "1"}}}})
    assert result.data == {"me": {"id": "1"}}
    assert len(transport.sent) == 1


async def test_an_entity_wanted_by_two_fetches_is_asked_for_once() -> None:
    plan = Sequence(
        (
            Parallel((fetch("accounts", "{users{__typename id}}", id=1), fetch("best", "{me{__typename id}}", id=2))),
            entities("names", path("users.@"), requires("User", "id"), "...on User{name}", id=3),
            entities("names", path("me"), requires("User", "id"), "...on User{name}", id=4),
        )
    )
    users = [{"__typename": "User", "id": "1"}, {"__typename": "User", "id": "2"}]

    def names(body: dict[str, Any]) -> Any:
        asked = body["variables"]["representations"]
        return {"data": {"_entities": [{"name": f"n{user['id']}"} for user in asked]}}

    answers = {
        "accounts": {"data": {"users": users}},
        "best": {"data": {"me": {"__typename": "User", "id": "2"}}},
        "names": names,
    }
    result, transport = await execute(SDL, "{ users { name } me { name } }", plan, answers)
    assert result.data == {"users": [{"name": "n1"}, {"name": "n2"}], "me": {"name": "n2"}}
    assert [name for name, _ in transport.sent].count("names") == 1


async def test_an_error_of_an_entity_that_two_fetches_want_is_at_both_places() -> None:
    plan = Sequence(
        (
            fetch("accounts", "{me{__typename id} users{__typename id}}", id=1),
            entities("names", path("users.@"), requires("User", "id"), "...on User{age}", id=3),
            entities("names", path("me"), requires("User", "id"), "...on User{age}", id=4),
        )
    )
    one, two = {"__typename": "User", "id": "1"}, {"__typename": "User", "id": "2"}
    answers = {
        "accounts": {"data": {"me": two, "users": [one, two]}},
        "names": {
            "data": {"_entities": [{"age": 1}, {"age": None}]},
            "errors": [{"message": "no", "path": ["_entities", 1, "age"]}, {"message": "first", "path": ["_entities", 0, "age"]}],
        },
    }
    result, _ = await execute(SDL, "{ users { age } me { age } }", plan, answers)
    assert [(error["message"], error["path"]) for error in result.errors or ()] == [
        ("no", ["users", 1, "age"]),
        ("first", ["users", 0, "age"]),
        ("no", ["me", "age"]),
    ]


async def test_after_a_mutation_entities_are_asked_for_again() -> None:
    plan = Sequence(
        (
            fetch("a", "mutation{first{__typename id}}", id=1),
            entities("names", path("first"), requires("User", "id"), "...on User{name}", id=2),
            fetch("a", "mutation{second{__typename id}}", id=3),
            entities("names", path("second"), requires("User", "id"), "...on User{name}", id=4),
        )
    )
    sdl = "type Query { a: Int } type Mutation { first: User second: User } type User { id: ID! name: String }"
    names = iter(("before", "after"))
    user = {"__typename": "User", "id": "1"}
    answers = {
        "a": lambda body: {"data": {"first" if "first" in body["query"] else "second": user}},
        "names": lambda body: {"data": {"_entities": [{"name": next(names)}]}},
    }
    result, _ = await execute(sdl, "mutation { first { name } second { name } }", plan, answers)
    assert result.data == {"first": {"name": "before"}, "second": {"name": "after"}}


async def test_values_that_python_takes_for_equal_are_different_representations() -> None:
    sdl = "type Query { things: [Thing] } type Thing { key: Any size: Int } scalar Any"
    plan = Sequence(
        (
            fetch("a", "{things{__typename key}}"),
            entities("b", path("things.@"), requires("Thing", "key"), "...on Thing{size}"),
        )
    )
    keys = [1, True, 1.0, "1", None, [1], 1]
    things = [{"__typename": "Thing", "key": key} for key in keys]
    answers = {
        "a": {"data": {"things": things}},
        "b": lambda body: {"data": {"_entities": [{"size": at} for at, _ in enumerate(body["variables"]["representations"])]}},
    }
    result, transport = await execute(sdl, "{ things { size } }", plan, answers)
    sent = [representation["key"] for representation in transport.sent[1][1]["variables"]["representations"]]
    assert [repr(key) for key in sent] == ["1", "True", "1.0", "'1'", "None", "[1]"]
    assert result.data == {"things": [{"size": size} for size in (0, 1, 2, 3, 4, 5, 0)]}


async def test_mutations_are_sent_one_after_the_other_and_never_shared() -> None:
    plan = Sequence((fetch("a", "mutation{first}"), fetch("a", "mutation{second}")))
    sent: list[str] = []

    def answer(body: dict[str, Any]) -> Any:
        sent.append(body["query"])
        return {"data": {"first": 1} if "first" in body["query"] else {"second": 2}}

    result, transport = await execute(SDL, "mutation { second first }", plan, {"a": answer})
    assert result.to_bytes() == b'{"data":{"second":2,"first":1}}'
    assert sent == ["mutation{first}", "mutation{second}"]
    assert [request.repeatable for request in transport.requests] == [False, False]


@pytest.mark.parametrize(
    ("type_", "data", "sent"),
    [("Int!", None, ["mutation{first}"]), ("Int", {"first": None, "second": 2}, ["mutation{first}", "mutation{second}"])],
)
async def test_mutations_end_with_one_that_leaves_no_data(type_: str, data: Any, sent: list[str]) -> None:
    sdl = f"type Query {{ a: Int }} type Mutation {{ first: {type_} second: Int }}"
    plan = Sequence((fetch("a", "mutation{first}"), fetch("a", "mutation{second}")))
    failed = {"data": {"first": None}, "errors": [{"message": "no", "path": ["first"]}]}
    answers = {"a": lambda body: failed if "first" in body["query"] else {"data": {"second": 2}}}
    result, transport = await execute(sdl, "mutation { first second }", plan, answers)
    assert (result.data, [error["message"] for error in result.errors or ()]) == (data, ["no"])
    assert [body["query"] for _, body in transport.sent] == sent


async def test_a_mutation_that_is_skipped_does_not_end_them() -> None:
    sdl = "type Query { a: Int } type Mutation { first: Int! second: Int! }"
    skipping = fetch("a", "mutation($do:Boolean!){first @include(if:$do)}", variables=("do",))
    plan = Sequence((skipping, fetch("a", "mutation{second}")))
    answers = {"a": lambda body: {"data": {} if "first" in body["query"] else {"second": 2}}}
    query = "mutation($do: Boolean!) { first @include(if: $do) second }"
    result, _ = await execute(sdl, query, plan, answers, {"do": False})
    assert (result.data, result.errors) == ({"second": 2}, None)


@pytest.mark.parametrize(
    ("variables", "data", "sent"),
    [
        ({"with": True}, {"me": {"id": "1", "age": 5}}, ["a", "b"]),
        ({"with": False}, {"me": {"id": "1"}}, ["a"]),
        ({}, {"me": {"id": "1", "age": 5}}, ["a", "b"]),
    ],
)
async def test_a_condition_decides_what_is_fetched_and_what_is_answered(
    variables: dict[str, Any], data: dict[str, Any], sent: list[str]
) -> None:
    plan = Sequence((fetch("a", "{me{id}}"), Condition("with", fetch("b", "{me{age}}"), None)))
    answers = {"a": {"data": {"me": {"id": "1"}}}, "b": {"data": {"me": {"age": 5}}}}
    query = "query($with: Boolean! = true) { me { id ... @include(if: $with) { age } } }"
    result, transport = await execute(SDL, query, plan, answers, variables)
    assert result.data == data
    assert [name for name, _ in transport.sent] == sent


async def test_a_path_with_types_reaches_only_objects_of_these_types() -> None:
    sdl = """
    type Query { pets: [Pet] } union Pet = Cat | Dog
    type Cat { owner: Owner } type Dog { owner: Owner } type Owner { id: ID, name: String }
    """
    at = (PathStep("pets"), PathStep("owner", frozenset({"Dog"})))
    plan = Sequence((fetch("a", "{pets{__typename}}"), entities("b", at, requires("Owner", "id"), "...on Owner{name}")))
    owner = {"__typename": "Owner", "id": "1"}
    pets = [{"__typename": "Cat", "owner": owner}, {"__typename": "Dog", "owner": owner}, {"__typename": "Dog", "owner": owner}]
    result, _ = await execute(
        sdl,
        "{ pets { ... on Cat { owner { id } } ... on Dog { owner { name } } } }",
        plan,
        {"a": {"data": {"pets": pets}}, "b": {"data": {"_entities": [{"name": "Bo"}]}}},
    )
    assert result.data == {"pets": [{"owner": {"id": "1"}}, {"owner": {"name": "Bo"}}, {"owner": {"name": "Bo"}}]}


async def test_renamed_fields_are_what_later_fetches_and_clients_see() -> None:
    sdl = "type Query { nodes: [Node] } union Node = Book | Film type Book { id: ID pages: Int } type Film { id: ID }"
    source = fetch(
        "a", "{nodes{__typename ...on Book{id} ...on Film{_id_as_1:id}}}", renames=(FieldRename(("nodes",), "_id_as_1", "id"),)
    )
    plan = Sequence((source, entities("b", path("nodes"), requires("Book", "id"), "...on Book{pages}")))
    nodes = [{"__typename": "Film", "_id_as_1": "f"}, {"__typename": "Book", "id": "1"}, {"__typename": "Film", "_id_as_1": None}]
    failed = {"message": "no id", "path": ["nodes", 2, "_id_as_1"]}
    result, _ = await execute(
        sdl,
        "{ nodes { ... on Book { pages } ... on Film { id } } }",
        plan,
        {"a": {"data": {"nodes": nodes}, "errors": [failed]}, "b": {"data": {"_entities": [{"pages": 9}]}}},
    )
    assert result.data == {"nodes": [{"id": "f"}, {"pages": 9}, {"id": None}]}
    assert result.errors is not None
    assert [error["path"] for error in result.errors] == [["nodes", 2, "id"]]


@pytest.mark.parametrize("order", [0, 1])
async def test_the_type_of_an_interface_object_never_replaces_the_type_that_is_known(order: int) -> None:
    sdl = (
        "type Query { node: Node } interface Node { id: ID rank: Int } type Book implements Node { id: ID rank: Int pages: Int }"
    )
    both = [fetch("a", "{node{__typename id}}", id=1), fetch("b", "{node{__typename rank}}", id=2)]
    at_last = entities("c", path("node"), requires("Book", "id"), "...on Book{pages}", id=3)
    plan = Sequence((both[order], both[1 - order], at_last))
    answers = {
        "a": {"data": {"node": {"__typename": "Book", "id": "1"}}},
        "b": {"data": {"node": {"__typename": "Node", "rank": 2}}},
        "c": {"data": {"_entities": [{"pages": 9}]}},
    }
    result, _ = await execute(sdl, "{ node { __typename rank ... on Book { pages } } }", plan, answers)
    assert (result.data, result.errors) == ({"node": {"__typename": "Book", "rank": 2, "pages": 9}}, None)


async def test_a_type_that_becomes_known_opens_the_paths_that_are_for_it() -> None:
    sdl = """
    type Query { node: Node } interface Node { id: ID owner: Owner }
    type Book implements Node { id: ID owner: Owner } type Owner { id: ID name: String age: Int }
    """
    at = (PathStep("node"), PathStep("owner", frozenset({"Book"})))
    plan = Sequence(
        (
            fetch("a", "{node{__typename id owner{__typename id}}}", id=1),
            entities("names", at, requires("Owner", "id"), "...on Owner{name}", id=2),
            entities("types", path("node"), requires("Node", "id"), "...on Node{__typename}", id=3),
            entities("ages", at, requires("Owner", "id"), "...on Owner{age}", id=4),
        )
    )
    answers = {
        "a": {"data": {"node": {"__typename": "Node", "id": "1", "owner": {"__typename": "Owner", "id": "2"}}}},
        "types": {"data": {"_entities": [{"__typename": "Book"}]}},
        "ages": {"data": {"_entities": [{"age": 3}]}},
        "names": {"data": {"_entities": []}},
    }
    result, transport = await execute(sdl, "{ node { owner { age } } }", plan, answers)
    assert result.data == {"node": {"owner": {"age": 3}}}
    assert [name for name, _ in transport.sent] == ["a", "types", "ages"]


async def test_request_headers_reach_every_subgraph() -> None:
    transport = MemoryTransport({"a": {"data": {"me": {"id": "1"}}}})
    operation = prepared(SDL, "{ me { id } }", fetch("a", "{me{id}}"))
    request = RequestContext(headers={"authorization": "Bearer t"})
    await executor(transport).execute(operation, {}, request)
    assert dict(transport.requests[0].headers) == {"authorization": "Bearer t"}
    assert transport.requests[0].url == "http://a.test/graphql"


async def test_without_a_plan_the_schema_answers() -> None:
    query = '{ __typename __type(name: "Review") { name fields { name } } }'
    result, transport = await execute(SDL, query, None, {})
    assert orjson.loads(result.to_bytes()) == {
        "data": {
            "__typename": "Query",
            "__type": {"name": "Review", "fields": [{"name": "id"}, {"name": "product"}, {"name": "author"}]},
        }
    }
    assert transport.sent == []
