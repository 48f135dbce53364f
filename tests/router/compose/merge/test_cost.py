"""`@cost` and `@listSize`."""

from tests.testkit.merging import merged


def test_the_highest_weight_wins() -> None:
    text = merged(
        "Query",
        a="type Query { a(x: Int @cost(weight: 2)): Int @shareable @cost(weight: 5) }",
        b="type Query { a(x: Int @cost(weight: 4)): Int @shareable @cost(weight: 3) }",
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  a(x: Int @cost(weight: 4)): Int @cost(weight: 5)
}"""
    )


def test_list_sizes_are_joined() -> None:
    text = merged(
        "Query",
        a="""
            type Query { a(first: Int, last: Int): [Int] @shareable @listSize(slicingArguments: ["first"], assumedSize: 5) }
            """,
        b="""
            type Query { a(first: Int, last: Int): [Int] @shareable @listSize(slicingArguments: ["last"], assumedSize: 50, requireOneSlicingArgument: false) }
            """,  # noqa: E501
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  a(first: Int, last: Int): [Int] @listSize(assumedSize: 50, slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
}"""  # noqa: E501
    )


def test_the_specification_is_linked() -> None:
    text = merged(
        "schema",
        a="type Query { a: [Int] @listSize(assumedSize: 5) @cost(weight: 1) }",
    )
    assert (
        text
        == """\
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@listSize"])
{
  query: Query
}"""
    )
