"""Access directives: every demand has to be met."""

from hypothesis import given
from hypothesis import strategies as st

from router.compose.merge.access import conjunction
from tests.testkit.merging import hints, merged


def test_demands_of_several_subgraphs_multiply_out() -> None:
    text = merged(
        "Query",
        a='type Query { a: Int @shareable @requiresScopes(scopes: [["a"], ["b"]]) }',
        b='type Query { a: Int @shareable @requiresScopes(scopes: [["c", "d"]]) @authenticated }',
        c="type Query { a: Int @shareable }",
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
  @join__type(graph: C)
{
  a: Int @authenticated @requiresScopes(scopes: [["a", "c", "d"], ["b", "c", "d"]])
}"""
    )


def test_a_demand_that_a_smaller_one_covers_is_dropped() -> None:
    text = merged(
        "Query",
        a='type Query { a: Int @shareable @policy(policies: [["a"]]) }',
        b='type Query { a: Int @shareable @policy(policies: [["a", "b"], ["a"]]) }',
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  a: Int @policy(policies: [["a"]])
}"""
    )


def test_an_interface_demands_what_its_objects_demand() -> None:
    text = merged(
        "Node",
        a="""
            type Query { n: Node }
            interface Node { id: ID! x: Int }
            type A implements Node @authenticated { id: ID! x: Int @requiresScopes(scopes: [["a"]]) }
            type B implements Node { id: ID! x: Int @requiresScopes(scopes: [["b"]]) }
            """,
    )
    assert (
        text
        == """\
interface Node
  @join__type(graph: A)
  @authenticated
{
  id: ID!
  x: Int @requiresScopes(scopes: [["a", "b"]])
}"""
    )


def test_a_link_of_each_specification_secures_the_supergraph() -> None:
    text = merged(
        "schema",
        a="""
            type Query { a: Int @authenticated b: Int @requiresScopes(scopes: [["b"]]) c: Int @policy(policies: [["c"]]) }
            """,
    )
    assert (
        text
        == """\
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)
{
  query: Query
}"""
    )


def test_merged_demands_are_hinted_at() -> None:
    assert hints(
        a='type Query { a: Int @shareable @requiresScopes(scopes: [["a"]]) }',
        b='type Query { a: Int @shareable @requiresScopes(scopes: [["b"]]) }',
    ) == [
        (
            "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
            'Directive @requiresScopes is applied to "Query.a" in subgraphs "a" and "b" with different '
            "arguments: the supergraph has the conjunction.",
        ),
    ]


GROUPS = st.lists(st.lists(st.sampled_from("abcd"), max_size=3), min_size=1, max_size=3)


@given(demands=st.lists(GROUPS, min_size=1, max_size=3), granted=st.sets(st.sampled_from("abcd")))
def test_the_conjunction_is_met_exactly_when_all_demands_are(demands: list[list[list[str]]], granted: set[str]) -> None:
    def met(demand: list[list[str]]) -> bool:
        return any(granted.issuperset(group) for group in demand)

    assert met(conjunction(demands)) is all(met(demand) for demand in demands)
