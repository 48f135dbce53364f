"""INTERFACE_FIELD_NO_IMPLEM."""

from tests.testkit.composing import refusals


def test_a_type_without_another_subgraphs_interface_field_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node { id: ID!  name: String }
            """,
        b="""
            interface Node { id: ID! }
            type User implements Node { id: ID! }
            """,
    ) == [
        (
            "INTERFACE_FIELD_NO_IMPLEM",
            "Node.name is a field of the interface in a, but User, which implements Node, has no such field "
            "in any subgraph; add User.name.",
            ["a:3:27", "b:3:1"],
        ),
    ]
