"""`@defer`: what is answered first, what later, and where errors go (incremental delivery)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from graphql import GraphQLDeferDirective, GraphQLSchema, build_schema, parse

from router.execute.executor import PreparedOperation, RequestContext
from router.plan.nodes import Parallel, PlanNode, QueryPlan, Sequence
from tests.testkit.executing import MemoryTransport, entities, executor, fetch, path, requires

SDL = """
type Query { me: User, users: [User!], pets: [Pet] }
type User { id: ID!, name: String, age: Int!, reviews: [Review!] }
type Review { id: ID!, body: String, stars: Int! }
interface Pet { id: ID! }
type Cat implements Pet { id: ID!, lives: Int }
type Dog implements Pet { id: ID!, barks: Boolean }
"""
ANN = {"__typename": "User", "id": "1", "name": "Ann"}
BOB = {"__typename": "User", "id": "2", "name": "Bob"}
ACCOUNTS = fetch("accounts", "{me{__typename id name}}", id=1)
REVIEWS = entities("reviews", path("me"), requires("User", "id"), "...on User{reviews{__typename id body}}", id=2)
STARS = entities("stars", path("me", "reviews.@"), requires("Review", "id"), "...on Review{stars}", id=3)
PLAN = Sequence((ACCOUNTS, REVIEWS, STARS))
ANSWERS: dict[str, Any] = {
    "accounts": {"data": {"me": ANN}},
    "reviews": {"data": {"_entities": [{"reviews": [{"__typename": "Review", "id": "r", "body": "b"}]}]}},
    "stars": {"data": {"_entities": [{"stars": 5}]}},
}


def deferred(query: str, plan: PlanNode) -> PreparedOperation:
    schema = build_schema(SDL)
    schema = GraphQLSchema(**{**schema.to_kwargs(), "directives": (*schema.directives, GraphQLDeferDirective)})
    return PreparedOperation(schema, parse(query, no_location=True), None, QueryPlan("query", plan))


async def payloads(
    query: str, plan: PlanNode, answers: Mapping[str, Any], variables: dict[str, Any] | None = None
) -> tuple[list[Any], list[list[str]]]:
    """Return the payloads, and the subgraphs that had been asked when each was there."""
    transport = MemoryTransport(answers)
    got, asked = [], []
    async for payload in executor(transport).execute_in_parts(deferred(query, plan), variables, RequestContext()):
        got.append(payload)
        asked.append([name for name, _ in transport.sent])
    return got, asked


async def test_the_primary_answer_comes_before_what_is_deferred_is_fetched() -> None:
    got, asked = await payloads('{ me { name ... @defer(label: "r") { reviews { body } } } }', PLAN, ANSWERS)
    assert got == [
        {"data": {"me": {"name": "Ann"}}, "pending": [{"id": "0", "path": ["me"], "label": "r"}], "hasNext": True},
        {
            "incremental": [{"id": "0", "data": {"reviews": [{"body": "b"}]}}],
            "completed": [{"id": "0"}],
            "hasNext": False,
        },
    ]
    # Stars are selected by nobody.
    assert asked == [["accounts"], ["accounts", "reviews"]]


async def test_nested_parts_are_announced_with_the_part_they_are_in() -> None:
    query = "{ me { name ... @defer { reviews { id ... @defer { stars } } } } }"
    got, asked = await payloads(query, PLAN, ANSWERS)
    assert got == [
        {"data": {"me": {"name": "Ann"}}, "pending": [{"id": "0", "path": ["me"]}], "hasNext": True},
        {
            "pending": [{"id": "1", "path": ["me", "reviews", 0]}],
            "incremental": [{"id": "0", "data": {"reviews": [{"id": "r"}]}}],
            "completed": [{"id": "0"}],
            "hasNext": True,
        },
        {"incremental": [{"id": "1", "data": {"stars": 5}}], "completed": [{"id": "1"}], "hasNext": False},
    ]
    assert (asked[0], asked[2]) == (["accounts"], ["accounts", "reviews", "stars"])


async def test_a_part_has_a_place_at_every_object_of_a_list() -> None:
    plan = Sequence(
        (
            fetch("accounts", "{users{__typename id name}}", id=1),
            entities("ages", path("users.@"), requires("User", "id"), "...on User{age}", id=2),
        )
    )
    answers = {"accounts": {"data": {"users": [ANN, BOB]}}, "ages": {"data": {"_entities": [{"age": 3}, {"age": 4}]}}}
    got, _ = await payloads("{ users { name ...Age @defer } } fragment Age on User { age }", plan, answers)
    assert got[0]["pending"] == [{"id": "0", "path": ["users", 0]}, {"id": "1", "path": ["users", 1]}]
    assert got[1] == {
        "incremental": [{"id": "0", "data": {"age": 3}}, {"id": "1", "data": {"age": 4}}],
        "completed": [{"id": "0"}, {"id": "1"}],
        "hasNext": False,
    }


async def test_parts_that_are_ready_sooner_come_sooner() -> None:
    gate = asyncio.Event()

    async def slow(body: Any) -> Any:
        await gate.wait()
        return ANSWERS["reviews"]

    age = entities("ages", path("me"), requires("User", "id"), "...on User{age}", id=4)
    plan = Sequence((ACCOUNTS, Parallel((REVIEWS, age))))
    answers = {**ANSWERS, "reviews": slow, "ages": {"data": {"_entities": [{"age": 3}]}}}
    transport = MemoryTransport(answers)
    operation = deferred("{ me { ... @defer { reviews { id } } ... @defer { age } } }", plan)
    ids = []
    async for payload in executor(transport).execute_in_parts(operation, {}, RequestContext()):
        ids.append([entry["id"] for entry in payload.get("completed", ())])
        if len(ids) == 2:
            gate.set()
    assert ids == [[], ["1"], ["0"]]


async def test_what_is_deferred_below_null_is_not_announced() -> None:
    got, asked = await payloads(
        "{ me { name ... @defer { reviews { id } } } }", PLAN, {**ANSWERS, "accounts": {"data": {"me": None}}}
    )
    assert got == [{"data": {"me": None}, "hasNext": False}]
    assert asked == [["accounts"]]


async def test_a_failed_part_completes_with_its_errors() -> None:
    failing = {"data": None, "errors": [{"message": "down"}]}
    plan = Sequence((ACCOUNTS, entities("ages", path("me"), requires("User", "id"), "...on User{age}", id=2)))
    got, _ = await payloads("{ me { name ... @defer { age } } }", plan, {**ANSWERS, "ages": failing})
    # `age` is non-null: null reaches the object that the fragment is on.
    error = {"message": "down", "path": ["me"], "extensions": {"code": "DOWNSTREAM_SERVICE_ERROR", "serviceName": "ages"}}
    assert got[1] == {"completed": [{"id": "0", "errors": [error]}], "hasNext": False}


async def test_a_field_error_in_a_part_comes_with_its_data() -> None:
    failing = {"data": {"_entities": [{"reviews": None}]}, "errors": [{"message": "no", "path": ["_entities", 0, "reviews"]}]}
    got, _ = await payloads("{ me { name ... @defer { reviews { id } } } }", PLAN, {**ANSWERS, "reviews": failing})
    error = {
        "message": "no",
        "path": ["me", "reviews"],
        "extensions": {"code": "DOWNSTREAM_SERVICE_ERROR", "serviceName": "reviews"},
    }
    assert got[1]["incremental"] == [{"id": "0", "data": {"reviews": None}, "errors": [error]}]


@pytest.mark.parametrize(("condition", "parts"), [(True, 2), (False, 1)])
async def test_a_condition_decides_whether_to_defer(condition: bool, parts: int) -> None:
    query = "query($later: Boolean! = true) { me { name ... @defer(if: $later) { reviews { id } } } }"
    got, _ = await payloads(query, PLAN, ANSWERS, {"later": condition})
    assert len(got) == parts
    if not condition:
        assert got == [{"data": {"me": {"name": "Ann", "reviews": [{"id": "r"}]}}}]


async def test_defer_of_a_constant_false_is_no_defer() -> None:
    assert deferred("{ me { ... @defer(if: false) { name } } }", ACCOUNTS).deferral is None


async def test_what_was_delivered_is_not_delivered_again() -> None:
    got, _ = await payloads("{ me { name ... @defer { name reviews { id } } } }", PLAN, ANSWERS)
    assert got[1]["incremental"] == [{"id": "0", "data": {"reviews": [{"id": "r"}]}}]


async def test_a_part_is_for_objects_of_its_type() -> None:
    pets = [{"__typename": "Cat", "id": "1"}, {"__typename": "Dog", "id": "2"}]
    plan = Sequence(
        (
            fetch("pets", "{pets{__typename id}}", id=1),
            entities("lives", path("pets.@"), requires("Cat", "id"), "...on Cat{lives}", id=2),
        )
    )
    answers = {"pets": {"data": {"pets": pets}}, "lives": {"data": {"_entities": [{"lives": 9}]}}}
    got, _ = await payloads("{ pets { id ... on Cat @defer { lives } } }", plan, answers)
    assert got[0]["pending"] == [{"id": "0", "path": ["pets", 0]}]
    assert got[1]["incremental"] == [{"id": "0", "data": {"lives": 9}}]


async def test_leaving_ends_what_is_still_fetched() -> None:
    cancelled = asyncio.Event()

    async def never(body: Any) -> Any:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    transport = MemoryTransport({**ANSWERS, "reviews": never})
    stream = executor(transport).execute_in_parts(
        deferred("{ me { name ... @defer { reviews { id } } } }", PLAN), {}, RequestContext()
    )
    assert (await anext(stream))["hasNext"] is True
    await asyncio.sleep(0.01)
    await stream.aclose()
    assert cancelled.is_set()
