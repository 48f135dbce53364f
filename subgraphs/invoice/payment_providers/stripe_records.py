"""What is known of payments at Stripe: which PaymentIntent and which refunds are theirs.

Stripe forgets an idempotency key after a day at the earliest. What was asked for longer ago is looked for at Stripe before it
is asked for anew, so that no age of a repetition charges twice.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from subgraphs.kit.domain.money import Money

__all__ = ["StripePayment", "StripeRecords", "StripeRefund"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StripePayment:
    """A payment as it was asked for; `intent_id` is its PaymentIntent's, None until Stripe has told it."""

    tenant: str
    payment_id: str
    asked_at: datetime
    customer: str | None
    intent_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeRefund:
    """A refund as it was asked for; `stripe_id` is None until Stripe has told it."""

    asked_at: datetime
    stripe_id: str | None


class StripeRecords:
    """One document per payment in MongoDB."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], collection: str = "stripe_payments") -> None:
        self._payments: AsyncCollection[dict[str, Any]] = database[collection]

    async def ensure_indexes(self) -> None:
        await self._payments.create_index([("intent_id", ASCENDING)], name="by_intent", sparse=True)

    async def begin(self, tenant: str, payment_id: str, token: str, amount: Money, now: datetime) -> StripePayment:
        """Note that the payment is asked for, and return what is known of it.

        Raises:
            ValueError: it was asked for with other particulars before.
        """
        key = _key(tenant, payment_id)
        asked = {"token": token, "amount_minor": amount.minor_units, "currency": amount.currency}
        document = {"_id": key, "tenant": tenant, "payment_id": payment_id, "asked_at": now, **asked}
        try:
            await self._payments.insert_one(document)
        except DuplicateKeyError:
            document = await self._payments.find_one({"_id": key}) or document
            if {name: document[name] for name in asked} != asked:
                raise ValueError(f"payment {payment_id!r} was charged with other particulars before") from None
        return _payment(document)

    async def get(self, tenant: str, payment_id: str) -> StripePayment:
        """Return what is known of a payment.

        Raises:
            LookupError: it was never asked for.
        """
        document = await self._payments.find_one({"_id": _key(tenant, payment_id)})
        if document is None:
            raise LookupError(f"payment {payment_id!r} was not asked for at Stripe")
        return _payment(document)

    async def of_intent(self, intent_id: str) -> StripePayment | None:
        """Return the payment that the PaymentIntent belongs to."""
        document = await self._payments.find_one({"intent_id": intent_id})
        return _payment(document) if document else None

    async def ask_again(self, payment: StripePayment, now: datetime) -> None:
        """Note that nothing was found of the payment at Stripe, and that it is asked for anew."""
        await self._payments.update_one({"_id": _key(payment.tenant, payment.payment_id)}, {"$set": {"asked_at": now}})

    async def note_customer(self, payment: StripePayment, customer: str) -> str:
        """Keep the customer that the payment is asked for with, and return it: the one noted first."""
        key = _key(payment.tenant, payment.payment_id)
        await self._payments.update_one({"_id": key, "customer": {"$exists": False}}, {"$set": {"customer": customer}})
        document = await self._payments.find_one({"_id": key}, {"customer": 1}) or {}
        return str(document["customer"])

    async def note_intent(self, tenant: str, payment_id: str, intent_id: str) -> bool:
        """Keep which PaymentIntent is the payment's; return whether it is: the payment is known here, and has no other one."""
        not_another = {"_id": _key(tenant, payment_id), "intent_id": {"$in": [None, intent_id]}}
        found = await self._payments.update_one(not_another, {"$set": {"intent_id": intent_id}})
        return bool(found.matched_count)

    async def begin_refund(self, payment: StripePayment, refund_id: str, amount: Money, now: datetime) -> StripeRefund:
        """Note that the refund is asked for, and return what is known of it.

        Raises:
            ValueError: it was asked for with another amount before.
        """
        key, name = _key(payment.tenant, payment.payment_id), f"refunds.{refund_id}"
        asked = {"asked_at": now, "amount_minor": amount.minor_units}
        await self._payments.update_one({"_id": key, name: {"$exists": False}}, {"$set": {name: asked}})
        document = await self._payments.find_one({"_id": key}, {name: 1}) or {}
        refund = document["refunds"][refund_id]
        if refund["amount_minor"] != amount.minor_units:
            raise ValueError(f"refund {refund_id!r} was made with another amount before")
        return StripeRefund(asked_at=refund["asked_at"], stripe_id=refund.get("stripe_id"))

    async def note_refund(self, payment: StripePayment, refund_id: str, **values: object) -> None:
        """Keep what Stripe told of the refund."""
        change = {f"refunds.{refund_id}.{name}": value for name, value in values.items()}
        await self._payments.update_one({"_id": _key(payment.tenant, payment.payment_id)}, {"$set": change})


def _key(tenant: str, payment_id: str) -> str:
    return f"{tenant}/{payment_id}"


def _payment(document: dict[str, Any]) -> StripePayment:
    return StripePayment(
        tenant=document["tenant"],
        payment_id=document["payment_id"],
        asked_at=document["asked_at"],
        customer=document.get("customer"),
        intent_id=document.get("intent_id"),
    )
