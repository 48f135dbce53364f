"""The invoice subgraph's GraphQL schema."""

from subgraphs.invoice.schema.feed import Subscription
from subgraphs.invoice.schema.mutation import Mutation
from subgraphs.invoice.schema.preview import InvoicePreview
from subgraphs.invoice.schema.query import Query
from subgraphs.invoice.schema.types import CreditNote, Customer, Dispute, Invoice, Payment, PlanSubscription
from subgraphs.kit.graphql.schema import build_schema

__all__ = ["schema"]

schema = build_schema(
    Query, Mutation, Subscription, types=[Invoice, Payment, CreditNote, Dispute, Customer, PlanSubscription, InvoicePreview]
)
