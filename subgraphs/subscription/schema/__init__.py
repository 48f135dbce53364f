"""The subscription subgraph's GraphQL schema."""

from subgraphs.kit.graphql.schema import build_schema
from subgraphs.subscription.schema.feed import Subscription
from subgraphs.subscription.schema.mutation import Mutation
from subgraphs.subscription.schema.query import Query
from subgraphs.subscription.schema.types import Customer, PlanSubscription

__all__ = ["schema"]

schema = build_schema(Query, Mutation, Subscription, types=[PlanSubscription, Customer])
