"""The type of this subgraph's request context."""

from strawberry.types import Info as StrawberryInfo

from subgraphs.kit.graphql.context import RequestContext
from subgraphs.plan.services import PlanServices

__all__ = ["Context", "Info"]

Context = RequestContext[PlanServices]
Info = StrawberryInfo[Context, None]
