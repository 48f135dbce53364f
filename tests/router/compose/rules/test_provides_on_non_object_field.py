"""PROVIDES_ON_NON_OBJECT_FIELD."""

from tests.testkit.composing import refusals


def test_a_provision_below_a_scalar_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int @provides(fields: "b") }
            """,
    ) == [
        (
            "PROVIDES_ON_NON_OBJECT_FIELD",
            '[a] @provides(fields: "b") on Query.a: Int has no fields to provide; remove the directive.',
            ["a:2:21"],
        ),
    ]
