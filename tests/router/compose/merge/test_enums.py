"""Enum types: values follow from use."""

from tests.testkit.composing import refusals
from tests.testkit.merging import hints, merged


def test_an_enum_of_results_has_all_values() -> None:
    text = merged(
        "E",
        a="""
            type Query { a: E @shareable }
            enum E { A B }
            """,
        b="""
            type Query { a: E @shareable }
            enum E { B C }
            """,
    )
    assert (
        text
        == """\
enum E
  @join__type(graph: A)
  @join__type(graph: B)
{
  A @join__enumValue(graph: A)
  B @join__enumValue(graph: A) @join__enumValue(graph: B)
  C @join__enumValue(graph: B)
}"""
    )


def test_an_enum_of_arguments_has_the_common_values() -> None:
    text = merged(
        "E",
        a="""
            type Query { a(e: E): Int @shareable }
            enum E { A B }
            """,
        b="""
            type Query { a(e: E): Int @shareable }
            enum E { B C }
            """,
    )
    assert (
        text
        == """\
enum E
  @join__type(graph: A)
  @join__type(graph: B)
{
  B @join__enumValue(graph: A) @join__enumValue(graph: B)
}"""
    )


def test_an_enum_of_input_fields_has_the_common_values() -> None:
    text = merged(
        "E",
        a="""
            type Query { a(i: In): Int @shareable }
            input In { e: [E!] }
            enum E { A B }
            """,
        b="""
            type Query { a(i: In): Int @shareable }
            input In { e: [E!] }
            enum E { B C }
            """,
    )
    assert (
        text
        == """\
enum E
  @join__type(graph: A)
  @join__type(graph: B)
{
  B @join__enumValue(graph: A) @join__enumValue(graph: B)
}"""
    )


def test_an_enum_that_is_both_has_to_be_the_same() -> None:
    assert refusals(
        a="""
            type Query { a(e: E): E @shareable }
            enum E { A B }
            """,
        b="""
            type Query { a(e: E): E @shareable }
            enum E { B }
            """,
    ) == [
        (
            "ENUM_VALUE_MISMATCH",
            'Enum value "E.A" is defined in subgraph "a" but not in subgraph "b", and the enum is used both '
            "in arguments and in results. Define the value in all of them.",
            ["a:3:10"],
        ),
    ]


def test_an_inaccessible_value_may_be_missing() -> None:
    text = merged(
        "E",
        a="""
            type Query { a(e: E): E @shareable }
            enum E { A @inaccessible B }
            """,
        b="""
            type Query { a(e: E): E @shareable }
            enum E { B }
            """,
    )
    assert (
        text
        == """\
enum E
  @join__type(graph: A)
  @join__type(graph: B)
{
  A @join__enumValue(graph: A) @inaccessible
  B @join__enumValue(graph: A) @join__enumValue(graph: B)
}"""
    )


def test_no_common_value_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a(e: E): Int @shareable }
            enum E { A }
            """,
        b="""
            type Query { a(e: E): Int @shareable }
            enum E { B }
            """,
    ) == [
        (
            "EMPTY_MERGED_ENUM_TYPE",
            'None of the values of enum type "E" are in all the subgraphs that define it (subgraphs "a" and '
            '"b"), as an enum in arguments must have. Have at least one in all of them.',
            ["a:3:1", "b:3:1"],
        ),
    ]


def test_values_added_are_hinted_at() -> None:
    assert hints(
        a="""
            type Query { a: E @shareable }
            enum E { A B }
            """,
        b="""
            type Query { a: E @shareable }
            enum E { B }
            """,
    ) == [
        (
            "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
            'Enum value "E.A" is in the supergraph, but only defined in subgraph "a" and not in subgraph "b".',
        ),
    ]


def test_values_dropped_are_hinted_at() -> None:
    assert hints(
        a="""
            type Query { a(e: E): Int @shareable }
            enum E { A B }
            """,
        b="""
            type Query { a(e: E): Int @shareable }
            enum E { B }
            """,
    ) == [
        (
            "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
            'Enum value "E.A" is not in the supergraph: it is defined in subgraph "a" but not in subgraph '
            '"b", and the enum is used in arguments.',
        ),
    ]


def test_an_unused_enum_is_hinted_at() -> None:
    assert hints(
        a="""
            type Query { a: Int }
            enum E { A }
            """,
    ) == [
        (
            "UNUSED_ENUM_TYPE",
            'Enum type "E" is used by no field or argument: it is merged as an output type.',
        ),
    ]


def test_an_enum_of_a_client_directive_has_the_common_values() -> None:
    text = merged(
        "E",
        a="""
            directive @trace(e: E) on FIELD
            type Query { a: Int }
            enum E { A B }
            """,
        b="""
            directive @trace(e: E) on FIELD
            type Query { b: Int }
            enum E { B C }
            """,
    )
    assert text.endswith("{\n  B @join__enumValue(graph: A) @join__enumValue(graph: B)\n}")
