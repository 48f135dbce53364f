"""IMPLEMENTED_BY_INACCESSIBLE."""

from tests.testkit.composing import refusals


def test_hidden_fields_and_arguments_of_a_visible_interface_are_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node { id: ID!  f(x: Int): Int }
            type User implements Node { id: ID! @inaccessible  f(x: Int @inaccessible): Int }
            """,
    ) == [
        (
            "IMPLEMENTED_BY_INACCESSIBLE",
            "User.id is @inaccessible, but implements Node.id, which is in the API schema; hide both, or none.",
            ["a:4:29"],
        ),
        (
            "IMPLEMENTED_BY_INACCESSIBLE",
            "User.f(x:) is @inaccessible, but implements Node.f(x:), which is in the API schema; hide both, or none.",
            ["a:4:54"],
        ),
    ]


def test_what_the_interface_hides_too_is_taken() -> None:
    assert (
        refusals(
            a="""
            type Query { n: Node }
            interface Node { id: ID! @inaccessible  f(x: Int @inaccessible): Int }
            type User implements Node { id: ID! @inaccessible  f(x: Int @inaccessible): Int }
            """,
        )
        == []
    )
