"""INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE."""

from tests.testkit.composing import refusals


def test_an_entity_interface_without_all_its_types_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node @key(fields: "id") { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! }
            """,
        b="""
            interface Node { id: ID! }
            type Team implements Node @key(fields: "id") { id: ID! }
            type Robot implements Node @key(fields: "id") { id: ID! }
            """,
    ) == [
        (
            "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
            '[a] The interface Node has the resolvable key @key(fields: "id"), but this subgraph lacks Team '
            "and Robot, which implement it elsewhere; define them here, implementing Node, or make the key "
            "resolvable: false.",
            ["a:3:16"],
        ),
    ]


def test_an_unresolvable_key_needs_no_types() -> None:
    assert (
        refusals(
            a="""
            type Query { n: Node }
            interface Node @key(fields: "id", resolvable: false) { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! }
            """,
            b="""
            interface Node { id: ID! }
            type Team implements Node @key(fields: "id") { id: ID! }
            type Query { t: Team }
            """,
        )
        == []
    )
