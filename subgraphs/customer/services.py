"""What the customer subgraph's entry points work with, once built."""

from dataclasses import dataclass

from subgraphs.customer.documents import CustomerDocument
from subgraphs.customer.repository import CustomerRepository
from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.stores import Stores

__all__ = ["CustomerServices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerServices:
    """Handed to every resolver as the request context's `deps`."""

    stores: Stores
    customers: CustomerRepository
    claims: ClaimStore
    reader: TenantReader[CustomerDocument]
    clock: Clock
