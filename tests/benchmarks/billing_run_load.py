"""Many subscribers at once: what the commands leave for the first one, copied for the others under ids of their own.

The first is made by the commands and sagas themselves; a copy has the same commits, documents, numbers and charges. Personal data
is sealed anew, as every customer has a key.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import json_util
from pymongo.asynchronous.database import AsyncDatabase

from subgraphs.auth.settings import AuthSettings
from subgraphs.customer.commands.attach_payment_method import attach_payment_method
from subgraphs.customer.commands.create_customer import create_customer
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.values import Address, CustomerProfile
from subgraphs.customer.personal_data_keys import KEYS_COLLECTION, InMemoryPersonalDataKeys, key_document
from subgraphs.customer.sealed_events import SealedEventLog
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.numbering import DEFAULT_SERIES, format_number
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.kit.persistence.backfill import Backfill
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from subgraphs.kit.persistence.numbers import number_document, number_id
from subgraphs.plan.commands.create_plan import create_plan
from subgraphs.plan.commands.create_price import create_price
from subgraphs.plan.commands.create_product import create_product
from subgraphs.plan.domain.values import PriceModel, PriceTerms
from subgraphs.subscription.commands.start_plan_subscription import WantedStart, start_plan_subscription
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from tributary.seed.installation import Installation, NewTenant, open_installation
from tributary.seed.write_behind import SENT_BEFORE_ALL

__all__ = ["TENANT", "Subscribers"]

TENANT = "ten_benchmark"
WEEK = timedelta(days=7)
# Ids of everything but what subscribers share: the catalogue.
ID = re.compile(r"\b(?!(?:plan|price|prod)_)[a-z]+_[0-9A-HJKMNP-TV-Z]{26}\b")
BATCH = 250
# Subscribers whose documents are in memory at one time.
CHUNK = 500

Place = tuple[str, str]
"""Subgraph and collection."""


class Subscribers:
    """A tenant's subscribers: 19.00 EUR a week, the first week paid, by a payment method that pays the next ones, too."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._databases: dict[str, AsyncDatabase[dict[str, Any]]] = {
            services.stores.subgraph: services.stores.database
            for services in (installation.customer, installation.subscription, installation.invoice)
        }
        self._stencil: list[tuple[Place, dict[str, Any]]] = []
        self._customer: list[Commit] = []
        self._ids: list[str] = []
        self._started_at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
        self.count = self._invoices = 0
        self.seconds_each = 0.01
        """How long it took to add one of the last ones."""

    @classmethod
    async def open(cls, settings: AuthSettings, stack: AsyncExitStack) -> Subscribers:
        """Open an empty installation and subscribe the first customer. It is due in four days, as are all that are added."""
        found = cls(await stack.enter_async_context(open_installation(settings)))
        await found._subscribe_first()
        return found

    async def add(self, count: int, due_at: datetime | None = None) -> list[str]:
        """Add as many subscribers, due at the same instant as the first or at `due_at`; return the ids of their subscriptions."""
        shift = timedelta() if due_at is None else due_at - WEEK - self._started_at
        ids, began = list[str](), time.perf_counter()
        for start in range(0, count, CHUNK):
            found: dict[Place, list[dict[str, Any]]] = defaultdict(list)
            keys = InMemoryPersonalDataKeys()
            for _ in range(start, min(start + CHUNK, count)):
                self._invoices += 1
                names = {id: new_id(id.partition("_")[0], self._started_at + shift) for id in self._ids}
                names[format_number(DEFAULT_SERIES, 1)] = format_number(DEFAULT_SERIES, self._invoices)
                for place, document in self._copies(names, shift):
                    found[place].append(document)
                for commit in await self._sealed(names, keys):
                    found["customer", "commits"].append(commit.dispatched(SENT_BEFORE_ALL).to_document())
                ids.append(next(new for old, new in names.items() if old.startswith("psub_")))
            found["customer", KEYS_COLLECTION] += [
                key_document(*owner, key) for owner, key in keys.keys.items() if key is not None
            ]
            for (subgraph, collection), documents in found.items():
                for begin in range(0, len(documents), BATCH):
                    await self._databases[subgraph][collection].insert_many(documents[begin : begin + BATCH], ordered=False)
        self.count += count
        if count:
            self.seconds_each = (time.perf_counter() - began) / count
        return ids

    async def wrongly_billed(self, ids: Sequence[str]) -> str | None:
        """Return what is wrong where these subscriptions were not billed and paid exactly once more, numbers without a gap."""
        subscriptions, invoices = self._installation.subscription.reader, self._installation.invoice.reader
        for id in ids:
            subscription = await subscriptions.find(TENANT, id)
            found = await invoices.page(TENANT, {"plan_subscription_ids": id}, limit=10)
            billed = sorted((one.period_number or 0, one.status.value, one.total_minor) for one in found)
            if subscription is None or subscription.period_number != 1 or billed != [(0, "PAID", 1900), (1, "PAID", 1900)]:
                return f"{id} is {subscription} with invoices {billed}"
        numbers = self._databases["invoice"]["invoice_numbers"]
        self._invoices += len(ids)
        given = await numbers.count_documents({"tenant": TENANT})
        last = await numbers.find_one({"_id": number_id(TENANT, DEFAULT_SERIES, given)})
        return None if last and given == self._invoices else f"{given} invoice numbers for {self._invoices} invoices"

    async def drop(self) -> None:
        """Remove the databases."""
        for name in [database.name for database in self._databases.values()] + [
            services.stores.database.name for services in (self._installation.plan, self._installation.auth)
        ]:
            await self._databases["invoice"].client.drop_database(name)

    async def _subscribe_first(self) -> None:
        shop = NewTenant(self._installation, TENANT, "client_benchmark", "Benchmark")
        context = shop.context(self._started_at)
        plans = shop.plan
        product = await create_product(plans.products, plans.claims, "Compression", None, context)
        plan = await create_plan(plans.plans, plans.products, plans.claims, product.id, "weekly", "Weekly", None, context)
        terms = PriceTerms(
            currency="EUR",
            model=PriceModel.FLAT,
            flat_amount_minor=1900,
            unit_amount=None,
            interval=Interval(IntervalUnit.WEEK),
        )
        price = await create_price(plans.prices, plans.plans, plans.meters, plans.claims, plan.id, terms, context)
        await shop.tell()
        address = Address(line1="1 Main Street", city="Berlin", country="DE", postal_code="10115")
        profile = CustomerProfile(name="Hooli", email="billing@hooli.example", time_zone="UTC", language="en", address=address)
        customer = await create_customer(shop.customer.customers, shop.customer.claims, profile, "EUR", None, context)
        await attach_payment_method(
            shop.customer.customers, customer.id, "sandbox", "sandbox_success", "Visa •••• 4242", default=True, context=context
        )
        await shop.tell()
        services, wanted = shop.subscription, WantedStart(customer_id=customer.id, price_id=price.id, quantity=1)
        started = await start_plan_subscription(
            services.subscriptions,
            services.known,
            wanted,
            context,
            coupons=services.coupons,
            redemptions=services.redemptions,
            claims=services.claims,
        )
        await shop.tell()
        await shop.store(lambda done, total: None)
        self.count = self._invoices = 1
        await self._backfilled()
        self._customer = await self._installation.customer.stores.events.load(TENANT, Customer.kind, customer.id)
        await self._take_stencil(customer.id, started.id)

    async def _backfilled(self) -> None:
        """Leave nothing for workers to derive but what is due: copies bring along what follows from them."""
        invoice, subscription = self._installation.invoice, self._installation.subscription
        for backfill in (
            Backfill(self._databases["invoice"], "books", Invoice.kind, invoice.books.follow),
            Backfill(self._databases["subscription"], "mrr", PlanSubscription.kind, subscription.mrr.follow),
        ):
            while await backfill.run_once():
                pass

    async def _take_stencil(self, customer_id: str, subscription_id: str) -> None:
        """Read what there is of the first subscriber: every document that names one of its ids."""
        everything: list[tuple[Place, dict[str, Any], str]] = []
        for subgraph, database in self._databases.items():
            for collection in await database.list_collection_names():
                found = await database[collection].find({}).to_list()
                everything += [((subgraph, collection), document, json_util.dumps(document)) for document in found]
        own = [(place, document, text) for place, document, text in everything if customer_id in text or subscription_id in text]
        self._ids = sorted({id for _, _, text in own for id in ID.findall(text)})
        pattern = re.compile("|".join(self._ids))
        # What is sealed or numbered is made for each subscriber.
        apart = {("customer", "commits"), ("customer", KEYS_COLLECTION), ("invoice", "invoice_numbers")}
        self._stencil = [(place, document) for place, document, text in everything if pattern.search(text) and place not in apart]

    def _copies(self, names: Mapping[str, str], shift: timedelta) -> Iterator[tuple[Place, dict[str, Any]]]:
        pattern = re.compile("|".join(map(re.escape, names)))
        for place, document in self._stencil:
            yield place, _copied(document, pattern, names, shift)
        invoice_id = next(new for old, new in names.items() if old.startswith("inv_"))
        yield ("invoice", "invoice_numbers"), number_document(TENANT, DEFAULT_SERIES, self._invoices, invoice_id)

    async def _sealed(self, names: Mapping[str, str], keys: InMemoryPersonalDataKeys) -> list[Commit]:
        pattern = re.compile("|".join(map(re.escape, names)))
        log = SealedEventLog(InMemoryEventStore(), keys)
        copied = (_copied(commit.to_document(), pattern, names, timedelta()) for commit in self._customer)
        return [await log.seal(Commit.from_document(document)) for document in copied]


def _copied(value: Any, pattern: re.Pattern[str], names: Mapping[str, str], shift: timedelta) -> Any:
    if isinstance(value, str):
        return pattern.sub(lambda found: names[found.group()], value)
    if isinstance(value, datetime):
        return value + shift
    if isinstance(value, dict):
        return {
            pattern.sub(lambda found: names[found.group()], name): _copied(one, pattern, names, shift)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_copied(one, pattern, names, shift) for one in value]
    return value
