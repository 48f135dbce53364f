"""The product aggregate."""

from typing import ClassVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.plan.domain.events import ProductCreated
from subgraphs.plan.domain.values import checked_description, checked_external_id, checked_name

__all__ = ["Product"]


class Product(Aggregate):
    """Something sold, in one or several plans."""

    kind: ClassVar[str] = "Product"
    codec: ClassVar[EventCodec] = EventCodec(ProductCreated)

    created: ProductCreated

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

    def apply(self, event: Event) -> None:
        match event:
            case ProductCreated():
                self.created = event
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a product")
