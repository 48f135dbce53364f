"""`@composeDirective`: directives of their own that subgraphs carry into the supergraph."""

import pytest

from tests.testkit.merging import compose_as_written, definition

LINKS = """
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@composeDirective", "@shareable"])
      @link(url: "https://example.com/audit/v1.{minor}", import: [{imports}])
      {composes}
    {rest}
"""


def sdl(rest: str, minor: int = 0, imports: str = '"@audited"', composes: str = '@composeDirective(name: "@audited")') -> str:
    return LINKS.format(minor=minor, imports=imports, composes=composes, rest=rest)


def test_a_composed_directive_keeps_its_definition_link_and_uses() -> None:
    result = compose_as_written(
        a=sdl('directive @audited(by: String) repeatable on FIELD_DEFINITION type Query { a: Int @audited(by: "x") @audited }')
    )
    assert definition("@audited", result) == "directive @audited(by: String) repeatable on FIELD_DEFINITION"
    assert '  a: Int @audited(by: "x") @audited' in definition("Query", result)
    assert '  @link(url: "https://example.com/audit/v1.0", import: ["@audited"])' in definition("schema", result)


def test_a_renamed_directive_is_imported_under_its_name() -> None:
    result = compose_as_written(
        a=sdl(
            "directive @logged on FIELD_DEFINITION type Query { a: Int @logged }",
            imports='{name: "@audited", as: "@logged"}',
            composes='@composeDirective(name: "@logged")',
        )
    )
    assert '  @link(url: "https://example.com/audit/v1.0", import: [{name: "@audited", as: "@logged"}])' in definition(
        "schema", result
    )
    assert "  a: Int @logged" in definition("Query", result)


def test_the_newest_version_that_a_subgraph_links_to_defines_it() -> None:
    result = compose_as_written(
        a=sdl("directive @audited(by: String, at: Int) on FIELD_DEFINITION type Query { a: Int @audited }", minor=3),
        b=sdl("directive @audited(by: String) on FIELD_DEFINITION type Query { b: Int @audited }", minor=1),
    )
    assert definition("@audited", result) == "directive @audited(by: String, at: Int) on FIELD_DEFINITION"
    assert '"https://example.com/audit/v1.3"' in definition("schema", result)


def test_of_one_version_all_locations_are_kept() -> None:
    result = compose_as_written(
        a=sdl("directive @audited on FIELD_DEFINITION | OBJECT type Query @audited { a: Int @audited }"),
        b=sdl("directive @audited on FIELD_DEFINITION type Query { b: Int @audited }"),
    )
    assert definition("@audited", result) == "directive @audited on FIELD_DEFINITION | OBJECT"


def test_locations_with_nothing_in_common_are_refused() -> None:
    result = compose_as_written(
        a=sdl("directive @audited on FIELD_DEFINITION type Query { a: Int @audited }"),
        b=sdl("directive @audited on OBJECT type Query { b: T } type T @audited { x: Int }"),
    )
    assert [(error.code, error.message) for error in result.errors] == [
        (
            "",
            'Directive "@audited" is composed by subgraphs "a" and "b", which define it for locations that have nothing '
            "in common. Define it for the same locations.",
        )
    ]


def test_a_subgraph_that_does_not_compose_it_keeps_its_uses_to_itself() -> None:
    result = compose_as_written(
        a=sdl("directive @audited on FIELD_DEFINITION type Query { a: Int @audited }"),
        b=sdl("directive @audited on FIELD_DEFINITION type Query { b: Int @audited }", composes=""),
    )
    assert "  b: Int @join__field(graph: B)\n" in definition("Query", result)


def test_a_type_of_its_arguments_comes_along() -> None:
    result = compose_as_written(
        a=sdl(
            "directive @audited(level: audit__Level) on FIELD_DEFINITION enum audit__Level { LOW } type Query { a: Int @audited }"
        )
    )
    assert definition("audit__Level", result).startswith("enum audit__Level\n  @join__type(graph: A)")


def test_a_directive_that_nobody_composes_is_left_out() -> None:
    result = compose_as_written(a=sdl("directive @audited on FIELD_DEFINITION type Query { a: Int @audited }", composes=""))
    with pytest.raises(LookupError):
        definition("@audited", result)


def test_a_directive_with_the_name_of_one_of_federations_is_refused() -> None:
    result = compose_as_written(
        a="""
            extend schema
              @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@composeDirective", {name: "@tag", as: "@label"}])
              @link(url: "https://example.com/audit/v1.0", import: ["@tag"])
              @composeDirective(name: "@tag")
            directive @tag(x: Int) on FIELD_DEFINITION
            type Query { a: Int @tag(x: 3) @label(name: "z") }
            """
    )
    assert [(error.code, error.message) for error in result.errors] == [
        (
            "DIRECTIVE_COMPOSITION_ERROR",
            'Directive "@tag" of subgraph "a" would be in the supergraph beside the directive of that name of the federation '
            "specification, which is used under another name in some subgraph. Rename it.",
        )
    ]
