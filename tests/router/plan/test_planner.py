"""What a plan says of its requests, and operations that have none."""

from __future__ import annotations

import pytest
from graphql import GraphQLError, parse

from router.plan.planner import plan
from router.supergraph.parser import parse_supergraph
from tests.testkit.planning import fetches, plan_of, supergraph

SEVERAL = 'query One { cart { id } } mutation Two { clearCart { id } } query Three { product(id: "1") { name } }'


def test_the_operation_of_the_name_is_planned() -> None:
    found = plan(supergraph("plan-operations"), parse(SEVERAL), "Two")
    assert found.operation_kind == "mutation"
    assert [fetch.operation for fetch in fetches(found.root)] == ["mutation Two__shop {\n  clearCart {\n    id\n  }\n}"]


@pytest.mark.parametrize(("name", "message"), [(None, "several operations"), ("Four", "no such operation")])
def test_an_operation_that_is_not_told_is_refused(name: str | None, message: str) -> None:
    with pytest.raises(GraphQLError, match=message):
        plan(supergraph("plan-operations"), parse(SEVERAL), name)


def test_requests_name_the_variables_they_use() -> None:
    operation = """
    query ($id: ID!, $currency: String = "EUR", $reviews: Boolean!) {
      product(id: $id) { name price(currency: $currency) reviews @include(if: $reviews) { body } tax @skip(if: $reviews) }
    }
    """
    used = {fetch.subgraph: fetch.variables for fetch in fetches(plan_of("plan-operations", operation).root)}
    # A request under a condition does not repeat it; one that has other fields, too, does.
    assert used == {"shop": ("id",), "prices": ("currency", "reviews"), "reviews": ()}


def test_default_values_of_variables_go_to_the_subgraph() -> None:
    (fetch,) = fetches(plan_of("plan-operations", 'query ($id: ID! = "7") { product(id: $id) { name } }').root)
    assert fetch.operation.startswith('query ($id: ID! = "7") {')


def test_ids_are_unique_and_follow_ups_are_queries() -> None:
    operation = 'mutation { addToCart(id: "1") { total } applyCoupon(code: "x") { items { ... on Product { tax } } } }'
    found = list(fetches(plan_of("plan-operations", operation).root))
    assert len({fetch.id for fetch in found}) == len(found)
    assert [fetch.operation_kind for fetch in found] == ["mutation", "query", "mutation", "query", "query"]


def test_a_subgraph_whose_name_is_no_graphql_name_names_its_requests() -> None:
    sdl = """
    schema @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
    directive @link(url: String, for: link__Purpose) repeatable on SCHEMA
    directive @join__graph(name: String!, url: String!) on ENUM_VALUE
    directive @join__type(graph: join__Graph!) repeatable on OBJECT
    enum link__Purpose { EXECUTION }
    enum join__Graph { THE_SHOP @join__graph(name: "the-shop.eu", url: "http://shop.test") }
    type Query @join__type(graph: THE_SHOP) { open: Boolean }
    """
    (fetch,) = fetches(plan(parse_supergraph(sdl), parse("query Opening { open }")).root)
    assert fetch.subgraph == "the-shop.eu"
    assert fetch.operation_name == "Opening__the_shop_eu"


def test_a_field_that_no_chain_of_subgraphs_answers_is_named() -> None:
    sdl = """
    schema @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
    directive @link(url: String, for: link__Purpose) repeatable on SCHEMA
    directive @join__graph(name: String!, url: String!) on ENUM_VALUE
    directive @join__type(graph: join__Graph!) repeatable on OBJECT
    directive @join__field(graph: join__Graph) repeatable on FIELD_DEFINITION
    enum link__Purpose { EXECUTION }
    enum join__Graph { A @join__graph(name: "a", url: "http://a.test") B @join__graph(name: "b", url: "http://b.test") }
    type Query @join__type(graph: A) @join__type(graph: B) { thing: Thing @join__field(graph: A) }
    type Thing @join__type(graph: A) @join__type(graph: B) { near: Int @join__field(graph: A) far: Int @join__field(graph: B) }
    """
    with pytest.raises(GraphQLError, match=r"No subgraph can answer Query\.thing\.far\."):
        plan(parse_supergraph(sdl), parse("{ thing { near far } }"))
