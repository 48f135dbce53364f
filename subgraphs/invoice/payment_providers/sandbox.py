"""The built-in payment provider, which moves no money: payment method tokens decide what happens.

sandbox_success          succeeds
sandbox_declined         is declined with the code `card_declined`
sandbox_requires_action  waits until it is confirmed, then succeeds
sandbox_unrefundable     succeeds; refunds are declined with the code `refund_declined`
"""

from typing import Any

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from subgraphs.invoice.domain.payment_provider import ActionRequired, Declined, PaymentOutcome, RefundOutcome, Succeeded
from subgraphs.invoice.domain.values import PaymentStatus
from subgraphs.kit.domain.money import Money

__all__ = ["SandboxProvider"]

_DECLINES = {
    "sandbox_declined": Declined("card_declined", "The card was declined."),
}
_UNKNOWN_TOKEN = Declined("invalid_payment_method", "The sandbox does not know this payment method.")
_REFUND_DECLINES = {
    "sandbox_unrefundable": Declined("refund_declined", "The bank does not take the money back."),
}
_NOT_CHARGED = Declined("not_charged", "The payment did not succeed, so there is nothing to refund.")
_TOO_MUCH = Declined("refund_exceeds_charge", "More would be refunded than was charged.")
_CANCELED = Declined("canceled", "The payment was canceled before the customer confirmed it.")


class SandboxProvider:
    """Keeps one record per payment, under its tenant and id: the first call decides, later ones are told the same."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], collection: str = "sandbox_charges") -> None:
        self._charges: AsyncCollection[dict[str, Any]] = database[collection]

    async def charge(self, tenant: str, payment_id: str, token: str, amount: Money) -> PaymentOutcome:
        key = f"{tenant}/{payment_id}"
        asked = {"token": token, "amount_minor": amount.minor_units, "currency": amount.currency}
        try:
            await self._charges.insert_one({"_id": key, **asked, **_first_answer(token)})
        except DuplicateKeyError:
            known = await self._charges.find_one({"_id": key}, dict.fromkeys(asked, 1) | {"_id": 0})
            if known != asked:
                raise ValueError(f"payment {payment_id!r} was charged with other particulars before") from None
        return await self._outcome(key)

    async def confirm(self, tenant: str, payment_id: str) -> PaymentOutcome:
        return await self._finish(f"{tenant}/{payment_id}", {"status": PaymentStatus.SUCCEEDED.value})

    async def cancel(self, tenant: str, payment_id: str) -> PaymentOutcome:
        return await self._finish(f"{tenant}/{payment_id}", _declined(_CANCELED))

    async def refund(self, tenant: str, refund_id: str, payment_id: str, amount: Money) -> RefundOutcome:
        key = f"{tenant}/{payment_id}"
        charge = await self._charges.find_one({"_id": key})
        if charge is None:
            raise LookupError(f"the sandbox has no payment {key!r}")
        if charge["status"] != PaymentStatus.SUCCEEDED or charge["currency"] != amount.currency:
            return _NOT_CHARGED
        declined = _REFUND_DECLINES.get(charge["token"])
        if declined is not None:
            return declined
        # One write decides, so that refunds at the same time never come to more than the charge.
        room = {"refunded_minor": {"$not": {"$gt": charge["amount_minor"] - amount.minor_units}}}
        new = {f"refunds.{refund_id}": {"$exists": False}}
        change = {"$inc": {"refunded_minor": amount.minor_units}, "$set": {f"refunds.{refund_id}": amount.minor_units}}
        await self._charges.update_one({"_id": key, **new, **room}, change)
        known = await self._charges.find_one({"_id": key}, {f"refunds.{refund_id}": 1})
        made = (known or {}).get("refunds", {}).get(refund_id)
        if made is None:
            return _TOO_MUCH
        if made != amount.minor_units:
            raise ValueError(f"refund {refund_id!r} was made with another amount before")
        return Succeeded(f"sandbox:{tenant}/{refund_id}")

    async def client_secret(self, tenant: str, payment_id: str) -> str | None:
        return None

    async def _finish(self, key: str, change: dict[str, str]) -> PaymentOutcome:
        await self._charges.update_one({"_id": key, "status": PaymentStatus.ACTION_REQUIRED.value}, {"$set": change})
        return await self._outcome(key)

    async def _outcome(self, key: str) -> PaymentOutcome:
        charge = await self._charges.find_one({"_id": key})
        if charge is None:
            raise LookupError(f"the sandbox has no payment {key!r}")
        match charge["status"]:
            case PaymentStatus.SUCCEEDED:
                return Succeeded(f"sandbox:{key}")
            case PaymentStatus.ACTION_REQUIRED:
                return ActionRequired()
            case _:
                return Declined(charge["code"], charge["message"])


def _first_answer(token: str) -> dict[str, str]:
    match token:
        case "sandbox_success" | "sandbox_unrefundable":
            return {"status": PaymentStatus.SUCCEEDED.value}
        case "sandbox_requires_action":
            return {"status": PaymentStatus.ACTION_REQUIRED.value}
        case _:
            return _declined(_DECLINES.get(token, _UNKNOWN_TOKEN))


def _declined(decline: Declined) -> dict[str, str]:
    return {"status": PaymentStatus.FAILED.value, "code": decline.code, "message": decline.message}
