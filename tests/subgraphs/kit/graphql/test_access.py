"""Declared scopes hold on every path to a field: its own, its type's, an entity's, an abstract type's."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
import strawberry
from graphql import execute, parse, subscribe

from subgraphs.kit.graphql.access import AccessRule
from subgraphs.kit.graphql.context import RequestContext
from subgraphs.kit.graphql.schema import build_schema
from subgraphs.kit.identity import Principal


@strawberry.federation.type(keys=["id"], requires_scopes=[["things:read"]])
class Secret:
    id: strawberry.ID
    open: str = "yes"

    @strawberry.federation.field(requires_scopes=[["things:audit", "things:admin"], ["root"]])
    def deep(self) -> str:
        return "deep"

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "Secret":
        return cls(id=id)


@strawberry.type
class Plain:
    name: str = "plain"


Either = Annotated[Secret | Plain, strawberry.union("Either")]


@strawberry.type
class Query:
    @strawberry.federation.field(authenticated=True)
    def me(self) -> str:
        return "me"

    @strawberry.field
    def secret(self) -> Secret | None:
        return Secret(id=strawberry.ID("1"))

    @strawberry.field
    def secrets(self) -> list[Secret] | None:
        return [Secret(id=strawberry.ID("1"))]

    @strawberry.field
    def either(self) -> list[Either]:
        return [Plain(), Secret(id=strawberry.ID("1"))]

    @strawberry.field
    def anyone(self) -> str:
        return "hello"


@strawberry.type
class Subscription:
    @strawberry.subscription(directives=[strawberry.federation.schema_directives.RequiresScopes(scopes=[["things:read"]])])
    async def ticks(self) -> AsyncIterator[int]:
        yield 1


SCHEMA = build_schema(Query, subscription=Subscription, types=[Secret, Plain])._schema
REFUSED = "Unauthorized field or type"


def request(*scopes: str, anonymous: bool = False) -> RequestContext[None]:
    principal = None if anonymous else Principal("acme", "cli_1", "cli_1", frozenset(scopes), "jti")
    return RequestContext(None, principal, "req_1")


async def ask(query: str, context: RequestContext[None]) -> tuple[Any, list[tuple[Any, str]]]:
    result: Any = execute(SCHEMA, parse(query), context_value=context)
    if hasattr(result, "__await__"):
        result = await result
    return result.data, [(error.path, error.message) for error in result.errors or ()]


@pytest.mark.parametrize(
    ("query", "scopes", "data", "denied"),
    [
        ("{ secret { open } anyone }", (), {"secret": None, "anyone": "hello"}, ["secret"]),
        ("{ secret { open } }", ("things:read",), {"secret": {"open": "yes"}}, None),
        ("{ secrets { open } anyone }", ("other",), {"secrets": None, "anyone": "hello"}, ["secrets"]),
        ("{ secret { open deep } }", ("things:read", "root"), {"secret": {"open": "yes", "deep": "deep"}}, None),
        ("{ secret { deep } }", ("things:read", "things:audit", "things:admin"), {"secret": {"deep": "deep"}}, None),
        ("{ secret { open deep } }", ("things:read", "things:audit"), {"secret": None}, ["secret", "deep"]),
        ("{ either { ... on Plain { name } } }", (), {"either": [{"name": "plain"}, {}]}, None),
        ("{ me }", (), {"me": "me"}, None),
    ],
)
async def test_a_field_answers_to_those_who_hold_its_scopes(
    query: str, scopes: tuple[str, ...], data: object, denied: list[str] | None
) -> None:
    assert await ask(query, request(*scopes)) == (data, [(denied, REFUSED)] if denied else [])


async def test_a_member_of_a_union_does_not_answer_without_its_scopes() -> None:
    data, errors = await ask("{ either { ... on Secret { open } } }", request())
    assert data is None
    assert errors == [(["either", 1, "open"], REFUSED)]


async def test_nobody_is_not_authenticated() -> None:
    assert await ask("{ me }", request(anonymous=True)) == (None, [(["me"], REFUSED)])


async def test_an_entity_is_refused_by_itself_and_the_others_still_answer() -> None:
    query = """{ _entities(representations: [
      {__typename: "Secret", id: "1"}, {__typename: "Nothing", id: "1"}, {__typename: "Secret"}, "x"
    ]) { ... on Secret { id } } }"""
    data, errors = await ask(query, request("things:read"))
    assert data == {"_entities": [{"id": "1"}, None, None, None]}
    assert errors == [
        (["_entities", 1], "'Nothing' is not an entity of this subgraph"),
        (["_entities", 2], "a representation of Secret needs the key id"),
        (["_entities", 3], "'' is not an entity of this subgraph"),
    ]
    data, errors = await ask(query, request())
    assert data == {"_entities": [None] * 4}
    assert errors[0] == (["_entities", 0], REFUSED)


async def test_a_live_operation_is_refused_before_it_begins() -> None:
    async def begun(context: RequestContext[None]) -> Any:
        started: Any = subscribe(SCHEMA, parse("subscription { ticks }"), context_value=context)
        return await started if hasattr(started, "__await__") else started

    refused = await begun(request())
    assert [error.message for error in refused.errors] == [REFUSED]
    ticks = await begun(request("things:read"))
    assert (await anext(ticks)).data == {"ticks": 1}
    await ticks.aclose()


def test_a_rule_asks_for_all_of_any_of() -> None:
    rule = AccessRule(((frozenset({"a", "b"}), frozenset({"c"})), (frozenset({"d"}),)))
    allowed = {text: rule.allows(Principal("t", "c", "c", frozenset(text), "")) for text in ("ab", "abd", "cd", "ad", "c", "d")}
    assert allowed == {"ab": False, "abd": True, "cd": True, "ad": False, "c": False, "d": False}
    assert not AccessRule().allows(None)
