"""Erase a customer's personal data, and keep the books.

What is erased: name, e-mail, addresses, tax ids, external id, payment methods, descriptions. What stays: ids, amounts, times.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.errors import HasOpenBilling
from subgraphs.customer.personal_data_keys import PersonalDataKeys
from subgraphs.customer.repository import CustomerRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.persistence.claims import ClaimStore

__all__ = ["ErasureStores", "complete_erasure", "erase_customer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureStores:
    """Where personal data is kept. `forget_documents` removes it from documents of what belongs to a tenant's customer."""

    customers: CustomerRepository
    claims: ClaimStore
    keys: PersonalDataKeys
    open_ids: Callable[[str, str], Awaitable[Sequence[str]]]
    forget_documents: Callable[[str, str], Awaitable[None]]


async def erase_customer(stores: ErasureStores, id: str, context: CommandContext) -> Customer:
    """Erase personal data of the customer and of every alias of it, for good; again: nothing more.

    Raises:
        NotFound: there is no such customer.
        InvalidState: the customer is an alias; the one it was merged into is to be erased.
        HasOpenBilling: a subscription or invoice of it is open, which its name and ways to pay are needed for.
    """
    customer = await stores.customers.get(context.tenant, id)
    aliases = await _aliases(stores, customer)
    for one in (customer, *aliases):
        found = await stores.open_ids(context.tenant, one.id)
        if found:
            raise HasOpenBilling(one.id, found, "cancel or settle them first")
    customer = await stores.customers.update(id, context, lambda found: found.erase(context))
    for alias in aliases:
        await stores.customers.update(alias.id, context, lambda found: found.erase_alias(context))
        await complete_erasure(stores, alias)
    await complete_erasure(stores, customer)
    return customer


async def complete_erasure(stores: ErasureStores, customer: Customer) -> None:
    """Make what was stored of an erased customer unreadable; any number of times. The external id is free again."""
    if customer.created.external_id is not None:
        await stores.claims.release(customer.tenant, "external_id", customer.created.external_id, customer.id)
    await stores.keys.destroy(customer.tenant, customer.id)
    await stores.forget_documents(customer.tenant, customer.id)


async def _aliases(stores: ErasureStores, customer: Customer) -> list[Customer]:
    found: list[Customer] = []
    for id in customer.merged_customer_ids:
        alias = await stores.customers.get(customer.tenant, id)
        found += [alias, *await _aliases(stores, alias)]
    return found
