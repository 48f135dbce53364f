"""The type of this subgraph's request context."""

from strawberry.types import Info as StrawberryInfo

from subgraphs.kit.graphql.context import RequestContext
from subgraphs.subscription.services import SubscriptionServices

__all__ = ["Context", "Info"]

Context = RequestContext[SubscriptionServices]
Info = StrawberryInfo[Context, None]
