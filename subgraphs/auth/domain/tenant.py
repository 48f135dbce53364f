"""The tenant aggregate."""

from typing import ClassVar

from subgraphs.auth.domain.events import TenantCreated
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.event import Event, EventCodec

__all__ = ["Tenant"]


class Tenant(Aggregate):
    """A business whose billing is kept apart from everybody else's. It lives in itself: its id is its tenant."""

    kind: ClassVar[str] = "Tenant"
    codec: ClassVar[EventCodec] = EventCodec(TenantCreated)

    created: TenantCreated

    @classmethod
    def create(cls, id: str, name: str, context: CommandContext) -> "Tenant":
        """Return a new tenant.

        Raises:
            InvalidInput: the name is empty or too long.
        """
        if not 1 <= len(name.strip()) <= 200:
            raise InvalidInput("a name has 1 to 200 characters", field=("name",))
        tenant = cls(id, id)
        tenant.record(TenantCreated(name=name.strip(), created_by=context.actor, created_at=context.at))
        return tenant

    def apply(self, event: Event) -> None:
        match event:
            case TenantCreated():
                self.created = event
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a tenant")
