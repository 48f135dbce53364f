"""What the plans are called that a plan subscription is billed for: lines bear the name of when they are drafted."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from subgraphs.subscription.domain.fees import Fee
from subgraphs.subscription.domain.values import (
    BilledUsage,
    CommitmentTerm,
    Item,
    PriceVersion,
    ScheduledChange,
    Terms,
)

__all__ = ["named_commitment", "named_fee", "named_schedule", "named_terms", "named_usage", "prices_of"]

P = TypeVar("P", bound=PriceVersion)


def prices_of(terms: Terms, schedule: tuple[ScheduledChange, ...], fees: tuple[Fee, ...]) -> Iterator[PriceVersion]:
    """Yield every price that is billed, will be by what is scheduled, or is a fee that waits."""
    for one in (terms, *(change.terms for change in schedule)):
        yield from (item.price for item in one.items)
    yield from (fee.price for fee in fees)


def named_terms(terms: Terms, names: Mapping[str, str]) -> Terms:
    """Return the terms with the plans called so."""
    add_ons = tuple(_item(item, names) for item in terms.add_ons)
    return replace(terms, price=_price(terms.price, names), add_ons=add_ons)


def named_schedule(schedule: tuple[ScheduledChange, ...], names: Mapping[str, str]) -> tuple[ScheduledChange, ...]:
    """Return the changes with the plans called so."""
    return tuple(replace(change, terms=named_terms(change.terms, names)) for change in schedule)


def named_fee(fee: Fee, names: Mapping[str, str]) -> Fee:
    """Return the fee with its plan called so."""
    return replace(fee, price=_price(fee.price, names))


def named_usage(billed: BilledUsage, names: Mapping[str, str]) -> BilledUsage:
    """Return what was billed with its plan called so, for what comes late of it."""
    return replace(billed, item=_item(billed.item, names))


def named_commitment(term: CommitmentTerm | None, names: Mapping[str, str]) -> CommitmentTerm | None:
    """Return the term with its plan called so."""
    return None if term is None else replace(term, plan_name=names.get(term.plan_id, term.plan_name))


def _item(item: Item, names: Mapping[str, str]) -> Item:
    return replace(item, price=_price(item.price, names))


def _price(price: P, names: Mapping[str, str]) -> P:
    return replace(price, plan_name=names.get(price.plan_id, price.plan_name))
