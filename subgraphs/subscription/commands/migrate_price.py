"""Move subscribers of one price version to another: start it, stop it, and move one of them."""

from dataclasses import dataclass

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange, DomainError
from subgraphs.subscription.commands.known_facts import KnownFacts, known_price, sold_price
from subgraphs.subscription.commands.metered import Metered, update_with_usage
from subgraphs.subscription.domain.plan_subscription import NOTHING_USED, PlanSubscription, RenewalDue, Used
from subgraphs.subscription.domain.price_migration import PriceMigration, PriceMigrationStarted, Refusal
from subgraphs.subscription.domain.values import ChangeTime, ProrationBehavior, SubscribedPrice
from subgraphs.subscription.repository import PlanSubscriptionRepository, PriceMigrationRepository

__all__ = [
    "WantedMigration",
    "cancel_price_migration",
    "migrate",
    "move_subscriber",
    "prices_of_migration",
    "start_price_migration",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedMigration:
    """Whose subscribers pay what then, NOW or at the end of their periods; `proration` counts for NOW."""

    from_price_id: str
    to_price_id: str
    when: ChangeTime = ChangeTime.PERIOD_END
    proration: ProrationBehavior = ProrationBehavior.NONE


async def prices_of_migration(
    known: KnownFacts, tenant: str, from_price_id: str, to_price_id: str
) -> tuple[SubscribedPrice, SubscribedPrice]:
    """Return the two prices. The first may be archived: it usually is.

    Raises:
        NotFound: there is no such price.
        InvalidInput: the second bills transactions.
        InvalidState: the second or its plan is archived.
    """
    from_price = await known_price(known, tenant, from_price_id, ("fromPriceId",))
    return from_price, await sold_price(known, tenant, to_price_id, ("toPriceId",))


async def start_price_migration(
    migrations: PriceMigrationRepository,
    known: KnownFacts,
    wanted: WantedMigration,
    context: CommandContext,
) -> PriceMigration:
    """Begin to move everybody who subscribes to the one price to the other.

    Raises:
        As `prices_of_migration` and `PriceMigration.start`.
    """
    prices = await prices_of_migration(known, context.tenant, wanted.from_price_id, wanted.to_price_id)
    migration = PriceMigration.start(context.new_id("pmig"), *prices, wanted.when, wanted.proration, context)
    return await migrations.create(migration, context)


async def cancel_price_migration(migrations: PriceMigrationRepository, id: str, context: CommandContext) -> PriceMigration:
    """Leave those that were not reached as they are; canceling again changes nothing.

    Raises:
        NotFound: there is no such price migration.
    """
    return await migrations.update(id, context, lambda migration: migration.cancel(context))


async def move_subscriber(
    subscriptions: PlanSubscriptionRepository, metered: Metered, id: str, move: PriceMigrationStarted, context: CommandContext
) -> Refusal | None:
    """Move one subscription, which changes nothing when it was moved; return why it stays as it is, None: it does not.

    Raises:
        ConcurrentChange: every attempt lost to another command.
        RenewalDue: its period is over and is renewed in a moment.
    """
    try:
        await update_with_usage(subscriptions, metered, id, context, lambda current, used: migrate(current, move, context, used))
    except (ConcurrentChange, RenewalDue):
        raise
    except DomainError as refused:
        return Refusal(id, refused.code, refused.message)
    return None


def migrate(
    subscription: PlanSubscription, move: PriceMigrationStarted, context: CommandContext, used: Used = NOTHING_USED
) -> None:
    """Change it, or schedule that with the end of its period; what is scheduled keeps its time and comes to the other price.

    Raises:
        As `PlanSubscription.move_price`.
    """
    subscription.move_price(move.from_price_id, move.to, move.proration, context, now=move.when is ChangeTime.NOW, used=used)
