"""INTERFACE_OBJECT_USAGE_ERROR."""

from tests.testkit.composing import refusals


def test_an_interface_object_without_key_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node @key(fields: "id") { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! }
            """,
        b="""
            type Node @interfaceObject { id: ID! @shareable  score: Int }
            """,
    ) == [
        (
            "INTERFACE_OBJECT_USAGE_ERROR",
            "[b] Node is an @interfaceObject but no entity; give it a @key of the interface Node that other subgraphs define.",
            ["b:2:1"],
        ),
    ]


def test_an_interface_object_of_no_interface_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            type Node @interfaceObject @key(fields: "id") { id: ID! }
            """,
    ) == [
        (
            "INTERFACE_OBJECT_USAGE_ERROR",
            "[a] Node is an @interfaceObject, but no subgraph defines an interface Node; define it in one, "
            "or remove the directive.",
            ["a:3:1"],
        ),
    ]


def test_an_implementation_beside_the_interface_object_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node @key(fields: "id") { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! }
            """,
        b="""
            type Node @interfaceObject @key(fields: "id") { id: ID!  score: Int }
            type User @key(fields: "id") { id: ID!  age: Int }
            """,
    ) == [
        (
            "INTERFACE_OBJECT_USAGE_ERROR",
            "[b] User implements the interface Node, for which this subgraph has the @interfaceObject Node; "
            "define one of the two elsewhere.",
            ["b:3:1", "b:2:1"],
        ),
    ]


def test_an_interface_object_of_another_subgraphs_entity_interface_is_taken() -> None:
    assert (
        refusals(
            a="""
            type Query { n: Node }
            interface Node @key(fields: "id") { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! }
            """,
            b="""
            type Node @interfaceObject @key(fields: "id") { id: ID!  score: Int }
            """,
        )
        == []
    )
