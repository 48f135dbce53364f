"""The composed supergraphs under tests/fixtures are those of their subgraphs."""

from __future__ import annotations

import pytest
from graphql import GraphQLObjectType, GraphQLSchema

from tests.testkit.federation_fixtures import FIXTURES, composed, fixture, fixture_names, subgraph_sdls


@pytest.mark.parametrize("name", fixture_names())
def test_the_supergraph_is_fresh(name: str) -> None:
    """Otherwise: `python -m tests.testkit.federation_fixtures`."""
    assert (FIXTURES / name / "supergraph.graphql").read_text() == composed(subgraph_sdls(name))


def test_a_subgraph_schema_is_executable_without_federation_directives() -> None:
    schema = fixture("federation-1").subgraphs["inventory"].schema
    product = schema.get_type("Product")
    assert isinstance(schema, GraphQLSchema)
    assert isinstance(product, GraphQLObjectType)
    assert sorted(product.fields) == ["inStock", "photo", "price", "shippingEstimate", "upc", "weight"]
    assert schema.query_type is not None
    assert sorted(schema.query_type.fields) == ["_entities", "_service"]
