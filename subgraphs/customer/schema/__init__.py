"""The customer subgraph's GraphQL schema."""

from subgraphs.customer.schema.mutation import Mutation
from subgraphs.customer.schema.query import Query
from subgraphs.customer.schema.types import Customer
from subgraphs.kit.graphql.schema import build_schema

__all__ = ["schema"]

schema = build_schema(Query, Mutation, types=[Customer])
