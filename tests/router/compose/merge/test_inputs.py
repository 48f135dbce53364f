"""Input types: what every subgraph knows."""

import pytest

from tests.testkit.composing import refusals
from tests.testkit.merging import hints, merged


def test_the_common_fields_are_kept() -> None:
    text = merged(
        "In",
        a="""
            type Query { a(i: In): Int @shareable }
            input In { x: Int! y: Int }
            """,
        b="""
            type Query { a(i: In): Int @shareable }
            input In { z: Int x: Int }
            """,
    )
    assert (
        text
        == """\
input In
  @join__type(graph: A)
  @join__type(graph: B)
{
  x: Int! @join__field(graph: A, type: "Int!") @join__field(graph: B, type: "Int")
}"""
    )


def test_fields_left_out_are_hinted_at() -> None:
    assert hints(
        a="""
            type Query { a(i: In): Int @shareable }
            input In { x: Int y: Int }
            """,
        b="""
            type Query { a(i: In): Int @shareable }
            input In { x: Int }
            """,
    ) == [
        (
            "INCONSISTENT_INPUT_OBJECT_FIELD",
            'Input object field "In.y" is not in the supergraph: it is defined in subgraph "a" but not in subgraph "b".',
        ),
    ]


def test_a_required_field_missing_somewhere_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a(i: In): Int @shareable }
            input In { x: Int y: Int! }
            """,
        b="""
            type Query { a(i: In): Int @shareable }
            input In { x: Int }
            """,
    ) == [
        (
            "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
            'Input object field "In.y" is required in subgraph "a" but does not exist in subgraph "b": a '
            "field that some subgraph requires has to exist in all. Add it there, or make it optional.",
            ["a:3:19"],
        ),
    ]


def test_an_input_without_common_fields_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a(i: In): Int @shareable }
            input In { x: Int }
            """,
        b="""
            type Query { a(i: In): Int @shareable }
            input In { y: Int }
            """,
    ) == [
        (
            "EMPTY_MERGED_INPUT_TYPE",
            'None of the fields of input type "In" are in all the subgraphs that define it (subgraphs "a" and '
            '"b"): a client could give none. Have at least one field in all of them.',
            ["a:3:1", "b:3:1"],
        ),
    ]


def test_different_defaults_are_refused() -> None:
    assert refusals(
        a="""
            type Query { a(i: In): Int @shareable }
            input In { x: Int = 1 }
            """,
        b="""
            type Query { a(i: In): Int @shareable }
            input In { x: Int = 2 }
            """,
    ) == [
        (
            "INPUT_FIELD_DEFAULT_MISMATCH",
            'Input field "In.x" has incompatible default values across subgraphs: 1 in subgraph "a" and 2 in '
            'subgraph "b". Give it the same default everywhere.',
            ["a:3:12", "b:3:12"],
        ),
    ]


def test_incompatible_types_are_refused() -> None:
    assert refusals(
        a="""
            type Query { a(i: In): Int @shareable }
            input In { x: Int }
            """,
        b="""
            type Query { a(i: In): Int @shareable }
            input In { x: [Int] }
            """,
    ) == [
        (
            "FIELD_TYPE_MISMATCH",
            'Input field "In.x" has incompatible types across subgraphs: it has type "Int" in subgraph "a" '
            'and type "[Int]" in subgraph "b". Give it the same type everywhere.',
            ["a:3:12", "b:3:12"],
        ),
    ]


def test_an_inaccessible_field_is_kept() -> None:
    text = merged(
        "In",
        a="""
            type Query { a(i: In): Int @shareable }
            input In { x: Int y: Int @inaccessible }
            """,
        b="""
            type Query { a(i: In): Int @shareable }
            input In { x: Int }
            """,
    )
    assert (
        text
        == """\
input In
  @join__type(graph: A)
  @join__type(graph: B)
{
  x: Int
  y: Int @join__field(graph: A) @inaccessible
}"""
    )


def test_one_of_holds_for_all() -> None:
    text = merged(
        "In",
        a="""
            type Query { a(i: In): Int @shareable }
            input In @oneOf { x: Int y: Int }
            """,
        b="""
            type Query { a(i: In): Int @shareable }
            input In { x: Int y: Int }
            """,
    )
    assert (
        text
        == """\
input In
  @join__type(graph: A)
  @join__type(graph: B)
  @oneOf
{
  x: Int
  y: Int
}"""
    )


def test_one_of_is_defined_for_gateways_that_do_not_know_it() -> None:
    assert (
        merged("@oneOf", a="type Query { a(i: In): Int } input In @oneOf { x: Int y: Int }") == "directive @oneOf on INPUT_OBJECT"
    )
    with pytest.raises(LookupError):
        merged("@oneOf", a="type Query { a: Int }")
