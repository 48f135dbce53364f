"""REQUIRED_INACCESSIBLE."""

from tests.testkit.composing import refusals


def test_hidden_inputs_that_must_be_given_are_refused() -> None:
    assert refusals(
        a="""
            type Query { a(x: Int! @inaccessible, y: Int! = 1 @inaccessible): Int  b(in: In): Int }
            input In { a: Int  b: Int! @inaccessible }
            """,
    ) == [
        (
            "REQUIRED_INACCESSIBLE",
            "Query.a(x:) is @inaccessible, but required by Query.a; give it a default, make it nullable, or hide Query.a too.",
            ["a:2:16"],
        ),
        (
            "REQUIRED_INACCESSIBLE",
            "In.b is @inaccessible, but required by In; give it a default, make it nullable, or hide In too.",
            ["a:3:20"],
        ),
    ]
