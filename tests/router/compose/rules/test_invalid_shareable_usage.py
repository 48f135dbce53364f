"""INVALID_SHAREABLE_USAGE."""

from tests.testkit.composing import refusals


def test_a_shareable_interface_field_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node { id: ID! @shareable }
            """,
    ) == [
        (
            "INVALID_SHAREABLE_USAGE",
            "[a] Node.id is a field of an interface; mark the field in the types that implement it.",
            ["a:3:26"],
        ),
    ]


def test_a_field_shareable_twice_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int @shareable @shareable }
            """,
    ) == [
        (
            "INVALID_SHAREABLE_USAGE",
            "[a] Query.a is marked @shareable more than once; once is enough.",
            ["a:2:21", "a:2:32"],
        ),
    ]


def test_a_shareable_field_of_a_shareable_type_is_taken() -> None:
    assert (
        refusals(
            a="""
            type Query @shareable { a: Int @shareable }
            """,
        )
        == []
    )


def test_a_declaration_shareable_twice_is_refused() -> None:
    assert refusals(
        a="""
            type Query { t: T }
            type T @shareable { a: Int }
            extend type T @shareable @shareable { b: Int }
            """,
    ) == [
        (
            "INVALID_SHAREABLE_USAGE",
            "[a] One declaration of T is marked @shareable more than once; once is enough. Mark each extension by itself.",
            ["a:4:15", "a:4:26"],
        ),
    ]


def test_a_shareable_type_with_a_shareable_extension_is_taken() -> None:
    assert (
        refusals(
            a="""
            type Query { t: T }
            type T @shareable { a: Int }
            extend type T @shareable { b: Int }
            """,
        )
        == []
    )
