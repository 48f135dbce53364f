"""INVALID_GRAPHQL: what the GraphQL specification refuses in one subgraph."""

import pytest

from tests.testkit.composing import refusals, refusals_as_written


def test_text_that_does_not_parse_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "[a] Syntax Error: Expected Name, found '}'.",
            ["a:2:17"],
        ),
    ]


def test_an_unknown_type_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Thing }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "[a] Unknown type 'Thing'. Did you mean 'String' or 'Int'?",
            ["a:2:17"],
        ),
    ]


def test_an_unknown_directive_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int @thing }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "[a] Unknown directive '@thing'. Define it, or import it in the @link to its specification.",
            ["a:2:21"],
        ),
    ]


def test_a_federation_directive_that_is_not_imported_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.9")
            type Query @shareable { a: Int }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "[a] Unknown directive '@shareable'. Import it in the @link to federation, import: "
            '["@shareable"], or write @federation__shareable.',
            ["a:2:12"],
        ),
    ]


def test_a_federation_2_directive_in_a_federation_1_schema_is_refused() -> None:
    assert refusals_as_written(
        a="""
            type Query { a: Int @shareable }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "[a] Unknown directive '@shareable'. @shareable is of Federation 2: add @link(url: "
            '"https://specs.apollo.dev/federation/v2.…", import: ["@shareable"]) to the schema.',
            ["a:1:21"],
        ),
    ]


def test_a_directive_in_the_wrong_place_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int }
            union U @authenticated = Query
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "[a] Directive '@authenticated' may not be used on union.",
            ["a:3:9"],
        ),
    ]


def test_a_directive_without_its_required_argument_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int @tag }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "[a] Argument '@tag(name:)' of type 'String!' is required, but it was not provided.",
            ["a:2:21"],
        ),
    ]


def test_an_argument_that_the_linked_version_lacks_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@override"])
            type Query { a: Int @override(from: "b", label: "x") }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "[a] Unknown argument 'label' on directive '@override'.",
            ["a:2:42"],
        ),
    ]


def test_a_directive_argument_of_the_wrong_type_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int @tag(name: 1) }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "[a] Invalid value for @tag(name:): String cannot represent a non string value: 1",
            ["a:2:32"],
        ),
    ]


def test_a_default_of_the_wrong_type_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a(role: Role = "ADMIN"): Int }
            enum Role { ADMIN }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "[a] Query.a(role:) has invalid default value: Enum 'Role' cannot represent non-enum value: "
            "\"ADMIN\". Did you mean the enum value 'ADMIN'?",
            ["a:2:29"],
        ),
    ]


def test_a_type_defined_twice_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int }
            type Query { b: Int }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "[a] There can be only one type named 'Query'.",
            ["a:2:6", "a:3:6"],
        ),
    ]


def test_a_type_that_breaks_its_interface_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Node }
            interface Node { id: ID! }
            type User implements Node { id: ID }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "[a] Interface field Node.id expects type ID! but User.id is type ID.",
            ["a:3:22", "a:4:33"],
        ),
    ]


def test_an_undefined_type_in_the_definition_of_a_federation_directive_is_refused() -> None:
    assert refusals_as_written(
        a="""
            directive @key(fields: _FieldSet!) on OBJECT
            type Query { a: Int }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "[a] Unknown type '_FieldSet' in the definition of @key; define it.",
            ["a:1:24"],
        ),
    ]


def test_a_federation_directive_where_the_documents_own_definition_is_not_for_is_refused() -> None:
    assert refusals_as_written(
        a="""
            directive @key(fields: String!) on OBJECT
            type Query { a: Int }
            interface Node @key(fields: "id") { id: ID! }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "[a] Directive '@key' may not be used on interface.",
            ["a:3:16"],
        ),
    ]


def test_an_implementation_may_be_deprecated_before_the_interface() -> None:
    assert (
        refusals(
            a="""
            type Query { a: Node }
            interface Node { id: ID! }
            type User implements Node { id: ID! @deprecated }
            """,
        )
        == []
    )


def test_names_of_linked_specifications_need_no_definition() -> None:
    assert (
        refusals_as_written(
            a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", as: "f")
              @link(url: "https://specs.apollo.dev/tag/v0.3", import: [{name: "@tag", as: "@label"}])
            type Query @f__shareable { a: Int @label(name: "x") }
            """,
        )
        == []
    )


def test_the_gateways_fields_need_no_definition() -> None:
    assert (
        refusals(
            a="""
            type Query { a: A  _entities(representations: [_Any!]!): [_Entity]!  _service: _Service! }
            type A @key(fields: "id") { id: ID! }
            """,
        )
        == []
    )


def test_a_query_type_of_the_gateways_fields_alone_is_no_empty_type() -> None:
    assert (
        refusals(
            a="""
            type Query { _service: _Service! }
            type A @key(fields: "id") { id: ID! }
            """,
            b="""
            type Query { a: A }
            type A @key(fields: "id") { id: ID!  b: Int }
            """,
        )
        == []
    )


def test_extensions_of_types_defined_elsewhere_are_taken() -> None:
    assert (
        refusals(
            a="""
            type Query { a: A }
            type A @key(fields: "id") { id: ID! }
            """,
            b="""
            extend type A @key(fields: "id") { id: ID!  b: Int }
            extend type Query { b: Int }
            """,
        )
        == []
    )


@pytest.mark.parametrize(
    ("sdl", "argument", "place"),
    [
        ("type Query { a(i: I): Int } input I { x: Int @deprecated(reason: 3) }", "reason", "a:1:66"),
        ("type Query { a: Int @deprecated(reason: 3) }", "reason", "a:1:41"),
        ("type Query { a(i: Int @deprecated(reason: 3)): Int }", "reason", "a:1:43"),
        ("enum E { A @deprecated(reason: 3) } type Query { a: E }", "reason", "a:1:32"),
        ("scalar S @specifiedBy(url: 3) type Query { a: S }", "url", "a:1:28"),
    ],
)
def test_an_argument_that_is_read_when_the_schema_is_built_is_refused_by_itself(sdl: str, argument: str, place: str) -> None:
    message = f"[a] Argument '{argument}' has invalid value: String cannot represent a non string value: 3"
    assert refusals_as_written(a=sdl) == [("INVALID_GRAPHQL", message, [place])]
