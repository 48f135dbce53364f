"""Which wallets an amount is taken from."""

from collections.abc import Sequence
from datetime import datetime

from subgraphs.customer.domain.wallet import NEVER, Wallet
from subgraphs.kit.domain.money import Money

__all__ = ["allocate_spend"]


def allocate_spend(wallets: Sequence[Wallet], amount: Money, at: datetime) -> list[tuple[str, Money]]:
    """Return how much of `amount` each wallet gives, at most what is in them together; only wallets that give something.

    Grants are taken by the priority of their wallet, then by expiry, whichever wallet of that priority they are in, then by age.
    Wallets of another currency give nothing.
    """
    grants = sorted(
        (wallet.priority, grant.expires_at or NEVER, grant.granted_at, wallet.id, wallet.left[grant.id])
        for wallet in wallets
        if wallet.opened.currency == amount.currency
        for grant in wallet.spendable(at)
    )
    given: dict[str, int] = {}
    left = amount.minor_units
    for *_, wallet_id, available in grants:
        taken = min(left, available)
        if taken > 0:
            given[wallet_id] = given.get(wallet_id, 0) + taken
            left -= taken
    return [(wallet_id, Money(taken, amount.currency)) for wallet_id, taken in given.items()]
