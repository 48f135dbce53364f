"""The model of one subgraph."""

import pytest
from graphql import GraphQLSyntaxError

from router.compose.definitions import TypeKind
from router.compose.errors import SourceLocation
from router.compose.result import SubgraphSource
from router.compose.subgraph import Subgraph, graph_enum_names, locations
from router.compose.subgraph_reader import read_subgraph

FEDERATION_2 = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@shareable"])\n'
)


def read(sdl: str) -> Subgraph:
    return read_subgraph(SubgraphSource("users", "http://users", sdl))


def test_extensions_are_folded_in_and_keep_their_nodes() -> None:
    user = read('type User @key(fields: "id") { id: ID! }\nextend type User implements Node { name: String }').types["User"]
    assert list(user.fields) == ["id", "name"]
    assert list(user.interfaces) == ["Node"]
    assert [key.fields for key in user.keys] == ["id"]
    assert len(user.nodes) == 2
    assert not user.is_extension
    assert [field.in_extension for field in user.fields.values()] == [False, True]


def test_type_level_directives_hold_for_the_fields_of_their_own_definition() -> None:
    subgraph = read(FEDERATION_2 + "type A @shareable { x: Int }\nextend type A { y: Int }\nextend type A @external { z: Int }")
    assert {name: (field.shareable, field.external) for name, field in subgraph.types["A"].fields.items()} == {
        "x": (True, False),
        "y": (False, False),
        "z": (False, True),
    }


def test_what_serves_the_gateway_is_left_out() -> None:
    subgraph = read(
        "type Query { _service: _Service! _entities(representations: [_Any!]!): [_Entity]! me: Int } "
        "scalar _Any scalar _FieldSet union _Entity = User type _Service { sdl: String } type User { id: ID! } "
        "directive @key(fields: _FieldSet!) on OBJECT directive @mine on FIELD"
    )
    assert list(subgraph.types) == ["Query", "User"]
    assert list(subgraph.types["Query"].fields) == ["me"]
    assert list(subgraph.directives) == ["mine"]


def test_a_query_type_with_nothing_else_is_left_out() -> None:
    subgraph = read("type Query { _service: Int } type User { id: ID! }")
    assert list(subgraph.types) == ["User"]


def test_root_types_take_their_default_names_everywhere() -> None:
    subgraph = read(
        "schema { query: Root } type Root { self: [Root!]! union: All } union All = Root | User type User { id: ID! }"
    )
    assert subgraph.roots == {"query": "Root"}
    assert subgraph.types["Query"].fields["self"].type == "[Query!]!"
    assert list(subgraph.types["All"].members) == ["Query", "User"]
    assert subgraph.root("query") is subgraph.types["Query"]
    assert subgraph.root("mutation") is None


def test_a_root_type_keeps_its_name_when_the_default_is_taken() -> None:
    subgraph = read("schema { query: Root } type Root { a: Int } type Query { b: Int }")
    assert list(subgraph.types) == ["Root", "Query"]
    assert subgraph.root("query") is subgraph.types["Root"]


def test_versions() -> None:
    assert read("type Query { a: Int }").federation_version == (1, 0)
    assert read(FEDERATION_2 + "type Query { a: Int }").federation_version == (2, 3)
    assert read('extend schema @link(url: "https://specs.apollo.dev/federation") type Query { a: Int }').federation_version == (
        2,
        0,
    )


def test_kinds_defaults_and_required_inputs() -> None:
    subgraph = read("input I { a: Int! b: Int! = 1 c: [E] = null } enum E { X } scalar S interface F { a: S }")
    assert [type_.kind for type_ in subgraph.types.values()] == [
        TypeKind.INPUT,
        TypeKind.ENUM,
        TypeKind.SCALAR,
        TypeKind.INTERFACE,
    ]
    fields = subgraph.types["I"].input_fields
    assert {name: (field.required, field.default_text) for name, field in fields.items()} == {
        "a": (True, None),
        "b": (False, "1"),
        "c": (False, "null"),
    }
    assert fields["c"].type_name == "E"


def test_possible_types() -> None:
    subgraph = read("interface N { a: Int } type A implements N { a: Int } type B implements N { a: Int } union U = A")
    assert subgraph.possible_types("N") == ("A", "B")
    assert subgraph.possible_types("U") == ("A",)
    assert subgraph.possible_types("A") == ("A",)
    assert subgraph.possible_types("Gone") == ()


def test_locations_count_from_one_and_pass_over_what_has_no_node() -> None:
    subgraph = read("type Query {\n  a: Int\n}")
    assert locations(subgraph, subgraph.types["Query"].fields["a"].node, None) == (SourceLocation("users", 2, 3),)


def test_text_that_is_no_graphql_is_refused() -> None:
    with pytest.raises(GraphQLSyntaxError):
        read("type Query {")


@pytest.mark.parametrize(
    ("names", "enums"),
    [
        (["users"], ["USERS"]),
        (["my-users", "föö bar"], ["MY_USERS", "F___BAR"]),
        (["1st"], ["_1ST"]),
        (["users_1"], ["USERS_1_"]),
        (["foo", "FOO", "users"], ["FOO_1", "FOO_2", "USERS"]),
    ],
)
def test_graph_enum_values_are_unique_names(names: list[str], enums: list[str]) -> None:
    assert graph_enum_names(names) == enums
