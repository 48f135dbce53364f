"""What others are told of price migrations; what happens to each subscription is told by its own events."""

from collections.abc import Iterator
from datetime import datetime

from subgraphs.kit.domain.event import Event
from subgraphs.kit.messaging.published import Contract
from subgraphs.subscription.domain import price_migration as domain

__all__ = ["MIGRATION_CONTRACTS", "told_of_migration"]


class PriceMigrationStarted(Contract, frozen=True):
    """Subscribers of one price version are being moved to another: `when` is NOW or PERIOD_END."""

    event_type = "price-migration-started.v1"

    price_migration_id: str
    from_price_id: str
    to_price_id: str
    when: str
    proration: str


class PriceMigrationCompleted(Contract, frozen=True):
    """All were moved but those that refused it."""

    event_type = "price-migration-completed.v1"

    price_migration_id: str
    completed_at: datetime


class PriceMigrationCanceled(Contract, frozen=True):
    """Those that were not reached stay as they are."""

    event_type = "price-migration-canceled.v1"

    price_migration_id: str
    canceled_at: datetime


MIGRATION_CONTRACTS: tuple[type[Contract], ...] = (PriceMigrationStarted, PriceMigrationCompleted, PriceMigrationCanceled)


def told_of_migration(id: str, event: Event) -> Iterator[Contract]:
    """Return what is told of one event; its progress is not."""
    match event:
        case domain.PriceMigrationStarted():
            yield PriceMigrationStarted(
                price_migration_id=id,
                from_price_id=event.from_price_id,
                to_price_id=event.to.price_id,
                when=event.when.value,
                proration=event.proration.value,
            )
        case domain.PriceMigrationCompleted():
            yield PriceMigrationCompleted(price_migration_id=id, completed_at=event.completed_at)
        case domain.PriceMigrationCanceled():
            yield PriceMigrationCanceled(price_migration_id=id, canceled_at=event.canceled_at)
