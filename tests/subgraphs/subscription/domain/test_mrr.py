"""MRR to the cent, what moves it, and that movements always add up to it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import DomainError
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.subscription.domain.mrr import MOVING_EVENTS, MrrMovement, mrr, mrr_movements, per_month
from subgraphs.subscription.domain.mrr import MrrMovementKind as Kind
from subgraphs.subscription.domain.mrr import MrrMovementReason as Reason
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import Discount, Item, ProrationBehavior, SubscribedPrice, Terms, TrialEnding
from tests.testkit.memory import context
from tests.testkit.subscribing import subscribed_price

START = datetime(2026, 4, 1, tzinfo=UTC)
YEAR, MONTH, WEEK, DAY = (Interval(unit) for unit in (IntervalUnit.YEAR, IntervalUnit.MONTH, IntervalUnit.WEEK, IntervalUnit.DAY))


def price(minor: int, interval: Interval = MONTH, id: str = "price_1") -> SubscribedPrice:
    return subscribed_price(price_id=id, plan_id=f"plan_{id}", flat_amount_minor=minor, interval=interval)


SEAT = subscribed_price(
    price_id="seat", plan_id="plan_seat", model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal("9.99")
)
CALLS = subscribed_price(price_id="calls", plan_id="plan_calls", flat_amount_minor=5000, meter_id="mtr_1")


def discount(id: str = "dis_1", percent: str | None = "25", amount: int | None = None, periods: int | None = None) -> Discount:
    return Discount(
        id=id,
        coupon_id=f"cou_{id}",
        promotion_code_id=None,
        name="Launch",
        percent_off=Decimal(percent) if percent else None,
        amount_off=Money(amount, "EUR") if amount else None,
        periods=periods,
        plan_ids=(),
        added_at=START,
    )


@dataclass
class Life:
    """A subscription and its commits, each with its business time."""

    subscription: PlanSubscription
    now: datetime = START
    commits: list[tuple[datetime, Sequence[Event]]] = field(default_factory=list)

    @classmethod
    def start(
        cls, terms: Terms, discount: Discount | None = None, trial_days: int = 0, paid_through: datetime | None = None
    ) -> "Life":
        made = PlanSubscription.start(
            "psub_1",
            "cus_1",
            terms,
            "UTC",
            context(at=START),
            discount=discount,
            trial_end=START + timedelta(days=trial_days) if trial_days else None,
            trial_ending=TrialEnding.PAUSE,
            paid_through=paid_through,
        )
        life = cls(made)
        life.save(START)
        return life

    @classmethod
    def active(cls, terms: Terms, discount: Discount | None = None) -> "Life":
        life = cls.start(terms, discount)
        life.do(lambda it: it.period_paid(0, context(at=START)))
        return life

    def do(self, command: Callable[[PlanSubscription], None], at: datetime | None = None) -> None:
        command(self.subscription)
        self.save(at or self.now)

    def renew(self) -> None:
        due = self.subscription.due_at
        if due is not None:
            self.now = max(self.now, due)
            self.do(lambda it: it.renew(self.now), at=due)

    def save(self, at: datetime) -> None:
        if self.subscription.unsaved:
            self.commits.append((at, self.subscription.unsaved))
            self.subscription.saved(at)

    @property
    def movements(self) -> list[MrrMovement]:
        return mrr_movements("psub_1", "acme", self.commits)[1]

    @property
    def told(self) -> list[tuple[Kind, Reason, int]]:
        return [(one.kind, one.reason, one.amount.minor_units) for one in self.movements]


@pytest.mark.parametrize(
    ("minor", "interval", "expected"),
    [
        (10_000, YEAR, 833),  # 100.00 / 12 = 8.333…
        (11_990, YEAR, 999),  # 119.90 / 12 = 9.9916…
        (1900, MONTH, 1900),
        (5000, Interval(IntervalUnit.MONTH, 3), 1667),  # 50.00 / 3 = 16.666…
        (1000, WEEK, 4333),  # 10.00 × 52 / 12 = 43.333…
        (1000, Interval(IntervalUnit.WEEK, 2), 2167),  # 21.666…
        (100, DAY, 3042),  # 1.00 × 365 / 12 = 30.41666…
        (3000, Interval(IntervalUnit.DAY, 30), 3042),  # 30.00 × 365 / (12 × 30) = 30.41666…
        (30_000, Interval(IntervalUnit.YEAR, 2), 1250),
        (6, YEAR, 1),  # half a cent, away from zero
        (0, MONTH, 0),
    ],
)
def test_an_amount_per_month(minor: int, interval: Interval, expected: int) -> None:
    assert per_month(Money(minor, "EUR"), interval) == Money(expected, "EUR")


def test_currencies_without_minor_units_round_to_whole_ones() -> None:
    assert per_month(Money(10_000, "JPY"), YEAR) == Money(833, "JPY")


def test_items_are_added_up_before_the_one_rounding_and_usage_counts_as_nothing() -> None:
    yearly = Terms(price=price(1000, YEAR), quantity=1, add_ons=(Item(price=price(1001, YEAR, "other"), quantity=1),))
    assert mrr(Life.active(yearly).subscription) == Money(167, "EUR")  # 20.01 / 12 = 1.6675, not 0.83 + 0.83
    with_usage = Terms(price=SEAT, quantity=3, add_ons=(Item(price=CALLS, quantity=1),))
    assert mrr(Life.active(with_usage).subscription) == Money(2997, "EUR")  # 3 × 9.99


def test_an_upgrade_a_downgrade_and_an_end() -> None:
    life = Life.active(Terms(price=SEAT, quantity=2))
    for quantity in (5, 1):
        life.now += timedelta(days=3)
        life.do(
            lambda it, quantity=quantity: it.change(  # type: ignore[misc]
                Terms(price=SEAT, quantity=quantity), ProrationBehavior.NONE, context(at=life.now)
            )
        )
    life.do(lambda it: it.cancel(None, context(at=life.now)))
    assert life.told == [
        (Kind.NEW, Reason.ACTIVATED, 1998),
        (Kind.EXPANSION, Reason.CHANGED, 2997),
        (Kind.CONTRACTION, Reason.CHANGED, -3996),
        (Kind.CHURN, Reason.CANCELED, -999),
    ]
    assert [(one.version, one.at) for one in life.movements] == [
        (2, START),
        (3, START + timedelta(days=3)),
        (4, START + timedelta(days=6)),
        (5, START + timedelta(days=6)),
    ]


def test_another_interval_is_one_movement_although_a_period_opens_with_it() -> None:
    life = Life.active(Terms(price=price(1000), quantity=1))
    life.do(lambda it: it.change(Terms(price=price(9600, YEAR), quantity=1), ProrationBehavior.CREATE, context(at=START)))
    assert len(life.commits[-1][1]) > 1
    assert life.told[1:] == [(Kind.CONTRACTION, Reason.CHANGED, -200)]  # 96.00 / 12 = 8.00
    assert life.movements[-1].plan_id == "plan_price_1"


def test_a_trial_a_pause_and_a_debt_pay_nothing() -> None:
    life = Life.start(Terms(price=price(1900), quantity=1), trial_days=14)
    assert life.told == []
    life.renew()
    life.do(lambda it: it.pause(None, context(at=life.now)))
    life.do(lambda it: it.resume(context(at=life.now)))
    life.do(lambda it: it.payment_failed(0, "card_declined"))  # PAST_DUE still pays
    life.do(lambda it: it.mark_unpaid("inv_1", context(at=life.now)))
    life.do(lambda it: it.debt_paid("inv_1", context(at=life.now)))
    assert life.told == [
        (Kind.NEW, Reason.TRIAL_ENDED, 1900),
        (Kind.CHURN, Reason.PAUSED, -1900),
        (Kind.REACTIVATION, Reason.RESUMED, 1900),
        (Kind.CHURN, Reason.UNPAID, -1900),
        (Kind.REACTIVATION, Reason.RESUMED, 1900),
    ]


def test_what_was_never_paid_never_moves_anything() -> None:
    life = Life.start(Terms(price=price(1900), quantity=1))
    life.do(lambda it: it.payment_failed(0, "card_declined"))
    life.renew()
    assert (life.subscription.status, life.told) == ("INCOMPLETE_EXPIRED", [])


def test_what_is_taken_over_from_another_system_is_new_at_once() -> None:
    life = Life.start(Terms(price=price(1900), quantity=1), paid_through=START + timedelta(days=10))
    assert [(one.version, one.at) for one in life.movements] == [(1, START)]
    life.do(lambda it: it.cancel(None, context(at=START)))
    assert life.told == [(Kind.NEW, Reason.ACTIVATED, 1900), (Kind.CHURN, Reason.CANCELED, -1900)]


def test_a_free_plan_is_no_subscription_until_it_costs_something() -> None:
    life = Life.active(Terms(price=price(0), quantity=1))
    life.do(lambda it: it.change(Terms(price=price(500, id="paid"), quantity=1), ProrationBehavior.NONE, context(at=START)))
    life.do(lambda it: it.change(Terms(price=price(0), quantity=1), ProrationBehavior.NONE, context(at=START)))
    assert life.told == [(Kind.NEW, Reason.CHANGED, 500), (Kind.CHURN, Reason.CHANGED, -500)]


def test_a_discount_for_ever_reduces_it_from_the_period_it_is_billed_with() -> None:
    life = Life.active(Terms(price=price(1999), quantity=1))
    life.do(lambda it: it.add_discount(discount()))
    assert life.told[1:] == []
    life.renew()
    life.do(lambda it: it.remove_discount("dis_1"))
    life.renew()
    assert life.told[1:] == [
        (Kind.CONTRACTION, Reason.PERIOD_OPENED, -500),  # 19.99 × 25 % = 4.9975
        (Kind.EXPANSION, Reason.PERIOD_OPENED, 500),
    ]


def test_a_discount_for_some_periods_reduces_it_for_these() -> None:
    life = Life.active(Terms(price=price(12_000, YEAR), quantity=1), discount(percent=None, amount=2400, periods=2))
    for _ in range(3):
        life.renew()
    assert life.told == [
        (Kind.NEW, Reason.ACTIVATED, 800),  # (120.00 − 24.00) / 12
        (Kind.EXPANSION, Reason.PERIOD_OPENED, 200),
    ]
    assert life.movements[-1].at == datetime(2028, 4, 1, tzinfo=UTC)


def test_a_discount_of_one_period_does_not_recur() -> None:
    life = Life.active(Terms(price=price(1900), quantity=1), discount(percent="100", periods=1))
    life.renew()
    assert life.told == [(Kind.NEW, Reason.ACTIVATED, 1900)]


def test_a_commit_written_late_does_not_move_before_the_one_it_follows() -> None:
    life = Life.active(Terms(price=price(1000), quantity=1))
    life.now += timedelta(days=40)  # the renewal of May 1 is late
    life.do(lambda it: it.add_discount(discount()))
    life.do(lambda it: it.renew(life.now), at=datetime(2026, 5, 1, tzinfo=UTC))
    assert life.movements[-1].at == START + timedelta(days=40)


PRICES = st.sampled_from(
    [
        price(0),
        price(1999),
        price(1000, id="price_2"),
        price(11_990, YEAR, "year"),
        price(777, WEEK, "week"),
        price(4999, Interval(IntervalUnit.MONTH, 3), "quarter"),
        SEAT,
    ]
)
TERMS = st.builds(
    lambda chosen, quantity, usage: Terms(
        price=chosen,
        quantity=quantity,
        add_ons=(Item(price=CALLS, quantity=1),) if usage and chosen.interval == MONTH else (),
    ),
    PRICES,
    st.integers(1, 9),
    st.booleans(),
)
DISCOUNTS = st.builds(
    lambda number, percent, amount, periods: discount(f"dis_{number}", percent, None if percent else amount, periods),
    st.integers(1, 5),
    st.sampled_from([None, "10", "33.3", "100"]),
    st.integers(1, 3000),
    st.sampled_from([None, None, 1, 2, 3]),
)
COMMANDS = st.one_of(
    st.tuples(st.just("wait"), st.integers(0, 40)),
    st.tuples(st.sampled_from(["pay", "pay", "fail", "unpaid", "debt", "pause", "resume", "renew", "renew", "renew"])),
    st.tuples(st.sampled_from(["cancel", "cancel_at_end", "undo", "unschedule"])),
    st.tuples(st.just("change"), TERMS, st.sampled_from(ProrationBehavior)),
    st.tuples(st.just("schedule"), TERMS),
    st.tuples(st.just("discount"), DISCOUNTS),
    st.tuples(st.just("no_discount"), st.integers(1, 5)),
)


def take(life: Life, command: tuple[object, ...]) -> None:
    it, now = life.subscription, context(at=life.now)
    match command:
        case ("wait", int(days)):
            life.now += timedelta(days=days)
        case ("pay",):
            it.period_paid(max(it.period_number, 0), now)
        case ("fail",):
            it.payment_failed(max(it.period_number, 0), "card_declined")
        case ("unpaid",):
            it.mark_unpaid("inv_1", now)
        case ("debt",):
            it.debt_paid("inv_1", now)
        case ("pause",):
            it.pause(life.now + timedelta(days=20), now)
        case ("resume",):
            it.resume(now)
        case ("renew",):
            life.renew()
        case ("cancel",):
            it.cancel(None, now)
        case ("cancel_at_end",):
            it.schedule_cancellation(None, now)
        case ("undo",):
            it.unschedule_cancellation()
        case ("unschedule",):
            it.unschedule_change()
        case ("change", Terms() as terms, ProrationBehavior() as proration):
            it.change(terms, proration, now)
        case ("schedule", Terms() as terms):
            it.schedule_change(terms, now)
        case ("discount", Discount() as one):
            it.add_discount(one)
        case ("no_discount", int(number)):
            it.remove_discount(f"dis_{number}")
    life.save(life.now)


@settings(max_examples=300, deadline=None)
@given(TERMS, st.one_of(st.none(), DISCOUNTS), st.sampled_from([0, 14, -3]), st.lists(COMMANDS, max_size=30))
def test_movements_add_up_to_the_mrr_of_the_replayed_subscription_at_any_time(
    terms: Terms, first: Discount | None, days: int, commands: list[tuple[object, ...]]
) -> None:
    """`days` of trial; below zero it is taken over, paid for so many days."""
    life = Life.start(terms, first, max(days, 0), START - timedelta(days=days) if days < 0 else None)
    for command in [("pay",), *commands]:
        try:
            take(life, command)
        except DomainError:
            assert not life.subscription.unsaved

    movements = life.movements
    assert all(before.after == after.before and before.at <= after.at for before, after in pairwise(movements))
    assert [one.kind is Kind.NEW for one in movements] == [True] * bool(movements) + [False] * (len(movements) - 1)
    assert all(one.amount and (one.amount.minor_units < 0) is (one.kind in {Kind.CONTRACTION, Kind.CHURN}) for one in movements)
    assert all((not one.before) is (one.kind in {Kind.NEW, Kind.REACTIVATION}) for one in movements)
    assert all((not one.after) is (one.kind is Kind.CHURN) for one in movements)
    moving = {type(event).__name__ for one in movements for event in life.commits[one.version - 1][1]}
    assert not movements or moving & MOVING_EVENTS

    times = sorted({at for at, _ in life.commits})
    for until in times:
        known = list(takewhile(lambda commit, until=until: commit[0] <= until, life.commits))  # type: ignore[misc]
        replayed = PlanSubscription.replay("psub_1", "acme", known) if known else None
        expected = mrr(replayed).minor_units if replayed else 0
        assert sum(one.amount.minor_units for one in movements if one.at <= until) == expected

    start, end = times[len(times) // 3], times[-1]
    moved = Counter[Kind]()
    for one in movements:
        if start < one.at <= end:
            moved[one.kind] += abs(one.amount.minor_units)
    at_start = sum(one.amount.minor_units for one in movements if one.at <= start)
    gained = moved[Kind.NEW] + moved[Kind.REACTIVATION] + moved[Kind.EXPANSION]
    assert gained - moved[Kind.CONTRACTION] - moved[Kind.CHURN] == mrr(life.subscription).minor_units - at_start
