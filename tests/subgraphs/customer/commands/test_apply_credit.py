"""What of a customer's credit is used for an invoice, and that a crash on the way uses nothing twice."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subgraphs.customer.commands.apply_credit import CreditStores, apply_credit, return_credit
from subgraphs.customer.commands.change_balance import adjust_balance, carry_forward, credit_balance, find_balance
from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.credit_application import CreditApplication, CreditPart, CreditReturned, CreditSource
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.debts import Debt
from subgraphs.customer.domain.errors import InsufficientBalance
from subgraphs.customer.domain.values import CustomerProfile
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.customer.domain.wallet_events import GrantSource
from subgraphs.kit.domain.errors import NotFound
from subgraphs.kit.domain.money import Money
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from tests.testkit.memory import AT, context, events_of, repository

PROFILE = CustomerProfile(name="Hooli", email=None, time_zone="UTC", language="en", address=None)
ID, WALLETS = "cus_1", ("wal_1", "wal_2")


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


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


async def wallet_ids(tenant: str, customer_id: str) -> Sequence[str]:
    return WALLETS


@pytest.fixture
def store() -> CrashingStore:
    return CrashingStore()


@pytest.fixture
async def credit(store: CrashingStore) -> CreditStores:
    return await filled(store)


async def filled(store: InMemoryEventStore) -> CreditStores:
    """Return a customer with 1.00 in a wallet of priority 1, 2.00 in one of priority 2, and a balance of 4.00."""
    stores = CreditStores(
        customers=repository(Customer, store),
        balances=repository(CustomerBalance, store),
        wallets=repository(Wallet, store),
        applications=repository(CreditApplication, store),
        wallet_ids=wallet_ids,
    )
    await stores.customers.create(Customer.create(ID, PROFILE, "EUR", None, context()), context())
    for priority, (id, cents) in enumerate(zip(WALLETS, (100, 200), strict=True), start=1):
        wallet = Wallet.open(id, ID, "EUR", "Prepaid", priority, None, context())
        wallet.top_up(euros(cents), GrantSource.PURCHASED, None, None, context())
        await stores.wallets.create(wallet, context())
    await adjust(stores, 400)
    return stores


async def adjust(stores: CreditStores, cents: int) -> CustomerBalance:
    return await adjust_balance(
        stores.customers, stores.balances, ID, euros(cents), None, allow_negative=False, context=context()
    )


async def left(stores: CreditStores) -> tuple[int, int, int]:
    balance = await find_balance(stores.balances, await stores.customers.get("acme", ID), "EUR")
    wallets = [await stores.wallets.get("acme", id) for id in WALLETS]
    return (*(wallet.balance(AT).minor_units for wallet in wallets), balance.balance.minor_units if balance else 0)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("due", "amounts", "remaining"),
    [
        (0, (), (100, 200, 400)),
        (60, (60,), (40, 200, 400)),
        (250, (100, 150), (0, 50, 400)),
        (650, (100, 200, 350), (0, 0, 50)),
        (900, (100, 200, 400), (0, 0, 0)),
    ],
)
async def test_wallets_by_priority_then_the_balance_pay_what_they_can(
    credit: CreditStores, due: int, amounts: tuple[int, ...], remaining: tuple[int, int, int]
) -> None:
    application = await apply_credit(credit, ID, "inv_1", euros(due), context())
    assert tuple(part.amount for part in application.applied.parts) == amounts
    assert application.amount == euros(sum(amounts))
    assert await left(credit) == remaining
    again = await apply_credit(credit, ID, "inv_1", euros(due), context())
    assert again.applied == application.applied
    assert await left(credit) == remaining


async def test_each_part_says_where_it_came_from(credit: CreditStores) -> None:
    application = await apply_credit(credit, ID, "inv_1", euros(650), context())
    first, second, third = application.applied.parts
    assert first == CreditPart(source=CreditSource.WALLET, id="wal_1", amount=100)
    assert second == CreditPart(source=CreditSource.WALLET, id="wal_2", amount=200)
    assert (third.source, third.amount) == (CreditSource.BALANCE, 350)
    assert third.id.startswith("bal_")


@pytest.mark.parametrize("crash_at", [1, 2, 3, 4])
async def test_a_crash_anywhere_uses_nothing_twice(credit: CreditStores, store: CrashingStore, crash_at: int) -> None:
    store.crash_at = crash_at  # wallet 1, wallet 2, balance, application
    with pytest.raises(Crashed):
        await apply_credit(credit, ID, "inv_1", euros(650), context())
    application = await apply_credit(credit, ID, "inv_1", euros(650), context(at=AT + timedelta(seconds=1)))
    assert application.amount == euros(650)
    assert await left(credit) == (0, 0, 50)


@pytest.mark.parametrize("crash_at", [1, 2, 3, 4, None])
async def test_what_was_used_goes_back_where_it_came_from_once(
    credit: CreditStores, store: CrashingStore, crash_at: int | None
) -> None:
    await apply_credit(credit, ID, "inv_1", euros(650), context())
    store.crash_at = crash_at
    if crash_at:
        with pytest.raises(Crashed):
            await return_credit(credit, "inv_1", context())
    for _ in range(2):
        application = await return_credit(credit, "inv_1", context())
        assert application is not None
        assert application.returned
    assert await left(credit) == (100, 200, 400)
    assert await return_credit(credit, "inv_none", context()) is None


class SlowStore(InMemoryEventStore):
    """Lets other commands run between any load and append, in an order that follows from `seed`."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = random.Random(seed)

    async def load(self, tenant: str, kind: str, aggregate_id: str) -> list[Commit]:
        for _ in range(self._random.randrange(4)):
            await asyncio.sleep(0)
        return await super().load(tenant, kind, aggregate_id)

    async def append(self, commit: Commit) -> None:
        for _ in range(self._random.randrange(4)):
            await asyncio.sleep(0)
        await super().append(commit)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 400), min_size=2, max_size=4))
async def test_invoices_at_the_same_time_share_what_there_is_to_the_cent(seed: int, dues: list[int]) -> None:
    stores = await filled(SlowStore(seed))

    async def pay(number: int, due: int) -> int:
        application = await apply_credit(stores, ID, f"inv_{number}", euros(due), context())
        return application.amount.minor_units

    used = await asyncio.gather(*(pay(number, due) for number, due in enumerate(dues)))
    assert all(0 <= amount <= due for amount, due in zip(used, dues, strict=True))
    assert sum(used) == min(sum(dues), 700)  # 100 + 200 + 400: nothing is left unused while something is due
    assert sum(await left(stores)) == 700 - sum(used)
    assert min(await left(stores)) >= 0


async def test_other_currencies_pay_nothing(credit: CreditStores) -> None:
    application = await apply_credit(credit, ID, "inv_1", Money(500, "USD"), context())
    assert application.amount == Money(0, "USD")
    assert await left(credit) == (100, 200, 400)


async def test_a_refused_first_adjustment_opens_no_balance(credit: CreditStores, store: CrashingStore) -> None:
    commits = len(store.commits)
    with pytest.raises(InsufficientBalance):
        await adjust_balance(
            credit.customers, credit.balances, ID, Money(-1, "USD"), None, allow_negative=False, context=context()
        )
    assert len(store.commits) == commits


async def test_a_credit_note_is_added_to_the_balance_once(credit: CreditStores) -> None:
    for _ in range(2):
        balance = await credit_balance(credit.customers, credit.balances, ID, "cn_1", euros(70), context())
        assert balance.balance == euros(470)
    with pytest.raises(NotFound):
        await credit_balance(credit.customers, credit.balances, "cus_none", "cn_2", euros(70), context())


async def owe(stores: CreditStores, invoice_id: str, cents: int) -> None:
    await carry_forward(stores.customers, stores.balances, ID, invoice_id, euros(cents), context())


async def owing(store: InMemoryEventStore) -> CreditStores:
    """Return a customer with 1.00 and 2.00 in wallets, and a balance of −0.20 that `inv_0` left."""
    stores = await filled(store)
    await adjust(stores, -400)
    await owe(stores, "inv_0", 20)
    return stores


async def test_what_is_owed_is_added_and_wallets_pay_both() -> None:
    stores = await owing(InMemoryEventStore())
    application = await apply_credit(stores, ID, "inv_1", euros(30), context())
    assert application.brought_forward == euros(20)
    assert [part.amount for part in application.applied.parts] == [50]  # 30 + 20 of the first wallet
    assert await left(stores) == (50, 200, 0)
    assert application.applied.brought_forward is not None
    assert application.applied.brought_forward.debts == (Debt(invoice_id="inv_0", amount=20),)


@pytest.mark.parametrize("crash_at", [1, 2, 3, 4])
async def test_a_crash_anywhere_collects_what_is_owed_once(store: CrashingStore, crash_at: int) -> None:
    stores = await owing(store)
    store.crash_at = crash_at  # balance, wallet 1, wallet 2, application
    with pytest.raises(Crashed):
        await apply_credit(stores, ID, "inv_1", euros(650), context())
    for _ in range(2):
        application = await apply_credit(stores, ID, "inv_1", euros(650), context(at=AT + timedelta(seconds=1)))
        assert (application.brought_forward, application.amount) == (euros(20), euros(300))
    assert await left(stores) == (0, 0, 0)


@pytest.mark.parametrize("crash_at", [1, 2, 3, 4, None])
async def test_what_a_void_invoice_was_to_collect_is_owed_again_once(store: CrashingStore, crash_at: int | None) -> None:
    stores = await owing(store)
    await apply_credit(stores, ID, "inv_1", euros(650), context())
    store.crash_at = crash_at  # wallet 1, wallet 2, balance, application
    if crash_at:
        with pytest.raises(Crashed):
            await return_credit(stores, "inv_1", context())
    for _ in range(2):
        await return_credit(stores, "inv_1", context())
        assert await left(stores) == (100, 200, -20)
    [returned] = [event for event in await events_of(store, CreditApplication, "inv_1") if isinstance(event, CreditReturned)]
    assert (returned.amount, returned.brought_forward) == (300, 20)


async def test_what_is_owed_in_another_currency_is_not_collected() -> None:
    stores = await owing(InMemoryEventStore())
    application = await apply_credit(stores, ID, "inv_1", Money(30, "USD"), context())
    assert application.brought_forward == Money(0, "USD")
    assert await left(stores) == (100, 200, -20)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 4))
async def test_invoices_at_the_same_time_collect_what_is_owed_once(seed: int, number: int) -> None:
    stores = await owing(SlowStore(seed))
    made = await asyncio.gather(
        *(apply_credit(stores, ID, f"inv_{one}", euros(10), context()) for one in range(1, number + 1)),
        owe(stores, "inv_9", 30),
    )
    collected = sum(one.brought_forward.minor_units for one in made if one is not None)
    assert collected + max(0, -(await left(stores))[2]) == 50  # 20 + 30: collected, or still owed
