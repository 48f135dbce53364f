"""Changing customers' balances and wallets."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from subgraphs.customer.commands.change_balance import adjust_balance
from subgraphs.customer.commands.change_wallet import create_wallet, spend_from_wallet, top_up_wallet, update_wallet
from subgraphs.customer.domain.wallet import Wallet as WalletAggregate
from subgraphs.customer.domain.wallet_events import GrantSource
from subgraphs.customer.ledger_projections import balance_document, wallet_document
from subgraphs.customer.schema.context import Info
from subgraphs.customer.schema.credit_types import CustomerBalance, Wallet
from subgraphs.customer.schema.payloads import WHAT, WRITE
from subgraphs.customer.schema.write_input import CustomerWriteInput
from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.scalars import CurrencyCode, MoneyInput
from subgraphs.kit.graphql.writes import KEPT_FOR_GOOD, write

__all__ = ["CreditMutation"]


@strawberry.input(description="What customerBalanceAdjust takes.")
class CustomerBalanceAdjustInput(CustomerWriteInput):
    """Input of customerBalanceAdjust."""

    customer_id: strawberry.ID = strawberry.field(description="Whose balance to adjust.")
    amount: MoneyInput = strawberry.field(
        description="What to add, below zero to take away, up to 10^12 minor units; its currency tells which balance."
    )
    description: str | None = strawberry.field(default=None, description="Why, up to 500 characters.")
    allow_negative: bool = strawberry.field(
        default=False,
        description="Whether the balance may fall below zero: the customer owes that, and the next invoice collects it. "
        "Otherwise INSUFFICIENT_BALANCE.",
    )


@strawberry.input(description="What walletCreate takes.")
class WalletCreateInput(CustomerWriteInput):
    """Input of walletCreate."""

    customer_id: strawberry.ID = strawberry.field(description="Whose wallet it is.")
    name: str = strawberry.field(description="What its owner recognises it by, 1 to 100 characters.")
    currency_code: CurrencyCode | None = strawberry.field(default=None, description="Its currency; by default the customer's.")
    priority: int = strawberry.field(default=50, description="1 to 100; lower ones are spent first.")
    expires_at: datetime | None = strawberry.field(default=None, description="From when on nothing in it can be spent.")


@strawberry.input(description="What is left out, or null, stays as it is.")
class WalletUpdateInput(CustomerWriteInput):
    """Input of walletUpdate."""

    id: strawberry.ID = strawberry.field(description="The wallet to change.")
    name: str | None = strawberry.field(default=None, description="What its owner recognises it by, 1 to 100 characters.")
    priority: int | None = strawberry.field(default=None, description="1 to 100; lower ones are spent first.")


@strawberry.input(description="What walletTopUp takes.")
class WalletTopUpInput(CustomerWriteInput):
    """Input of walletTopUp."""

    wallet_id: strawberry.ID = strawberry.field(description="The wallet to top up.")
    amount: MoneyInput = strawberry.field(
        description="What to put in, above zero and up to 10^12 minor units, in the wallet's currency."
    )
    source: GrantSource = strawberry.field(default=GrantSource.PURCHASED, description="Whether it was paid for.")
    expires_at: datetime | None = strawberry.field(
        default=None, description="From when on it cannot be spent; not after the wallet, with which it expires by default."
    )
    description: str | None = strawberry.field(default=None, description="What it is for, up to 500 characters.")


@strawberry.input(description="What walletSpend takes.")
class WalletSpendInput(CustomerWriteInput):
    """Input of walletSpend."""

    wallet_id: strawberry.ID = strawberry.field(description="The wallet to take from.")
    amount: MoneyInput = strawberry.field(description="What to take, all of it or nothing.")
    reference: str = strawberry.field(
        description=(f"What it is spent on, 1 to 200 characters: what is asked for again is not taken again. {KEPT_FOR_GOOD}")
    )


@strawberry.type(description="Answer of customerBalanceAdjust.")
class CustomerBalanceAdjustPayload:
    """Answer of customerBalanceAdjust."""

    balance: CustomerBalance | None = strawberry.field(default=None, description="The balance afterwards, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class WalletPayload:
    """Base of every payload with a wallet."""

    wallet: Wallet | None = strawberry.field(default=None, description="The wallet afterwards, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )

    @classmethod
    def done(cls, wallet: WalletAggregate) -> Self:
        return cls(wallet=Wallet.of(wallet_document(wallet)))


@strawberry.type(description="Answer of walletCreate.")
class WalletCreatePayload(WalletPayload):
    """Answer of walletCreate."""


@strawberry.type(description="Answer of walletUpdate.")
class WalletUpdatePayload(WalletPayload):
    """Answer of walletUpdate."""


@strawberry.type(description="Answer of walletTopUp.")
class WalletTopUpPayload(WalletPayload):
    """Answer of walletTopUp."""


@strawberry.type(description="Answer of walletSpend.")
class WalletSpendPayload(WalletPayload):
    """Answer of walletSpend."""


@strawberry.type
class CreditMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Add to a customer's balance, or take from it, as one entry of its ledger."
    )
    @write(CustomerBalanceAdjustPayload)
    async def customer_balance_adjust(
        self, info: Info, input: Annotated[CustomerBalanceAdjustInput, WHAT]
    ) -> CustomerBalanceAdjustPayload:
        services = info.context.deps
        balance = await adjust_balance(
            services.customers,
            services.balances,
            input.customer_id,
            input.amount.to_domain(),
            input.description,
            allow_negative=input.allow_negative,
            context=await info.context.command(),
        )
        return CustomerBalanceAdjustPayload(balance=CustomerBalance.of(balance_document(balance)))

    @strawberry.federation.field(requires_scopes=WRITE, description="Open an empty prepaid wallet for a customer.")
    @write(WalletCreatePayload)
    async def wallet_create(self, info: Info, input: Annotated[WalletCreateInput, WHAT]) -> WalletCreatePayload:
        services = info.context.deps
        wallet = await create_wallet(
            services.customers,
            services.wallets,
            input.customer_id,
            input.name,
            input.currency_code,
            input.priority,
            input.expires_at,
            await info.context.command(),
        )
        return WalletCreatePayload.done(wallet)

    @strawberry.federation.field(requires_scopes=WRITE, description="Rename a wallet, or have it spent earlier or later.")
    @write(WalletUpdatePayload)
    async def wallet_update(self, info: Info, input: Annotated[WalletUpdateInput, WHAT]) -> WalletUpdatePayload:
        services, command = info.context.deps, await info.context.command()
        return WalletUpdatePayload.done(
            await update_wallet(services.customers, services.wallets, input.id, input.name, input.priority, command)
        )

    @strawberry.federation.field(requires_scopes=WRITE, description="Put credit into a wallet as a grant.")
    @write(WalletTopUpPayload)
    async def wallet_top_up(self, info: Info, input: Annotated[WalletTopUpInput, WHAT]) -> WalletTopUpPayload:
        wallet = await top_up_wallet(
            info.context.deps.customers,
            info.context.deps.wallets,
            input.wallet_id,
            input.amount.to_domain(),
            input.source,
            input.expires_at,
            input.description,
            await info.context.command(),
        )
        return WalletTopUpPayload.done(wallet)

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Take credit from a wallet, from the grants that expire first. Never below zero."
    )
    @write(WalletSpendPayload)
    async def wallet_spend(self, info: Info, input: Annotated[WalletSpendInput, WHAT]) -> WalletSpendPayload:
        wallets, command = info.context.deps.wallets, await info.context.command()
        return WalletSpendPayload.done(
            await spend_from_wallet(wallets, input.wallet_id, input.amount.to_domain(), input.reference, command)
        )
