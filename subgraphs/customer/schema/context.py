"""The type of this subgraph's request context."""

from strawberry.types import Info as StrawberryInfo

from subgraphs.customer.services import CustomerServices
from subgraphs.kit.graphql.context import RequestContext

__all__ = ["Context", "Info"]

Context = RequestContext[CustomerServices]
Info = StrawberryInfo[Context, None]
