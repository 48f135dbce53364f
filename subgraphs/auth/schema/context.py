"""The type of this subgraph's request context."""

from strawberry.types import Info as StrawberryInfo

from subgraphs.auth.services import AuthServices
from subgraphs.kit.graphql.context import RequestContext

__all__ = ["Context", "Info"]

Context = RequestContext[AuthServices]
Info = StrawberryInfo[Context, None]
