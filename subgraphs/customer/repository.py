"""Where customers, their balances and their wallets are kept."""

from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.credit_application import CreditApplication
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.kit.persistence.repository import AggregateRepository

__all__ = ["BalanceRepository", "CreditApplicationRepository", "CustomerRepository", "WalletRepository"]

CustomerRepository = AggregateRepository[Customer]
BalanceRepository = AggregateRepository[CustomerBalance]
WalletRepository = AggregateRepository[Wallet]
CreditApplicationRepository = AggregateRepository[CreditApplication]
