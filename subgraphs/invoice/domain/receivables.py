"""How old what is owed is. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from subgraphs.kit.domain.money import Money

__all__ = ["Age", "AgedReceivables", "Receivable", "age_of", "aged"]


class Age(StrEnum):
    """How many days an invoice is overdue; DUE_LATER: it is not yet."""

    DUE_LATER = "DUE_LATER"
    DAYS_0_TO_30 = "DAYS_0_TO_30"
    DAYS_31_TO_60 = "DAYS_31_TO_60"
    DAYS_61_TO_90 = "DAYS_61_TO_90"
    DAYS_OVER_90 = "DAYS_OVER_90"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivable:
    """What is still owed of an invoice."""

    due_at: datetime
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedReceivables:
    """What is owed in one currency, by age: the sum and of how many invoices; every age is there."""

    currency: str
    by_age: dict[Age, tuple[Money, int]]

    @property
    def total(self) -> Money:
        """All of it."""
        return sum((amount for amount, _ in self.by_age.values()), Money.zero(self.currency))


def age_of(due_at: datetime, now: datetime) -> Age:
    """Return how old a debt is: whole days since it was due, those that are begun not counted."""
    days = (now - due_at) // timedelta(days=1)
    if due_at > now:
        return Age.DUE_LATER
    if days <= 30:
        return Age.DAYS_0_TO_30
    if days <= 60:
        return Age.DAYS_31_TO_60
    return Age.DAYS_61_TO_90 if days <= 90 else Age.DAYS_OVER_90


def aged(receivables: Iterable[Receivable], now: datetime) -> list[AgedReceivables]:
    """Return what is owed per currency and age, the currencies in alphabetical order."""
    sums: dict[str, dict[Age, tuple[Money, int]]] = {}
    for one in receivables:
        currency = one.amount.currency
        ages = sums.setdefault(currency, {age: (Money.zero(currency), 0) for age in Age})
        amount, count = ages[age := age_of(one.due_at, now)]
        ages[age] = amount + one.amount, count + 1
    return [AgedReceivables(currency=currency, by_age=sums[currency]) for currency in sorted(sums)]
