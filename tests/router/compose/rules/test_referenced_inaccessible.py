"""REFERENCED_INACCESSIBLE."""

from tests.testkit.composing import refusals


def test_visible_fields_and_inputs_of_hidden_types_are_refused() -> None:
    assert refusals(
        a="""
            type Query { u(role: Role, by: By): User }
            type User @inaccessible { id: ID! }
            enum Role @inaccessible { ADMIN }
            input By { role: Role }
            """,
    ) == [
        (
            "REFERENCED_INACCESSIBLE",
            "Query.u is in the API schema, but its type User is @inaccessible; hide Query.u too, or make User accessible.",
            ["a:2:14"],
        ),
        (
            "REFERENCED_INACCESSIBLE",
            "Query.u(role:) is in the API schema, but its type Role is @inaccessible; hide Query.u(role:) "
            "too, or make Role accessible.",
            ["a:2:16"],
        ),
        (
            "REFERENCED_INACCESSIBLE",
            "By.role is in the API schema, but its type Role is @inaccessible; hide By.role too, or make Role accessible.",
            ["a:5:12"],
        ),
    ]


def test_hidden_references_are_taken() -> None:
    assert (
        refusals(
            a="""
            type Query { a: Int  u(role: Role @inaccessible): User @inaccessible }
            type User @inaccessible { id: ID! }
            enum Role @inaccessible { ADMIN }
            """,
        )
        == []
    )
