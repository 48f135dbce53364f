"""Declarations of fields that other subgraphs resolve."""

from tests.testkit.composing import refusals
from tests.testkit.merging import merged


def test_another_type_is_refused() -> None:
    assert refusals(
        a="""
            type Query { t: T }
            type T @key(fields: "id") { id: ID! x: Int! }
            """,
        b='type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }',
    ) == [
        (
            "EXTERNAL_TYPE_MISMATCH",
            'Field "T.x" has type "Int" in subgraph "b", where it is marked @external, but type "Int!" in '
            'subgraph "a". Declare the same type.',
            ["b:2:37"],
        ),
    ]


def test_a_missing_argument_is_refused() -> None:
    assert refusals(
        a="""
            type Query { t: T }
            type T @key(fields: "id") { id: ID! x(a: Int): Int }
            """,
        b='type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }',
    ) == [
        (
            "EXTERNAL_ARGUMENT_MISSING",
            'Argument "T.x(a:)" is declared in subgraph "a" but not in subgraph "b", where the field is '
            "marked @external. Declare it there, too.",
            ["b:2:37"],
        ),
    ]


def test_another_argument_type_is_refused() -> None:
    assert refusals(
        a="""
            type Query { t: T }
            type T @key(fields: "id") { id: ID! x(a: Int): Int }
            """,
        b='type T @key(fields: "id") { id: ID! x(a: String): Int @external y: Int @requires(fields: "x") }',
    ) == [
        (
            "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
            'Argument "T.x(a:)" has type "Int" in subgraph "a" but type "String" in subgraph "b", where the '
            "field is marked @external. Declare the same type.",
            ["b:2:37"],
        ),
    ]


def test_another_default_is_refused() -> None:
    assert refusals(
        a="""
            type Query { t: T }
            type T @key(fields: "id") { id: ID! x(a: Int = 1): Int }
            """,
        b='type T @key(fields: "id") { id: ID! x(a: Int = 2): Int @external y: Int @requires(fields: "x") }',
    ) == [
        (
            "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
            'Argument "T.x(a:)" has default value 1 in subgraph "a" but 2 in subgraph "b", where the field is '
            "marked @external. Declare the same default.",
            ["b:2:37"],
        ),
    ]


def test_a_looser_argument_type_is_accepted() -> None:
    text = merged(
        "T",
        a="""
            type Query { t: T }
            type T @key(fields: "id") { id: ID! x(a: Int!): Int }
            """,
        b='type T @key(fields: "id") { id: ID! x(a: Int): Int @external y: Int @requires(fields: "x(a: 1)") }',
    )
    assert "  x(a: Int!): Int @join__field(graph: A) @join__field(graph: B, external: true)\n" in text
