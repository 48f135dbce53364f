"""What the customer subgraph's entry points work with, once built."""

from dataclasses import dataclass
from functools import partial

from subgraphs.customer.commands.apply_credit import CreditStores
from subgraphs.customer.commands.erase_customer import ErasureStores
from subgraphs.customer.commands.merge_customers import MergeStores
from subgraphs.customer.documents import (
    BalanceDocument,
    BalanceEntryDocument,
    CustomerDocument,
    OpenItemDocument,
    WalletDocument,
    WalletEntryDocument,
)
from subgraphs.customer.forgetting import forget_documents
from subgraphs.customer.open_items import OpenItems
from subgraphs.customer.personal_data_keys import PersonalDataKeys
from subgraphs.customer.repository import (
    BalanceRepository,
    CreditApplicationRepository,
    CustomerRepository,
    WalletRepository,
)
from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.stores import Stores

__all__ = ["CustomerServices"]

# More wallets and balances than a customer is expected to have.
MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerServices:
    """Handed to every resolver as the request context's `deps`."""

    stores: Stores
    customers: CustomerRepository
    balances: BalanceRepository
    wallets: WalletRepository
    credit_applications: CreditApplicationRepository
    claims: ClaimStore
    keys: PersonalDataKeys
    reader: TenantReader[CustomerDocument]
    balance_reader: TenantReader[BalanceDocument]
    balance_entry_reader: TenantReader[BalanceEntryDocument]
    wallet_reader: TenantReader[WalletDocument]
    wallet_entry_reader: TenantReader[WalletEntryDocument]
    open_item_reader: TenantReader[OpenItemDocument]
    clock: Clock

    @property
    def credit(self) -> CreditStores:
        """Where customers' credit is kept."""
        return CreditStores(
            customers=self.customers,
            balances=self.balances,
            wallets=self.wallets,
            applications=self.credit_applications,
            wallet_ids=self._wallet_ids,
        )

    @property
    def merge(self) -> MergeStores:
        """Where what is moved between customers is kept."""
        return MergeStores(
            customers=self.customers,
            balances=self.balances,
            wallets=self.wallets,
            balance_ids=self._balance_ids,
            wallet_ids=self._wallet_ids,
            open_ids=self.open_items.of,
        )

    @property
    def open_items(self) -> OpenItems:
        """What of customers is still being billed or paid."""
        return OpenItems(self.open_item_reader)

    @property
    def erasure(self) -> ErasureStores:
        """Where personal data is kept."""
        return ErasureStores(
            customers=self.customers,
            claims=self.claims,
            keys=self.keys,
            open_ids=self.open_items.of,
            forget_documents=partial(forget_documents, self.wallets),
        )

    async def _balance_ids(self, tenant: str, customer_id: str) -> list[str]:
        return [one.id for one in await self.balance_reader.page(tenant, {"customer_id": customer_id}, limit=MOST)]

    async def _wallet_ids(self, tenant: str, customer_id: str) -> list[str]:
        return [one.id for one in await self.wallet_reader.page(tenant, {"customer_id": customer_id}, limit=MOST)]
