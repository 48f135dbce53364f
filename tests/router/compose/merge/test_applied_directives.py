"""Directives on elements."""

from tests.testkit.merging import hints, merged


def test_tags_are_collected() -> None:
    text = merged(
        "Query",
        a='type Query @tag(name: "q") { a: Int @shareable @tag(name: "x") @tag(name: "y") }',
        b='type Query { a: Int @shareable @tag(name: "y") @tag(name: "z") }',
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
  @tag(name: "q")
{
  a: Int @tag(name: "x") @tag(name: "y") @tag(name: "z")
}"""
    )


def test_inaccessible_in_one_subgraph_is_inaccessible() -> None:
    text = merged(
        "Query",
        a="type Query { a: Int @shareable @inaccessible  b: Int }",
        b="type Query { a: Int @shareable }",
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  a: Int @inaccessible
  b: Int @join__field(graph: A)
}"""
    )


def test_the_most_frequent_reason_of_deprecation_wins() -> None:
    text = merged(
        "Query",
        a='type Query { a: Int @shareable @deprecated(reason: "x") }',
        b='type Query { a: Int @shareable @deprecated(reason: "y") }',
        c='type Query { a: Int @shareable @deprecated(reason: "y") }',
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
  @join__type(graph: C)
{
  a: Int @deprecated(reason: "y")
}"""
    )


def test_reasons_that_differ_are_hinted_at() -> None:
    assert hints(
        a='type Query { a: Int @shareable @deprecated(reason: "x") }',
        b="type Query { a: Int @shareable @deprecated }",
    ) == [
        (
            "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
            'Directive @deprecated is applied to "Query.a" in subgraphs "a" and "b" with different arguments: '
            'the supergraph uses {reason: "x"}. Use the same arguments everywhere.',
        ),
    ]


def test_directives_of_the_schema_itself_are_kept() -> None:
    text = merged(
        "schema",
        a="""
            schema @tag(name: "internal") { query: Query }
            type Query { a: Int }
            """,
    )
    assert (
        text
        == """\
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/tag/v0.3")
  @tag(name: "internal")
{
  query: Query
}"""
    )


def test_directives_that_mean_nothing_to_federation_are_left_out() -> None:
    text = merged(
        "Query",
        a="""
            directive @cached(seconds: Int) on FIELD_DEFINITION
            type Query { a: Int @cached(seconds: 3) }
            """,
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
{
  a: Int
}"""
    )
