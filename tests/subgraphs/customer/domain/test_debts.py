"""What a balance below zero is made of, and what invoices collect of it."""

from hypothesis import given
from hypothesis import strategies as st

from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.credit_application import CreditApplication, CreditReturned
from subgraphs.customer.domain.debts import Debt, debts_of
from subgraphs.kit.domain.money import Money
from tests.testkit.memory import AT, context


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


def opened() -> CustomerBalance:
    return CustomerBalance.open("bal_1", "cus_1", "EUR", context())


def owed(balance: CustomerBalance) -> list[tuple[str | None, int]]:
    return [(debt.invoice_id, debt.amount) for debt in balance.debts]


def test_what_an_invoice_left_is_owed_once() -> None:
    balance = opened()
    for _ in range(2):
        balance.carry_forward("inv_1", euros(20), context())
    assert (balance.balance, owed(balance)) == (euros(-20), [("inv_1", 20)])


def test_the_next_invoice_collects_all_that_is_owed_once() -> None:
    balance = opened()
    balance.carry_forward("inv_1", euros(20), context())
    balance.adjust(euros(-5), "a fee", allow_negative=True, context=context())
    collected = (Debt(invoice_id="inv_1", amount=20), Debt(invoice_id=None, amount=5))
    for _ in range(2):
        assert balance.bring_forward("inv_2", context()) == collected
        assert (balance.balance, owed(balance)) == (euros(0), [])
    assert balance.bring_forward("inv_3", context()) == ()
    # What is owed since then is for another invoice.
    balance.carry_forward("inv_2", euros(30), context())
    assert balance.bring_forward("inv_2", context()) == collected
    assert balance.bring_forward("inv_3", context()) == (Debt(invoice_id="inv_2", amount=30),)


def test_credit_settles_the_oldest_debt_first() -> None:
    balance = opened()
    balance.carry_forward("inv_1", euros(20), context())
    balance.carry_forward("inv_2", euros(30), context())
    balance.credit("cn_1", euros(25), context())
    assert (balance.balance, owed(balance)) == (euros(-25), [("inv_2", 25)])  # 25 − 20 of the 30 are paid


def test_credit_that_is_there_covers_what_is_carried_forward() -> None:
    balance = opened()
    balance.adjust(euros(15), None, allow_negative=False, context=context())
    balance.carry_forward("inv_1", euros(20), context())
    assert (balance.balance, owed(balance)) == (euros(-5), [("inv_1", 5)])


def test_what_a_void_invoice_was_to_collect_is_owed_as_before() -> None:
    balance = opened()
    balance.carry_forward("inv_1", euros(20), context())
    balance.adjust(euros(-5), None, allow_negative=True, context=context())
    balance.bring_forward("inv_2", context())
    for _ in range(2):
        balance.return_from_invoice("inv_2", context())
        assert (balance.balance, owed(balance)) == (euros(-25), [("inv_1", 20), (None, 5)])
    assert sum(debt.amount for debt in balance.bring_forward("inv_3", context())) == 25


def test_an_invoice_that_used_credit_and_collected_a_debt_undoes_both_with_one_entry() -> None:
    balance = opened()
    balance.carry_forward("inv_1", euros(20), context())
    balance.bring_forward("inv_2", context())
    balance.adjust(euros(50), None, allow_negative=False, context=context())
    assert balance.apply_to_invoice("inv_2", euros(35), context()) == euros(35)
    balance.return_from_invoice("inv_2", context())
    assert balance.balance == euros(30)  # 50 of credit less 20 that is owed
    assert [entry.amount for entry in balance.entries][-1] == 15  # 35 − 20


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("carry"), st.integers(0, 3), st.integers(1, 60)),
        st.tuples(st.just("bring"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("return"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("apply"), st.integers(0, 3), st.integers(0, 60)),
        st.tuples(st.just("credit"), st.integers(0, 9), st.integers(1, 60)),
        st.tuples(st.just("adjust"), st.just(0), st.integers(-60, 60).filter(bool)),
    ),
    max_size=30,
)


@given(STEPS)
def test_debts_come_to_what_the_balance_is_below_zero_whatever_happens(steps: list[tuple[str, int, int]]) -> None:
    balance = opened()
    for step, number, cents in steps:
        match step:
            case "carry":
                balance.carry_forward(f"inv_{number}", euros(cents), context())
            case "bring":
                before = balance.balance
                collected = sum(debt.amount for debt in balance.bring_forward(f"inv_{number}", context()))
                assert balance.balance - before in (euros(0), euros(collected))
            case "return":
                balance.return_from_invoice(f"inv_{number}", context())
            case "apply":
                balance.apply_to_invoice(f"inv_{number}", euros(cents), context())
            case "credit":
                balance.credit(f"cn_{number}", euros(cents), context())
            case "adjust":
                balance.adjust(euros(cents), None, allow_negative=True, context=context())
        assert sum(debt.amount for debt in balance.debts) == max(0, -balance.balance.minor_units)
        assert all(debt.amount > 0 for debt in balance.debts)
    collected_in_all = debts_of(balance.entries).collected
    for entry in balance.entries:
        if entry.kind == "BROUGHT_FORWARD":
            assert sum(debt.amount for debt in collected_in_all[entry.reference or ""]) == entry.amount


def test_what_was_stored_before_anything_could_be_brought_forward_is_read_as_nothing() -> None:
    application = CreditApplication.make("cus_1", "inv_1", euros(30), (), context())
    application.note_returned()
    stored = [CreditApplication.codec.encode(event) for event in application.unsaved]
    for _, data in stored:
        del data["brought_forward"]
    decoded = [CreditApplication.codec.decode(type, data) for type, data in stored]
    replayed = CreditApplication.replay("inv_1", "acme", [(AT, decoded)])
    assert (replayed.brought_forward, replayed.balance_ids, replayed.returned) == (euros(0), (), True)
    assert decoded[-1] == CreditReturned(customer_id="cus_1", invoice_id="inv_1", currency="EUR", amount=0)
