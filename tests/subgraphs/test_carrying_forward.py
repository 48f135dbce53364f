"""Between the invoice and the customer subgraph nothing is lost or collected twice, whatever happens on the way.

Commands, sagas and what they publish are the real ones, in memory. Events of one aggregate arrive in their order, any of them
again at any time, and a process may end at any commit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from subgraphs.customer import published as customer_published
from subgraphs.customer.commands.apply_credit import CreditStores
from subgraphs.customer.commands.change_balance import adjust_balance, find_balance
from subgraphs.customer.commands.merge_customers import MergeStores, merge_customers
from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.credit_application import CreditApplication
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.values import CustomerProfile, CustomerStatus
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.customer.open_items import OpenItems
from subgraphs.customer.sagas.invoice_credit import InvoiceCreditSaga
from subgraphs.invoice import published as invoice_published
from subgraphs.invoice.commands.create_credit_note import create_credit_note
from subgraphs.invoice.commands.settle_credit_note import settle_credit_note
from subgraphs.invoice.commands.settle_payment import settle_payment
from subgraphs.invoice.commands.void_invoice import void_invoice
from subgraphs.invoice.domain.crediting import CreditRequest
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import Charge, InvoiceDraft, InvoiceLine, InvoiceStatus, PaymentMethod
from subgraphs.invoice.projections import invoice_document
from subgraphs.invoice.sagas.billing import BillingSaga
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.errors import DomainError, NotReady
from subgraphs.kit.domain.ids import derived_id
from subgraphs.kit.domain.money import Money
from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.persistence.commit import Commit
from tests.testkit.billing import VISA, method
from tests.testkit.e_invoicing import flat
from tests.testkit.memory import AT, context, repository
from tests.testkit.memory_documents import in_memory_documents
from tests.testkit.payments import Crash, CrashingEventStore, InMemoryBilling
from tests.testkit.received import received

PROFILE = CustomerProfile(name="Hooli", email=None, time_zone="UTC", language="en", address=None)
MINIMUM, BAD = Money(50, "EUR"), method("sandbox_declined")
FIRST, OTHER = "cus_1", "cus_2"
Handler = Callable[[Received], Awaitable[None]]


class _Methods:
    """The customer's card."""

    card = VISA

    async def find(self, tenant: str, customer_id: str, id: str | None) -> PaymentMethod:
        return self.card


@dataclass
class Told:
    """An event, and whether it has arrived."""

    event: Received
    arrived: bool = False


class World:
    """Two customers, one of whom is billed."""

    def __init__(self) -> None:
        self.billing, self.store, self.methods = InMemoryBilling(), CrashingEventStore(), _Methods()
        self.billing.minimum_charges.minimum = MINIMUM
        self.balances = repository(CustomerBalance, self.store)
        self.credit = CreditStores(
            customers=repository(Customer, self.store),
            balances=self.balances,
            wallets=repository(Wallet, self.store),
            applications=repository(CreditApplication, self.store),
            wallet_ids=self._nothing,
        )
        self.merge = MergeStores(
            customers=self.credit.customers,
            balances=self.balances,
            wallets=self.credit.wallets,
            balance_ids=self._balance_ids,
            wallet_ids=self._nothing,
            open_ids=self._open_ids,
        )
        saga = InvoiceCreditSaga(self.credit, self.merge, cast(OpenItems, self))
        given: dict[str, Any] = {one.name: None for one in fields(InvoiceServices)}
        mine = ("invoices", "payments", "credit_notes", "numbers", "providers", "campaigns", "minimum_charges")
        given |= {name: getattr(self.billing, name) for name in mine} | {"payment_methods": self.methods}
        self.handlers: dict[str, Handler] = {
            "invoice-credit-requested.v1": saga.apply,
            "invoice-carried-forward.v1": saga.carry_forward,
            "invoice-voided.v1": saga.give_back,
            "credit-note-issued.v1": saga.credit_note,
            "invoice-credit-applied.v1": BillingSaga(InvoiceServices(**given)).apply_credit,
        }
        self.told: list[Told] = []
        self._published: set[str] = set()
        self._voided: set[str] = set()
        self.ids: list[str] = []
        self.adjusted = 0

    async def open(self) -> None:
        for id in (FIRST, OTHER):
            await self.credit.customers.create(Customer.create(id, PROFILE, "EUR", None, context()), context())

    async def bill(self, cents: int) -> None:
        """Finalise an invoice that is to be charged by itself."""
        line: InvoiceLine = flat(cents)
        draft = InvoiceDraft(customer_id=FIRST, plan_subscription_id=None, period_number=None, currency="EUR", lines=(line,))
        id = f"inv_{len(self.ids)}"
        invoice = Invoice.create(id, draft, context())
        invoice.finalize(f"INV-{len(self.ids)}", context(), Charge(payment_method_id=None))
        self.ids.append(id)
        await self.billing.invoices.create(invoice, context())

    async def invoices(self) -> list[Invoice]:
        return [await self.billing.invoices.get("acme", id) for id in self.ids]

    async def void(self, number: int) -> None:
        stores = self.billing
        await void_invoice(stores.invoices, stores.payments, stores.providers, self.ids[number], "why", context())

    async def take_back(self, number: int) -> None:
        await create_credit_note(self.billing, self.ids[number], CreditRequest(reason="why"), context())

    async def adjust(self, cents: int) -> None:
        customer = OTHER if await self.is_merged() else FIRST
        await adjust_balance(
            self.credit.customers, self.balances, customer, Money(cents, "EUR"), None, allow_negative=True, context=context()
        )
        self.adjusted += cents

    async def merge_into_other(self) -> None:
        await merge_customers(self.merge, FIRST, OTHER, context())

    async def is_merged(self) -> bool:
        return (await self.credit.customers.get("acme", FIRST)).status is CustomerStatus.MERGED

    async def is_voided(self, tenant: str, invoice_id: str) -> bool:
        """Tell what the customer subgraph has heard of."""
        return invoice_id in self._voided

    async def balance(self) -> int:
        """Return both customers' balances: what was merged is with one of them."""
        found = [await find_balance(self.balances, await self.credit.customers.get("acme", id), "EUR") for id in (FIRST, OTHER)]
        return sum(one.balance.minor_units for one in found if one is not None)

    def relay(self) -> None:
        """Tell what was committed since the last time."""
        commits: list[tuple[Commit, Any]] = [(one, invoice_published) for one in self.billing.store.commits.values()]
        commits += [(one, customer_published) for one in self.store.commits.values()]
        for commit, module in commits:
            if commit.id in self._published:
                continue
            self._published.add(commit.id)
            for event in module.publish(commit):
                if event.type in self.handlers:
                    data, id = dict(event.data), commit.aggregate_id
                    self.told.append(Told(received(event.type, data, aggregate_id=id, sequence=commit.version)))

    async def deliver(self, position: int, *, again: bool) -> None:
        """Let an event arrive: one that comes again, or the first that has not of its aggregate."""
        self.relay()
        waiting = [one for one in self.told if one.arrived is again]
        if not waiting:
            return
        one = waiting[position % len(waiting)]
        if not again:
            about = one.event.envelope.aggregate_id
            one = next(told for told in waiting if told.event.envelope.aggregate_id == about)
        if one.event.event.type == "invoice-voided.v1":
            self._voided.add(one.event.event.data["invoiceId"])
        with suppress(Crash, NotReady):
            await self.handlers[one.event.event.type](one.event)
            one.arrived = True

    async def settle(self) -> None:
        """Do without mishaps what is still to be done."""
        self.store.crash_at = self.billing.store.crash_at = 0
        while True:
            for id in self.ids:
                stores = self.billing
                await settle_payment(stores.invoices, stores.payments, stores.providers, id, context())
                await settle_credit_note(stores, id, context())
            self.relay()
            if all(one.arrived for one in self.told):
                return
            await self.deliver(0, again=False)

    async def _nothing(self, tenant: str, customer_id: str) -> Sequence[str]:
        return ()

    async def _balance_ids(self, tenant: str, customer_id: str) -> Sequence[str]:
        customer = await self.credit.customers.get(tenant, customer_id)
        id = derived_id("bal", customer.created.created_at, tenant, customer_id, "EUR")
        return (id,) if await self.balances.find(tenant, id) is not None else ()

    async def _open_ids(self, tenant: str, customer_id: str) -> Sequence[str]:
        if customer_id != FIRST:
            return ()
        return [one.id for one in await self.invoices() if one.status is InvoiceStatus.OPEN]


NUMBERS = st.integers(0, 20)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("bill"), st.one_of(st.integers(1, 49), st.integers(1, 90))),
        st.tuples(st.sampled_from(["deliver"] * 6 + ["again"] * 2), NUMBERS),
        st.tuples(st.sampled_from(["void", "take back", "card", "crash customer", "crash invoice", "merge"]), NUMBERS),
        st.tuples(st.just("adjust"), st.integers(-60, 60).filter(bool)),
    ),
    min_size=5,
    max_size=40,
)


async def take(world: World, step: str, number: int) -> None:
    match step:
        case "bill":
            await world.bill(number)
        case "deliver" | "again":
            await world.deliver(number, again=step == "again")
        case "adjust":
            await world.adjust(number)
        case "void" if world.ids:
            await world.void(number % len(world.ids))
        case "take back" if world.ids:
            await world.take_back(number % len(world.ids))
        case "crash customer" | "crash invoice":
            store = world.store if step == "crash customer" else world.billing.store
            store.crash_at, store.stored_first = len(store.commits) + 1 + number // 2, number % 2 == 0
        case "card":
            world.methods.card = BAD if number % 2 else VISA
        case "merge":
            await world.merge_into_other()


@settings(max_examples=250, deadline=None)
@given(STEPS)
async def test_payments_and_what_is_owed_come_to_what_was_billed(steps: list[tuple[str, int]]) -> None:
    world = World()
    await world.open()
    for step, number in steps:
        if step in {"adjust", "bill", "merge"}:  # a client's request that fails is not made again here
            world.store.crash_at = world.billing.store.crash_at = 0
        with suppress(Crash, DomainError):
            await take(world, step, number)
    await world.settle()

    invoices = await world.invoices()
    billed = [one for one in invoices if one.status is not InvoiceStatus.VOID]
    moved = [amount.minor_units for _, amount in world.billing.provider.moved]
    owed = sum((one.total - one.amount_credited).minor_units for one in billed)
    due = sum(one.amount_due.minor_units for one in billed)
    # What the customer gave, less what was billed and not taken back, is in the balance, or due.
    assert await world.balance() - due == sum(moved) + world.adjusted - owed
    assert all(MINIMUM.minor_units <= amount for amount in moved)
    assert sum(one.amount_paid.minor_units for one in invoices) == sum(moved)
    assert not any(one.awaits_credit for one in billed)
    for invoice in invoices:
        assert (invoice.status is InvoiceStatus.OPEN) == (invoice.amount_due.minor_units > 0)
        assert invoice.amount_credited <= invoice.total
    # Replay gives the document.
    with in_memory_documents():
        for invoice in invoices:
            stored = await world.billing.store.load("acme", Invoice.kind, invoice.id)
            replayed = [Invoice.codec.decode(event.type, event.data) for commit in stored for event in commit.events]
            shown = invoice_document(Invoice.replay(invoice.id, "acme", [(AT, replayed)]))
            told = invoice_document(invoice)
            assert shown.model_dump(exclude={"version"}) == told.model_dump(exclude={"version"})


async def test_month_after_month_of_cents_is_charged_once() -> None:
    world = World()
    await world.open()
    for cents in (20, 20, 1000):
        await world.bill(cents)
        await world.settle()
    first, second, third = await world.invoices()
    assert [one.amount_carried_forward.minor_units for one in (first, second, third)] == [20, 40, 0]
    assert [one.amount_brought_forward.minor_units for one in (first, second, third)] == [0, 20, 40]
    assert [(part.invoice_id, part.number) for part in third.brought_forward] == [("inv_1", "INV-1")]
    assert [amount for _, amount in world.billing.provider.moved] == [Money(1040, "EUR")]
    assert await world.balance() == 0
