"""The plan subgraph's GraphQL schema."""

from subgraphs.kit.graphql.schema import build_schema
from subgraphs.plan.schema.coupon_types import Coupon, PromotionCode
from subgraphs.plan.schema.meter_types import Meter
from subgraphs.plan.schema.mutation import Mutation
from subgraphs.plan.schema.query import Query
from subgraphs.plan.schema.types import Feature, Plan, Price, Product

__all__ = ["schema"]

schema = build_schema(Query, Mutation, types=[Product, Plan, Feature, Price, Coupon, PromotionCode, Meter])
