"""Use a customer's credit for an invoice."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from subgraphs.customer.commands.change_balance import change_balance, current_customer, find_balance
from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.credit_application import BroughtForward, CreditApplication, CreditPart, CreditSource
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.debts import Debt
from subgraphs.customer.domain.spend_order import allocate_spend
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.customer.repository import (
    BalanceRepository,
    CreditApplicationRepository,
    CustomerRepository,
    WalletRepository,
)
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.money import Money, total

__all__ = ["CreditStores", "apply_credit", "return_credit"]

WalletIds = Callable[[str, str], Awaitable[Sequence[str]]]
"""Returns the ids of the wallets of a tenant's customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditStores:
    """Where credit is kept."""

    customers: CustomerRepository
    balances: BalanceRepository
    wallets: WalletRepository
    applications: CreditApplicationRepository
    wallet_ids: WalletIds


async def apply_credit(
    stores: CreditStores, customer_id: str, invoice_id: str, due: Money, context: CommandContext
) -> CreditApplication:
    """Use wallets by priority and expiry, then the balance, for up to `due` and what was owed before; return what was used.

    A balance below zero is collected by the invoice, and stands at zero then. The same invoice uses and collects nothing again: a
    process that ended on the way is followed by one that finds what was taken, as each wallet and the balance remember the
    invoice.

    Raises:
        NotFound: there is no such customer.
    """
    made = await stores.applications.find(context.tenant, invoice_id)
    if made is not None:
        return made
    customer = await current_customer(stores.customers, context.tenant, customer_id)
    brought = await _bring_forward(stores, customer, invoice_id, due.currency, context)
    owed = due + Money(sum(debt.amount for debt in brought.debts) if brought else 0, due.currency)
    parts = await _spend_wallets(stores, customer, invoice_id, owed, context)
    left = owed - Money(sum(part.amount for part in parts), due.currency)
    from_balance = await _use_balance(stores, customer, invoice_id, left, context)
    parts += [from_balance] if from_balance else []
    application = CreditApplication.make(customer.id, invoice_id, due, tuple(parts), context, brought)
    return await stores.applications.create(application, context)


async def return_credit(stores: CreditStores, invoice_id: str, context: CommandContext) -> CreditApplication | None:
    """Give back what was used for an invoice that is not to be paid, and owe again what it was to collect; again: nothing more.

    None where it was never asked for.
    """
    application = await stores.applications.find(context.tenant, invoice_id)
    if application is None or application.returned:
        return application
    for part in application.applied.parts:
        if part.source is CreditSource.WALLET:
            await stores.wallets.update(part.id, context, lambda wallet: wallet.give_back(invoice_id, context))
    for id in application.balance_ids:
        await stores.balances.update(id, context, lambda balance: balance.return_from_invoice(invoice_id, context))
    return await stores.applications.update(invoice_id, context, lambda made: made.note_returned())


async def _bring_forward(
    stores: CreditStores, customer: Customer, invoice_id: str, currency: str, context: CommandContext
) -> BroughtForward | None:
    found = await find_balance(stores.balances, customer, currency)
    if found is None or not found.owes(invoice_id):
        return None
    debts: tuple[Debt, ...] = ()

    def bring(balance: CustomerBalance) -> None:
        nonlocal debts
        debts = balance.bring_forward(invoice_id, context)

    balance = await change_balance(stores.balances, customer, currency, bring, context)
    return BroughtForward(balance_id=balance.id, debts=debts) if debts else None


async def _spend_wallets(
    stores: CreditStores, customer: Customer, invoice_id: str, due: Money, context: CommandContext
) -> list[CreditPart]:
    taken: dict[str, Money] = {}
    while True:
        ids = await stores.wallet_ids(context.tenant, customer.id)
        wallets = [await stores.wallets.get(context.tenant, id) for id in ids if id not in taken]
        # What a try before this one took stands; only the rest is looked for.
        taken |= {wallet.id: wallet.spent_on(invoice_id) for wallet in wallets if wallet.spent_on(invoice_id)}
        left = due - total(list(taken.values()), due.currency)
        planned = allocate_spend([wallet for wallet in wallets if wallet.id not in taken], left, context.at)
        if not planned:
            break
        for id, amount in planned:
            spent = await _spend(stores, id, amount, invoice_id, context)
            if spent:
                taken[id] = spent
            if spent != amount:
                break  # another invoice was faster here: what the others are asked for is planned anew
    return [CreditPart(source=CreditSource.WALLET, id=id, amount=spent.minor_units) for id, spent in taken.items()]


async def _spend(stores: CreditStores, wallet_id: str, amount: Money, invoice_id: str, context: CommandContext) -> Money:
    def spend(wallet: Wallet) -> None:
        wallet.spend_up_to(amount, invoice_id, context)

    return (await stores.wallets.update(wallet_id, context, spend)).spent_on(invoice_id)


async def _use_balance(
    stores: CreditStores, customer: Customer, invoice_id: str, left: Money, context: CommandContext
) -> CreditPart | None:
    if await find_balance(stores.balances, customer, left.currency) is None:
        return None
    used = Money.zero(left.currency)

    def use(balance: CustomerBalance) -> None:
        nonlocal used
        used = balance.apply_to_invoice(invoice_id, left, context)

    balance = await change_balance(stores.balances, customer, left.currency, use, context)
    return CreditPart(source=CreditSource.BALANCE, id=balance.id, amount=used.minor_units) if used else None
