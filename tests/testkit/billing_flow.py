"""The subscription and invoice subgraphs on real stores with everything between them in the hands of the test.

Events leave, arrive, arrive again and get lost only as the test says; a process ends at whichever commit the test says.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from subgraphs.invoice import bootstrap as invoice_bootstrap
from subgraphs.invoice import projections as invoice_projections
from subgraphs.invoice import published as invoice_published
from subgraphs.invoice import worker as invoice_worker
from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.commands.set_invoice_grouping import set_invoice_grouping
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.invoice_grouping import Grouping
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.queries import drafts_to_finalize
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.errors import InvalidState, NotReady
from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.messaging.envelope import Envelope
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.event_store import EventStore, MongoEventStore
from subgraphs.kit.persistence.repository import AggregateRepository
from subgraphs.kit.settings import Settings
from subgraphs.subscription import bootstrap as subscription_bootstrap
from subgraphs.subscription import projections as subscription_projections
from subgraphs.subscription import published as subscription_published
from subgraphs.subscription import worker as subscription_worker
from subgraphs.subscription.commands.change_plan_subscription import WantedChange, change_plan_subscription
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import ProrationBehavior, Terms
from subgraphs.subscription.queries import DuePlanSubscription, DuePlanSubscriptions
from subgraphs.subscription.sagas.renewal import RenewalTimer
from subgraphs.subscription.services import SubscriptionServices
from tests.testkit.invoicing import customer_events, no_credit
from tests.testkit.memory import AT, context
from tests.testkit.payments import Crash
from tests.testkit.received import received
from tests.testkit.subscribing import subscribed_price

__all__ = ["BillingFlow", "run_billing_flow"]


SEATS = subscribed_price(model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal(19))


class Crashing:
    """An event store whose process ends at a chosen one of the next appends, before or after it is stored."""

    def __init__(self, store: MongoEventStore) -> None:
        self._store = store
        self.countdown, self.stored_first = 0, False

    async def append(self, commit: Commit) -> None:
        self.countdown -= 1
        ends = self.countdown == 0
        if self.stored_first or not ends:
            await self._store.append(commit)
        if ends:
            raise Crash

    async def load(self, tenant: str, kind: str, aggregate_id: str) -> list[Commit]:
        return await self._store.load(tenant, kind, aggregate_id)


@dataclass(frozen=True)
class _DueOfTenant(DuePlanSubscriptions):
    """Flows share databases: each renews its own."""

    tenant: str

    async def before(
        self, now: datetime, limit: int, without: Sequence[str] = (), *, since: datetime = datetime.min
    ) -> list[DuePlanSubscription]:
        return [due for due in await super().before(now, limit, without, since=since) if due.tenant == self.tenant]


@dataclass
class BillingFlow:
    """Two subgraphs and the events on their way. Every flow has a tenant of its own."""

    subscription: SubscriptionServices
    invoice: InvoiceServices
    clock: FixedClock
    stores: tuple[Crashing, Crashing]
    tenant: str = field(default_factory=lambda: f"ten_{uuid4().hex}")
    on_their_way: list[Received] = field(default_factory=list)
    id: str = "psub_1"
    ids: list[str] = field(default_factory=list)

    async def start(self, *, subscriptions: int = 1, consolidate: bool = False) -> None:
        """A customer who can pay subscribes to one seat for 19.00 EUR a month, once or several times, on one invoice or each."""
        self.ids = [f"psub_{number}_{self.tenant}" for number in range(subscriptions)]
        self.id, customer = self.ids[0], f"cus_{self.tenant}"
        if consolidate:
            grouping = Grouping(consolidate=True)
            await set_invoice_grouping(self.invoice.invoice_groupings, None, grouping, context(self.tenant, AT))
        for event in customer_events("sandbox_success", customer_id=customer, tenant=self.tenant):
            for handler in invoice_worker.event_handlers(self.invoice)[event.event.type]:
                await handler(event)
        circumstances = context(self.tenant, AT)
        for id in self.ids:
            subscription = PlanSubscription.start(id, customer, Terms(price=SEATS, quantity=1), "UTC", circumstances)
            await self.subscription.subscriptions.create(subscription, circumstances)

    async def pay_with(self, token: str, sequence: int) -> None:
        """Let the customer choose another payment method; `sequence` and the next one are those of the customer's events."""
        customer = {"customerId": f"cus_{self.tenant}", "paymentMethodId": f"pm_{token}"}
        attached = {**customer, "provider": "sandbox", "token": token, "label": "Visa"}
        for number, (type, data) in enumerate(
            (("payment-method-attached.v1", attached), ("default-payment-method-changed.v1", customer)), sequence
        ):
            self.on_their_way.append(
                received(type, data, aggregate_id=customer["customerId"], sequence=number, tenant=self.tenant, at=self.clock.at)
            )
        while self.on_their_way:
            assert await self.deliver(0)

    async def advance(self, days: int) -> None:
        """Let time pass."""
        self.clock.at += timedelta(days=days)

    async def renew(self) -> int:
        """Let a renewal worker that has just begun look once."""
        own = replace(self.subscription, due=_DueOfTenant(self.tenant))
        return await RenewalTimer(own).renew_due()

    async def finalize(self) -> int:
        """Let the worker that finalises consolidated drafts look once; return how many it finalised."""
        services, count = self.invoice, 0
        for draft in await drafts_to_finalize(self.clock.at, 100, tenant=self.tenant):
            at = context(self.tenant, self.clock.at)
            try:
                await finalize_invoice(services.invoices, services.numbers, services.billing_details, draft.id, at)
            except Crash:
                break
            count += 1
        return count

    async def change(self, quantity: int, *, invoice_now: bool) -> bool:
        """Change the number of seats, and tell whether that could be; a process that ends may have changed it or not."""
        proration = ProrationBehavior.INVOICE_NOW if invoice_now else ProrationBehavior.CREATE
        try:
            await change_plan_subscription(
                self.subscription.subscriptions,
                self.subscription.known,
                self.subscription.metered,
                self.id,
                WantedChange(quantity=quantity, proration=proration),
                context(self.tenant, self.clock.at),
            )
        except (Crash, InvalidState):
            return False
        return True

    async def relay(self, *, mark: bool = True) -> int:
        """Send what both outboxes hold; without `mark`, as a relay that ends before it notes what it sent."""
        count = 0
        for services, publish in (
            (self.subscription, subscription_published.publish),
            (self.invoice, invoice_published.publish),
        ):
            outbox = services.stores.events
            commits = [commit for commit in await outbox.undispatched(1000) if commit.tenant == self.tenant]
            for commit in commits:
                envelope = Envelope(
                    commit_id=commit.id,
                    tenant=commit.tenant,
                    kind=commit.kind,
                    aggregate_id=commit.aggregate_id,
                    version=commit.version,
                    at=commit.context.at,
                    actor=commit.context.actor,
                    request_id=commit.context.request_id,
                    reason=None,
                    changes=(),
                    events=tuple(publish(commit)),
                )
                for event in envelope.events:
                    self.on_their_way.append(Received(event, envelope))
                    if event.type == "invoice-credit-requested.v1":
                        self.on_their_way.append(no_credit(event.data, self.tenant))
                await self._catch_up(commit)
            if mark:
                await outbox.mark_dispatched([commit.dispatched("0") for commit in commits])
            count += len(commits)
        return count

    async def deliver(self, position: int, *, again: bool = False) -> bool:
        """Hand one event to its handlers and tell whether they are done with it; one that is not done with stays on its way."""
        if not self.on_their_way:
            return False
        event = self.on_their_way[position % len(self.on_their_way)]
        handlers = [
            *invoice_worker.event_handlers(self.invoice).get(event.event.type, ()),
            *subscription_worker.event_handlers(self.subscription).get(event.event.type, ()),
        ]
        try:
            for handler in handlers:
                await handler(event)
        except (Crash, NotReady):
            return False
        if not again:
            self.on_their_way.remove(event)
        return True

    def crash(self, which: int, after: int, *, stored_first: bool) -> None:
        """End the process at a future append."""
        self.stores[which].countdown, self.stores[which].stored_first = after, stored_first

    async def settle(self) -> None:
        """Without further mishaps, let everything happen that is still to happen."""
        for store in self.stores:
            store.countdown = 0
        moved = True
        while moved:
            moved = await self.relay() > 0 or bool(self.on_their_way)
            while self.on_their_way:
                assert await self.deliver(0)
            moved = await self.renew() > 0 or moved
            moved = await self.finalize() > 0 or moved
            if not moved and await drafts_to_finalize(datetime.max, 1, tenant=self.tenant):
                self.clock.at += timedelta(hours=1)  # as long as a draft takes further bills
                moved = True

    async def _catch_up(self, commit: Commit) -> None:
        models = {**subscription_worker.read_models(self.subscription), **invoice_worker.read_models(self.invoice)}
        await models[commit.kind].catch_up(commit)


@asynccontextmanager
async def run_billing_flow(settings: Settings) -> AsyncIterator[BillingFlow]:
    """Open both subgraphs."""
    impatient = settings.model_copy(update={"replica_wait_seconds": 0.0})
    clock = FixedClock(AT)

    async def committed() -> None: ...

    async with (
        subscription_bootstrap.open_services(impatient, clock) as subscription,
        invoice_bootstrap.open_services(impatient, clock) as invoice,
    ):
        first, second = Crashing(subscription.stores.events), Crashing(invoice.stores.events)
        stores: tuple[EventStore, EventStore] = (first, second)
        yield BillingFlow(
            replace(
                subscription,
                subscriptions=AggregateRepository(
                    PlanSubscription, stores[0], subscription_projections.plan_subscription_projection(), committed
                ),
            ),
            replace(
                invoice,
                invoices=AggregateRepository(Invoice, stores[1], invoice_projections.invoice_projection(), committed),
                payments=AggregateRepository(Payment, stores[1], invoice_projections.payment_projection(), committed),
            ),
            clock,
            (first, second),
        )
