"""Scalar types."""

from tests.testkit.merging import hints, merged


def test_a_scalar_is_one_of_all_its_subgraphs() -> None:
    text = merged(
        "Date",
        a="""
            type Query { a: Date }
            scalar Date @specifiedBy(url: "https://example.com/date") @tag(name: "a")
            """,
        b="""
            type Query { b: Date }
            "A day."
            scalar Date
            """,
    )
    assert (
        text
        == '''\
"""A day."""
scalar Date
  @join__type(graph: A)
  @join__type(graph: B)
  @specifiedBy(url: "https://example.com/date")
  @tag(name: "a")'''
    )


def test_specifications_that_differ_are_hinted_at() -> None:
    assert hints(
        a="""
            type Query { a: Date }
            scalar Date @specifiedBy(url: "https://example.com/a")
            """,
        b="""
            type Query { b: Date }
            scalar Date @specifiedBy(url: "https://example.com/b")
            """,
    ) == [
        (
            "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
            'Directive @specifiedBy is applied to "Date" in subgraphs "a" and "b" with different arguments: '
            'the supergraph uses {url: "https://example.com/a"}. Use the same arguments everywhere.',
        ),
    ]
