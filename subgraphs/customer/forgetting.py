"""Removes personal data from what is read about balances and wallets, once their customer's key is destroyed."""

from subgraphs.customer.documents import BalanceDocument, BalanceEntryDocument, WalletDocument
from subgraphs.customer.ledger_projections import wallet_document
from subgraphs.customer.repository import WalletRepository

__all__ = ["forget_documents", "ids_of_customer"]


async def forget_documents(wallets: WalletRepository, tenant: str, customer_id: str) -> None:
    """Clear descriptions and names in the customer's ledgers; numbers stay."""
    mine = {"tenant": tenant, "customer_id": customer_id}
    await BalanceEntryDocument.get_pymongo_collection().update_many(mine, {"$set": {"description": None}})
    collection = WalletDocument.get_pymongo_collection()
    async for found in collection.find(mine, {"_id": 1}):
        # Read without the key, the wallet's own texts are gone. An older state never replaces a newer one.
        document = wallet_document(await wallets.get(tenant, found["_id"]))
        values = document.model_dump(exclude={"id", "revision_id"})
        await collection.update_one({"_id": document.id, "version": {"$lte": document.version}}, {"$set": values})


async def ids_of_customer(tenant: str, customer_id: str) -> list[str]:
    """Return the ids by which events are about a customer: its own, and those of its balances and wallets."""
    mine = {"tenant": tenant, "customer_id": customer_id}
    found = [customer_id]
    for type_ in (BalanceDocument, WalletDocument):
        found += [str(one["_id"]) async for one in type_.get_pymongo_collection().find(mine, {"_id": 1})]
    return found
