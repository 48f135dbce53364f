"""What a subgraph answers, read off join directives that composition of the fixtures does not write."""

from __future__ import annotations

from graphql import parse

from router.plan.planner import plan
from router.supergraph.parser import parse_supergraph
from tests.testkit.planning import fetches

JOIN = """
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) {
  query: Query
}
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on OBJECT
directive @join__field(graph: join__Graph, external: Boolean) repeatable on FIELD_DEFINITION
scalar join__FieldSet
scalar link__Import
enum link__Purpose { EXECUTION }
enum join__Graph {
  B @join__graph(name: "b", url: "http://b.test")
  C @join__graph(name: "c", url: "http://c.test")
}
type Query @join__type(graph: B) @join__type(graph: C) { books: [Book!]! @join__field(graph: C) }
"""


def requests(book: str, operation: str) -> list[tuple[str, str]]:
    """Return the subgraphs asked and what they are asked, on one line."""
    root = plan(parse_supergraph(JOIN + book), parse(operation)).root
    return [(fetch.subgraph, " ".join(fetch.operation.split())) for fetch in fetches(root)]


def test_an_external_key_field_is_resolved_by_the_subgraph_that_owns_it() -> None:
    book = """
    type Book @join__type(graph: B, key: "code") @join__type(graph: B, key: "id")
      @join__type(graph: C, key: "code") @join__type(graph: C, key: "id") {
      code: ID!
      id: ID! @join__field(graph: B) @join__field(graph: C, external: true)
      note: Int @join__field(graph: C)
    }
    """
    assert requests(book, "{ books { id note } }") == [
        ("c", "query { books { __typename code note } }"),
        (
            "b",
            "query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Book { id } } }",
        ),
    ]


def test_an_external_key_leads_on_where_nothing_else_does() -> None:
    book = """
    type Book @join__type(graph: B, key: "id") @join__type(graph: C, key: "id") {
      id: ID! @join__field(graph: B) @join__field(graph: C, external: true)
      pages: Int @join__field(graph: B)
    }
    """
    assert requests(book, "{ books { pages } }") == [
        ("c", "query { books { __typename id } }"),
        (
            "b",
            "query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Book { pages } } }",
        ),
    ]
