"""The auth subgraph's GraphQL schema."""

from subgraphs.auth.schema.history import AUDITED
from subgraphs.auth.schema.mutation import Mutation
from subgraphs.auth.schema.query import Query
from subgraphs.auth.schema.types import OAuthClient
from subgraphs.kit.graphql.schema import build_schema

__all__ = ["schema"]

schema = build_schema(Query, Mutation, types=[OAuthClient, *AUDITED])
