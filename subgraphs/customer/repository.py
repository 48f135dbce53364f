"""Where customers are kept."""

from subgraphs.customer.domain.customer import Customer
from subgraphs.kit.persistence.repository import AggregateRepository

__all__ = ["CustomerRepository"]

CustomerRepository = AggregateRepository[Customer]
