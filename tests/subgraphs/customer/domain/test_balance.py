"""The ledger of a balance."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.balance_events import BalanceEntryKind
from subgraphs.customer.domain.errors import InsufficientBalance
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money
from tests.testkit.memory import context


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


def opened(cents: int = 0) -> CustomerBalance:
    balance = CustomerBalance.open("bal_1", "cus_1", "EUR", context())
    if cents:
        balance.adjust(euros(cents), None, allow_negative=True, context=context())
    return balance


def lines(balance: CustomerBalance) -> list[tuple[str, int, int, str | None]]:
    return [(entry.kind.value, entry.amount, entry.balance_after, entry.reference) for entry in balance.entries]


def test_entries_are_numbered_and_carry_the_balance_after_them() -> None:
    balance = opened(1000)
    assert balance.apply_to_invoice("inv_1", euros(300), context()) == euros(300)
    balance.credit("cn_1", euros(50), context())
    assert lines(balance) == [
        ("ADJUSTMENT", 1000, 1000, None),
        ("APPLIED_TO_INVOICE", -300, 700, "inv_1"),
        ("CREDIT_NOTE", 50, 750, "cn_1"),
    ]
    assert [entry.number for entry in balance.entries] == [1, 2, 3]
    assert balance.balance == euros(750)


def test_an_invoice_takes_what_is_there_once_and_gives_it_back_once() -> None:
    balance = opened(200)
    for _ in range(2):
        assert balance.apply_to_invoice("inv_1", euros(300), context()) == euros(200)
    assert balance.apply_to_invoice("inv_2", euros(300), context()) == euros(0)
    for _ in range(2):
        balance.return_from_invoice("inv_1", context())
    balance.return_from_invoice("inv_2", context())
    assert lines(balance) == [
        ("ADJUSTMENT", 200, 200, None),
        ("APPLIED_TO_INVOICE", -200, 0, "inv_1"),
        ("RETURNED_FROM_INVOICE", 200, 200, "inv_1"),
    ]


def test_a_credit_note_is_credited_once() -> None:
    balance = opened()
    for _ in range(2):
        balance.credit("cn_1", euros(50), context())
    assert lines(balance) == [("CREDIT_NOTE", 50, 50, "cn_1")]


def test_an_adjustment_below_zero_is_refused_unless_it_says_so() -> None:
    balance = opened(100)
    with pytest.raises(InsufficientBalance) as refused:
        balance.adjust(euros(-101), None, allow_negative=False, context=context())
    assert (refused.value.code, refused.value.message) == ("INSUFFICIENT_BALANCE", "1.00 EUR are there, 1.01 EUR are wanted")
    balance.adjust(euros(-101), "unpaid fee", allow_negative=True, context=context())
    assert balance.balance == euros(-1)
    assert balance.apply_to_invoice("inv_1", euros(300), context()) == euros(0)


@pytest.mark.parametrize("cents", [0, 10**12 + 1, -(10**12) - 1])
def test_zero_and_amounts_out_of_range_are_refused(cents: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened().adjust(euros(cents), None, allow_negative=True, context=context())
    assert refused.value.field == ("amount",)


def test_a_repeated_write_adds_nothing_again() -> None:
    balance = opened()
    keyed = replace(context(), write="customer_balance_adjust/key-1")
    for _ in range(2):
        balance.adjust(euros(100), "goodwill", allow_negative=False, context=keyed)
    assert lines(balance) == [("ADJUSTMENT", 100, 100, None)]


def test_a_merge_moves_everything_also_what_is_owed() -> None:
    balance, target = opened(-70), opened(100)
    for _ in range(2):
        balance.move_out("cus_2", context())
        target.move_in(balance, context())
    assert (balance.balance, target.balance) == (euros(0), euros(30))
    assert lines(balance)[1:] == [("MERGED_OUT", 70, 0, "cus_2")]
    assert lines(target)[1:] == [("MERGED_IN", -70, 30, balance.entries[-1].id)]


def test_what_came_in_late_is_moved_by_an_entry_of_its_own() -> None:
    balance, target = opened(10), opened()
    for cents in (0, 5, 0):
        if cents:
            balance.credit("cn_1", euros(cents), context())
        balance.move_out("cus_2", context())
        target.move_in(balance, context())
    assert [(kind, amount) for kind, amount, *_ in lines(target)] == [("MERGED_IN", 10), ("MERGED_IN", 5)]
    assert (balance.balance, target.balance) == (euros(0), euros(15))


STEP = st.one_of(
    st.tuples(st.just("adjust"), st.integers(-500, 500).filter(bool)),
    st.tuples(st.just("apply"), st.integers(0, 3), st.integers(0, 400)),
    st.tuples(st.just("return"), st.integers(0, 3)),
    st.tuples(st.just("credit"), st.integers(0, 3), st.integers(1, 300)),
)


@given(st.lists(STEP, max_size=30))
def test_the_balance_is_the_sum_of_its_entries_and_never_silently_below_zero(steps: list[tuple[str, int, int]]) -> None:
    balance = opened()
    for step in steps:
        match step:
            case ("adjust", cents):
                try:
                    balance.adjust(euros(cents), None, allow_negative=False, context=context())
                except InsufficientBalance:
                    pass
            case ("apply", invoice, due):
                assert balance.apply_to_invoice(f"inv_{invoice}", euros(due), context()).minor_units >= 0
            case ("return", invoice):
                balance.return_from_invoice(f"inv_{invoice}", context())
            case ("credit", note, cents):
                balance.credit(f"cn_{note}", euros(cents), context())
        assert balance.balance.minor_units >= 0
    assert balance.balance.minor_units == sum(entry.amount for entry in balance.entries)
    running = 0
    for entry in balance.entries:
        running += entry.amount
        assert entry.balance_after == running
    once = [(entry.kind, entry.reference) for entry in balance.entries if entry.kind is not BalanceEntryKind.ADJUSTMENT]
    assert len(once) == len(set(once))
