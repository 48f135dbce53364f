"""The history of what other subgraphs own: what the audit log says of it."""

from typing import TypeVar

import strawberry

from subgraphs.auth.schema.context import Info
from subgraphs.auth.schema.types import AuditEntry, AuditEntryConnection, AuditEntryEdge
from subgraphs.kit.graphql.children import children
from subgraphs.kit.graphql.pagination import After, Before, First, Last, PageArguments, connection

__all__ = ["AUDITED"]

T = TypeVar("T", bound="_Audited")


@strawberry.federation.type(keys=["id"])
class _Audited:
    """Base of the entities that have a history."""

    id: strawberry.ID  # its owner describes it

    @strawberry.federation.field(
        requires_scopes=[["audit:read"]],
        description="Every change: what, by whom, in answer to which request and why; newest first, within about a second.",
    )
    async def history(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> AuditEntryConnection | None:
        page = PageArguments.parse(first, after, last, before)
        rows = await children(info.context, info.context.deps.audit_reader, "entity_id", self.id, page)
        return connection(AuditEntryConnection, AuditEntryEdge, page, rows, AuditEntry.of)


def _audited(name: str) -> type[_Audited]:
    def resolve_reference(cls: type[T], id: strawberry.ID) -> T:
        return cls(id=id)

    entity = type(name, (_Audited,), {"__doc__": f"The {name} entity.", "resolve_reference": classmethod(resolve_reference)})
    return strawberry.federation.type(entity, keys=["id"])


AUDITED = [
    _audited(name)
    for name in (
        "Customer",
        "Product",
        "Plan",
        "Feature",
        "Price",
        "Coupon",
        "PromotionCode",
        "PlanSubscription",
        "Invoice",
        "Payment",
        "CreditNote",
        "Dispute",
    )
]
