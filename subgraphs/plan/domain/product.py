"""The product aggregate."""

from typing import ClassVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidState
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.plan.domain.events import ProductArchived, ProductCreated, ProductUpdated
from subgraphs.plan.domain.values import State, checked_description, checked_external_id, checked_name

__all__ = ["Product"]


class Product(Aggregate):
    """Something sold, in one or several plans."""

    kind: ClassVar[str] = "Product"
    codec: ClassVar[EventCodec] = EventCodec(ProductCreated, ProductUpdated, ProductArchived)

    created: ProductCreated
    name: str
    description: str | None
    state: State

    @classmethod
    def create(
        cls, id: str, name: str, description: str | None, context: CommandContext, *, external_id: str | None = None
    ) -> "Product":
        """Return a new product.

        Raises:
            InvalidInput: the name, the description or the tenant's own id is malformed.
        """
        product = cls(id, context.tenant)
        product.record(
            ProductCreated(
                name=checked_name(name),
                description=checked_description(description),
                created_at=context.at,
                external_id=checked_external_id(external_id),
            )
        )
        return product

    def update(self, name: str, description: str | None) -> None:
        """Call it something else, archived or not; nothing happens when it is called so already.

        Raises:
            InvalidInput: the name or the description is malformed.
        """
        if (checked_name(name), checked_description(description)) != (self.name, self.description):
            self.record(ProductUpdated(name=name, description=description))

    def archive(self, context: CommandContext) -> None:
        """Give it no further plans; those that it has are sold on. Archiving again changes nothing."""
        if self.state is State.ACTIVE:
            self.record(ProductArchived(archived_at=context.at))

    def require_active(self) -> None:
        """Raise InvalidState when the product is archived."""
        if self.state is not State.ACTIVE:
            raise InvalidState(f"product {self.id!r} is archived and takes no further plans", field=("productId",))

    def apply(self, event: Event) -> None:
        match event:
            case ProductCreated():
                self.created, self.state = event, State.ACTIVE
                self.name, self.description = event.name, event.description
            case ProductUpdated():
                self.name, self.description = event.name, event.description
            case ProductArchived():
                self.state = State.ARCHIVED
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a product")
