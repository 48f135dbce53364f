"""EXTENSION_WITH_NO_BASE."""

from tests.testkit.composing import refusals, refusals_as_written


def test_a_type_that_is_only_extended_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            extend type User { id: ID! }
            """,
    ) == [
        (
            "EXTENSION_WITH_NO_BASE",
            "[a] User is only extended, and no subgraph defines it; write `type User` in one of them.",
            ["a:3:1"],
        ),
    ]


def test_federation_1_extends_with_a_directive() -> None:
    assert refusals_as_written(
        a="""
            type Query { u: User }
            type User @extends @key(fields: "id") { id: ID! }
            """,
        b="""
            extend type User @key(fields: "id") { id: ID! @external  b: Int }
            """,
    ) == [
        (
            "EXTENSION_WITH_NO_BASE",
            "[a] User is only extended, and no subgraph defines it; write `type User` in one of them.",
            ["a:2:1"],
        ),
        (
            "EXTENSION_WITH_NO_BASE",
            "[b] User is only extended, and no subgraph defines it; write `type User` in one of them.",
            ["b:1:1"],
        ),
    ]


def test_in_federation_2_extends_still_defines() -> None:
    assert (
        refusals(
            a="""
            type Query { u: User }
            type User @extends @key(fields: "id") { id: ID! }
            """,
        )
        == []
    )
