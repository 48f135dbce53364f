"""Composition as a whole: stages, order, determinism."""

import pytest

from router.compose.composer import SubgraphSource, compose
from router.supergraph.parser import parse_supergraph
from tests.testkit.federation_fixtures import fixture_names, subgraph_sdls
from tests.testkit.merging import compose_as_written


def sources(name: str) -> list[SubgraphSource]:
    return [SubgraphSource(subgraph, f"http://{subgraph}", sdl) for subgraph, sdl in subgraph_sdls(name).items()]


@pytest.mark.parametrize("name", fixture_names())
def test_the_order_of_subgraphs_does_not_matter(name: str) -> None:
    given = sources(name)
    first = compose(given)
    assert first.supergraph is not None
    assert compose(given[::-1]) == first
    assert compose(given[1:] + given[:1]) == first


@pytest.mark.parametrize("name", fixture_names())
def test_the_model_reads_every_supergraph_back(name: str) -> None:
    text = compose(sources(name)).supergraph
    assert text is not None
    supergraph = parse_supergraph(text)
    assert {found.name: found.url for found in supergraph.subgraphs.values()} == {
        source.name: source.url for source in sources(name)
    }


def test_errors_of_all_subgraphs_are_reported_together() -> None:
    result = compose_as_written(a="type Query {", b="type Query { a: Gone }", c="type Query { c: Int }")
    assert result.supergraph is None
    assert [(error.code, error.locations[0].subgraph) for error in result.errors] == [
        ("INVALID_GRAPHQL", "a"),
        ("INVALID_GRAPHQL", "b"),
    ]


def test_a_syntax_error_has_its_place() -> None:
    error = compose_as_written(a="type Query {\n  a Int }").errors[0]
    assert error.message == "[a] Syntax Error: Expected ':', found Name 'Int'."
    assert [(place.subgraph, place.line, place.column) for place in error.locations] == [("a", 2, 5)]


def test_the_whole_text_of_a_small_supergraph() -> None:
    result = compose_as_written(a="type Query { a: Int }")
    assert (
        result.supergraph
        == '''\
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
{
  query: Query
}

directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) \
repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION

directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE

directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, \
override: String, usedOverridden: Boolean, overrideLabel: String, contextArguments: [join__ContextArgument!]) \
repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION

directive @join__graph(name: String!, url: String!) on ENUM_VALUE

directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE

directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, \
isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR

directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION

directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA

type Query
  @join__type(graph: A)
{
  a: Int
}

input join__ContextArgument {
  name: String!
  type: String!
  context: String!
  selection: join__FieldValue!
}

scalar join__DirectiveArguments

scalar join__FieldSet

scalar join__FieldValue

enum join__Graph {
  A @join__graph(name: "a", url: "http://a")
}

scalar link__Import

enum link__Purpose {
  """
  `SECURITY` features provide metadata necessary to securely resolve fields.
  """
  SECURITY

  """
  `EXECUTION` features provide metadata necessary for operation execution.
  """
  EXECUTION
}
'''
    )
