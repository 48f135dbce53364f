"""INTERFACE_KEY_NOT_ON_IMPLEMENTATION."""

from tests.testkit.composing import refusals


def test_an_implementation_without_the_interfaces_key_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node @key(fields: "id") { id: ID! }
            type User implements Node { id: ID! }
            """,
    ) == [
        (
            "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
            '[a] The key @key(fields: "id") of the interface Node is missing on User, which implements it; '
            'add @key(fields: "id") to User.',
            ["a:3:16", "a:4:1"],
        ),
    ]


def test_an_unresolvable_key_of_an_implementation_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node @key(fields: "id") { id: ID! }
            type User implements Node @key(fields: "id", resolvable: false) { id: ID! }
            """,
    ) == [
        (
            "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
            '[a] The key @key(fields: "id") of the interface Node is resolvable, but not on User, which '
            "implements it; make both resolvable, or none.",
            ["a:3:16", "a:4:1"],
        ),
    ]


def test_the_order_of_a_keys_fields_does_not_matter() -> None:
    assert (
        refusals(
            a="""
            type Query { n: Node }
            interface Node @key(fields: "id  org") { id: ID!  org: ID! }
            type User implements Node @key(fields: "org id") { id: ID!  org: ID! }
            """,
        )
        == []
    )
