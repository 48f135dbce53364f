"""The subscription, invoice and customer subgraphs in memory: their commands, sagas and what they publish are the real ones.

    command → commit → published → event handlers of the other subgraph, as its worker calls them → commands …

What leaves an outbox, when it arrives and how often, and at which commit a process ends is up to the test; `settle` does without
mishaps what is still to be done. Customers have no credit, and pay with a card that works, unless the flow is `with_customers`:
their credit is the customer subgraph's then, and the test says what they pay with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import fields
from datetime import datetime
from heapq import heappop, heappush
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, cast

import msgspec

from subgraphs.customer import published as customer_published
from subgraphs.customer import worker as customer_worker
from subgraphs.customer.documents import OpenItemDocument
from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.credit_application import CreditApplication
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.values import CustomerProfile
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.customer.sagas.clock_agenda import CustomerAgenda
from subgraphs.customer.services import CustomerServices
from subgraphs.invoice import published as invoice_published
from subgraphs.invoice import worker as invoice_worker
from subgraphs.invoice.documents import InvoiceDocument, PlanSubscriptionReplica
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.dispute import Dispute
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.tax_configuration import TaxRate
from subgraphs.invoice.domain.taxation import CustomerTaxation, with_taxes
from subgraphs.invoice.domain.values import InvoiceDraft, PaymentMethod
from subgraphs.invoice.projections import invoice_document
from subgraphs.invoice.sagas.clock_agenda import InvoiceAgenda
from subgraphs.invoice.sagas.dunning import DunningTimer
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.clock_following import Agenda, ClockFollower, NoDocuments
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.clock_answer import ClockAnswer
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.domain.event import Event
from subgraphs.kit.messaging.consumer import EventHandler, Received
from subgraphs.kit.messaging.envelope import Envelope, envelope_of
from subgraphs.kit.messaging.relay import Publish
from subgraphs.kit.persistence.claims import InMemoryClaims
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.documents import TenantDocument
from subgraphs.kit.persistence.event_store import StreamMoved
from subgraphs.kit.persistence.numbers import InMemoryNumbers
from subgraphs.kit.persistence.places import InMemoryPlaces
from subgraphs.kit.persistence.repository import AggregateRepository
from subgraphs.pricing.tax import NO_RULE
from subgraphs.subscription import published as subscription_published
from subgraphs.subscription import worker as subscription_worker
from subgraphs.subscription.documents import PlanSubscriptionDocument
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.tenant_clock import TenantClock
from subgraphs.subscription.projections import plan_subscription_document
from subgraphs.subscription.queries import ClockStep, DuePlanSubscription
from subgraphs.subscription.sagas.clock_walk import ClockWalk
from subgraphs.subscription.services import SubscriptionServices
from tests.testkit.billing import VISA, method
from tests.testkit.invoicing import no_credit
from tests.testkit.memory import AT
from tests.testkit.memory_clock import MemoryAnswers, MemoryExpiry, MemoryInvoiceSteps, MemoryRest, MemoryRounds, NoCards
from tests.testkit.memory_documents import in_memory_documents
from tests.testkit.payments import Crash, InMemoryCampaigns, InMemoryDetails, InMemoryMinimumCharges, InMemoryProvider
from tests.testkit.received import received
from tests.testkit.subscribing import InMemoryFacts, InMemoryUsage, InMemoryWatched

__all__ = ["MemoryFlow", "memory_flow"]

A = TypeVar("A", bound=Aggregate)
S = TypeVar("S")
TENANT = "acme"


class _Streams:
    """A subgraph's event store. Its process ends at the append that `crash_at` counts down to, before or after it is stored."""

    def __init__(self, publish: Publish) -> None:
        self.publish = publish
        self.commits: list[Commit] = []
        self.outbox: list[Commit] = []
        self.crash_at, self.stored_first = 0, False
        self._by_name: dict[str, list[Commit]] = defaultdict(list)
        self._clock_talk: dict[str, int] = {}
        """How many other commits there were before each of those by which a clock and its followers talk."""
        self.others = 0

    def others_before(self, commit_id: str) -> int:
        return self._clock_talk[commit_id]

    async def append(self, commit: Commit) -> None:
        self.crash_at -= 1
        if self.crash_at == 0 and not self.stored_first:
            raise Crash
        stream = self._by_name[commit.stream]
        if commit.version != len(stream) + 1:
            raise StreamMoved(commit.id)
        stream.append(commit)
        self.commits.append(commit)
        if commit.kind in (TenantClock.kind, ClockAnswer.kind):
            self._clock_talk[commit.id] = self.others
        else:
            self.others += 1
        self.outbox.append(commit)
        if self.crash_at == 0:
            raise Crash

    async def load(self, tenant: str, kind: str, aggregate_id: str) -> list[Commit]:
        return list(self._by_name.get(f"{tenant}/{kind}/{aggregate_id}", ()))


class _Latest(Generic[A]):
    """Remembers each aggregate as it was last saved: what its document shows."""

    def __init__(self) -> None:
        self.shows: dict[str, A] = {}
        self.on_change: Callable[[A], None] = lambda aggregate: None

    async def project(self, aggregate: A) -> None:
        known = self.shows.get(aggregate.id)
        if known is None or known.version < aggregate.version:
            self.shows[aggregate.id] = copy(aggregate)
            self.on_change(aggregate)

    async def shown(self, aggregate_ids: Collection[str]) -> Mapping[tuple[str, str], int]:
        return {(TENANT, id): self.shows[id].version for id in aggregate_ids if id in self.shows}


class _Repository(AggregateRepository[A]):
    """Decodes each commit once; replays them each time."""

    _decoded: dict[str, list[tuple[datetime, Sequence[Event]]]]

    def _replayed(self, tenant: str, id: str, commits: Sequence[Commit]) -> A | None:
        if not commits:
            return None
        decode, decoded = self._type.codec.decode, self.__dict__.setdefault("_decoded", defaultdict(list))[id]
        for commit in commits[len(decoded) :]:
            decoded.append((commit.recorded_at, [decode(event.type, event.data) for event in commit.events]))
        return self._type.replay(id, tenant, decoded)


class _Due:
    """What time changes, by the documents."""

    def __init__(self, subscriptions: _Latest[PlanSubscription], clocks: _Latest[TenantClock]) -> None:
        self._subscriptions, self._clocks = subscriptions, clocks
        self._heap: list[tuple[datetime, str]] = []
        self.steps: list[tuple[str, datetime]] = []

    def changed(self, subscription: PlanSubscription) -> None:
        if subscription.due_at is not None:
            heappush(self._heap, (subscription.due_at, subscription.id))

    def _until(self, until: datetime, limit: int) -> list[tuple[datetime, str]]:
        found: list[tuple[datetime, str]] = []
        while self._heap and self._heap[0][0] <= until and len(found) < limit:
            at, id = heappop(self._heap)
            if self._subscriptions.shows[id].due_at == at and (at, id) not in found[-1:]:
                found.append((at, id))
        for entry in found:
            heappush(self._heap, entry)
        return found

    async def take(self, now: datetime, limit: int, *_: Any, **__: Any) -> list[DuePlanSubscription]:
        return [DuePlanSubscription(TENANT, id) for _, id in self._until(now, limit)]

    async def give_back(self, ids: Sequence[str], owner: str) -> None: ...

    async def overdue(self, since: datetime) -> int:
        return 0

    async def next_of(self, tenant: str, until: datetime, limit: int) -> list[ClockStep]:
        return [ClockStep(id, self._subscriptions.shows[id].customer_id, at) for at, id in self._until(until, limit)]

    async def advancing_clocks(self, limit: int) -> list[str]:
        return [id for id, clock in self._clocks.shows.items() if clock.target is not None]

    async def any(self, tenant: str) -> bool:
        return bool(self._subscriptions.shows)


class _Invoices:
    """Invoices as documents, those of one subscription or customer."""

    def __init__(self, invoices: _Latest[Invoice]) -> None:
        self._invoices = invoices
        self._of: dict[str, list[str]] = defaultdict(list)

    def changed(self, invoice: Invoice) -> None:
        draft = invoice.drafted.draft
        for id in (draft.plan_subscription_id, draft.customer_id):
            if id is not None and invoice.id not in self._of[id]:
                self._of[id].append(invoice.id)

    async def page(self, tenant: str, where: Mapping[str, Any], *, limit: int, after: str | None = None) -> list[InvoiceDocument]:
        id = where.get("plan_subscription_id") or where.get("plan_subscription_ids") or where["customer_id"]
        of_it = [invoice_document(self._invoices.shows[one]) for one in self._of[id]]
        found = [one for one in of_it if all(_has(getattr(one, name), value) for name, value in where.items())]
        before = [one.id for one in found].index(after) if after is not None else len(found)
        return found[:before][-limit:][::-1]


def _has(known: Any, value: Any) -> bool:
    return value in known if isinstance(known, list) else known == value


class _OwnInvoices:
    """Every bill has an invoice of its own."""

    async def group_of(self, *_: Any) -> None: ...


class _Subscriptions:
    """Plan subscriptions as documents."""

    def __init__(self, subscriptions: _Latest[PlanSubscription]) -> None:
        self._subscriptions = subscriptions

    async def find(self, tenant: str, id: str) -> PlanSubscriptionDocument | None:
        found = self._subscriptions.shows.get(id)
        return plan_subscription_document(found) if found is not None and found.tenant == tenant else None


class _Replicas:
    """Documents of one type that handlers write by themselves."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self._documents = documents

    async def find(self, tenant: str, id: str) -> Any:
        found = self._documents.get(id)
        return SimpleNamespace(**found) if found is not None else None


class MemoryTaxes:
    """What a tenant charges: nothing, until the test says which rates, who is taxed how, and what plans are taxed as."""

    def __init__(self) -> None:
        self.rates: tuple[TaxRate, ...] = ()
        self.customers: dict[str, CustomerTaxation] = {}
        self.plan_categories: dict[str, str] = {}

    async def on(self, tenant: str, draft: InvoiceDraft) -> InvoiceDraft:
        customer = self.customers.get(draft.customer_id, CustomerTaxation())
        return with_taxes(draft, self.rates, NO_RULE, customer, self.plan_categories)


class _Methods:
    def __init__(self, tokens: Mapping[str, str]) -> None:
        self._tokens = tokens

    async def find(self, tenant: str, customer_id: str, id: str | None, **_: Any) -> PaymentMethod:
        token = self._tokens.get(customer_id, "sandbox_success")
        return VISA if token == "sandbox_success" else method(token)


class _Wallets:
    """Wallets as documents, those of one customer."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, Wallet]] = defaultdict(dict)

    def changed(self, wallet: Wallet) -> None:
        self._of[wallet.customer_id][wallet.id] = wallet

    async def page(self, tenant: str, where: Mapping[str, Any], *, limit: int) -> list[Wallet]:
        return list(self._of[where["customer_id"]].values())[:limit]


def _services(type_: type[S], **given: Any) -> S:
    """Return the services with what the flow needs; what it does not need is None."""
    return type_(**{one.name: given.pop(one.name, None) for one in fields(cast(Any, type_))}, **given)


class MemoryFlow:
    """One tenant's billing. With `at_once`, events arrive as soon as they are committed, in their order."""

    def __init__(
        self,
        documents: Callable[[type[TenantDocument]], Mapping[str, Mapping[str, Any]]],
        *,
        at_once: bool,
        with_customers: bool,
    ) -> None:
        self.clock, self.facts, self.usage = FixedClock(AT), InMemoryFacts(), InMemoryUsage()
        self.streams = _Streams(subscription_published.publish), _Streams(invoice_published.publish)
        self.customer_stream = _Streams(customer_published.publish)
        self.tokens: dict[str, str] = {}
        """By customer, the token of the default payment method, where it is another than that of a card that works."""
        self.taxes = MemoryTaxes()
        self.campaigns, self.followers = InMemoryCampaigns(), MemoryAnswers()
        self._with_customers, self._changes = with_customers, 0
        self.provider, self.numbers = InMemoryProvider(), InMemoryNumbers()
        self.on_their_way: list[Received] = []
        self._at_once, self._busy = at_once, False
        self._encoder, self._decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Envelope)
        self._clocks = clocks = _Latest[TenantClock]()
        self._subscriptions = _Latest[PlanSubscription]()
        self.due = _Due(self._subscriptions, clocks)
        self._subscriptions.on_change = self.due.changed
        self._invoices = _Latest[Invoice]()
        self._payments = _Latest[Payment]()
        first, second = self.streams
        reader, steps = _Invoices(self._invoices), MemoryInvoiceSteps()

        def invoice_changed(invoice: Invoice) -> None:
            reader.changed(invoice)
            steps.changed(invoice)

        self._invoices.on_change = invoice_changed
        stores: Any = SimpleNamespace(clocks=self, events=None, redis=None)
        self.subscription = _services(
            SubscriptionServices,
            stores=stores,
            subscriptions=self._repository(PlanSubscription, first, self._subscriptions),
            clocks=self._repository(TenantClock, first, clocks),
            reader=_Subscriptions(self._subscriptions),
            known=self.facts,
            coupons=self.facts,
            redemptions=InMemoryPlaces(),
            claims=InMemoryClaims(),
            meters=self.facts,
            usage=self.usage,
            watched=InMemoryWatched(),
            due=self.due,
            followers=self.followers,
            clock=self.clock,
        )
        self.invoice = _services(
            InvoiceServices,
            stores=stores,
            invoices=self._repository(Invoice, second, self._invoices),
            payments=self._repository(Payment, second, self._payments),
            credit_notes=self._repository(CreditNote, second, _Latest()),
            disputes=self._repository(Dispute, second, _Latest()),
            numbers=self.numbers,
            providers={"sandbox": self.provider},
            reader=reader,
            billing_details=InMemoryDetails(),
            groupings=_OwnInvoices(),
            campaigns=self.campaigns,
            minimum_charges=InMemoryMinimumCharges(),
            taxes=self.taxes,
            payment_methods=_Methods(self.tokens),
            plan_subscriptions=_Replicas(documents(PlanSubscriptionReplica)),
            clock=self.clock,
        )
        self.customer = self._customers(documents, stores)
        self._clock_followers = [
            self._follower("invoice", second, InvoiceAgenda(self.invoice, steps)),
            self._follower("customer", self.customer_stream, CustomerAgenda(self._expiry, cast(Any, NoCards()))),
        ]
        self._handlers: dict[str, list[EventHandler]] = defaultdict(list)
        told: list[Mapping[str, Iterable[EventHandler]]] = [
            subscription_worker.event_handlers(self.subscription),
            invoice_worker.event_handlers(self.invoice),
        ]
        for handlers in (*told, *([customer_worker.event_handlers(self.customer)] if with_customers else [])):
            for type_, wanted in handlers.items():
                # Who customers are, and what they pay with, is the test's to say.
                if not type_.startswith(("customer-", "payment-method-", "default-payment-")) or "clock" in type_:
                    self._handlers[type_] += wanted
        self._handlers["test-clock-moved.v1"] = [follower.asked for follower in self._clock_followers]
        self._handlers["invoice-clock-answered.v1"].append(self._clock_followers[1].other_answered)

    def walk(self) -> ClockWalk:
        """Return what moves the tenant's clock."""
        return ClockWalk(self.subscription, self._rest("subscription"))

    async def add_customer(self, id: str, at: datetime) -> None:
        """Let the customer subgraph know a customer, who can have credit then."""
        profile = CustomerProfile(name=id, email=None, time_zone="UTC", language="en", address=None)
        await self.customer.customers.create(Customer.create(id, profile, "EUR", None, self.context(at)), self.context(at))

    async def pay_by(self, customer_id: str, token: str, at: datetime) -> None:
        """Let the customer pay by another default payment method from now on: what is in arrears is charged."""
        self.tokens[customer_id] = token
        data = {"customerId": customer_id, "paymentMethodId": f"pm_{token}"}
        self._changes += 1
        told = received(
            "default-payment-method-changed.v1", data, aggregate_id=customer_id, sequence=self._changes, tenant=TENANT, at=at
        )
        await DunningTimer(self.invoice).payment_method_changed(told)
        await self.settle()

    def _follower(self, name: str, stream: _Streams, agenda: Agenda) -> ClockFollower:
        answers = _Repository(ClockAnswer, stream, NoDocuments(), self._committed, self.clock)
        after_another = name == "customer"
        return ClockFollower(name, MemoryRounds(), answers, agenda, self._rest(name), after_another=after_another)

    def _rest(self, name: str) -> MemoryRest:
        first, second = self.streams
        streams = {"subscription": first, "invoice": second, "customer": self.customer_stream}
        return MemoryRest(self._is_still, name, streams)

    def _customers(
        self, documents: Callable[[type[TenantDocument]], Mapping[str, Mapping[str, Any]]], stores: Any
    ) -> CustomerServices:
        stream, shown, reader = self.customer_stream, _Latest[Wallet](), _Wallets()
        wallets = self._repository(Wallet, stream, shown)
        self._expiry: Any = MemoryExpiry(wallets)

        def changed(wallet: Wallet) -> None:
            reader.changed(wallet)
            self._expiry.changed(wallet)

        shown.on_change = changed
        return _services(
            CustomerServices,
            stores=stores,
            customers=self._repository(Customer, stream, _Latest()),
            balances=self._repository(CustomerBalance, stream, _Latest()),
            wallets=wallets,
            credit_applications=self._repository(CreditApplication, stream, _Latest()),
            wallet_reader=reader,
            open_item_reader=_Replicas(documents(OpenItemDocument)),
            clock=self.clock,
        )

    def _is_still(self) -> bool:
        return not self.on_their_way and not any(stream.outbox for stream in self._all_streams)

    @property
    def _all_streams(self) -> Sequence[_Streams]:
        return *self.streams, self.customer_stream

    async def now(self, tenant: str) -> datetime:
        """Return the tenant's time, by its own clock where it has one."""
        clock = self._clocks.shows.get(tenant)
        return clock.now if clock is not None else self.clock.now()

    async def frozen_at(self, tenant: str) -> datetime | None:
        """Return None, as if there was no clock: nobody is in arrears who could be charged by it."""

    def context(self, at: datetime) -> CommandContext:
        return CommandContext(tenant=TENANT, actor="client_1", request_id="req_1", at=at)

    @property
    def subscriptions(self) -> Mapping[str, PlanSubscription]:
        """Every plan subscription as its document shows it."""
        return self._subscriptions.shows

    @property
    def invoices(self) -> Sequence[Invoice]:
        """Every invoice as its document shows it, in the order in which they were made."""
        return list(self._invoices.shows.values())

    @property
    def payments(self) -> Sequence[Payment]:
        return list(self._payments.shows.values())

    async def relay(self, *, mark: bool = True) -> int:
        """Send what all outboxes hold; without `mark`, as a relay that ends before it notes what it sent."""
        count = 0
        for stream in self._all_streams:
            sent = list(stream.outbox)
            for commit in sent:
                await self._catch_up(commit)
                # As text, so that a handler gets what it would from another process.
                envelope = self._decoder.decode(self._encoder.encode(envelope_of(commit, stream.publish(commit))))
                for event in envelope.events:
                    if event.type in self._handlers:
                        self.on_their_way.append(Received(event, envelope))
                    if event.type == "invoice-credit-requested.v1" and not self._with_customers:
                        self.on_their_way.append(no_credit(event.data, TENANT, envelope.at))
            if mark:
                del stream.outbox[: len(sent)]
            count += len(sent)
        return count

    async def deliver(self, position: int, *, again: bool = False) -> bool:
        """Hand one event to its handlers; one that they are not done with, or that comes `again`, stays on its way."""
        if not self.on_their_way:
            return False
        event = self.on_their_way[position % len(self.on_their_way)]
        try:
            for handler in self._handlers[event.event.type]:
                await handler(event)
        except (Crash, NotReady):
            return False
        if not again:
            self.on_their_way.remove(event)
        return True

    async def settle(self) -> None:
        """Let arrive what is on its way, and what follows from it, in order."""
        for stream in self.streams:
            stream.crash_at = 0
        while await self.relay() or self.on_their_way or await self._followers_moved():
            waiting, self.on_their_way = self.on_their_way, []
            for event in waiting:
                for handler in self._handlers[event.event.type]:
                    await handler(event)

    async def _followers_moved(self) -> bool:
        return any([await follower.look() for follower in self._clock_followers])

    def _repository(self, type_: type[A], streams: _Streams, projection: _Latest[A]) -> AggregateRepository[A]:
        return _Repository(type_, streams, projection, self._committed, self.clock)

    async def _committed(self) -> None:
        if self._at_once and not self._busy:
            self._busy = True
            try:
                await self.settle()
            finally:
                self._busy = False

    async def _catch_up(self, commit: Commit) -> None:
        match commit.kind:
            case PlanSubscription.kind:
                await self.subscription.subscriptions.catch_up(commit)
            case Invoice.kind:
                await self.invoice.invoices.catch_up(commit)
            case Payment.kind:
                await self.invoice.payments.catch_up(commit)


@contextmanager
def memory_flow(*, at_once: bool = False, with_customers: bool = False) -> Iterator[MemoryFlow]:
    """Give a new flow. Documents that handlers write by themselves are kept in memory, too."""
    with in_memory_documents() as documents:
        yield MemoryFlow(documents, at_once=at_once, with_customers=with_customers)
