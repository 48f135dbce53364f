"""Merge two customers into one.

The source becomes an alias: reads of its id give the target, writes are refused. Payment methods, tax ids, balances and wallets
move to the target. Subscriptions and invoices stay with the id they were made for, so the source must have none that is open.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from subgraphs.customer.commands.change_balance import change_balance
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.errors import HasOpenBilling
from subgraphs.customer.repository import BalanceRepository, CustomerRepository, WalletRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["MergeStores", "complete_merge", "merge_customers"]

Ids = Callable[[str, str], Awaitable[Sequence[str]]]
"""Returns ids of things that belong to a tenant's customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeStores:
    """Where what is moved is kept."""

    customers: CustomerRepository
    balances: BalanceRepository
    wallets: WalletRepository
    balance_ids: Ids
    wallet_ids: Ids
    open_ids: Ids


async def merge_customers(stores: MergeStores, source_id: str, into_id: str, context: CommandContext) -> Customer:
    """Make the source an alias of the other customer, move what can be moved, and return that one. Again: nothing more.

    Raises:
        NotFound: there is no such customer.
        InvalidInput: the two are the same, or are billed in different currencies.
        InvalidState: one of them is not active, or together they have too many payment methods or tax ids.
        HasOpenBilling: the source has open subscriptions or invoices, which stay with it.
    """
    source = await stores.customers.get(context.tenant, source_id, field=("id",))
    target = await stores.customers.get(context.tenant, into_id, field=("intoId",))
    if source.merged_into_id is None and source_id != into_id:
        await _require_nothing_open(stores, source, target)
    await stores.customers.update(source_id, context, lambda found: found.merge_into(target, context))
    return await complete_merge(stores, source_id, context)


async def complete_merge(stores: MergeStores, source_id: str, context: CommandContext) -> Customer:
    """Move what is still with the alias to the customer it stands for, and return that one; any number of times.

    Raises:
        NotFound: there is no such customer.
    """
    source = await stores.customers.get(context.tenant, source_id)
    if source.merged_into_id is None:
        return source
    target = await stores.customers.update(source.merged_into_id, context, lambda found: found.absorb(source))
    for id in await stores.balance_ids(context.tenant, source.id):
        await _move_balance(stores.balances, id, target, context)
    for id in await stores.wallet_ids(context.tenant, source.id):
        await stores.wallets.update(id, context, lambda wallet: wallet.move(target.id))
    # What came so late that the target is an alias itself by now moves on.
    return await complete_merge(stores, target.id, context) if target.merged_into_id else target


async def _move_balance(balances: BalanceRepository, id: str, target: Customer, context: CommandContext) -> None:
    taken = await balances.update(id, context, lambda balance: balance.move_out(target.id, context))
    if taken.has_moved_out:
        currency = taken.opened.currency
        await change_balance(balances, target, currency, lambda balance: balance.move_in(taken, context), context)


async def _require_nothing_open(stores: MergeStores, source: Customer, target: Customer) -> None:
    found = await stores.open_ids(source.tenant, source.id)
    if not found:
        return
    both = bool(await stores.open_ids(target.tenant, target.id))
    advice = "so has the other one: cancel or settle them first" if both else "merge the other way round, or settle them first"
    raise HasOpenBilling(source.id, found, advice)
