"""The price aggregate: one immutable version."""

from typing import ClassVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.plan.domain.events import PriceArchived, PriceCreated
from subgraphs.plan.domain.values import PriceTerms, State, checked_external_id, checked_terms

__all__ = ["Price"]


class Price(Aggregate):
    """What a plan costs, in one currency, per interval or once. Its terms never change: a change is a new version."""

    kind: ClassVar[str] = "Price"
    codec: ClassVar[EventCodec] = EventCodec(PriceCreated, PriceArchived)

    created: PriceCreated
    state: State

    @classmethod
    def create(
        cls,
        id: str,
        plan_id: str,
        plan_name: str,
        terms: PriceTerms,
        version: int,
        context: CommandContext,
        *,
        external_id: str | None = None,
    ) -> "Price":
        """Return a new price version.

        Raises:
            InvalidInput: the terms are out of range, or the tenant's own id is malformed.
        """
        price = cls(id, context.tenant)
        price.record(
            PriceCreated(
                plan_id=plan_id,
                plan_name=plan_name,
                terms=checked_terms(terms),
                version=version,
                created_at=context.at,
                external_id=checked_external_id(external_id),
            )
        )
        return price

    def archive(self, context: CommandContext) -> None:
        """Sell at this price no longer; who pays it goes on paying it. Archiving again changes nothing."""
        if self.state is State.ACTIVE:
            self.record(PriceArchived(archived_at=context.at))

    def apply(self, event: Event) -> None:
        match event:
            case PriceCreated():
                self.created, self.state = event, State.ACTIVE
            case PriceArchived():
                self.state = State.ARCHIVED
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a price")
