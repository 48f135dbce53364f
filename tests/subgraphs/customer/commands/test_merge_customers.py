"""Merging two customers: what moves, what is refused, and that a crash on the way loses nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from subgraphs.customer.commands.archive_customer import archive_customer
from subgraphs.customer.commands.attach_payment_method import attach_payment_method
from subgraphs.customer.commands.change_balance import adjust_balance, carry_forward, credit_balance, find_balance
from subgraphs.customer.commands.change_tax_status import add_tax_id, set_tax_exemption
from subgraphs.customer.commands.merge_customers import MergeStores, complete_merge, merge_customers
from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.errors import HasOpenBilling
from subgraphs.customer.domain.events import CustomerMerged
from subgraphs.customer.domain.tax_ids import TaxIdType
from subgraphs.customer.domain.tax_status import TaxExemption
from subgraphs.customer.domain.values import CustomerProfile, CustomerStatus
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.money import Money
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from tests.testkit.memory import AT, context, events_of, repository

PROFILE = CustomerProfile(name="Hooli", email=None, time_zone="UTC", language="en", address=None)


class Crashed(Exception):
    """The process ended here."""


class CrashingStore(InMemoryEventStore):
    """Ends the process at the append number `crash_at` from now on."""

    crash_at: int | None = None

    async def append(self, commit: Commit) -> None:
        if self.crash_at is not None:
            self.crash_at -= 1
            if self.crash_at == 0:
                self.crash_at = None
                raise Crashed
        await super().append(commit)


@dataclass
class World:
    store: CrashingStore = field(default_factory=CrashingStore)
    open: dict[str, list[str]] = field(default_factory=dict)
    stores: MergeStores = field(init=False)

    def __post_init__(self) -> None:
        self.stores = MergeStores(
            customers=repository(Customer, self.store),
            balances=repository(CustomerBalance, self.store),
            wallets=repository(Wallet, self.store),
            balance_ids=self._ids("CustomerBalance"),
            wallet_ids=self._ids("Wallet"),
            open_ids=self._open_ids,
        )

    async def customer(self, id: str, currency: str = "EUR") -> Customer:
        return await self.stores.customers.create(Customer.create(id, PROFILE, currency, None, context()), context())

    async def adjust(self, id: str, cents: int) -> None:
        await adjust_balance(
            self.stores.customers,
            self.stores.balances,
            id,
            Money(cents, "EUR"),
            None,
            allow_negative=True,
            context=context(),
        )

    async def balance(self, id: str) -> int:
        found = await find_balance(self.stores.balances, await self.stores.customers.get("acme", id), "EUR")
        return found.balance.minor_units if found else 0

    async def merge(self, id: str, into: str) -> Customer:
        return await merge_customers(self.stores, id, into, context())

    async def _open_ids(self, tenant: str, customer_id: str) -> Sequence[str]:
        return self.open.get(customer_id, [])

    def _ids(self, kind: str):  # type: ignore[no-untyped-def]
        async def ids(tenant: str, customer_id: str) -> Sequence[str]:
            streams = {commit.aggregate_id for commit in self.store.commits.values() if commit.kind == kind}
            owners = {id: await self._owner(kind, id) for id in streams}
            return sorted(id for id, owner in owners.items() if owner == customer_id)

        return ids

    async def _owner(self, kind: str, id: str) -> str:
        if kind == "Wallet":
            return (await self.stores.wallets.get("acme", id)).customer_id
        return (await self.stores.balances.get("acme", id)).opened.customer_id


@pytest.fixture
async def world() -> World:
    world = World()
    for id in ("cus_a", "cus_b"):
        await world.customer(id)
    return world


async def attach(world: World, id: str, *tokens: str) -> None:
    for token in tokens:
        await attach_payment_method(world.stores.customers, id, "stripe", token, token, default=False, context=context())


async def test_payment_methods_and_tax_ids_join_without_doubles_and_the_targets_default_stays(world: World) -> None:
    await attach(world, "cus_a", "shared", "only_a")
    await attach(world, "cus_b", "only_b", "shared")
    for id, value in (("cus_a", "DE136695976"), ("cus_b", "DE136695976"), ("cus_a", "ATU13585627")):
        await add_tax_id(world.stores.customers, id, TaxIdType.EU_VAT, value, context())
    await set_tax_exemption(world.stores.customers, "cus_a", TaxExemption.EXEMPT, "charity", context())
    target = await world.merge("cus_a", "cus_b")
    assert [method.token for method in target.payment_methods] == ["only_b", "shared", "only_a"]
    assert target.default_payment_method_id == target.payment_methods[0].id
    assert [held.value for held in target.tax.tax_ids] == ["DE136695976", "ATU13585627"]
    assert target.tax.exemption is TaxExemption.NONE  # it was granted to the other one
    assert (target.id, target.merged_customer_ids) == ("cus_b", ("cus_a",))
    source = await world.stores.customers.get("acme", "cus_a")
    assert (source.status, source.merged_into_id) == (CustomerStatus.MERGED, "cus_b")
    assert (await events_of(world.store, Customer, "cus_a"))[-1] == CustomerMerged(into_id="cus_b", merged_at=AT)


async def test_a_default_payment_method_moves_where_there_was_none(world: World) -> None:
    await attach(world, "cus_a", "only_a")
    target = await world.merge("cus_a", "cus_b")
    assert target.default_payment_method_id == target.payment_methods[0].id


async def test_balances_and_wallets_move(world: World) -> None:
    await world.adjust("cus_a", 500)
    await world.adjust("cus_b", -20)
    await world.stores.wallets.create(Wallet.open("wal_1", "cus_a", "EUR", "Prepaid", 1, None, context()), context())
    await world.merge("cus_a", "cus_b")
    assert (await world.balance("cus_a"), await world.balance("cus_b")) == (0, 480)
    assert (await world.stores.wallets.get("acme", "wal_1")).customer_id == "cus_b"


async def test_merging_again_changes_nothing(world: World) -> None:
    await world.adjust("cus_a", 500)
    await world.merge("cus_a", "cus_b")
    commits = len(world.store.commits)
    assert (await world.merge("cus_a", "cus_b")).id == "cus_b"
    assert len(world.store.commits) == commits


async def test_it_is_refused_while_the_source_has_something_open(world: World) -> None:
    world.open = {"cus_a": ["psub_1", "inv_1"]}
    with pytest.raises(HasOpenBilling) as refused:
        await world.merge("cus_a", "cus_b")
    assert (refused.value.code, refused.value.open_ids) == ("HAS_OPEN_BILLING", ("psub_1", "inv_1"))
    assert "psub_1, inv_1 open; merge the other way round" in refused.value.message
    world.open["cus_b"] = ["psub_2"]
    with pytest.raises(HasOpenBilling, match="so has the other one"):
        await world.merge("cus_a", "cus_b")
    world.open = {"cus_b": ["psub_2"]}
    assert (await world.merge("cus_a", "cus_b")).id == "cus_b"


async def test_what_does_not_fit_is_refused_before_anything_moves(world: World) -> None:
    await world.customer("cus_usd", "USD")
    with pytest.raises(InvalidInput, match="billed in USD and 'cus_b' in EUR"):
        await world.merge("cus_usd", "cus_b")
    with pytest.raises(InvalidInput, match="into itself"):
        await world.merge("cus_a", "cus_a")
    with pytest.raises(NotFound):
        await world.merge("cus_a", "cus_none")
    await attach(world, "cus_a", *(f"a{number}" for number in range(11)))
    await attach(world, "cus_b", *(f"b{number}" for number in range(10)))
    with pytest.raises(InvalidState, match="more than 20 payment methods"):
        await world.merge("cus_a", "cus_b")
    await archive_customer(world.stores.customers, "cus_b", context())
    with pytest.raises(InvalidState, match="archived"):
        await world.merge("cus_a", "cus_b")


async def test_an_alias_is_not_changed_and_not_merged_elsewhere(world: World) -> None:
    await world.customer("cus_c")
    await world.merge("cus_a", "cus_b")
    with pytest.raises(InvalidState, match="was merged into 'cus_b'"):
        await world.merge("cus_a", "cus_c")
    with pytest.raises(InvalidState, match="was merged into 'cus_b'"):
        await world.merge("cus_c", "cus_a")
    with pytest.raises(InvalidState, match="adjust that one"):
        await world.adjust("cus_a", 1)


async def test_a_credit_note_for_an_alias_reaches_the_customer_at_the_end_of_the_chain(world: World) -> None:
    await world.customer("cus_c")
    await world.adjust("cus_a", 100)
    await world.merge("cus_a", "cus_b")
    await world.merge("cus_b", "cus_c")
    stores = world.stores
    await credit_balance(stores.customers, stores.balances, "cus_a", "cn_1", Money(7, "EUR"), context())
    assert await world.balance("cus_c") == 107
    await complete_merge(stores, "cus_a", context())
    assert [await world.balance(id) for id in ("cus_a", "cus_b", "cus_c")] == [0, 0, 107]


@pytest.mark.parametrize("crash_at", range(1, 7))
async def test_a_crash_anywhere_is_completed_later(world: World, crash_at: int) -> None:
    await world.adjust("cus_a", 500)
    await attach(world, "cus_a", "only_a")
    await world.stores.wallets.create(Wallet.open("wal_1", "cus_a", "EUR", "Prepaid", 1, None, context()), context())
    # alias, absorbed, taken out, put in, wallet moved; the sixth never comes
    world.store.crash_at = crash_at
    if crash_at < 6:
        with pytest.raises(Crashed):
            await world.merge("cus_a", "cus_b")
    for _ in range(2):
        target = await world.merge("cus_a", "cus_b")
        assert (await complete_merge(world.stores, "cus_a", replace(context(), actor="system:merge"))).id == "cus_b"
    assert [method.token for method in target.payment_methods] == ["only_a"]
    assert (await world.balance("cus_a"), await world.balance("cus_b")) == (0, 500)
    assert (await world.stores.wallets.get("acme", "wal_1")).customer_id == "cus_b"


async def test_what_an_alias_left_to_be_collected_is_owed_by_the_customer_it_stands_for_once(world: World) -> None:
    stores, owed = world.stores, Money(20, "EUR")
    await carry_forward(stores.customers, stores.balances, "cus_a", "inv_1", owed, context())
    await world.merge("cus_a", "cus_b")
    # The event of the first comes again; that of the second only now.
    await carry_forward(stores.customers, stores.balances, "cus_a", "inv_1", owed, context())
    for _ in range(2):
        await carry_forward(stores.customers, stores.balances, "cus_a", "inv_2", Money(5, "EUR"), context())
        await complete_merge(stores, "cus_a", context())
    assert (await world.balance("cus_a"), await world.balance("cus_b")) == (0, -25)
    with pytest.raises(NotFound):
        await carry_forward(stores.customers, stores.balances, "cus_none", "inv_3", owed, context())
