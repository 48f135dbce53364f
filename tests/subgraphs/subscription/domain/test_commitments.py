"""What a plan is committed to is billed in the end, to the cent, before discounts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Interval, IntervalUnit, Period
from subgraphs.pricing.charge import ChargeDetails, Granularity
from subgraphs.pricing.proration import Share
from subgraphs.subscription.domain.anchors import calendar_anchor
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.commitment import begun, billed, committed, opened, true_up
from subgraphs.subscription.domain.plan_subscription import NOTHING_USED, PlanSubscription, Used
from subgraphs.subscription.domain.values import Discount, Item, ProrationBehavior, SubscribedPrice, Terms, UnusedTime
from tests.testkit.memory import context
from tests.testkit.subscribing import subscribed_price

START = datetime(2026, 1, 1, tzinfo=UTC)
MONTHS = [datetime(2026 + month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in range(40)]
CALLS = Item(
    price=subscribed_price(
        price_id="calls", plan_name="Calls", model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal("0.01"), meter_id="m"
    ),
    quantity=1,
)


def commits(amount_minor: int | None, periods: int = 1, *, in_full: bool = False, **more: Any) -> SubscribedPrice:
    """Return 19.00 EUR a month with a commitment."""
    details = ChargeDetails(commitment_minor=amount_minor, commitment_periods=periods, commitment_in_full=in_full)
    return subscribed_price(details=details, **more)


def active(price: SubscribedPrice, *add_ons: Item, **more: Any) -> PlanSubscription:
    terms = Terms(price=price, quantity=1, add_ons=add_ons)
    at = more.pop("at", START)
    subscription = PlanSubscription.start("psub_1", "cus_1", terms, "UTC", context(at=at), **more)
    subscription.period_paid(0, context(at=at))
    return subscription


def renewed(subscription: PlanSubscription, times: int, used: Used = NOTHING_USED) -> None:
    for _ in range(times):
        assert subscription.due_at is not None
        subscription.renew(subscription.due_at, used=used)


def totals(subscription: PlanSubscription) -> list[int]:
    return [bill.total.minor_units for event in subscription.unsaved if (bill := bill_of(event)) is not None]


def calls(count: int, month: int) -> Used:
    return {("calls", Period(MONTHS[month], MONTHS[month + 1])): Decimal(count)}


def last_line(subscription: PlanSubscription) -> tuple[str, int, str]:
    [*_, bill] = [found for event in subscription.unsaved if (found := bill_of(event)) is not None]
    line = bill.lines[-1]
    return line.description, line.amount.minor_units, line.explanation


def test_what_is_missing_of_a_period_is_billed_when_it_has_ended() -> None:
    subscription = active(commits(10_000), CALLS)
    renewed(subscription, 1, calls(3100, 0))
    # 100.00 − 19.00 − 31.00 = 50.00, besides 19.00 for February and the 31.00
    assert totals(subscription) == [1900, 1900 + 3100 + 5000]
    explained = "100.00 EUR committed − 50.00 EUR billed"
    assert last_line(subscription) == ("Minimum commitment of Team", 5000, explained)


def test_w14_a_minimum_of_a_price_counts_as_billed() -> None:
    minimum = replace(CALLS, price=replace(CALLS.price, details=ChargeDetails(minimum_minor=10_000)))
    subscription = active(commits(10_000), minimum)
    renewed(subscription, 1, calls(5000, 0))
    assert totals(subscription) == [1900, 1900 + 10_000]  # 50.00 used, raised to 100.00; with 19.00 that is enough


def test_a_term_of_twelve_months_is_made_up_for_when_it_ends_and_the_next_begins() -> None:
    subscription = active(commits(30_000, 12))
    renewed(subscription, 11)
    assert totals(subscription) == [1900] * 12
    assert subscription.commitment is not None and subscription.commitment.billed_minor == 22_800
    assert subscription.commitment_ends_at == MONTHS[12]
    renewed(subscription, 1)
    assert totals(subscription)[-1] == 1900 + 7200  # 300.00 − 12 × 19.00
    assert (subscription.commitment.billed_minor, subscription.commitment.opened) == (1900, 1)
    assert (subscription.commitment.start, subscription.commitment_ends_at) == (MONTHS[12], MONTHS[24])


def test_what_was_used_in_the_last_period_counts_for_the_term_that_ends() -> None:
    subscription = active(commits(10_000, 2), CALLS)
    renewed(subscription, 1, calls(1000, 0))
    renewed(subscription, 1, calls(5000, 1))
    # 100.00 − 2 × 19.00 − 10.00 − 50.00 = 2.00
    assert totals(subscription) == [1900, 2900, 1900 + 5000 + 200]


def test_nothing_is_missing_where_more_was_billed() -> None:
    subscription = active(commits(1900))
    renewed(subscription, 2)
    assert totals(subscription) == [1900] * 3


def test_discounts_neither_count_nor_are_off_what_is_missing() -> None:
    half = Discount(
        id="dis_1",
        coupon_id="cou_1",
        promotion_code_id=None,
        name="Half",
        percent_off=Decimal(50),
        amount_off=None,
        periods=None,
        plan_ids=(),
        added_at=START,
    )
    subscription = active(commits(10_000), CALLS, discount=half)
    renewed(subscription, 1, calls(3100, 0))
    # Half of 19.00 and of 31.00; 50.00 are missing as without a discount
    assert totals(subscription) == [950, 950 + 1550 + 5000]


def test_of_a_first_period_in_part_that_part_is_committed_to() -> None:
    begins = datetime(2026, 2, 15, tzinfo=UTC)
    anchor = calendar_anchor(begins, Interval(IntervalUnit.MONTH), 1, ZoneInfo("UTC"))
    subscription = active(commits(12_000, 12), at=begins, anchor=anchor)
    assert subscription.commitment is not None
    assert subscription.commitment.elapsed == Share(1, 2)  # 14 of 28 days
    assert committed(subscription.commitment) == (Money(11_500, "EUR"), "120.00 EUR × 23/24 committed")
    assert subscription.commitment_ends_at == datetime(2027, 2, 1, tzinfo=UTC)
    renewed(subscription, 12)
    # 115.00 is less than 9.50 + 11 × 19.00
    assert totals(subscription) == [950, *([1900] * 12)]


@pytest.mark.parametrize(
    ("in_full", "at", "missing", "explained"),
    [
        # February 15: one month and 14 of 28 days: 1200.00 × 1.5 / 12 − 2 × 19.00
        (False, datetime(2026, 2, 15, tzinfo=UTC), 11_200, "1200.00 EUR × 1/8 committed − 38.00 EUR billed"),
        (True, datetime(2026, 2, 15, tzinfo=UTC), 116_200, "1200.00 EUR committed − 38.00 EUR billed"),
        (True, MONTHS[1], 116_200, "1200.00 EUR committed − 38.00 EUR billed"),
        (False, MONTHS[1], 6200, "1200.00 EUR × 1/12 committed − 38.00 EUR billed"),
    ],
)
def test_a_cancellation_cuts_it_short(in_full: bool, at: datetime, missing: int, explained: str) -> None:
    subscription = active(commits(120_000, 12, in_full=in_full))
    renewed(subscription, 1)
    subscription.cancel(None, context(at=at))
    assert totals(subscription) == [1900, 1900, missing]
    assert last_line(subscription)[2] == explained
    assert subscription.commitment_ends_at is None


def test_a_cancellation_with_the_period_owes_for_the_periods_so_far() -> None:
    subscription = active(commits(120_000, 12))
    renewed(subscription, 1)
    subscription.schedule_cancellation(None, context(at=MONTHS[1]))
    renewed(subscription, 1)
    assert totals(subscription) == [1900, 1900, 20_000 - 3800]  # 2/12 of 1200.00


def test_what_is_given_back_was_not_billed() -> None:
    subscription = active(commits(12_000, 12), at=START)
    subscription.cancel(None, context(at=datetime(2026, 1, 17, tzinfo=UTC)), unused=UnusedTime.CREDIT)
    # 16 of 31 days: 120.00 × 16/31/12 = 5.16; 19.00 × 15/31 = 9.19 go back, 9.81 stay: nothing is missing
    assert totals(subscription) == [1900]
    dearer = active(commits(36_000, 12), at=START)
    dearer.cancel(None, context(at=datetime(2026, 1, 17, tzinfo=UTC)), unused=UnusedTime.CREDIT)
    # 360.00 × 16/31/12 = 15.48, of which 9.81 stay
    assert totals(dearer) == [1900, 1548 - 981]


def test_a_last_invoice_that_is_not_wanted_bills_no_commitment() -> None:
    subscription = active(commits(120_000, 12))
    subscription.cancel(None, context(at=START + timedelta(days=3)), bill_usage=False)
    assert totals(subscription) == [1900]


def test_what_was_never_paid_for_owes_nothing() -> None:
    subscription = PlanSubscription.start(
        "psub_1", "cus_1", Terms(price=commits(120_000, 12, in_full=True), quantity=1), "UTC", context(at=START)
    )
    subscription.cancel(None, context(at=START + timedelta(days=3)))
    assert totals(subscription) == [1900]


def test_a_term_goes_on_when_the_price_changes_and_the_next_is_of_the_new_one() -> None:
    subscription = active(commits(10_000, 2))
    dearer = commits(20_000, 1, price_id="price_2", flat_amount_minor=3800)
    at = datetime(2026, 1, 17, tzinfo=UTC)
    subscription.change(Terms(price=dearer, quantity=1), ProrationBehavior.INVOICE_NOW, context(at=at))
    # 15 of 31 days: −9.19 + 18.39
    assert totals(subscription) == [1900, 920]
    renewed(subscription, 2)
    # 100.00 − 19.00 − 9.20 − 38.00 = 33.80; then 200.00 is for one month
    assert totals(subscription)[2:] == [3800, 3800 + 3380]
    renewed(subscription, 1)
    assert totals(subscription)[-1] == 3800 + 16_200


@pytest.mark.parametrize("behavior", [ProrationBehavior.CREATE, ProrationBehavior.INVOICE_NOW])
def test_a_change_counts_when_it_is_billed(behavior: ProrationBehavior) -> None:
    subscription = active(commits(10_000, 2))
    at = datetime(2026, 1, 17, tzinfo=UTC)
    terms = Terms(price=replace(subscription.terms.price, price_id="price_2", flat_amount_minor=3800), quantity=1)
    subscription.change(terms, behavior, context(at=at))
    assert subscription.commitment is not None
    at_once = behavior is ProrationBehavior.INVOICE_NOW
    assert (subscription.commitment.billed_minor, subscription.commitment.pending_minor) == (
        (2820, 0) if at_once else (1900, 920)
    )
    renewed(subscription, 2)
    assert sum(totals(subscription)) == 10_000 + 3800


def test_a_change_that_is_dropped_with_a_cancellation_was_not_billed() -> None:
    subscription = active(commits(12_000, 1, in_full=True))
    terms = Terms(price=replace(subscription.terms.price, price_id="price_2", flat_amount_minor=3800), quantity=1)
    subscription.change(terms, ProrationBehavior.CREATE, context(at=START + timedelta(days=5)))
    subscription.cancel(None, context(at=START + timedelta(days=6)))
    assert totals(subscription) == [1900, 12_000 - 1900]


def test_another_interval_cuts_it_short() -> None:
    subscription = active(commits(120_000, 12))
    renewed(subscription, 1)
    yearly = commits(60_000, 1, price_id="price_y", flat_amount_minor=20_000, interval=Interval(IntervalUnit.YEAR))
    at = datetime(2026, 2, 15, tzinfo=UTC)
    subscription.change(Terms(price=yearly, quantity=1), ProrationBehavior.CREATE, context(at=at))
    # 19.00 × 14/28 = 9.50 goes back; 1200.00 × 1.5/12 = 150.00, of which 38.00 − 9.50 was billed
    assert totals(subscription)[2:] == [20_000 - 950 + 15_000 - 2850]
    assert subscription.commitment is not None and subscription.commitment.amount_minor == 60_000
    assert subscription.commitment_ends_at == datetime(2027, 2, 15, tzinfo=UTC)


def test_a_pause_is_no_part_of_the_term() -> None:
    subscription = active(commits(12_000, 2))
    subscription.pause(None, context(at=START + timedelta(days=3)))
    subscription.resume(context(at=datetime(2026, 4, 16, tzinfo=UTC)))
    assert subscription.commitment is not None
    assert (subscription.commitment.opened, subscription.commitment.elapsed) == (2, Share(3, 2))  # 15 of 30 days of April
    assert subscription.commitment_ends_at == MONTHS[4]
    renewed(subscription, 1)
    # 120.00 × 3/4 − 19.00 − 9.50 = 61.50
    assert totals(subscription) == [1900, 950, 1900 + 6150]


def test_late_usage_counts_for_the_term_that_it_is_billed_in() -> None:
    subscription = active(commits(5000, 1), CALLS)
    renewed(subscription, 1, calls(100, 0))
    renewed(subscription, 1, {**calls(300, 0), **calls(100, 1)})
    # 50.00 − 19.00 − 1.00, and then with 2.00 more
    assert totals(subscription) == [1900, 1900 + 100 + 3000, 1900 + 100 + 200 + 2800]


def test_a_commitment_is_not_added_on() -> None:
    with pytest.raises(InvalidInput) as refused:
        active(subscribed_price(), Item(price=commits(100, price_id="price_2"), quantity=1))
    assert refused.value.field == ("addOns", "0")


def test_it_is_replayed_from_its_events() -> None:
    subscription = active(commits(30_000, 12), CALLS)
    renewed(subscription, 3, calls(100, 0))
    codec = PlanSubscription.codec
    again = [codec.decode(*codec.encode(event)) for event in subscription.unsaved]
    assert PlanSubscription.replay("psub_1", "acme", [(START, again)]).commitment == subscription.commitment


def test_nothing_is_committed_to_without_a_commitment() -> None:
    subscription = active(subscribed_price())
    assert (subscription.commitment, subscription.commitment_ends_at) == (None, None)
    assert begun(subscribed_price(), START) is None


SHARES = st.builds(lambda n, d: Share(min(n, d), d), st.integers(1, 31), st.integers(28, 31))


@given(st.integers(1, 10**9), st.lists(st.none() | SHARES, min_size=1, max_size=12), st.integers(0, 10**9), st.integers(0, 11))
def test_a_term_ends_with_what_was_committed_to_or_more(
    amount: int, shares: list[Share | None], billed_minor: int, more: int
) -> None:
    term = begun(commits(amount, len(shares) + more), START)
    assert term is not None
    for share in shares:
        term = opened(term, share)
    term = billed(term, billed_minor)
    at = Period(START, MONTHS[1])
    whole, _ = committed(term)
    short, _ = committed(term, cut_short=True)
    assert 0 <= short.minor_units <= whole.minor_units <= amount
    for missing, least in ((true_up(term, at), whole), (true_up(term, at, cut_short=True), short)):
        assert billed_minor + (missing.amount_minor if missing else 0) == max(least.minor_units, billed_minor)
    # Cut short at the very beginning of the last period, what it has is not committed to
    before = committed(term, shares[-1] or Share(1, 1), cut_short=True)[0]
    assert before <= short


CHANGES = st.lists(st.tuples(st.integers(1, 26), st.sampled_from([1900, 4900, 100]), st.booleans()), max_size=2)


@given(
    st.integers(1, 60_000),
    st.lists(st.integers(0, 10_000), min_size=3, max_size=3),
    st.lists(CHANGES, min_size=3, max_size=3),
    st.none() | st.decimals(0, 100, places=1),
    st.sampled_from(Granularity),
)
def test_over_a_term_exactly_what_is_missing_is_billed_besides(
    amount: int, usage: list[int], changes: list[list[tuple[int, int, bool]]], percent: Decimal | None, unit: Granularity
) -> None:
    discount = None
    if percent is not None:
        discount = Discount(
            id="dis_1",
            coupon_id="cou_1",
            promotion_code_id=None,
            name="Off",
            percent_off=percent,
            amount_off=None,
            periods=None,
            plan_ids=(),
            added_at=START,
        )

    def lived(committed_minor: int | None, off: Discount | None) -> list[int]:
        price = commits(committed_minor, 3)
        details = ChargeDetails(commitment_minor=committed_minor, commitment_periods=3, prorated_by=unit)
        subscription = active(replace(price, details=details), CALLS, discount=off)
        for month, (count, within) in enumerate(zip(usage, changes, strict=True)):
            for day, flat, at_once in sorted(within):
                changed = replace(subscription.terms.price, price_id=f"price_{flat}", flat_amount_minor=flat)
                terms = Terms(price=changed, quantity=1, add_ons=(CALLS,))
                proration = ProrationBehavior.INVOICE_NOW if at_once else ProrationBehavior.CREATE
                subscription.change(terms, proration, context(at=MONTHS[month] + timedelta(days=day)))
            renewed(subscription, 1, calls(count, month))
        kept = [one.amount_minor for one in subscription.pending]
        return [sum(totals(subscription)) + sum(kept), subscription.terms.price.flat_amount_minor or 0]

    with_both, (net, _), (gross, next_period) = lived(amount, discount), lived(None, discount), lived(None, None)
    missing = max(0, amount - (gross - next_period))
    assert with_both[0] - net == missing
