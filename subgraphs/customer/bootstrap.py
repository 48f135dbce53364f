"""Builds the customer subgraph's adapters; nothing else does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from subgraphs.customer.documents import (
    BalanceDocument,
    BalanceEntryDocument,
    CreditApplicationDocument,
    CustomerDocument,
    OpenItemDocument,
    WalletDocument,
    WalletEntryDocument,
)
from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.credit_application import CreditApplication
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.customer.ledger_projections import balance_projection, credit_application_projection, wallet_projection
from subgraphs.customer.personal_data_keys import MongoPersonalDataKeys
from subgraphs.customer.projections import customer_projection
from subgraphs.customer.sealed_events import SealedEventLog
from subgraphs.customer.services import CustomerServices
from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.persistence.documents import TenantDocument, TenantReader
from subgraphs.kit.settings import Settings
from subgraphs.kit.stores import open_stores

__all__ = ["open_services"]

DOCUMENTS: tuple[type[TenantDocument], ...] = (
    CustomerDocument,
    BalanceDocument,
    BalanceEntryDocument,
    WalletDocument,
    WalletEntryDocument,
    CreditApplicationDocument,
    OpenItemDocument,
)


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncIterator[CustomerServices]:
    """Open the stores and return what commands, queries and the worker use."""
    async with open_stores(settings, "customer", DOCUMENTS, clock) as opened:
        keys = MongoPersonalDataKeys(opened.database)
        stores = replace(opened, events=SealedEventLog(opened.events, keys))
        yield CustomerServices(
            stores=stores,
            customers=stores.repository(Customer, customer_projection()),
            balances=stores.repository(CustomerBalance, balance_projection()),
            wallets=stores.repository(Wallet, wallet_projection()),
            credit_applications=stores.repository(CreditApplication, credit_application_projection()),
            claims=stores.claims,
            keys=keys,
            reader=TenantReader(CustomerDocument),
            balance_reader=TenantReader(BalanceDocument),
            balance_entry_reader=TenantReader(BalanceEntryDocument),
            wallet_reader=TenantReader(WalletDocument),
            wallet_entry_reader=TenantReader(WalletEntryDocument),
            open_item_reader=TenantReader(OpenItemDocument),
            clock=stores.clock,
        )
