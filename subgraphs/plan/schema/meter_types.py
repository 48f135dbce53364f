"""Meters as the API shows them."""

from datetime import datetime

import strawberry

from subgraphs.kit.graphql.pagination import Connection, Edge
from subgraphs.plan.documents import MeterDocument
from subgraphs.plan.schema.context import Info
from subgraphs.plan.schema.enums import Aggregation, State
from subgraphs.plan.schema.loaders import load_meter

__all__ = ["Meter", "MeterConnection", "MeterEdge"]

READ = [["plans:read"]]


@strawberry.federation.type(
    keys=["id"], requires_scopes=READ, description="What usage is counted of, and how many events become one quantity."
)
class Meter:
    """The Meter entity."""

    id: strawberry.ID = strawberry.field(description="The meter's id, `mtr_…`.")
    code: str = strawberry.field(description="Your own name of it, by which usage is recorded; unique in your tenant.")
    name: str = strawberry.field(description="What customers read.")
    aggregation: Aggregation = strawberry.field(description="How the events of a period become a quantity.")
    status: State = strawberry.field(description="Whether new prices can use it.")
    created_at: datetime = strawberry.field(description="When it was created.")

    @classmethod
    def of(cls, document: MeterDocument) -> "Meter":
        return cls(
            id=strawberry.ID(document.id),
            code=document.code,
            name=document.name,
            aggregation=document.aggregation,
            status=document.state,
            created_at=document.created_at,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Meter | None":
        document = await load_meter(info.context, id)
        return cls.of(document) if document else None


@strawberry.type(description="One meter of a list and its place in it.")
class MeterEdge(Edge[Meter]):
    """Edge of Meter."""


@strawberry.type(description="A page of meters, newest first.")
class MeterConnection(Connection[Meter]):
    """Connection of Meter."""
