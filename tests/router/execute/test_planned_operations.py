"""Operations from text to answer: planned, fetched from subgraphs that execute their own schemas, projected."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema, graphql_sync, parse, validate

from router.execute.executor import ExecutionResult, Executor, RequestContext, prepare
from router.supergraph.parser import parse_supergraph
from tests.testkit.executing import MemoryTransport

SUPERGRAPH = parse_supergraph("""
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) {
  query: Query
  mutation: Mutation
}
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(
  graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true
  isInterfaceObject: Boolean! = false
) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__field(
  graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String
) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @inaccessible on ENUM_VALUE | FIELD_DEFINITION | OBJECT
scalar join__FieldSet
scalar link__Import
enum link__Purpose { EXECUTION }
enum join__Graph {
  CATALOG @join__graph(name: "catalog", url: "http://catalog.test")
  STOCK @join__graph(name: "stock", url: "http://stock.test")
}
type Query @join__type(graph: CATALOG) @join__type(graph: STOCK) {
  media(first: Int = 2): [Media!]! @join__field(graph: CATALOG)
  search(text: String!): [Hit] @join__field(graph: CATALOG)
  book(id: ID!): Book @join__field(graph: CATALOG)
  shelves: Int @join__field(graph: STOCK)
}
type Mutation @join__type(graph: CATALOG) @join__type(graph: STOCK) {
  rename(id: ID!, title: String!): Book @join__field(graph: CATALOG)
  count: Int @join__field(graph: STOCK)
}
interface Media @join__type(graph: CATALOG) { id: ID! title: String }
union Hit @join__type(graph: CATALOG)
  @join__unionMember(graph: CATALOG, member: "Book") @join__unionMember(graph: CATALOG, member: "Film")
  = Book | Film
type Book implements Media
  @join__type(graph: CATALOG, key: "id") @join__type(graph: STOCK, key: "id")
  @join__implements(graph: CATALOG, interface: "Media") {
  id: ID!
  title: String @join__field(graph: CATALOG)
  weight: Int @join__field(graph: CATALOG) @join__field(graph: STOCK, external: true)
  format: Format @join__field(graph: CATALOG)
  shipping: Int @join__field(graph: STOCK, requires: "weight")
  copies: Int! @join__field(graph: STOCK)
}
type Film implements Media @join__type(graph: CATALOG) @join__implements(graph: CATALOG, interface: "Media") {
  id: ID!
  title: String
  minutes: Int
}
enum Format @join__type(graph: CATALOG) {
  PAPER @join__enumValue(graph: CATALOG)
  SCROLL @join__enumValue(graph: CATALOG) @inaccessible
}
""")

CATALOG = build_schema("""
type Query {
  media(first: Int = 2): [Media!]! search(text: String!): [Hit] book(id: ID!): Book
  _entities(representations: [_Any!]!): [_Entity]!
}
type Mutation { rename(id: ID!, title: String!): Book }
interface Media { id: ID! title: String }
union Hit = Book | Film
type Book implements Media { id: ID! title: String weight: Int format: Format }
type Film implements Media { id: ID! title: String minutes: Int }
enum Format { PAPER SCROLL }
union _Entity = Book
scalar _Any
""")
STOCK = build_schema("""
type Query { shelves: Int _entities(representations: [_Any!]!): [_Entity]! }
type Mutation { count: Int }
type Book { id: ID! weight: Int shipping: Int copies: Int! }
union _Entity = Book
scalar _Any
""")
BOOKS = {
    "b1": {"__typename": "Book", "id": "b1", "title": "Emma", "weight": 300, "format": "PAPER"},
    "b2": {"__typename": "Book", "id": "b2", "title": "Gilgamesh", "weight": 9000, "format": "SCROLL"},
}
FILM = {"__typename": "Film", "id": "f1", "title": "M", "minutes": 117}


def catalog_entities(info: Any, representations: list[dict[str, Any]]) -> list[Any]:
    return [BOOKS.get(representation["id"]) for representation in representations]


def stock_entities(info: Any, representations: list[dict[str, Any]]) -> list[Any]:
    # Shipping is a cent per gram of the weight that came with the representation.
    copies = {"b1": 4}
    return [
        {"__typename": "Book", "copies": copies.get(found["id"]), "shipping": found.get("weight"), "id": found["id"]}
        for found in representations
    ]


CATALOG_ROOT = {
    "media": lambda info, first: [*BOOKS.values(), FILM][:first],
    "search": lambda info, text: [FILM, BOOKS["b1"], None],
    "book": lambda info, **arguments: BOOKS.get(arguments["id"]),
    "rename": lambda info, title, **arguments: {**BOOKS[arguments["id"]], "title": title},
    "_entities": catalog_entities,
}
STOCK_ROOT = {"shelves": 12, "count": 5, "_entities": stock_entities}


def answers(schema: Any, root: dict[str, Any]) -> Any:
    def answer(body: dict[str, Any]) -> Any:
        return graphql_sync(schema, body["query"], root_value=root, variable_values=body.get("variables")).formatted

    return answer


async def run(query: str, variables: dict[str, Any] | None = None) -> tuple[ExecutionResult, list[str]]:
    document = parse(query, no_location=True)
    assert validate(SUPERGRAPH.schema, document) == []
    transport = MemoryTransport({"catalog": answers(CATALOG, CATALOG_ROOT), "stock": answers(STOCK, STOCK_ROOT)})
    prepared = prepare(SUPERGRAPH, document, None)
    result = await Executor(SUPERGRAPH, transport).execute(prepared, variables or {}, RequestContext())
    return result, [subgraph for subgraph, _ in transport.sent]


async def test_fields_of_two_subgraphs_with_a_requirement_the_client_did_not_select() -> None:
    result, asked = await run('{ book(id: "b1") { shipping title } shelves }')
    assert result.to_bytes() == b'{"data":{"book":{"shipping":300,"title":"Emma"},"shelves":12}}'
    assert sorted(asked) == ["catalog", "stock", "stock"]


async def test_an_alias_that_takes_the_name_of_a_requirement() -> None:
    result, _ = await run('{ book(id: "b1") { weight: title id: format shipping } }')
    assert result.errors is None
    assert result.data == {"book": {"weight": "Emma", "id": "PAPER", "shipping": 300}}


async def test_abstract_types_and_a_default_of_an_argument() -> None:
    result, _ = await run(
        "query($n: Int = 3) { media(first: $n) { __typename title ... on Book { shipping } ... on Film { minutes } } }"
    )
    assert result.errors is None
    assert result.data == {
        "media": [
            {"__typename": "Book", "title": "Emma", "shipping": 300},
            {"__typename": "Book", "title": "Gilgamesh", "shipping": 9000},
            {"__typename": "Film", "title": "M", "minutes": 117},
        ]
    }


async def test_a_null_of_one_subgraph_reaches_the_parent_that_another_has() -> None:
    result, _ = await run("{ media { id ... on Book { copies } } }")
    assert result.data is None
    assert result.errors is not None
    assert [(error["path"], error["extensions"]) for error in result.errors] == [
        (["media", 1, "copies"], {"code": "DOWNSTREAM_SERVICE_ERROR", "serviceName": "stock"})
    ]


async def test_unions_with_nulls_among_them() -> None:
    result, _ = await run('{ search(text: "m") { ... on Book { copies } ... on Film { id } __typename } }')
    assert result.errors is None
    assert result.data == {"search": [{"id": "f1", "__typename": "Film"}, {"copies": 4, "__typename": "Book"}, None]}


async def test_an_inaccessible_enum_value_is_null_with_an_error() -> None:
    result, _ = await run('{ book(id: "b2") { id format } }')
    assert result.data == {"book": {"id": "b2", "format": None}}
    assert result.errors is not None
    assert [error["path"] for error in result.errors] == [["book", "format"]]


@pytest.mark.parametrize("stock", [True, False])
async def test_what_is_skipped_is_not_fetched(stock: bool) -> None:
    query = 'query($stock: Boolean!) { book(id: "b1") { title ... @include(if: $stock) { copies } } }'
    result, asked = await run(query, {"stock": stock})
    assert result.data == {"book": {"title": "Emma", "copies": 4} if stock else {"title": "Emma"}}
    assert asked == (["catalog", "stock"] if stock else ["catalog"])


async def test_mutations_run_in_the_order_of_the_operation() -> None:
    result, asked = await run('mutation { count rename(id: "b1", title: "E.") { title copies } again: count }')
    assert result.to_bytes() == b'{"data":{"count":5,"rename":{"title":"E.","copies":4},"again":5}}'
    assert asked[0] == "stock"
    assert asked[1] == "catalog"
    assert asked[-1] == "stock"


async def test_introspection_needs_no_subgraph() -> None:
    result, asked = await run('{ __type(name: "Format") { enumValues { name } } }')
    assert result.data == {"__type": {"enumValues": [{"name": "PAPER"}]}}
    assert asked == []
