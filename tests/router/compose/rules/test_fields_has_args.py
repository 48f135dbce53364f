"""KEY_FIELDS_HAS_ARGS, PROVIDES_FIELDS_HAS_ARGS."""

from tests.testkit.composing import refusals


def test_keys_and_provisions_with_arguments_are_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User @provides(fields: "tags") }
            type User @key(fields: "id name") {
              id: ID!
              name(upper: Boolean): String
              tags(first: Int): [String] @external
            }
            """,
        b="""
            type User @key(fields: "id") { id: ID!  tags(first: Int): [String] @shareable }
            """,
    ) == [
        (
            "KEY_FIELDS_HAS_ARGS",
            '[a] @key(fields: "id name") on User: User.name has arguments; select only fields without.',
            ["a:3:11"],
        ),
        (
            "PROVIDES_FIELDS_HAS_ARGS",
            '[a] @provides(fields: "tags") on Query.u: User.tags has arguments; select only fields without.',
            ["a:2:22"],
        ),
    ]
