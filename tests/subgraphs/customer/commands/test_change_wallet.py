"""Wallets under commands that come at the same time."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subgraphs.customer.commands.change_wallet import create_wallet, spend_from_wallet, top_up_wallet, update_wallet
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.errors import InsufficientBalance
from subgraphs.customer.domain.values import CustomerProfile
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.customer.domain.wallet_events import GrantSource, WalletEntryKind
from subgraphs.kit.domain.errors import ConcurrentChange, InvalidState, NotFound
from subgraphs.kit.domain.money import Money
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from tests.testkit.memory import AT, context, repository

PROFILE = CustomerProfile(name="Hooli", email=None, time_zone="UTC", language="en", address=None)


class SlowStore(InMemoryEventStore):
    """Lets other commands run between any load and append, in an order that follows from `seed`."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = random.Random(seed)

    async def load(self, tenant: str, kind: str, aggregate_id: str) -> list[Commit]:
        await self._pause()
        found = await super().load(tenant, kind, aggregate_id)
        await self._pause()
        return found

    async def append(self, commit: Commit) -> None:
        await self._pause()
        await super().append(commit)

    async def _pause(self) -> None:
        for _ in range(self._random.randrange(4)):
            await asyncio.sleep(0)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32),
    st.lists(st.one_of(st.integers(1, 300), st.integers(-300, -1)), min_size=2, max_size=10),
)
async def test_no_interleaving_spends_more_than_was_granted(seed: int, amounts: list[int]) -> None:
    store = SlowStore(seed)
    customers, wallets = repository(Customer, store), repository(Wallet, store)
    await wallets.create(Wallet.open("wal_1", "cus_1", "EUR", "Prepaid", 1, None, context()), context())

    async def change(number: int, amount: int) -> int:
        try:
            if amount > 0:
                await top_up_wallet(
                    customers, wallets, "wal_1", Money(amount, "EUR"), GrantSource.PURCHASED, None, None, context()
                )
            else:
                await spend_from_wallet(wallets, "wal_1", Money(-amount, "EUR"), f"job_{number}", context())
        except (InsufficientBalance, ConcurrentChange):
            return 0
        return amount

    done = await asyncio.gather(*(change(number, amount) for number, amount in enumerate(amounts)))
    wallet = await wallets.get("acme", "wal_1")
    # sum of grants − sum of spends = balance, and never below zero on the way
    assert wallet.balance(AT) == Money(sum(done), "EUR")
    assert all(entry.balance_after >= 0 for entry in wallet.entries)
    spent = [entry for entry in wallet.entries if entry.kind is WalletEntryKind.SPEND]
    assert sorted(entry.amount for entry in spent) == sorted(amount for amount in done if amount < 0)
    for grant in wallet.grants.values():
        taken = sum(part.amount for entry in spent for part in entry.parts if part.grant_id == grant.id)
        assert taken + wallet.left[grant.id] == grant.amount


async def test_a_wallet_takes_the_customers_currency_and_is_renamed() -> None:
    store = InMemoryEventStore()
    customers, wallets = repository(Customer, store), repository(Wallet, store)
    customer = await customers.create(Customer.create("cus_1", PROFILE, "EUR", None, context()), context())
    wallet = await create_wallet(customers, wallets, customer.id, "Prepaid", None, 50, None, context())
    assert (wallet.opened.currency, wallet.customer_id) == ("EUR", "cus_1")
    assert wallet.id.startswith("wal_")
    wallet = await update_wallet(customers, wallets, wallet.id, "Gift", None, context())
    assert (wallet.name, wallet.priority) == ("Gift", 50)
    assert vars(wallet) == vars(await wallets.get("acme", wallet.id))
    await customers.update(customer.id, context(), lambda found: found.archive(context()))
    with pytest.raises(InvalidState, match="archived"):
        await create_wallet(customers, wallets, customer.id, "Prepaid", None, 50, None, context())
    with pytest.raises(NotFound):
        await create_wallet(customers, wallets, customer.id, "Prepaid", None, 50, None, context(tenant="rival"))
