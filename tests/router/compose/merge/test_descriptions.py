"""Descriptions."""

from tests.testkit.merging import hints, merged


def test_the_most_frequent_description_wins() -> None:
    text = merged(
        "Query",
        a='type Query { "one" a: Int @shareable }',
        b='type Query { "two" a: Int @shareable }',
        c='type Query { "two" a: Int @shareable }',
    )
    assert (
        text
        == '''\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
  @join__type(graph: C)
{
  """two"""
  a: Int
}'''
    )


def test_of_equally_frequent_ones_the_first_wins() -> None:
    text = merged(
        "Query",
        a='type Query { "one" a: Int @shareable }',
        b='type Query { "two" a: Int @shareable }',
    )
    assert (
        text
        == '''\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  """one"""
  a: Int
}'''
    )


def test_descriptions_that_differ_are_hinted_at() -> None:
    assert hints(
        a='type Query { "one" a: Int @shareable }',
        b='type Query { "two" a: Int @shareable }',
    ) == [
        (
            "INCONSISTENT_DESCRIPTION",
            '"Query.a" has different descriptions in 2 ways across subgraphs: the most frequent one is used. '
            "Give it the same description everywhere.",
        ),
    ]
