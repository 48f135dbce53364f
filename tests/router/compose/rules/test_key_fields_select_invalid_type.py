"""KEY_FIELDS_SELECT_INVALID_TYPE."""

from tests.testkit.composing import refusals


def test_a_key_through_an_interface_or_union_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "node { id }") @key(fields: "any { __typename }") { node: Node  any: Any }
            interface Node { id: ID! }
            union Any = User
            """,
    ) == [
        (
            "KEY_FIELDS_SELECT_INVALID_TYPE",
            '[a] @key(fields: "node { id }") on User: User.node is of the interface type Node, which no key '
            "can contain; select fields of scalar, enum or object types.",
            ["a:3:11"],
        ),
        (
            "KEY_FIELDS_SELECT_INVALID_TYPE",
            '[a] @key(fields: "any { __typename }") on User: User.any is of the union type Any, which no '
            "key can contain; select fields of scalar, enum or object types.",
            ["a:3:39"],
        ),
    ]


def test_a_key_that_ends_at_an_interface_or_union_is_refused_for_its_type() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "node") @key(fields: "any") { node: Node  any: Any }
            interface Node { id: ID! }
            union Any = User
            """,
    ) == [
        (
            "KEY_FIELDS_SELECT_INVALID_TYPE",
            '[a] @key(fields: "node") on User: User.node is of the interface type Node, which no key '
            "can contain; select fields of scalar, enum or object types.",
            ["a:3:11"],
        ),
        (
            "KEY_FIELDS_SELECT_INVALID_TYPE",
            '[a] @key(fields: "any") on User: User.any is of the union type Any, which no key '
            "can contain; select fields of scalar, enum or object types.",
            ["a:3:32"],
        ),
    ]


def test_a_key_through_an_object_or_list_is_taken() -> None:
    assert (
        refusals(
            a="""
            type Query { u: User }
            type User @key(fields: "org { id } tags") { org: Org  tags: [String] }
            type Org { id: ID! }
            """,
        )
        == []
    )
