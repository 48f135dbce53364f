"""When an invoice becomes revenue, to the cent and to the day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment_provider import Succeeded
from subgraphs.invoice.domain.revenue import RevenueChange, RevenuePlan, net_of, recognised_by_month, revenue_changes, spread
from subgraphs.invoice.domain.values import InvoiceDraft, InvoiceLine, LineTax, PaymentOperation, PriceModel
from subgraphs.kit.domain.errors import DomainError
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from tests.testkit.billing import VISA
from tests.testkit.memory import context

APRIL_1 = datetime(2026, 4, 1, 9, tzinfo=UTC)
NOTHING = Money(0, "EUR")


def line(minor: int, days: tuple[int, int] | None = (0, 30), *, tax: str = "", usage: bool = False) -> InvoiceLine:
    """Return a line over these days from April 1; `tax` is `on top` or `within` it, 19 percent."""
    taxes: tuple[LineTax, ...] = ()
    if tax:
        within = tax == "within"
        amount = minor - round(minor / Decimal("1.19")) if within else round(minor * Decimal("0.19"))
        taxes = (
            LineTax(
                rate_id="vat", name="VAT", percentage=Decimal(19), inclusive=within, country="DE", amount=Money(amount, "EUR")
            ),
        )
    return InvoiceLine(
        description="Team",
        price_id=None,
        plan_id=None,
        period=Period(*(APRIL_1 + timedelta(days=day) for day in days)) if days else None,
        quantity=1,
        model=PriceModel.FLAT,
        unit_amount=None,
        flat_amount=Money(minor, "EUR"),
        amount=Money(minor, "EUR"),
        explanation="",
        taxes=taxes,
        usage=Decimal(7) if usage else None,
    )


@dataclass
class Life:
    """An invoice and its commits, each with its business time."""

    invoice: Invoice
    now: datetime = APRIL_1
    commits: list[tuple[datetime, Sequence[Event]]] = field(default_factory=list)

    @classmethod
    def of(cls, *lines: InvoiceLine, finalized: int = 0) -> "Life":
        """Return an invoice that got its number this many days after April 1."""
        draft = InvoiceDraft(customer_id="cus_1", plan_subscription_id=None, period_number=None, currency="EUR", lines=lines)
        life = cls(Invoice.create("inv_1", draft, context(at=APRIL_1)), APRIL_1 + timedelta(days=finalized))
        life.do(lambda it: it.finalize("INV-1", context(at=life.now)))
        life.do(lambda it: it.apply_credit(NOTHING, NOTHING, context(at=life.now)))
        return life

    def do(self, command: Callable[[Invoice], None]) -> None:
        command(self.invoice)
        if self.invoice.unsaved:
            self.commits.append((self.now, self.invoice.unsaved))
            self.invoice.saved(self.now)

    def pay(self) -> None:
        self.do(lambda it: it.start_payment("pay_1", VISA, context(at=self.now)))
        self.do(lambda it: it.settle_payment("pay_1", PaymentOperation.CHARGE, Succeeded("ref"), context(at=self.now)))

    def credit(self, day: int, *amounts: tuple[int, int], ends_period: bool = False) -> None:
        """Take back these amounts of lines, or all that is left, this many days after April 1."""
        self.now = APRIL_1 + timedelta(days=day)
        lines = tuple(LineCredit(line_number=number, amount=Money(minor, "EUR")) for number, minor in amounts)
        id = f"cn_{len(self.invoice.credit_note_ids)}"
        request = CreditRequest(reason="why", lines=lines or None, ends_period=ends_period)
        self.do(lambda it: it.credit(id, request, context(at=self.now)))
        self.do(lambda it: it.settle_credit_note(id, ()))

    def void(self, day: int) -> None:
        self.now = APRIL_1 + timedelta(days=day)
        self.do(lambda it: it.void("why", context(at=self.now)))

    @property
    def plans(self) -> list[RevenuePlan]:
        return revenue_changes("inv_1", "acme", self.commits)[1]

    @property
    def changes(self) -> list[RevenueChange]:
        return revenue_changes("inv_1", "acme", self.commits)[2]

    @property
    def months(self) -> list[tuple[str, int, int]]:
        found = recognised_by_month(self.plans, "EUR")
        return [(f"{one.first:%Y-%m}", one.recognised.minor_units, one.deferred.minor_units) for one in found]


def test_parts_are_differences_of_rounded_sums() -> None:
    # 1.00 over 7 days: 14.28…, 28.57…, 42.85…, 57.14…, 71.42…, 85.71…, 100
    parts = spread(100, date(2026, 4, 1), 7, date(2026, 4, 1))
    assert list(parts.values()) == [14, 15, 14, 14, 14, 15, 14]
    assert list(spread(-100, date(2026, 4, 1), 7, date(2026, 4, 1)).values()) == [-14, -15, -14, -14, -14, -15, -14]
    # What lies before the first possible day is recognised on it.
    assert spread(100, date(2026, 4, 1), 7, date(2026, 4, 3)) == {
        date(2026, 4, 3): 43,
        date(2026, 4, 4): 14,
        date(2026, 4, 5): 14,
        date(2026, 4, 6): 15,
        date(2026, 4, 7): 14,
    }


@settings(deadline=None)
@given(st.integers(-(10**9), 10**9), st.integers(1, 800), st.integers(-900, 900))
def test_parts_sum_to_the_line_and_never_differ_by_more_than_rounding(net: int, days: int, late: int) -> None:
    first = date(2026, 4, 1)
    parts = spread(net, first, days, first + timedelta(days=late))
    assert sum(parts.values()) == net
    assert all(first <= day < first + timedelta(days=days) or day == first + timedelta(days=late) for day in parts)
    if late <= 0:
        assert all(abs(part * days - net) <= days for part in parts.values())


def test_a_month_in_advance_is_recognised_by_day_without_tax() -> None:
    # 119.00 with 19 % within it are 100.00; from April 16 for 30 days: 15 in April, 15 in May.
    assert Life.of(line(11_900, (15, 45), tax="within")).months == [("2026-04", 5000, 5000), ("2026-05", 5000, 0)]
    assert Life.of(line(10_000, (15, 45), tax="on top")).months == [("2026-04", 5000, 5000), ("2026-05", 5000, 0)]


def test_a_year_is_recognised_in_its_months() -> None:
    months = Life.of(line(36_500, (0, 365))).months  # 1.00 a day
    assert [(name, recognised) for name, recognised, _ in months[:3]] == [("2026-04", 3000), ("2026-05", 3100), ("2026-06", 3000)]
    assert (len(months), months[-1]) == (12, ("2027-03", 3100, 0))


def test_what_is_billed_at_once_or_afterwards_is_recognised_when_it_gets_its_number() -> None:
    one_off, in_arrears, metered = line(1000, None), line(2000, (-30, 0)), line(4000, (-15, 15), usage=True)
    [change] = Life.of(one_off, in_arrears, metered, finalized=2).changes
    assert dict(change.recognised) == {date(2026, 4, 3): 7000}
    assert change.invoiced == 7000


def test_a_period_that_has_begun_catches_up_when_it_gets_its_number() -> None:
    [change] = Life.of(line(3000), finalized=4).changes
    assert change.recognised[date(2026, 4, 5)] == 500  # five days of 1.00
    assert sum(change.recognised.values()) == 3000
    assert min(change.recognised) == date(2026, 4, 5)


def test_a_credit_for_unused_time_reduces_what_is_recognised_from_there() -> None:
    months = Life.of(line(3000), line(-1500, (15, 30))).months
    assert months == [("2026-04", 1500, 0)]


def test_a_credit_note_takes_what_is_not_recognised_first() -> None:
    life = Life.of(line(3000))
    life.pay()
    life.credit(10, (1, 1500))  # ten days recognised: 10.00; of 20.00 deferred, 5.00 are left for 20 days
    assert life.months == [("2026-04", 1500, 0)]
    change = life.changes[-1]
    assert (change.credited, sum(change.recognised.values()), min(change.recognised)) == (1500, -1500, date(2026, 4, 11))
    assert life.plans[0].parts[date(2026, 4, 11)] == 25
    assert sum(part for day, part in life.plans[0].parts.items() if day < date(2026, 4, 11)) == 1000


def test_a_credit_note_for_the_unused_time_of_what_ended_leaves_nothing_deferred() -> None:
    life = Life.of(line(3000), line(1200))
    life.pay()
    life.credit(10, (1, 1950), ends_period=True)  # half a day is used of the eleventh: 0.50, and with it all of the rest
    assert life.plans[0].parts[date(2026, 4, 11)] == 50
    assert (life.plans[0].total, max(life.plans[0].parts)) == (1050, date(2026, 4, 11))
    assert max(life.plans[1].parts) == date(2026, 4, 30)  # what is not credited goes on


def test_a_credit_note_beyond_that_takes_back_what_was_recognised_on_its_day() -> None:
    life = Life.of(line(3000, (15, 45)))
    life.pay()
    life.credit(44, (1, 2000))  # May 15: 29.00 are recognised, 1.00 is not
    assert life.months == [("2026-04", 1500, -500), ("2026-05", -500, 0)]
    assert life.plans[0].parts[date(2026, 5, 15)] == -1900
    life.credit(100)  # long after
    assert life.months[-1] == ("2026-07", -1000, 0)


def test_a_void_invoice_comes_to_nothing_from_its_day() -> None:
    life = Life.of(line(3000), line(500, None))
    life.void(9)
    # Nine days of 1.00 and the one-off charge were recognised and are taken back on the tenth.
    assert life.plans[0].parts[date(2026, 4, 10)] == -900
    assert life.plans[1].parts[date(2026, 4, 10)] == -500
    assert (life.changes[-1].credited, sum(life.changes[-1].recognised.values())) == (3500, -3500)
    assert life.months == [("2026-04", 0, 0)]


def test_a_draft_is_not_invoiced() -> None:
    draft = InvoiceDraft(customer_id="cus_1", plan_subscription_id=None, period_number=None, currency="EUR", lines=(line(1),))
    invoice = Invoice.create("inv_1", draft, context())
    assert revenue_changes("inv_1", "acme", [(APRIL_1, invoice.unsaved)])[1:] == ([], [])


def test_months_of_nothing_are_shown_between_others() -> None:
    assert recognised_by_month([], "EUR") == []
    plans = [RevenuePlan(date(2026, 6, 1), {date(2026, 4, 5): 1, date(2026, 6, 1): 2})]
    found = recognised_by_month(plans, "EUR")
    assert [(one.first.month, one.recognised.minor_units, one.by_line) for one in found] == [
        (4, 1, {1: Money(1, "EUR")}),
        (5, 0, {}),
        (6, 2, {1: Money(2, "EUR")}),
    ]


LINES = st.lists(
    st.builds(
        lambda minor, start, length, tax, kind: line(
            minor, None if kind == "one-off" else (start, start + length), tax=tax, usage=kind == "usage"
        ),
        st.integers(-2000, 20_000),
        st.integers(-60, 60),
        st.integers(1, 400),
        st.sampled_from(["", "within", "on top"]),
        st.sampled_from(["one-off", "usage", "period", "period", "period"]),
    ),
    min_size=1,
    max_size=5,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.integers(0, 30)),
        st.tuples(st.just("void"), st.integers(0, 60)),
        st.tuples(st.just("credit"), st.integers(0, 120), st.integers(1, 5), st.integers(1, 9000)),
        st.tuples(st.just("credit all"), st.integers(0, 120)),
    ),
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(LINES, st.integers(0, 50), STEPS)
def test_recognised_and_deferred_are_what_is_invoiced_and_not_credited_at_any_date(
    lines: list[InvoiceLine], finalized: int, steps: list[tuple[object, ...]]
) -> None:
    life, day = Life.of(*lines, finalized=finalized), finalized
    for step in steps:
        day += step[1]  # type: ignore[operator]
        life.now = APRIL_1 + timedelta(days=day)
        try:
            match step:
                case ("pay", _):
                    life.pay()
                case ("void", _):
                    life.void(day)
                case ("credit", _, int(number), int(minor)):
                    life.credit(day, (number, minor))
                case ("credit all", _):
                    life.credit(day)
        except DomainError:
            assert not life.invoice.unsaved

    # The plan of each line sums to its net, less what was credited of it.
    credits = [0] * len(lines)
    for _, happened in life.commits:
        for event in happened:
            for one in event.terms.lines if type(event).__name__ == "InvoiceCredited" else ():  # type: ignore[attr-defined]
                credits[one.line_number - 1] += one.amount.minor_units - one.tax.minor_units + one.added_tax.minor_units
    void = life.invoice.status == "VOID"
    assert [plan.total for plan in life.plans] == [
        0 if void else net_of(one).minor_units - credited for one, credited in zip(lines, credits, strict=True)
    ]

    changes, end = life.changes, day + 500
    assert all(min(change.recognised) >= change.at.date() for change in changes if change.recognised)
    for after in {0, finalized, day, (finalized + day) // 2, day + 100, end}:
        at = APRIL_1 + timedelta(days=after)
        known = list(takewhile(lambda commit, at=at: commit[0] <= at, life.commits))  # type: ignore[misc]
        deferred = sum(
            part for plan in revenue_changes("inv_1", "acme", known)[1] for one, part in plan.parts.items() if one > at.date()
        )
        told = [change for change in changes if change.at <= at]
        recognised = sum(part for change in changes for one, part in change.recognised.items() if one <= at.date())
        assert recognised + deferred == sum(change.invoiced - change.credited for change in told)
    if not void and not any(credits):
        assert sum(change.invoiced for change in changes) == (life.invoice.total - life.invoice.tax).minor_units


@pytest.mark.parametrize("back", [0, 3])
def test_business_time_that_goes_back_is_taken_for_the_latest_so_far(back: int) -> None:
    life = Life.of(line(3000), finalized=5)
    life.void(5 - back)
    assert life.changes[-1].at == APRIL_1 + timedelta(days=5)
    assert life.changes[-1].recognised == {one: -part for one, part in life.changes[0].recognised.items()}
