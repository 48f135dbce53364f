"""The subscription subgraph's background work: its relay, what follows from others' events, and what time changes."""

import asyncio
from collections.abc import Iterable, Mapping

from subgraphs.kit.messaging.catch_up import CatchUpAll
from subgraphs.kit.messaging.consumer import Consumer, EventHandler
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.messaging.relay import CatchUp
from subgraphs.kit.messaging.rest import RedisRest
from subgraphs.kit.persistence.backfill import Backfill
from subgraphs.kit.settings import Settings
from subgraphs.kit.stores import process_name
from subgraphs.kit.telemetry import configure_logging
from subgraphs.kit.worker import run_until_stopped
from subgraphs.subscription.bootstrap import open_services
from subgraphs.subscription.clock_answers import answer_handlers
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.price_migration import PriceMigration
from subgraphs.subscription.domain.tenant_clock import TenantClock
from subgraphs.subscription.published import publish
from subgraphs.subscription.replicas import replica_handlers
from subgraphs.subscription.sagas.activation import ActivationSaga
from subgraphs.subscription.sagas.clock_walk import ClockWalk
from subgraphs.subscription.sagas.price_migration import PriceMigrationWalk
from subgraphs.subscription.sagas.renewal import RenewalTimer
from subgraphs.subscription.sagas.taken_back import TakenBackSaga
from subgraphs.subscription.sagas.threshold_watch import ThresholdWatch
from subgraphs.subscription.services import SubscriptionServices

__all__ = ["SOURCES", "event_handlers", "main", "read_models"]

SOURCES = ("customer", "plan", "invoice")


async def main(stop: asyncio.Event) -> None:
    """Work until `stop` is set."""
    settings = Settings()
    configure_logging("subscription-worker", settings.log_level, readable=settings.development)
    async with open_services(settings) as services, connect_redis(settings) as redis:
        relay = services.stores.relay(publish, read_models(services))
        consumer = Consumer(
            "subscription",
            process_name(),
            redis,
            services.stores.database,
            sources=SOURCES,
            handlers=event_handlers(services),
        )
        await consumer.ensure_indexes()
        rest = RedisRest("subscription", redis, services.stores.database, SOURCES, publish)
        timers = RenewalTimer(services).run, ClockWalk(services, rest).run, ThresholdWatch(services).run
        backfill = Backfill(services.stores.database, "mrr", PlanSubscription.kind, services.mrr.follow)
        migrations = PriceMigrationWalk(services)
        await run_until_stopped(stop, relay.run, consumer.run, *timers, migrations.run, backfill.run)


def read_models(services: SubscriptionServices) -> Mapping[str, CatchUp]:
    """Return what is brought up to date, by aggregate kind, before a commit is told of."""
    return {
        PlanSubscription.kind: CatchUpAll(services.subscriptions, services.mrr),
        TenantClock.kind: services.clocks,
        PriceMigration.kind: services.migrations,
    }


def event_handlers(services: SubscriptionServices) -> Mapping[str, Iterable[EventHandler]]:
    """Return what is done about each public event of other subgraphs."""
    activation = ActivationSaga(services.subscriptions, services.known, services.metered, services.stores.clocks)
    taken_back = TakenBackSaga(services.subscriptions)
    return {
        **{type_: [handler] for type_, handler in replica_handlers().items()},
        **{type_: [handler] for type_, handler in answer_handlers(services.followers).items()},
        "invoice-paid.v1": [taken_back.invoice_paid, activation.invoice_paid],
        "invoice-voided.v1": [taken_back.invoice_voided, activation.invoice_voided],
        "invoice-deleted.v1": [activation.invoice_voided],
        "invoice-marked-uncollectible.v1": [taken_back.invoice_uncollectible, activation.invoice_marked_uncollectible],
        "invoice-overdue.v1": [activation.invoice_overdue],
        "credit-note-issued.v1": [taken_back.credit_note_issued],
        "dunning-exhausted.v1": [activation.dunning_exhausted],
        "payment-failed.v1": [activation.payment_not_made],
        "payment-action-required.v1": [activation.payment_not_made],
    }
