"""From balances and wallets to their documents: one for the ledger, one for each of its entries."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Generic, TypeVar

from pymongo.errors import DuplicateKeyError

from subgraphs.customer.documents import (
    BalanceDocument,
    BalanceEntryDocument,
    CreditApplicationDocument,
    GrantPartValue,
    GrantValue,
    LedgerDocument,
    LedgerEntryDocument,
    WalletDocument,
    WalletEntryDocument,
)
from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.credit_application import CreditApplication
from subgraphs.customer.domain.wallet import NEVER, Wallet
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.persistence.documents import DocumentProjection

__all__ = [
    "balance_document",
    "balance_projection",
    "credit_application_projection",
    "wallet_document",
    "wallet_projection",
]

A = TypeVar("A", bound=Aggregate)
L = TypeVar("L", bound=LedgerDocument)


class LedgerProjection(DocumentProjection[A, L], Generic[A, L]):
    """Writes the entries that are not there yet, then the ledger's document, which says how many there are."""

    def __init__(
        self, document_type: type[L], build: Callable[[A], L], entries: Callable[[A, int], Sequence[LedgerEntryDocument]]
    ) -> None:
        super().__init__(document_type, build)
        self._document_type, self._entries = document_type, entries

    async def project(self, aggregate: A) -> None:
        wanted = {"_id": aggregate.id, "tenant": aggregate.tenant}
        known = await self._document_type.get_pymongo_collection().find_one(wanted, {"entry_count": 1})
        for entry in self._entries(aggregate, known["entry_count"] if known else 0):
            await _put_entry(entry)
        await super().project(aggregate)


def balance_projection() -> LedgerProjection[CustomerBalance, BalanceDocument]:
    """Return the projection that keeps `balances` and `balance_entries`."""
    return LedgerProjection(BalanceDocument, balance_document, _balance_entries)


def wallet_projection() -> LedgerProjection[Wallet, WalletDocument]:
    """Return the projection that keeps `wallets` and `wallet_entries`."""
    return LedgerProjection(WalletDocument, wallet_document, _wallet_entries)


def credit_application_projection() -> DocumentProjection[CreditApplication, CreditApplicationDocument]:
    """Return the projection that keeps `credit_applications`."""
    return DocumentProjection(CreditApplicationDocument, _credit_application_document)


def balance_document(balance: CustomerBalance) -> BalanceDocument:
    """Return what is read about a balance in this state."""
    return BalanceDocument(
        id=balance.id,
        tenant=balance.tenant,
        version=balance.version,
        customer_id=balance.opened.customer_id,
        currency=balance.opened.currency,
        balance=balance.balance.minor_units,
        entry_count=len(balance.entries),
    )


def wallet_document(wallet: Wallet) -> WalletDocument:
    """Return what is read about a wallet in this state."""
    grants = sorted(
        (grant for grant in wallet.grants.values() if wallet.left[grant.id]), key=lambda grant: grant.expires_at or NEVER
    )
    return WalletDocument(
        id=wallet.id,
        tenant=wallet.tenant,
        version=wallet.version,
        customer_id=wallet.customer_id,
        currency=wallet.opened.currency,
        balance=sum(wallet.left.values()),
        entry_count=len(wallet.entries),
        name=wallet.name,
        priority=wallet.priority,
        expires_at=wallet.opened.expires_at,
        grants=[GrantValue(**asdict(grant), left=wallet.left[grant.id]) for grant in grants],
        next_expiry_at=next((grant.expires_at for grant in grants if grant.expires_at is not None), None),
        opened_at=wallet.opened.opened_at,
    )


def _balance_entries(balance: CustomerBalance, after: int) -> Sequence[BalanceEntryDocument]:
    shared = _shared(balance, balance.opened.customer_id, balance.opened.currency)
    return [
        BalanceEntryDocument(
            **shared,
            id=_entry_document_id(balance, entry.number),
            entry_id=entry.id,
            number=entry.number,
            kind=entry.kind,
            amount=entry.amount,
            balance_after=entry.balance_after,
            reference=entry.reference,
            description=entry.description,
            recorded_at=entry.recorded_at,
            recorded_by=entry.recorded_by,
        )
        for entry in balance.entries[after:]
    ]


def _wallet_entries(wallet: Wallet, after: int) -> Sequence[WalletEntryDocument]:
    shared = _shared(wallet, wallet.customer_id, wallet.opened.currency)
    return [
        WalletEntryDocument(
            **shared,
            id=_entry_document_id(wallet, entry.number),
            entry_id=entry.id,
            number=entry.number,
            kind=entry.kind,
            amount=entry.amount,
            balance_after=entry.balance_after,
            reference=entry.reference,
            parts=[GrantPartValue(**asdict(part)) for part in entry.parts],
            recorded_at=entry.recorded_at,
            recorded_by=entry.recorded_by,
        )
        for entry in wallet.entries[after:]
    ]


def _credit_application_document(application: CreditApplication) -> CreditApplicationDocument:
    return CreditApplicationDocument(
        id=application.id,
        tenant=application.tenant,
        version=application.version,
        customer_id=application.applied.customer_id,
        currency=application.applied.currency,
        amount=application.amount.minor_units,
        returned=application.returned,
    )


def _shared(aggregate: Aggregate, customer_id: str, currency: str) -> dict[str, Any]:
    return {
        "tenant": aggregate.tenant,
        "version": aggregate.version,
        "ledger_id": aggregate.id,
        "customer_id": customer_id,
        "currency": currency,
    }


def _entry_document_id(aggregate: Aggregate, number: int) -> str:
    return f"{aggregate.id}/{number:010d}"


async def _put_entry(entry: LedgerEntryDocument) -> None:
    """Store an entry; an entry never changes, so one that is there is left alone."""
    values = entry.model_dump(exclude={"id", "revision_id"})
    try:
        await type(entry).get_pymongo_collection().update_one({"_id": entry.id}, {"$setOnInsert": values}, upsert=True)
    except DuplicateKeyError:
        pass  # another process was writing the same one
