"""What transactions come to by a PERCENTAGE price, one after the other or a group at a time.

The first transactions of a period are free until the allowance is used up, so their order counts: that of their instants, then
that of their ids. Before the allowance runs out a group costs nothing, after it always the same, whatever came before. A `Run` is
what is kept of a group: only the one in which the allowance runs out is looked at transaction by transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.pricing.amounts import major
from subgraphs.pricing.charge import Charge
from subgraphs.pricing.parts import allowed_amount, allowed_count

__all__ = ["NO_TRANSACTIONS", "Run", "Transacted", "run_of", "transact", "transact_run"]

# More digits than sums of any number of amounts with 12 decimals have, so that nothing is rounded here.
PRECISION = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A group of transactions: how many, their amounts in all, and what they cost where none is free; exact, major units."""

    count: int
    amount: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Transacted:
    """The transactions of a period so far: how many, their amounts in all, how many were free, and what the others cost.

    `amount` and `price` are exact, in major units.
    """

    count: int
    amount: Decimal
    free: int
    price: Decimal


NO_TRANSACTIONS = Transacted(count=0, amount=Decimal(0), free=0, price=Decimal(0))


def transact(charge: Charge, so_far: Transacted, amounts: Iterable[Decimal]) -> Transacted:
    """Return what it comes to after further transactions of these amounts, in the order they were made.

    Raises:
        InvalidInput: the charge has no rate.
    """
    count, before, free, total = so_far.count, so_far.amount, so_far.free, so_far.price
    free_transactions, free_amount = _free_transactions(charge), _free_amount(charge)
    with localcontext(prec=PRECISION):
        for amount in amounts:
            beyond = _beyond_free(amount, before, count, free_transactions, free_amount)
            count, before = count + 1, before + amount
            if beyond is None:
                free += 1
            else:
                total += _price(charge, beyond)
    return Transacted(count=count, amount=before, free=free, price=total)


def run_of(charge: Charge, amounts: Iterable[Decimal]) -> Run:
    """Return a group of transactions as it is kept for prices like this one.

    Raises:
        InvalidInput: the charge has no rate.
    """
    count, amount, price = 0, Decimal(0), Decimal(0)
    with localcontext(prec=PRECISION):
        for one in amounts:
            count, amount, price = count + 1, amount + one, price + _price(charge, one)
    return Run(count=count, amount=amount, price=price)


def transact_run(charge: Charge, so_far: Transacted, run: Run) -> Transacted | None:
    """Return what it comes to after a group; None where it takes the transactions one by one to tell.

    That is where the allowance runs out within the group.
    """
    free_transactions, free_amount = _free_transactions(charge), _free_amount(charge)
    with localcontext(prec=PRECISION):
        count, amount = so_far.count + run.count, so_far.amount + run.amount
        used_up = (
            (free_transactions is None and free_amount is None)
            or (free_transactions is not None and so_far.count >= free_transactions)
            or (free_amount is not None and so_far.amount > free_amount)
        )
        if used_up:
            return replace(so_far, count=count, amount=amount, price=so_far.price + run.price)
        if (free_transactions is None or count <= free_transactions) and (free_amount is None or amount <= free_amount):
            return replace(so_far, count=count, amount=amount, free=so_far.free + run.count)
    return None


def _free_transactions(charge: Charge) -> int | None:
    count = charge.details.free_transactions
    return None if count is None else allowed_count(charge, count)


def _free_amount(charge: Charge) -> Decimal | None:
    minor = charge.details.free_amount_minor
    return None if minor is None else allowed_amount(charge, minor).amount


def _beyond_free(
    amount: Decimal, before: Decimal, number: int, free_transactions: int | None, free_amount: Decimal | None
) -> Decimal | None:
    """Return what of a transaction is paid for, None when all of it is free."""
    if free_transactions is None and free_amount is None:
        return amount
    if free_transactions is not None and number >= free_transactions:
        return amount
    if free_amount is None or before + amount <= free_amount:
        return None
    return min(amount, before + amount - free_amount)


def _price(charge: Charge, amount: Decimal) -> Decimal:
    details = charge.details
    if details.rate_percent is None:
        raise InvalidInput(f"a {charge.model} price has no rate")
    price = amount * details.rate_percent / 100 + major(details.transaction_fee_minor, charge.currency)
    if details.transaction_minimum_minor is not None:
        price = max(price, major(details.transaction_minimum_minor, charge.currency))
    if details.transaction_maximum_minor is not None:
        price = min(price, major(details.transaction_maximum_minor, charge.currency))
    return price
