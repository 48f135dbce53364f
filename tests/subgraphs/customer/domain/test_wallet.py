"""A prepaid wallet: what is spent first, what expires, and that everything adds up."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.customer.domain.errors import InsufficientBalance
from subgraphs.customer.domain.spend_order import allocate_spend
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.customer.domain.wallet_events import GrantSource, WalletEntryKind
from subgraphs.kit.domain.errors import AlreadyExists, InvalidInput
from subgraphs.kit.domain.money import Money
from tests.testkit.memory import AT, context

DAY = timedelta(days=1)


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


def opened(id: str = "wal_1", priority: int = 50, expires_at: datetime | None = None) -> Wallet:
    return Wallet.open(id, "cus_1", "EUR", "Prepaid", priority, expires_at, context())


def grant(wallet: Wallet, cents: int, expires_at: datetime | None = None, at: datetime = AT) -> str:
    wallet.top_up(euros(cents), GrantSource.PURCHASED, expires_at, None, context(at=at))
    return list(wallet.grants)[-1]


def parts(wallet: Wallet) -> list[tuple[str, int]]:
    return [(part.grant_id, part.amount) for part in wallet.entries[-1].parts]


def test_what_expires_first_is_spent_first_and_each_part_names_its_grant() -> None:
    wallet = opened()
    forever = grant(wallet, 1000)
    later = grant(wallet, 300, AT + 20 * DAY)
    sooner = grant(wallet, 200, AT + 10 * DAY)
    wallet.spend(euros(600), "inv_1", context())
    # 200 of the first to expire, all 300 of the next, 100 of what does not expire: 600
    assert parts(wallet) == [(sooner, 200), (later, 300), (forever, 100)]
    assert (wallet.balance(AT), wallet.spent_on("inv_1")) == (euros(900), euros(600))


def test_of_grants_with_the_same_expiry_the_older_one_is_spent_first() -> None:
    wallet = opened()
    first, second = grant(wallet, 100, AT + DAY), grant(wallet, 100, AT + DAY)
    wallet.spend(euros(150), "inv_1", context())
    assert parts(wallet) == [(first, 100), (second, 50)]


def test_more_than_is_there_is_refused_and_takes_nothing() -> None:
    wallet = opened()
    grant(wallet, 100)
    with pytest.raises(InsufficientBalance, match=r"1\.00 EUR are there, 1\.01 EUR are wanted"):
        wallet.spend(euros(101), "inv_1", context())
    assert wallet.balance(AT) == euros(100)
    assert wallet.spend_up_to(euros(101), "inv_1", context()) == euros(100)
    assert wallet.balance(AT) == euros(0)


def test_a_reference_is_spent_on_once() -> None:
    wallet = opened()
    grant(wallet, 500)
    wallet.spend(euros(200), "inv_1", context())
    wallet.spend(euros(200), "inv_1", context())
    assert wallet.spend_up_to(euros(500), "inv_1", context()) == euros(200)
    assert wallet.balance(AT) == euros(300)
    with pytest.raises(AlreadyExists, match=r"2\.00 EUR were spent on 'inv_1' already"):
        wallet.spend(euros(201), "inv_1", context())


def test_a_grant_cannot_be_spent_from_its_expiry_on_and_is_written_off() -> None:
    wallet = opened()
    gone, stays = grant(wallet, 100, AT + DAY), grant(wallet, 40)
    assert wallet.balance(AT + DAY - timedelta(milliseconds=1)) == euros(140)
    assert wallet.balance(AT + DAY) == euros(40)
    wallet.spend(euros(40), "inv_1", context(at=AT + DAY))
    assert [(entry.kind.value, entry.amount, entry.balance_after, entry.reference) for entry in wallet.entries] == [
        ("TOP_UP", 100, 100, gone),
        ("TOP_UP", 40, 140, stays),
        ("EXPIRY", -100, 40, gone),
        ("SPEND", -40, 0, "inv_1"),
    ]


def test_what_is_given_back_goes_to_its_grants_and_expires_where_they_have() -> None:
    wallet = opened()
    gone, stays = grant(wallet, 100, AT + DAY), grant(wallet, 40)
    wallet.spend(euros(120), "inv_1", context())
    for _ in range(2):
        wallet.give_back("inv_1", context(at=AT + 2 * DAY))
    assert [(entry.kind.value, entry.amount) for entry in wallet.entries[-2:]] == [("RETURN", 120), ("EXPIRY", -100)]
    assert (wallet.left, wallet.balance(AT + 2 * DAY)) == ({gone: 0, stays: 40}, euros(40))


def test_grants_expire_with_their_wallet_at_the_latest() -> None:
    wallet = opened(expires_at=AT + 10 * DAY)
    id = grant(wallet, 100)
    assert wallet.grants[id].expires_at == AT + 10 * DAY
    with pytest.raises(InvalidInput) as refused:
        grant(wallet, 100, AT + 11 * DAY)
    assert refused.value.field == ("expiresAt",)
    with pytest.raises(InvalidInput):
        grant(wallet, 100, at=AT + 10 * DAY)


def test_a_repeated_top_up_adds_nothing_again() -> None:
    wallet = opened()
    keyed = replace(context(), write="wallet_top_up/key-1")
    for _ in range(2):
        wallet.top_up(euros(100), GrantSource.PROMOTIONAL, None, "welcome", keyed)
    assert (wallet.balance(AT), len(wallet.grants)) == (euros(100), 1)


@pytest.mark.parametrize(
    ("amount", "field"),
    [(Money(0, "EUR"), ("amount",)), (Money(-1, "EUR"), ("amount",)), (Money(1, "USD"), ("amount", "currencyCode"))],
)
def test_only_positive_amounts_of_its_currency_come_in_or_out(amount: Money, field: tuple[str, ...]) -> None:
    wallet = opened()
    for change in (
        lambda: wallet.top_up(amount, GrantSource.PURCHASED, None, None, context()),
        lambda: wallet.spend(amount, "inv_1", context()),
    ):
        with pytest.raises(InvalidInput) as refused:
            change()
        assert refused.value.field == field


@pytest.mark.parametrize(("name", "priority"), [("", 1), ("x" * 101, 1), ("x", 0), ("x", 101)])
def test_a_name_or_priority_out_of_range_is_refused(name: str, priority: int) -> None:
    with pytest.raises(InvalidInput):
        Wallet.open("wal_1", "cus_1", "EUR", name, priority, None, context())
    with pytest.raises(InvalidInput):
        opened().update(name, priority)


def test_wallets_are_spent_by_priority_then_by_expiry_across_wallets_of_the_same_priority() -> None:
    first, second, other = opened("wal_a", 1), opened("wal_b", 1), opened("wal_c", 2)
    grant(first, 100, AT + 10 * DAY)
    grant(first, 100, AT + 30 * DAY)
    grant(second, 100, AT + 20 * DAY)
    grant(other, 100, AT + 5 * DAY)
    # In order: 100 of a (10 days), 100 of b (20 days), 50 of a (30 days); c has a higher number, though it expires first.
    assert allocate_spend([other, second, first], euros(250), AT) == [("wal_a", euros(150)), ("wal_b", euros(100))]
    assert allocate_spend([other, second, first], euros(999), AT) == [
        ("wal_a", euros(200)),
        ("wal_b", euros(100)),
        ("wal_c", euros(100)),
    ]
    assert allocate_spend([first], Money(10, "USD"), AT) == []


STEP = st.one_of(
    st.tuples(st.just("top_up"), st.integers(1, 500), st.one_of(st.none(), st.integers(1, 20))),
    st.tuples(st.just("spend"), st.integers(0, 5), st.integers(1, 400)),
    st.tuples(st.just("spend_up_to"), st.integers(0, 5), st.integers(1, 400)),
    st.tuples(st.just("give_back"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("wait"), st.integers(0, 5), st.just(0)),
)


@given(st.lists(STEP, max_size=40))
def test_grants_less_spends_is_what_is_left_whatever_happens(steps: list[tuple[str, int, int | None]]) -> None:
    wallet, now = opened(), AT
    for action, number, extra in steps:
        match action:
            case "top_up":
                grant(wallet, number, now + extra * DAY if extra else None, at=now)
            case "spend":
                try:
                    wallet.spend(euros(extra or 1), f"inv_{number}", context(at=now))
                except (InsufficientBalance, AlreadyExists):
                    pass
            case "spend_up_to":
                wallet.spend_up_to(euros(extra or 1), f"inv_{number}", context(at=now))
            case "give_back":
                wallet.give_back(f"inv_{number}", context(at=now))
            case "wait":
                now += number * DAY
        assert all(left >= 0 for left in wallet.left.values())
        assert all(wallet.left[one.id] <= one.amount for one in wallet.grants.values())
    total = {kind: sum(entry.amount for entry in wallet.entries if entry.kind is kind) for kind in WalletEntryKind}
    granted = sum(one.amount for one in wallet.grants.values())
    assert granted == total[WalletEntryKind.TOP_UP]
    # grants − spends (+ what came back − what expired) = balance
    left = granted + total[WalletEntryKind.SPEND] + total[WalletEntryKind.RETURN] + total[WalletEntryKind.EXPIRY]
    assert left == sum(wallet.left.values()) == (wallet.entries[-1].balance_after if wallet.entries else 0)
    for entry in wallet.entries:
        assert abs(entry.amount) == sum(part.amount for part in entry.parts)
    for id, amount in wallet.left.items():
        signed = [
            part.amount * (1 if entry.amount > 0 else -1)
            for entry in wallet.entries
            for part in entry.parts
            if part.grant_id == id
        ]
        assert sum(signed) == amount
