"""The customer subgraph's background work: its relay, what invoices ask of customers' credit, what expires in wallets
and of cards, and merges and erasures that a crash left half done."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial

from subgraphs.customer.bootstrap import open_services
from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.credit_application import CreditApplication
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.customer.open_items import open_item_handlers
from subgraphs.customer.published import publish
from subgraphs.customer.sagas.card_expiry import CardExpiryTimer
from subgraphs.customer.sagas.clock_agenda import CustomerAgenda
from subgraphs.customer.sagas.customer_erasure import CustomerErasureSaga
from subgraphs.customer.sagas.customer_merge import CustomerMergeSaga
from subgraphs.customer.sagas.expiry import ExpiryTimer
from subgraphs.customer.sagas.invoice_credit import InvoiceCreditSaga
from subgraphs.customer.services import CustomerServices
from subgraphs.kit.clock_following import ClockFollower, NoDocuments, open_follower
from subgraphs.kit.domain.clock_answer import ClockAnswer
from subgraphs.kit.messaging.clock_contracts import follow_test_clock
from subgraphs.kit.messaging.consumer import Consumer, EventHandler
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.messaging.relay import CatchUp
from subgraphs.kit.settings import Settings
from subgraphs.kit.stores import process_name
from subgraphs.kit.telemetry import configure_logging
from subgraphs.kit.worker import run_until_stopped

__all__ = ["SOURCES", "event_handlers", "main", "read_models"]

SOURCES = ("customer", "invoice", "subscription")


async def main(stop: asyncio.Event) -> None:
    """Work until `stop` is set."""
    settings = Settings()
    configure_logging("customer-worker", settings.log_level, readable=settings.development)
    async with open_services(settings) as services, connect_redis(settings) as redis:
        relay = services.stores.relay(publish, read_models(services))
        database = services.stores.database
        expiry, cards = ExpiryTimer(services), CardExpiryTimer(services)
        agenda = CustomerAgenda(expiry, cards)
        follower = await open_follower(services.stores, redis, SOURCES, agenda, after_another=True)
        handlers = event_handlers(services, follower)
        consumer = Consumer("customer", process_name(), redis, database, sources=SOURCES, handlers=handlers)
        await consumer.ensure_indexes()
        await run_until_stopped(stop, relay.run, consumer.run, expiry.run, cards.run, follower.run)


def read_models(services: CustomerServices) -> Mapping[str, CatchUp]:
    """Return what keeps the documents of each kind of aggregate."""
    return {
        Customer.kind: services.customers,
        CustomerBalance.kind: services.balances,
        Wallet.kind: services.wallets,
        CreditApplication.kind: services.credit_applications,
        ClockAnswer.kind: NoDocuments(),
    }


def event_handlers(services: CustomerServices, follower: ClockFollower | None = None) -> Mapping[str, Iterable[EventHandler]]:
    """Return what is done about each public event of other subgraphs, and of this one's own; `follower` answers clocks."""
    credit = InvoiceCreditSaga(services.credit, services.merge, services.open_items)
    erasure = CustomerErasureSaga(services.erasure, services.stores.redis)
    open_items = open_item_handlers()
    return {
        **{type_: [handler] for type_, handler in open_items.items()},
        "customer-merged.v1": [CustomerMergeSaga(services.merge).complete],
        "customer-erased.v1": [erasure.complete],
        "invoice-credit-requested.v1": [credit.apply],
        "invoice-voided.v1": [open_items["invoice-voided.v1"], credit.give_back],
        "invoice-carried-forward.v1": [credit.carry_forward],
        "credit-note-issued.v1": [credit.credit_note],
        "test-clock-moved.v1": [
            partial(follow_test_clock, services.stores.clocks),
            *([follower.asked] if follower else []),
        ],
        "invoice-clock-answered.v1": [follower.other_answered] if follower else [],
    }
