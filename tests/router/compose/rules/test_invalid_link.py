"""INVALID_LINK_DIRECTIVE_USAGE, INVALID_LINK_IDENTIFIER, UNKNOWN_FEDERATION_LINK_VERSION, UNKNOWN_LINK_VERSION."""

import pytest

from tests.testkit.composing import refusals_as_written


def test_an_element_that_the_linked_version_lacks_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/tag/v0.3", import: ["@tags"])
            type Query { a: Int }
            """,
    ) == [
        (
            "INVALID_LINK_DIRECTIVE_USAGE",
            "[a] Invalid @link: https://specs.apollo.dev/tag/v0.3 has no element @tags; the version may be "
            "too old for it, or the name misspelt (it has @tag).",
            ["a:1:15"],
        ),
    ]


def test_a_directive_imported_without_its_at_sign_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/tag/v0.3", import: ["tag"])
            type Query { a: Int }
            """,
    ) == [
        (
            "INVALID_LINK_DIRECTIVE_USAGE",
            "[a] Invalid @link: https://specs.apollo.dev/tag/v0.3 has no element tag; write @tag.",
            ["a:1:15"],
        ),
    ]


def test_a_specification_linked_twice_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@tag"])
            type Query { a: Int }
            """,
    ) == [
        (
            "INVALID_LINK_DIRECTIVE_USAGE",
            "[a] Invalid @link: https://specs.apollo.dev/federation is linked twice; link it once, with all imports.",
            ["a:2:15"],
        ),
    ]


def test_two_specifications_under_one_name_are_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
            extend schema @link(url: "https://example.com/other/v1.0", as: "federation")
            type Query { a: Int }
            """,
    ) == [
        (
            "INVALID_LINK_DIRECTIVE_USAGE",
            "[a] Invalid @link: the name federation already belongs to "
            "https://specs.apollo.dev/federation/v2.9; give one of the two another with as:.",
            ["a:2:15"],
        ),
    ]


def test_an_alias_that_turns_a_directive_into_a_type_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://example.com/other/v1.0", import: [{name: "@x", as: "x"}])
            type Query { a: Int }
            """,
    ) == [
        (
            "INVALID_LINK_DIRECTIVE_USAGE",
            "[a] Invalid @link: @x cannot be imported as x: directives have an @ on both sides, types on none.",
            ["a:1:15"],
        ),
    ]


def test_imports_that_are_no_list_are_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://example.com/other/v1.0", import: "@x")
            type Query { a: Int }
            """,
    ) == [
        (
            "INVALID_LINK_DIRECTIVE_USAGE",
            '[a] Invalid @link: import takes a list, such as ["@key", {name: "@tag", as: "@label"}].',
            ["a:1:15"],
        ),
    ]


def test_an_import_that_is_no_name_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://example.com/other/v1.0", import: [3])
            type Query { a: Int }
            """,
    ) == [
        (
            "INVALID_LINK_DIRECTIVE_USAGE",
            '[a] Invalid @link: an import is a name, or {name: "…", as: "…"}, not 3.',
            ["a:1:15"],
        ),
    ]


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ('{name: "@x", as: 5}', 'an import is a name, or {name: "…", as: "…"}, not {name: "@x", as: 5}'),
        ('{name: "@x", as: "@5"}', '{name: "@x", as: "@5"} cannot be imported: "@5" is no GraphQL name'),
        ('"@a b"', '"@a b" cannot be imported: "@a b" is no GraphQL name'),
        ('""', '"" cannot be imported: "" is no GraphQL name'),
    ],
)
@pytest.mark.parametrize("url", ["https://example.com/other/v1.0", "https://specs.apollo.dev/federation/v2.9"])
def test_an_import_under_what_is_no_graphql_name_is_refused(entry: str, complaint: str, url: str) -> None:
    sdl = f'extend schema @link(url: "{url}", import: [{entry}]) type Query {{ a: Int }}'
    assert refusals_as_written(a=sdl) == [("INVALID_LINK_DIRECTIVE_USAGE", f"[a] Invalid @link: {complaint}.", ["a:1:15"])]


@pytest.mark.parametrize("name", ["[1]", "5", '"a b"'])
def test_a_namespace_that_is_no_graphql_name_is_refused(name: str) -> None:
    sdl = f'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", as: {name}) type Query {{ a: Int }}'
    assert refusals_as_written(a=sdl) == [
        ("INVALID_LINK_DIRECTIVE_USAGE", f"[a] Invalid @link: as: takes a GraphQL name, not {name}.", ["a:1:15"])
    ]


def test_a_url_that_is_none_is_refused() -> None:
    assert refusals_as_written(a='extend schema @link(url: "https://[x/federation/v2.9") type Query { a: Int }') == [
        (
            "INVALID_LINK_IDENTIFIER",
            '[a] @link(url: "https://[x/federation/v2.9"): this is no URL (Invalid IPv6 URL).',
            ["a:1:15"],
        )
    ]


def test_a_version_of_thousands_of_digits_is_refused() -> None:
    sdl = f'extend schema @link(url: "https://specs.apollo.dev/federation/v{"9" * 5000}.0") type Query {{ a: Int }}'
    assert [code for code, _, _ in refusals_as_written(a=sdl)] == ["INVALID_LINK_IDENTIFIER"]


def test_an_import_with_unknown_fields_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://example.com/other/v1.0", import: [{name: "@x", alias: "@y"}])
            type Query { a: Int }
            """,
    ) == [
        (
            "INVALID_LINK_DIRECTIVE_USAGE",
            "[a] Invalid @link: the import of @x has other fields than name and as.",
            ["a:1:15"],
        ),
    ]


def test_a_link_without_url_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(import: ["@x"])
            type Query { a: Int }
            """,
    ) == [
        (
            "INVALID_LINK_DIRECTIVE_USAGE",
            "[a] Invalid @link: @link needs its url argument, a string such as https://specs.example.com/name/v1.0.",
            ["a:1:15"],
        ),
    ]


def test_a_url_without_path_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://example.com/")
            type Query { a: Int }
            """,
    ) == [
        (
            "INVALID_LINK_IDENTIFIER",
            '[a] @link(url: "https://example.com/"): the URL has no path; it must end in the '
            "specification's name and version, /name/v1.0.",
            ["a:1:15"],
        ),
    ]


def test_a_url_without_version_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://example.com/other/latest")
            type Query { a: Int }
            """,
    ) == [
        (
            "INVALID_LINK_IDENTIFIER",
            '[a] @link(url: "https://example.com/other/latest"): the URL must end in a version such as v1.0, not in latest.',
            ["a:1:15"],
        ),
    ]


def test_a_url_without_name_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://example.com/v1.0")
            type Query { a: Int }
            """,
    ) == [
        (
            "INVALID_LINK_IDENTIFIER",
            '[a] @link(url: "https://example.com/v1.0"): the URL has no name before the version, as in /name/v1.0.',
            ["a:1:15"],
        ),
    ]


def test_a_version_of_federation_to_come_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.99")
            type Query { a: Int }
            """,
    ) == [
        (
            "UNKNOWN_FEDERATION_LINK_VERSION",
            "[a] Federation v2.99 is not known; link a version from v2.0 to v2.12.",
            ["a:1:15"],
        ),
    ]


def test_a_version_of_link_to_come_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/link/v2.0")
            type Query { a: Int }
            """,
    ) == [
        (
            "UNKNOWN_LINK_VERSION",
            "[a] Version v2.0 of the link specification is not known; link v1.0.",
            ["a:1:15"],
        ),
    ]


def test_links_to_anything_else_are_taken_as_they_are() -> None:
    assert (
        refusals_as_written(
            a="""
            extend schema @link(url: "https://example.com/other/v1.0", as: "o",
              import: ["@x", {name: "@y", as: "@z"}, "T"])
            type Query { a: Int }
            """,
        )
        == []
    )
