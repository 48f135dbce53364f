"""DISALLOWED_INACCESSIBLE."""

from tests.testkit.composing import refusals


def test_built_in_and_linked_types_cannot_be_hidden() -> None:
    assert refusals(
        a="""
            scalar Int @inaccessible
            scalar federation__FieldSet @inaccessible
            type Query { a: Int }
            """,
    ) == [
        (
            "DISALLOWED_INACCESSIBLE",
            "[a] Int cannot be @inaccessible: it is no part of the API; remove the directive.",
            ["a:2:12"],
        ),
        (
            "DISALLOWED_INACCESSIBLE",
            "[a] federation__FieldSet cannot be @inaccessible: it is no part of the API; remove the directive.",
            ["a:3:29"],
        ),
    ]


def test_arguments_of_schema_directives_cannot_be_hidden() -> None:
    assert refusals(
        a="""
            directive @mark(by: String @inaccessible) on OBJECT
            type Query { a: Int }
            """,
    ) == [
        (
            "DISALLOWED_INACCESSIBLE",
            "[a] @mark(by:) cannot be @inaccessible: it is no part of the API; remove the directive.",
            ["a:2:28"],
        ),
    ]


def test_arguments_of_executable_directives_can_be_hidden() -> None:
    assert (
        refusals(
            a="""
            directive @mark(by: String @inaccessible) on FIELD
            type Query { a: Int }
            """,
        )
        == []
    )
