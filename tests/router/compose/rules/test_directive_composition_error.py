"""DIRECTIVE_COMPOSITION_ERROR."""

from tests.testkit.composing import refusals_as_written


def test_a_directive_without_definition_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective"])
              @link(url: "https://example.com/mark/v1.0", import: ["@mark"]) @composeDirective(name: "@mark")
            type Query { a: Int }
            """,
    ) == [
        (
            "DIRECTIVE_COMPOSITION_ERROR",
            '[a] @composeDirective(name: "@mark"): the schema does not define @mark; define it, as its specification does.',
            ["a:3:66"],
        ),
    ]


def test_a_directive_of_no_linked_specification_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective"])
              @composeDirective(name: "@mark")
            directive @mark on OBJECT
            type Query { a: Int }
            """,
    ) == [
        (
            "DIRECTIVE_COMPOSITION_ERROR",
            '[a] @composeDirective(name: "@mark"): @mark belongs to no linked specification; add @link(url: '
            '"https://…/name/v1.0", import: ["@mark"]).',
            ["a:3:3"],
        ),
    ]


def test_a_name_without_at_sign_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective"])
              @composeDirective(name: "mark")
            type Query { a: Int }
            """,
    ) == [
        (
            "DIRECTIVE_COMPOSITION_ERROR",
            '[a] @composeDirective(name: "mark"): the name must start with @; write name: "@mark".',
            ["a:3:3"],
        ),
    ]


def test_no_name_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective"])
              @composeDirective(name: "")
              @composeDirective
            type Query { a: Int }
            """,
    ) == [
        (
            "DIRECTIVE_COMPOSITION_ERROR",
            '[a] @composeDirective(name: ""): the name of a directive is missing; write name: "@myDirective".',
            ["a:3:3"],
        ),
        (
            "DIRECTIVE_COMPOSITION_ERROR",
            '[a] @composeDirective(name: null): the name of a directive is missing; write name: "@myDirective".',
            ["a:4:3"],
        ),
    ]


def test_a_federation_directive_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective", "@tag"])
              @composeDirective(name: "@tag")
            type Query { a: Int }
            """,
    ) == [
        (
            "DIRECTIVE_COMPOSITION_ERROR",
            '[a] @composeDirective(name: "@tag"): federation composes this directive by itself; remove @composeDirective.',
            ["a:3:3"],
        ),
    ]


def test_two_major_versions_are_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective"])
              @link(url: "https://example.com/mark/v1.4", import: ["@mark"]) @composeDirective(name: "@mark")
            directive @mark on OBJECT
            type Query { a: Int }
            """,
        b="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective"])
              @link(url: "https://example.com/mark/v2.0", import: ["@mark"]) @composeDirective(name: "@mark")
            directive @mark on OBJECT
            type Query { b: Int }
            """,
    ) == [
        (
            "DIRECTIVE_COMPOSITION_ERROR",
            "https://example.com/mark is linked in different major versions: v1.4 in a, v2.0 in b; link one "
            "major version wherever its directives are composed.",
            ["a:3:3", "b:3:3"],
        ),
    ]


def test_one_name_for_two_directives_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective"])
              @link(url: "https://example.com/mark/v1.0", import: ["@mark"]) @composeDirective(name: "@mark")
            directive @mark on OBJECT
            type Query { a: Int }
            """,
        b="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective"])
              @link(url: "https://example.com/other/v1.0", import: ["@mark"])
            directive @mark on OBJECT
            type Query { b: Int }
            """,
    ) == [
        (
            "DIRECTIVE_COMPOSITION_ERROR",
            "@mark is composed, but is not the same directive everywhere: @mark of https://example.com/mark "
            "in a, @mark of https://example.com/other in b; rename one of them with as:.",
            ["a:3:3", "b:3:3"],
        ),
    ]


def test_two_names_for_one_directive_are_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective"])
              @link(url: "https://example.com/mark/v1.0", import: ["@mark"]) @composeDirective(name: "@mark")
            directive @mark on OBJECT
            type Query { a: Int }
            """,
        b="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective"])
              @link(url: "https://example.com/mark/v1.1", import: [{name: "@mark", as: "@sign"}]) @composeDirective(name: "@sign")
            directive @sign on OBJECT
            type Query { b: Int }
            """,
    ) == [
        (
            "DIRECTIVE_COMPOSITION_ERROR",
            "@mark of https://example.com/mark is composed under different names: @mark in a, @sign in b; "
            "import it under one name.",
            ["a:3:3", "b:3:3"],
        ),
    ]


def test_two_minor_versions_are_taken() -> None:
    assert (
        refusals_as_written(
            a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective"])
              @link(url: "https://example.com/mark/v1.0", import: ["@mark"]) @composeDirective(name: "@mark")
            directive @mark on OBJECT
            type Query @mark { a: Int }
            """,
            b="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective"])
              @link(url: "https://example.com/mark/v1.1", import: ["@mark"]) @composeDirective(name: "@mark")
            directive @mark on OBJECT
            type Query { b: Int }
            """,
        )
        == []
    )
