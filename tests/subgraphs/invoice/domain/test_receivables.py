"""What is owed, by age, to the day."""

from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.invoice.domain.receivables import Age, Receivable, age_of, aged
from subgraphs.kit.domain.money import Money

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "age"),
    [
        (-0.1, Age.DUE_LATER),
        (0, Age.DAYS_0_TO_30),
        (30.9, Age.DAYS_0_TO_30),
        (31, Age.DAYS_31_TO_60),
        (60.9, Age.DAYS_31_TO_60),
        (61, Age.DAYS_61_TO_90),
        (90.9, Age.DAYS_61_TO_90),
        (91, Age.DAYS_OVER_90),
    ],
)
def test_an_age_counts_whole_days(days: float, age: Age) -> None:
    assert age_of(NOW - timedelta(days=days), NOW) is age


def test_currencies_are_apart_and_add_up() -> None:
    owed = [(0, 100, "EUR"), (40, 250, "EUR"), (40, 50, "EUR"), (-5, 7, "EUR"), (200, 9, "USD")]
    receivables = [Receivable(due_at=NOW - timedelta(days=days), amount=Money(minor, code)) for days, minor, code in owed]
    eur, usd = aged(receivables, NOW)
    assert (eur.currency, eur.total, usd.total) == ("EUR", Money(407, "EUR"), Money(9, "USD"))
    assert eur.by_age[Age.DAYS_31_TO_60] == (Money(300, "EUR"), 2)
    assert eur.by_age[Age.DUE_LATER] == (Money(7, "EUR"), 1)
    assert usd.by_age[Age.DAYS_OVER_90] == (Money(9, "USD"), 1)
    assert list(usd.by_age) == list(Age)


def test_nothing_owed_is_nothing() -> None:
    assert aged([], NOW) == []
