"""The services of all five subgraphs in one process, and the same on a `WriteBehind` for one new tenant."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from subgraphs.auth.bootstrap import open_services as open_auth
from subgraphs.auth.services import AuthServices
from subgraphs.auth.settings import AuthSettings
from subgraphs.customer.bootstrap import open_services as open_customer
from subgraphs.customer.documents import CustomerDocument, OpenItemDocument
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.open_items import open_item, open_item_handlers
from subgraphs.customer.personal_data_keys import KEYS_COLLECTION, InMemoryPersonalDataKeys, key_document
from subgraphs.customer.projections import customer_document
from subgraphs.customer.published import publish as publish_customer
from subgraphs.customer.sealed_events import SealedEventLog
from subgraphs.customer.services import CustomerServices
from subgraphs.invoice.books import billing_documents, revenue_documents
from subgraphs.invoice.bootstrap import open_services as open_invoice
from subgraphs.invoice.documents import InvoiceDocument, PaymentDocument
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.payment_providers.sandbox import SandboxProvider
from subgraphs.invoice.projections import invoice_document, payment_document
from subgraphs.invoice.published import publish as publish_invoice
from subgraphs.invoice.services import InvoiceServices
from subgraphs.invoice.worker import event_handlers as invoice_handlers
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.messaging.consumer import EventHandler, Received
from subgraphs.kit.persistence.ledger import LedgerDocument, bucket_marks, buckets_name
from subgraphs.kit.persistence.numbers import InMemoryNumbers, number_document
from subgraphs.kit.stores import Stores
from subgraphs.plan.bootstrap import open_services as open_plan
from subgraphs.plan.documents import FeatureDocument, PlanDocument, PriceDocument, ProductDocument
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.price import Price
from subgraphs.plan.domain.product import Product
from subgraphs.plan.projections import feature_document, plan_document, price_document, product_document
from subgraphs.plan.published import publish as publish_plan
from subgraphs.plan.services import PlanServices
from subgraphs.subscription.bootstrap import open_services as open_subscription
from subgraphs.subscription.documents import PlanSubscriptionDocument
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.mrr import movement_documents
from subgraphs.subscription.projections import plan_subscription_document
from subgraphs.subscription.published import publish as publish_subscription
from subgraphs.subscription.services import SubscriptionServices
from subgraphs.subscription.worker import event_handlers as subscription_handlers
from tributary.seed.write_behind import InMemoryCollection, WriteBehind, stored

__all__ = ["Installation", "NewTenant", "open_installation"]

CHARGES = "sandbox_charges"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What each subgraph's entry points work with."""

    auth: AuthServices
    customer: CustomerServices
    plan: PlanServices
    subscription: SubscriptionServices
    invoice: InvoiceServices


@asynccontextmanager
async def open_installation(settings: AuthSettings) -> AsyncIterator[Installation]:
    """Open every subgraph's stores."""
    async with AsyncExitStack() as stack:
        yield Installation(
            auth=await stack.enter_async_context(open_auth(settings)),
            customer=await stack.enter_async_context(open_customer(settings)),
            plan=await stack.enter_async_context(open_plan(settings)),
            subscription=await stack.enter_async_context(open_subscription(settings)),
            invoice=await stack.enter_async_context(open_invoice(settings)),
        )


class NewTenant:
    """The services for one tenant that has nothing yet. `actor` is the OAuth client that everything is done by."""

    def __init__(self, installation: Installation, tenant: str, actor: str, name: str) -> None:
        self.tenant, self.actor, self.name = tenant, actor, name
        self.memory = memory = WriteBehind()
        self._auth = installation.auth.stores
        self._numbers = InMemoryNumbers()
        self._charges = InMemoryCollection()
        customer, plan = installation.customer, installation.plan
        subscription, invoice = installation.subscription, installation.invoice
        self.customer = replace(
            customer,
            customers=memory.repository(customer.stores, publish_customer, Customer, CustomerDocument, customer_document),
            claims=memory.claims(customer.stores),
        )
        self.plan = replace(
            plan,
            products=memory.repository(plan.stores, publish_plan, Product, ProductDocument, product_document),
            features=memory.repository(plan.stores, publish_plan, Feature, FeatureDocument, feature_document),
            plans=memory.repository(plan.stores, publish_plan, Plan, PlanDocument, plan_document),
            prices=memory.repository(plan.stores, publish_plan, Price, PriceDocument, price_document),
            claims=memory.claims(plan.stores),
        )
        self.subscription = replace(
            subscription,
            subscriptions=memory.repository(
                subscription.stores,
                publish_subscription,
                PlanSubscription,
                PlanSubscriptionDocument,
                plan_subscription_document,
            ),
        )
        self.invoice = replace(
            invoice,
            invoices=memory.repository(invoice.stores, publish_invoice, Invoice, InvoiceDocument, invoice_document),
            payments=memory.repository(invoice.stores, publish_invoice, Payment, PaymentDocument, payment_document),
            numbers=self._numbers,
            providers={"sandbox": SandboxProvider({CHARGES: self._charges}, invoice.inbox, collection=CHARGES)},  # type: ignore[arg-type]
        )
        handlers: dict[str, list[EventHandler]] = defaultdict(list)
        self._keys = InMemoryPersonalDataKeys()
        memory.stored_form = {customer.stores.subgraph: SealedEventLog(customer.stores.events, self._keys).seal}
        # Nothing here asks for them, so that they need no write of their own.
        self._open_items: dict[str, OpenItemDocument] = {}
        open_items = {event: [self._keep_open_item] for event in open_item_handlers()}
        for told in (open_items, subscription_handlers(self.subscription), invoice_handlers(self.invoice)):
            for event, reactions in told.items():
                handlers[event] += reactions
        self._apply_credit = tuple(handlers["invoice-credit-applied.v1"])
        handlers["invoice-credit-requested.v1"] = [self._answer_without_credit]
        memory.handlers = handlers

    def context(self, at: datetime) -> CommandContext:
        """Return the circumstances of a command at this business time."""
        return CommandContext(tenant=self.tenant, actor=self.actor, request_id=new_id("req", at), at=at)

    async def tell(self) -> None:
        """Let the other subgraphs react to what was done."""
        await self.memory.tell(self._auth)

    async def store(self, on_stored: Callable[[int, int], None]) -> None:
        """Store everything, or nothing; `on_stored` gets how many documents of how many are written."""
        for (tenant, series), owners in self._numbers.owners.items():
            claims = [number_document(tenant, series, number, owner) for owner, number in owners.items()]
            self.memory.add(self.invoice.stores, "invoice_numbers", claims)
        self.memory.add_last(self.customer.stores, KEYS_COLLECTION, self._key_documents)  # they are made by sealing
        self.memory.add(self.customer.stores, OpenItemDocument.get_collection_name(), map(stored, self._open_items.values()))
        self.memory.add(self.invoice.stores, CHARGES, self._charges.documents.values())
        invoices = self.memory.streams(self.invoice.stores, Invoice.kind)
        self._add_entries(self.invoice.stores, [one for stream in invoices for one in revenue_documents(stream)])
        self._add_entries(self.invoice.stores, [one for stream in invoices for one in billing_documents(stream)])
        subscriptions = self.memory.streams(self.subscription.stores, PlanSubscription.kind)
        self._add_entries(self.subscription.stores, [one for stream in subscriptions for one in movement_documents(stream)])
        await self.memory.store(self._auth, on_stored)

    def _key_documents(self) -> list[dict[str, Any]]:
        return [key_document(*owner, key) for owner, key in self._keys.keys.items() if key is not None]

    def _add_entries(self, stores: Stores, entries: Sequence[LedgerDocument]) -> None:
        """Have the entries of a ledger stored, which relays and backfills do not see here."""
        if entries:
            self.memory.add(stores, entries[0].get_collection_name(), map(stored, entries))
            self.memory.add(stores, buckets_name(type(entries[0])), bucket_marks(entries, stores.clock.now()))

    async def _answer_without_credit(self, requested: Received) -> None:
        """Answer for the customer subgraph: here, nobody has a wallet or a balance, so that nothing needs to be kept of it."""
        nothing = {"amountMinor": 0, "walletMinor": 0, "balanceMinor": 0}
        answer = msgspec.structs.replace(requested.event, type="invoice-credit-applied.v1", data=requested.event.data | nothing)
        for handler in self._apply_credit:
            await handler(Received(answer, requested.envelope))

    async def _keep_open_item(self, received: Received) -> None:
        """Keep the latest: here, events come in order."""
        item = open_item(received)
        self._open_items[item.id] = item
