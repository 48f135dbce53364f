"""Customers' balances and wallets as the API shows them."""

from datetime import datetime

import strawberry

from subgraphs.customer.documents import (
    BalanceDocument,
    BalanceEntryDocument,
    GrantPartValue,
    GrantValue,
    WalletDocument,
    WalletEntryDocument,
)
from subgraphs.customer.domain.balance_events import BalanceEntryKind
from subgraphs.customer.domain.wallet_events import GrantSource, WalletEntryKind
from subgraphs.customer.schema.context import Info
from subgraphs.kit.domain import money
from subgraphs.kit.graphql.children import children
from subgraphs.kit.graphql.enums import described_enum
from subgraphs.kit.graphql.pagination import After, Before, Connection, Edge, First, Last, PageArguments, connection
from subgraphs.kit.graphql.scalars import CurrencyCode, Money

__all__ = ["CustomerBalance", "Wallet", "WalletConnection", "WalletEdge"]

READ = [["customers:read"]]

described_enum(
    BalanceEntryKind,
    {
        "ADJUSTMENT": "You changed it, with customerBalanceAdjust.",
        "APPLIED_TO_INVOICE": "It paid a part of an invoice.",
        "RETURNED_FROM_INVOICE": "An invoice that it paid was voided, or needed less of it.",
        "CREDIT_NOTE": "A credit note gave back to it.",
        "CARRIED_FORWARD": "An invoice left what was too little to charge.",
        "BROUGHT_FORWARD": "A later invoice collects what was owed.",
        "MERGED_OUT": "The customer was merged into another one, which has it now.",
        "MERGED_IN": "A customer that was merged into this one had it.",
    },
    description="Why a balance changed.",
)
described_enum(
    GrantSource,
    {
        "PURCHASED": "The customer paid for it.",
        "PROMOTIONAL": "It was given away.",
    },
    description="Whether a grant was paid for or given away.",
)
described_enum(
    WalletEntryKind,
    {
        "TOP_UP": "A grant was added.",
        "SPEND": "It paid a part of an invoice.",
        "RETURN": "An invoice that it paid was voided, or needed less of it.",
        "EXPIRY": "A grant expired with what was left of it.",
    },
    description="Why what is in a wallet changed.",
)


@strawberry.type(description="One line of a customer's balance. Lines are only ever added.")
class BalanceEntry:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The entry's id, `ble_…`.")
    number: int = strawberry.field(description="The entry's number in its balance, from 1.")
    kind: BalanceEntryKind = strawberry.field(description="Why the balance changed.")
    amount: Money = strawberry.field(description="What was added, below zero for what was taken.")
    balance_after: Money = strawberry.field(description="The balance from this entry on.")
    reference: str | None = strawberry.field(
        description="The invoice or credit note it is about, the customer that has it now, or the entry it came from."
    )
    description: str | None = strawberry.field(description="Why, in the words of whoever made the adjustment.")
    recorded_at: datetime = strawberry.field(description="When it was made.")

    @classmethod
    def of(cls, document: BalanceEntryDocument) -> "BalanceEntry":
        return cls(
            id=strawberry.ID(document.entry_id),
            number=document.number,
            kind=document.kind,
            amount=_money(document.amount, document.currency),
            balance_after=_money(document.balance_after, document.currency),
            reference=document.reference,
            description=document.description,
            recorded_at=document.recorded_at,
        )


@strawberry.type(description="One entry of a balance and its place in the list.")
class BalanceEntryEdge(Edge[BalanceEntry]):
    """Edge of BalanceEntry."""


@strawberry.type(description="A page of a balance's entries, newest first.")
class BalanceEntryConnection(Connection[BalanceEntry]):
    """Connection of BalanceEntry."""


@strawberry.federation.type(
    requires_scopes=READ,
    description="A customer's balance in one currency: above zero is credit for coming invoices, below it is owed, and the next "
    "invoice with something to pay collects it.",
)
class CustomerBalance:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The balance's id, `bal_…`.")
    currency_code: CurrencyCode = strawberry.field(description="Its currency.")
    amount: Money = strawberry.field(description="The balance now: the sum of its entries.")

    @strawberry.field(description="Every change there was, newest first.")
    async def entries(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> BalanceEntryConnection:
        page = PageArguments.parse(first, after, last, before)
        rows = await children(info.context, info.context.deps.balance_entry_reader, "ledger_id", self.id, page)
        return connection(BalanceEntryConnection, BalanceEntryEdge, page, rows, BalanceEntry.of)

    @classmethod
    def of(cls, document: BalanceDocument) -> "CustomerBalance":
        return cls(
            id=strawberry.ID(document.id),
            currency_code=CurrencyCode(document.currency),
            amount=_money(document.balance, document.currency),
        )


@strawberry.type(description="Credit that was put into a wallet, and what is left of it.")
class WalletGrant:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The grant's id, `grt_…`.")
    amount: Money = strawberry.field(description="What was put in.")
    left: Money = strawberry.field(description="What has neither been spent nor expired.")
    source: GrantSource = strawberry.field(description="Whether it was paid for.")
    expires_at: datetime | None = strawberry.field(description="From when on it cannot be spent; null: never.")
    description: str | None = strawberry.field(description="What it is for.")
    granted_at: datetime = strawberry.field(description="When it was put in.")

    @classmethod
    def of(cls, value: GrantValue, currency: str) -> "WalletGrant":
        return cls(
            id=strawberry.ID(value.id),
            amount=_money(value.amount, currency),
            left=_money(value.left, currency),
            source=value.source,
            expires_at=value.expires_at,
            description=value.description,
            granted_at=value.granted_at,
        )


@strawberry.type(description="How much of one grant an entry is made of.")
class WalletEntryPart:
    """As the API shows it."""

    grant_id: strawberry.ID = strawberry.field(description="The grant, `grt_…`.")
    amount: Money = strawberry.field(description="How much of it, above zero.")

    @classmethod
    def of(cls, value: GrantPartValue, currency: str) -> "WalletEntryPart":
        return cls(grant_id=strawberry.ID(value.grant_id), amount=_money(value.amount, currency))


@strawberry.type(description="One change of what is in a wallet, traceable to the grants it is made of.")
class WalletEntry:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The entry's id, `wle_…`.")
    number: int = strawberry.field(description="The entry's number in its wallet, from 1.")
    kind: WalletEntryKind = strawberry.field(description="Why it changed.")
    amount: Money = strawberry.field(description="What came in, below zero for what was spent or expired.")
    balance_after: Money = strawberry.field(description="What is in the wallet from this entry on.")
    reference: str = strawberry.field(description="What it was spent on, such as an invoice, or the grant that came or expired.")
    parts: list[WalletEntryPart] = strawberry.field(description="The grants it is made of; their amounts add up to it.")
    recorded_at: datetime = strawberry.field(description="When it was made.")

    @classmethod
    def of(cls, document: WalletEntryDocument) -> "WalletEntry":
        return cls(
            id=strawberry.ID(document.entry_id),
            number=document.number,
            kind=document.kind,
            amount=_money(document.amount, document.currency),
            balance_after=_money(document.balance_after, document.currency),
            reference=document.reference or "",
            parts=[WalletEntryPart.of(part, document.currency) for part in document.parts],
            recorded_at=document.recorded_at,
        )


@strawberry.type(description="One entry of a wallet and its place in the list.")
class WalletEntryEdge(Edge[WalletEntry]):
    """Edge of WalletEntry."""


@strawberry.type(description="A page of a wallet's entries, newest first.")
class WalletEntryConnection(Connection[WalletEntry]):
    """Connection of WalletEntry."""


@strawberry.federation.type(
    requires_scopes=READ,
    description="Prepaid credit of a customer. Invoices use wallets by priority, then what expires first, before the balance.",
)
class Wallet:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The wallet's id, `wal_…`.")
    name: str = strawberry.field(description="What its owner recognises it by.")
    priority: int = strawberry.field(description="1 to 100; lower ones are spent first.")
    currency_code: CurrencyCode = strawberry.field(description="Its currency; invoices in others do not use it.")
    expires_at: datetime | None = strawberry.field(description="From when on nothing in it can be spent; null: never.")
    opened_at: datetime = strawberry.field(description="When it was opened.")
    document: strawberry.Private[WalletDocument]

    @strawberry.field(description="What can be spent now: what is left of grants that have not expired.")
    async def balance(self, info: Info) -> Money:
        now = await info.context.now()
        usable = (grant.left for grant in self.document.grants if grant.expires_at is None or now < grant.expires_at)
        return _money(sum(usable), self.document.currency)

    @strawberry.field(description="Grants with something left, in the order they are spent.")
    async def grants(self, info: Info) -> list[WalletGrant]:
        now = await info.context.now()
        usable = [grant for grant in self.document.grants if grant.expires_at is None or now < grant.expires_at]
        return [WalletGrant.of(grant, self.document.currency) for grant in usable]

    @strawberry.field(description="Every change there was, newest first.")
    async def entries(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> WalletEntryConnection:
        page = PageArguments.parse(first, after, last, before)
        rows = await children(info.context, info.context.deps.wallet_entry_reader, "ledger_id", self.id, page)
        return connection(WalletEntryConnection, WalletEntryEdge, page, rows, WalletEntry.of)

    @classmethod
    def of(cls, document: WalletDocument) -> "Wallet":
        return cls(
            id=strawberry.ID(document.id),
            name=document.name,
            priority=document.priority,
            currency_code=CurrencyCode(document.currency),
            expires_at=document.expires_at,
            opened_at=document.opened_at,
            document=document,
        )


@strawberry.type(description="One wallet of a list and its place in it.")
class WalletEdge(Edge[Wallet]):
    """Edge of Wallet."""


@strawberry.type(description="A page of wallets, newest first.")
class WalletConnection(Connection[Wallet]):
    """Connection of Wallet."""


def _money(minor_units: int, currency: str) -> Money:
    return Money.of(money.Money(minor_units, currency))
