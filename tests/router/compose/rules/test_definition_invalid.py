"""DIRECTIVE_DEFINITION_INVALID, TYPE_DEFINITION_INVALID."""

from tests.testkit.composing import refusals, refusals_as_written


def test_an_argument_that_does_not_exist_is_refused() -> None:
    assert refusals(
        a="""
            directive @tag(name: String!, color: String) repeatable on OBJECT
            type Query { a: Int }
            """,
    ) == [
        (
            "DIRECTIVE_DEFINITION_INVALID",
            "[a] The definition of @tag has an argument color, which does not exist; write `directive "
            "@tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | "
            "ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION | "
            "SCHEMA`, or leave it out.",
            ["a:2:1"],
        ),
    ]


def test_an_argument_of_another_type_is_refused() -> None:
    assert refusals(
        a="""
            directive @tag(name: Int!) repeatable on OBJECT
            type Query { a: Int }
            """,
    ) == [
        (
            "DIRECTIVE_DEFINITION_INVALID",
            "[a] The definition of @tag has the argument name of type Int!, not String!; write `directive "
            "@tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | "
            "ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION | "
            "SCHEMA`, or leave it out.",
            ["a:2:1"],
        ),
    ]


def test_a_missing_required_argument_is_refused() -> None:
    assert refusals(
        a="""
            directive @tag repeatable on OBJECT
            type Query { a: Int }
            """,
    ) == [
        (
            "DIRECTIVE_DEFINITION_INVALID",
            "[a] The definition of @tag lacks the argument name; write `directive @tag(name: String!) "
            "repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | "
            "ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION | SCHEMA`, or leave it out.",
            ["a:2:1"],
        ),
    ]


def test_a_location_without_meaning_is_refused() -> None:
    assert refusals(
        a="""
            directive @key(fields: FieldSet!) repeatable on OBJECT | UNION
            scalar FieldSet
            type Query { a: Int }
            """,
    ) == [
        (
            "DIRECTIVE_DEFINITION_INVALID",
            "[a] The definition of @key allows it on UNION, where it has no meaning; write `directive "
            "@key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | "
            "INTERFACE`, or leave it out.",
            ["a:2:1"],
        ),
    ]


def test_a_type_of_another_kind_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int }
            type federation__FieldSet { a: Int }
            """,
    ) == [
        (
            "TYPE_DEFINITION_INVALID",
            "[a] federation__FieldSet is a scalar of a linked specification, and cannot be defined as "
            "another kind of type; rename it.",
            ["a:3:1"],
        ),
    ]


def test_an_enum_with_other_values_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int }
            enum link__Purpose { SECURITY }
            """,
    ) == [
        (
            "TYPE_DEFINITION_INVALID",
            "[a] link__Purpose is an enum of a linked specification with the values EXECUTION and SECURITY; "
            "give it those, or leave it out.",
            ["a:3:1"],
        ),
    ]


def test_a_type_in_the_supergraphs_own_namespace_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int }
            enum join__Graph { A }
            """,
    ) == [
        (
            "TYPE_DEFINITION_INVALID",
            "[a] join__Graph has a name that supergraphs keep for themselves; choose one that does not start with join__.",
            ["a:3:1"],
        ),
    ]


def test_definitions_as_libraries_write_them_are_taken() -> None:
    assert (
        refusals_as_written(
            a="""
            directive @key(fields: _FieldSet!) on OBJECT | INTERFACE
            directive @external on FIELD_DEFINITION
            scalar _FieldSet
            type Query { a: A }
            type A @key(fields: "id") @key(fields: "b") { id: ID  b: ID }
            """,
            b="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])
            directive @key(fields: [String!]!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
            directive @link(url: String!, import: [link__Import!]) repeatable on SCHEMA
            scalar link__Import
            type Query { b: Int }
            """,
        )
        == []
    )
