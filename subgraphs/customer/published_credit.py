"""What other subgraphs and partners are told of customers' balances and wallets."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from subgraphs.customer.domain.balance_events import BalanceEntryRecorded
from subgraphs.customer.domain.credit_application import CreditApplied, CreditReturned, CreditSource
from subgraphs.customer.domain.wallet_events import WalletEntryRecorded
from subgraphs.customer.domain.wallet_events import WalletOpened as WalletOpenedEvent
from subgraphs.kit.domain.event import Event
from subgraphs.kit.messaging.published import Contract

__all__ = ["CREDIT_CONTRACTS", "told_of_credit"]


class CustomerBalanceChanged(Contract, frozen=True):
    """One entry of a customer's balance. Amounts are minor units; above zero is to the customer's favour.

    `kind` is ADJUSTMENT, APPLIED_TO_INVOICE, RETURNED_FROM_INVOICE, CREDIT_NOTE, CARRIED_FORWARD, BROUGHT_FORWARD, MERGED_OUT or
    MERGED_IN; `reference` the invoice or credit note it is about, the customer that has it now, or the entry it was taken out by.
    `balanceMinor` is the balance after it.
    """

    event_type = "customer-balance-changed.v1"

    customer_id: str
    balance_id: str
    entry_id: str
    number: int
    kind: str
    currency: str
    amount_minor: int
    balance_minor: int
    reference: str | None


class WalletOpened(Contract, frozen=True):
    """A customer has a further prepaid wallet, empty as yet. Wallets of lower priority are spent first."""

    event_type = "wallet-opened.v1"

    wallet_id: str
    customer_id: str
    currency: str
    priority: int
    expires_at: datetime | None


class PublishedGrantPart(msgspec.Struct, frozen=True, rename="camel"):
    """How much of one grant, in minor units."""

    grant_id: str
    amount_minor: int


class WalletBalanceChanged(Contract, frozen=True):
    """One entry of a wallet, and which grants it is made of. Amounts are minor units, below zero for what was spent or expired.

    `kind` is TOP_UP, SPEND, RETURN or EXPIRY; `reference` what it was spent on, or the grant that came or expired.
    """

    event_type = "wallet-balance-changed.v1"

    customer_id: str
    wallet_id: str
    entry_id: str
    number: int
    kind: str
    currency: str
    amount_minor: int
    balance_minor: int
    reference: str
    parts: tuple[PublishedGrantPart, ...]


class PublishedDebt(msgspec.Struct, frozen=True, rename="camel"):
    """What was owed, in minor units; `invoiceId` is the invoice that left it unpaid, null: it was owed otherwise."""

    invoice_id: str | None
    amount_minor: int


class InvoiceCreditApplied(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """How much of an invoice is paid by its customer's credit: `amountMinor`, of which `walletMinor` came from wallets.

    Answers invoice-credit-requested.v1, also with zero. `broughtForward` was owed in the balance before, and the invoice collects
    it with its total: the credit pays a part of both.
    """

    event_type = "invoice-credit-applied.v1"

    invoice_id: str
    customer_id: str
    currency: str
    amount_minor: int
    wallet_minor: int
    balance_minor: int
    brought_forward: tuple[PublishedDebt, ...] = ()


class InvoiceCreditReturned(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """What an invoice was paid with by credit went back to where it came from, and what it was to collect is owed again."""

    event_type = "invoice-credit-returned.v1"

    invoice_id: str
    customer_id: str
    currency: str
    amount_minor: int
    brought_forward_minor: int = 0


CREDIT_CONTRACTS: tuple[type[Contract], ...] = (
    CustomerBalanceChanged,
    WalletOpened,
    WalletBalanceChanged,
    InvoiceCreditApplied,
    InvoiceCreditReturned,
)


def told_of_credit(id: str, event: Event) -> Iterator[Contract]:
    """Yield what is told of an event of the balance, wallet or credit application `id`; of some, nothing."""
    match event:
        case BalanceEntryRecorded(entry=entry):
            yield CustomerBalanceChanged(
                customer_id=event.customer_id,
                balance_id=id,
                entry_id=entry.id,
                number=entry.number,
                kind=entry.kind.value,
                currency=event.currency,
                amount_minor=entry.amount,
                balance_minor=entry.balance_after,
                reference=entry.reference,
            )
        case WalletOpenedEvent():
            yield WalletOpened(
                wallet_id=id,
                customer_id=event.customer_id,
                currency=event.currency,
                priority=event.priority,
                expires_at=event.expires_at,
            )
        case WalletEntryRecorded(entry=line):
            yield WalletBalanceChanged(
                customer_id=event.customer_id,
                wallet_id=id,
                entry_id=line.id,
                number=line.number,
                kind=line.kind.value,
                currency=event.currency,
                amount_minor=line.amount,
                balance_minor=line.balance_after,
                reference=line.reference,
                parts=tuple(PublishedGrantPart(grant_id=part.grant_id, amount_minor=part.amount) for part in line.parts),
            )
        case CreditApplied():
            by_source = {source: sum(part.amount for part in event.parts if part.source is source) for source in CreditSource}
            yield InvoiceCreditApplied(
                invoice_id=event.invoice_id,
                customer_id=event.customer_id,
                currency=event.currency,
                amount_minor=sum(by_source.values()),
                wallet_minor=by_source[CreditSource.WALLET],
                balance_minor=by_source[CreditSource.BALANCE],
                brought_forward=tuple(
                    PublishedDebt(invoice_id=debt.invoice_id, amount_minor=debt.amount)
                    for debt in (event.brought_forward.debts if event.brought_forward else ())
                ),
            )
        case CreditReturned():
            yield InvoiceCreditReturned(
                invoice_id=event.invoice_id,
                customer_id=event.customer_id,
                currency=event.currency,
                amount_minor=event.amount,
                brought_forward_minor=event.brought_forward,
            )
