"""Object and interface types: fields, interfaces and keys of all subgraphs."""

from tests.testkit.composing import refusals
from tests.testkit.merging import hints, merged


def test_keys_of_every_subgraph_are_kept_with_their_subgraph() -> None:
    text = merged(
        "User",
        a="""
            type Query { me: User }
            type User @key(fields: "id") @key(fields: "email") { id: ID! email: String! }
            """,
        b='type User @key(fields: "id", resolvable: false) { id: ID! }',
    )
    assert (
        text
        == """\
type User
  @join__type(graph: A, key: "id")
  @join__type(graph: A, key: "email")
  @join__type(graph: B, key: "id", resolvable: false)
{
  id: ID!
  email: String! @join__field(graph: A)
}"""
    )


def test_fields_say_which_subgraphs_have_them_only_when_some_do_not() -> None:
    text = merged(
        "User",
        a="""
            type Query { me: User }
            type User @key(fields: "id") { id: ID! name: String }
            """,
        b='type User @key(fields: "id") { id: ID! age: Int }',
    )
    assert (
        text
        == """\
type User
  @join__type(graph: A, key: "id")
  @join__type(graph: B, key: "id")
{
  id: ID!
  name: String @join__field(graph: A)
  age: Int @join__field(graph: B)
}"""
    )


def test_every_subgraph_has_the_query_type() -> None:
    text = merged(
        "Query",
        a="""
            type Query { me: User }
            type User @key(fields: "id") { id: ID! }
            """,
        b='type User @key(fields: "id") { id: ID! age: Int }',
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  me: User @join__field(graph: A)
}"""
    )


def test_a_type_of_one_subgraph_is_kept_plain() -> None:
    text = merged(
        "Money",
        a="""
            type Query { price: Money }
            type Money { amount: Int! currency: String! }
            """,
    )
    assert (
        text
        == """\
type Money
  @join__type(graph: A)
{
  amount: Int!
  currency: String!
}"""
    )


def test_interfaces_are_those_of_all_subgraphs() -> None:
    text = merged(
        "User",
        a="""
            type Query { me: User }
            interface Node { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! }
            """,
        b="""
            interface Aged { age: Int }
            type User implements Aged @key(fields: "id") { id: ID! age: Int }
            """,
    )
    assert (
        text
        == """\
type User implements Node & Aged
  @join__implements(graph: A, interface: "Node")
  @join__implements(graph: B, interface: "Aged")
  @join__type(graph: A, key: "id")
  @join__type(graph: B, key: "id")
{
  id: ID!
  age: Int @join__field(graph: B)
}"""
    )


def test_interface_fields_are_those_of_all_subgraphs() -> None:
    text = merged(
        "Node",
        a="""
            type Query { node: Node }
            interface Node { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! }
            """,
        b="""
            interface Node { id: ID! age: Int }
            type User implements Node @key(fields: "id") { id: ID! age: Int }
            """,
    )
    assert (
        text
        == """\
interface Node
  @join__type(graph: A)
  @join__type(graph: B)
{
  id: ID!
  age: Int @join__field(graph: B)
}"""
    )


def test_root_types_take_their_default_names() -> None:
    text = merged(
        "Query",
        a="""
            schema { query: RootQuery }
            type RootQuery { self: RootQuery one: Int }
            """,
        b="type Query { two: Int }",
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  self: Query @join__field(graph: A)
  one: Int @join__field(graph: A)
  two: Int @join__field(graph: B)
}"""
    )


def test_extensions_are_folded_in() -> None:
    text = merged(
        "User",
        a="""
            type Query { me: User }
            type User @key(fields: "id") { id: ID! }
            extend type User @key(fields: "email") { email: String! }
            """,
    )
    assert (
        text
        == """\
type User
  @join__type(graph: A, key: "id")
  @join__type(graph: A, key: "email")
{
  id: ID!
  email: String!
}"""
    )


def test_kinds_that_differ_are_refused() -> None:
    assert refusals(
        a="""
            type Query { v: Value }
            scalar Value
            """,
        b="""
            type Query { w: Value }
            enum Value { A }
            """,
    ) == [
        (
            "TYPE_KIND_MISMATCH",
            'Type "Value" has different kinds across subgraphs: it is scalar in subgraph "a" and enum in '
            'subgraph "b". Make it the same kind everywhere, or rename one.',
            ["a:3:1", "b:3:1"],
        ),
    ]


def test_an_entity_without_key_in_one_subgraph_is_hinted_at() -> None:
    assert hints(
        a="""
            type Query { me: User }
            type User @key(fields: "id") { id: ID! age: Int }
            """,
        b="""
            type Query { owner: User }
            type User { id: ID! @shareable }
            """,
    ) == [
        (
            "INCONSISTENT_ENTITY",
            'Type "User" has a @key in subgraph "a" but none in subgraph "b", where it cannot be reached by key.',
        ),
    ]


def test_a_value_type_field_missing_somewhere_is_hinted_at() -> None:
    assert hints(
        a="""
            type Query { a: Size }
            type Size @shareable { x: Int }
            """,
        b="type Size @shareable { x: Int y: Int }",
    ) == [
        (
            "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD",
            'Field "Size.y" of non-entity object type "Size" is defined in subgraph "b" but not in subgraph "a".',
        ),
    ]
