"""DEFAULT_VALUE_USES_INACCESSIBLE."""

from tests.testkit.composing import refusals


def test_hidden_values_and_fields_in_visible_defaults_are_refused() -> None:
    assert refusals(
        a="""
            type Query { a(x: [Role] = [ADMIN]): Int  b(in: In = {secret: 1, roles: [USER, ADMIN]}): Int }
            enum Role { ADMIN @inaccessible  USER }
            input In { secret: Int @inaccessible  roles: [Role] }
            """,
    ) == [
        (
            "DEFAULT_VALUE_USES_INACCESSIBLE",
            "Query.a(x:) has a default with Role.ADMIN, which is @inaccessible; choose another default, or hide Query.a(x:).",
            ["a:2:16"],
        ),
        (
            "DEFAULT_VALUE_USES_INACCESSIBLE",
            "Query.b(in:) has a default with In.secret, which is @inaccessible; choose another default, or hide Query.b(in:).",
            ["a:2:45"],
        ),
        (
            "DEFAULT_VALUE_USES_INACCESSIBLE",
            "Query.b(in:) has a default with Role.ADMIN, which is @inaccessible; choose another default, or hide Query.b(in:).",
            ["a:2:45"],
        ),
    ]


def test_hidden_defaults_are_taken() -> None:
    assert (
        refusals(
            a="""
            type Query { a(x: Role = ADMIN @inaccessible): Int }
            enum Role { ADMIN @inaccessible  USER }
            """,
        )
        == []
    )
