"""Open, fill and use prepaid wallets."""

from datetime import datetime

from subgraphs.customer.domain.values import CustomerStatus
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.customer.domain.wallet_events import GrantSource
from subgraphs.customer.repository import CustomerRepository, WalletRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidState
from subgraphs.kit.domain.money import Money

__all__ = ["create_wallet", "expire_grants", "spend_from_wallet", "top_up_wallet", "update_wallet"]


async def create_wallet(
    customers: CustomerRepository,
    wallets: WalletRepository,
    customer_id: str,
    name: str,
    currency: str | None,
    priority: int,
    expires_at: datetime | None,
    context: CommandContext,
) -> Wallet:
    """Open an empty wallet and return it; its currency is the customer's unless another is given.

    Raises:
        NotFound: there is no such customer.
        InvalidState: the customer is not active.
        InvalidInput: the name, priority, currency or expiry is out of range.
    """
    customer = await customers.get(context.tenant, customer_id, field=("customerId",))
    if customer.status is not CustomerStatus.ACTIVE:
        raise InvalidState(f"customer {customer_id!r} is {customer.status.value.lower()}", field=("customerId",))
    id = context.new_id("wal")
    currency = currency or customer.created.currency
    return await wallets.create(Wallet.open(id, customer_id, currency, name, priority, expires_at, context), context)


async def update_wallet(
    customers: CustomerRepository,
    wallets: WalletRepository,
    id: str,
    name: str | None,
    priority: int | None,
    context: CommandContext,
) -> Wallet:
    """Change the name or the priority of a wallet; None leaves it.

    Raises:
        NotFound: there is no such wallet.
        InvalidInput: the name or priority is out of range.
        InvalidState: personal data of its customer was erased.
    """
    await _require_known_owner(customers, await wallets.get(context.tenant, id))
    return await wallets.update(id, context, lambda wallet: wallet.update(name, priority))


async def top_up_wallet(
    customers: CustomerRepository,
    wallets: WalletRepository,
    id: str,
    amount: Money,
    source: GrantSource,
    expires_at: datetime | None,
    description: str | None,
    context: CommandContext,
) -> Wallet:
    """Add a grant to a wallet.

    Raises:
        NotFound: there is no such wallet.
        InvalidInput: the amount is not above zero or in another currency, or the expiry is over or after the wallet's.
        InvalidState: personal data of its customer was erased.
    """
    await _require_known_owner(customers, await wallets.get(context.tenant, id, field=("walletId",)))
    return await wallets.update(
        id, context, lambda wallet: wallet.top_up(amount, source, expires_at, description, context), field=("walletId",)
    )


async def spend_from_wallet(wallets: WalletRepository, id: str, amount: Money, reference: str, context: CommandContext) -> Wallet:
    """Take all of `amount` from a wallet for `reference`, once.

    Raises:
        NotFound: there is no such wallet.
        InvalidInput: the amount is not above zero or in another currency.
        AlreadyExists: another amount was spent on `reference` before.
        InsufficientBalance: less is there.
    """
    return await wallets.update(id, context, lambda wallet: wallet.spend(amount, reference, context), field=("walletId",))


async def expire_grants(wallets: WalletRepository, id: str, context: CommandContext) -> Wallet:
    """Write off what is left of the wallet's expired grants.

    Raises:
        NotFound: there is no such wallet.
    """
    return await wallets.update(id, context, lambda wallet: wallet.expire(context))


async def _require_known_owner(customers: CustomerRepository, wallet: Wallet) -> None:
    customer = await customers.find(wallet.tenant, wallet.customer_id)
    if customer is not None and customer.status is CustomerStatus.ERASED:
        raise InvalidState(f"personal data of customer {customer.id!r} was erased; its wallets are only used up")
