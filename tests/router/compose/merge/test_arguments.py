"""Arguments: what every subgraph takes."""

from tests.testkit.composing import refusals
from tests.testkit.merging import hints, merged


def test_the_stricter_type_wins() -> None:
    text = merged(
        "Query",
        a="type Query { a(x: [Int!], y: Int): Int @shareable }",
        b="type Query { a(y: Int!, x: [Int!]!): Int @shareable }",
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  a(x: [Int!]!, y: Int!): Int
}"""
    )


def test_an_optional_argument_missing_somewhere_is_left_out() -> None:
    text = merged(
        "Query",
        a="type Query { a(x: Int, y: Int): Int @shareable }",
        b="type Query { a(x: Int): Int @shareable }",
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  a(x: Int): Int
}"""
    )


def test_an_optional_argument_missing_somewhere_is_hinted_at() -> None:
    assert hints(
        a="type Query { a(x: Int, y: Int): Int @shareable }",
        b="type Query { a(x: Int): Int @shareable }",
    ) == [
        (
            "INCONSISTENT_ARGUMENT_PRESENCE",
            'Optional argument "Query.a(y:)" is not in the supergraph: it is defined in subgraph "a" but not in subgraph "b".',
        ),
    ]


def test_a_required_argument_missing_somewhere_is_refused() -> None:
    assert refusals(
        a="type Query { a(x: Int!): Int @shareable }",
        b="type Query { a: Int @shareable }",
    ) == [
        (
            "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
            'Argument "Query.a(x:)" is required in subgraph "a" but does not exist in subgraph "b": an '
            "argument that some subgraph requires has to exist in all. Add it there, or make it optional.",
            ["a:2:16"],
        ),
    ]


def test_a_required_argument_with_default_may_be_missing() -> None:
    text = merged(
        "Query",
        a="type Query { a(x: Int! = 3): Int @shareable }",
        b="type Query { a: Int @shareable }",
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  a: Int
}"""
    )


def test_incompatible_types_are_refused() -> None:
    assert refusals(
        a="type Query { a(x: Int): Int @shareable }",
        b="type Query { a(x: String): Int @shareable }",
    ) == [
        (
            "FIELD_ARGUMENT_TYPE_MISMATCH",
            'Argument "Query.a(x:)" has incompatible types across subgraphs: it has type "Int" in subgraph '
            '"a" and type "String" in subgraph "b". Give it the same type everywhere.',
            ["a:2:16", "b:2:16"],
        ),
    ]


def test_types_of_which_neither_is_stricter_are_refused() -> None:
    assert refusals(
        a="type Query { a(x: [Int!]): Int @shareable }",
        b="type Query { a(x: [Int]!): Int @shareable }",
    ) == [
        (
            "FIELD_ARGUMENT_TYPE_MISMATCH",
            'Argument "Query.a(x:)" has incompatible types across subgraphs: it has type "[Int!]" in subgraph '
            '"a" and type "[Int]!" in subgraph "b". Give it the same type everywhere.',
            ["a:2:16", "b:2:16"],
        ),
    ]


def test_equal_defaults_are_kept() -> None:
    text = merged(
        "Query",
        a="""
            type Query { a(x: In = {a: 1, b: "x"}, f: Float = 1.0): Int @shareable }
            input In { a: Int b: String }
            """,
        b="""
            type Query { a(x: In = {b: "x", a: 1}, f: Float = 1): Int @shareable }
            input In { a: Int b: String }
            """,
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  a(x: In = {a: 1, b: "x"}, f: Float = 1.0): Int
}"""
    )


def test_a_default_of_some_subgraphs_is_left_out() -> None:
    text = merged(
        "Query",
        a="type Query { a(x: Int = 1): Int @shareable }",
        b="type Query { a(x: Int): Int @shareable }",
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  a(x: Int): Int
}"""
    )


def test_a_default_of_some_subgraphs_is_hinted_at() -> None:
    assert hints(
        a="type Query { a(x: Int = 1): Int @shareable }",
        b="type Query { a(x: Int): Int @shareable }",
    ) == [
        (
            "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
            'Argument "Query.a(x:)" has a default value in only some subgraphs: the supergraph has none, '
            'because subgraph "b" has none.',
        ),
    ]


def test_different_defaults_are_refused() -> None:
    assert refusals(
        a="type Query { a(x: Int = 1): Int @shareable }",
        b="type Query { a(x: Int = 2): Int @shareable }",
    ) == [
        (
            "FIELD_ARGUMENT_DEFAULT_MISMATCH",
            'Argument "Query.a(x:)" has incompatible default values across subgraphs: 1 in subgraph "a" and 2 '
            'in subgraph "b". Give it the same default everywhere.',
            ["a:2:16", "b:2:16"],
        ),
    ]


def test_descriptions_and_directives_are_kept() -> None:
    text = merged(
        "Query",
        a='type Query { a("How many." x: Int @deprecated(reason: "y") @tag(name: "t")): Int @shareable }',
        b="type Query { a(x: Int): Int @shareable }",
    )
    assert (
        text
        == '''\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  a(
    """How many."""
    x: Int @deprecated(reason: "y") @tag(name: "t")
  ): Int
}'''
    )
