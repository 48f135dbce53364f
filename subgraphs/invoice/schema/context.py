"""The type of this subgraph's request context."""

from strawberry.types import Info as StrawberryInfo

from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.graphql.context import RequestContext

__all__ = ["Context", "Info"]

Context = RequestContext[InvoiceServices]
Info = StrawberryInfo[Context, None]
