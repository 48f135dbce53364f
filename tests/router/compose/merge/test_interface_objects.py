"""`@interfaceObject`: fields for every implementation."""

from tests.testkit.composing import refusals
from tests.testkit.merging import merged


def test_the_interface_has_the_field_of_its_subgraph() -> None:
    text = merged(
        "Node",
        a="""
            type Query { n: Node }
            interface Node @key(fields: "id") { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! }
            """,
        b='type Node @interfaceObject @key(fields: "id") { id: ID! score: Int }',
    )
    assert (
        text
        == """\
interface Node
  @join__type(graph: A, key: "id")
  @join__type(graph: B, key: "id", isInterfaceObject: true)
{
  id: ID!
  score: Int @join__field(graph: B)
}"""
    )


def test_implementations_have_the_field_of_no_subgraph() -> None:
    text = merged(
        "User",
        a="""
            type Query { n: Node }
            interface Node @key(fields: "id") { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! }
            """,
        b="""
            type Node @interfaceObject @key(fields: "id") { id: ID! "How good." score(of: Int = 1): Int @tag(name: "t") }
            """,
    )
    assert (
        text
        == '''\
type User implements Node
  @join__implements(graph: A, interface: "Node")
  @join__type(graph: A, key: "id")
{
  id: ID!

  """How good."""
  score(of: Int = 1): Int @join__field @tag(name: "t")
}'''
    )


def test_a_field_that_the_object_has_too_has_to_be_shareable() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node @key(fields: "id") { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! score: Int }
            """,
        b='type Node @interfaceObject @key(fields: "id") { id: ID! score: Int }',
    ) == [
        (
            "INVALID_FIELD_SHARING",
            'Non-shareable field "User.score" is resolved from multiple subgraphs: it is resolved from '
            'subgraph "a", subgraph "b" (through @interfaceObject field "Node.score"), and defined as '
            'non-shareable in subgraphs "a" and "b". Mark it @shareable there if all subgraphs give the same '
            "value, or leave it to one subgraph.",
            ["a:4:56", "b:2:57"],
        ),
    ]


def test_two_interface_objects_have_to_share() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node @key(fields: "id") { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! }
            """,
        b='type Node @interfaceObject @key(fields: "id") { id: ID! score: Int }',
        c='type Node @interfaceObject @key(fields: "id") { id: ID! score: Int }',
    ) == [
        (
            "INVALID_FIELD_SHARING",
            'Non-shareable field "User.score" is resolved from multiple subgraphs: it is resolved from '
            'subgraph "b" (through @interfaceObject field "Node.score"), subgraph "c" (through '
            '@interfaceObject field "Node.score"), and defined as non-shareable in subgraphs "b" and "c". '
            "Mark it @shareable there if all subgraphs give the same value, or leave it to one subgraph.",
            ["b:2:57", "c:2:57"],
        ),
    ]
