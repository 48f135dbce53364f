"""KEY_DIRECTIVE_IN_FIELDS_ARG, REQUIRES_DIRECTIVE_IN_FIELDS_ARG, PROVIDES_DIRECTIVE_IN_FIELDS_ARG."""

from tests.testkit.composing import refusals


def test_directives_in_field_sets_are_refused() -> None:
    assert refusals(
        a="""
            directive @mark on FIELD
            type Query { u: User @provides(fields: "name @mark") }
            type User @key(fields: "id @mark") {
              id: ID!
              name: String @external
              b: Int @requires(fields: "name @include(if: true)")
            }
            """,
        b="""
            type User @key(fields: "id") { id: ID!  name: String @shareable }
            """,
    ) == [
        (
            "KEY_DIRECTIVE_IN_FIELDS_ARG",
            '[a] @key(fields: "id @mark") on User: directives cannot be applied here; remove @mark.',
            ["a:4:11"],
        ),
        (
            "REQUIRES_DIRECTIVE_IN_FIELDS_ARG",
            '[a] @requires(fields: "name @include(if: true)") on User.b: directives cannot be applied here; remove @include.',
            ["a:7:10"],
        ),
        (
            "PROVIDES_DIRECTIVE_IN_FIELDS_ARG",
            '[a] @provides(fields: "name @mark") on Query.u: directives cannot be applied here; remove @mark.',
            ["a:3:22"],
        ),
    ]
