"""The built-in payment provider, which moves no money: payment method tokens decide what happens, see `SandboxToken`.

A token that it does not know is declined with the code `invalid_payment_method`.

A dispute is won with the evidence `winning_evidence`, and lost with `losing_evidence`, when it is accepted, or when a week has
passed without evidence; with other evidence it stays under review.
"""

from datetime import datetime, timedelta
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from subgraphs.invoice.domain.payment_provider import (
    ActionRequired,
    Declined,
    DisputeFacts,
    DisputeState,
    PaymentOutcome,
    RefundOutcome,
    Succeeded,
)
from subgraphs.invoice.domain.provider_events import ProviderEvent, ProviderEventKind
from subgraphs.invoice.domain.values import PaymentStatus
from subgraphs.invoice.provider_inbox import ProviderInbox
from subgraphs.kit.domain.clock import Clock, SystemClock
from subgraphs.kit.domain.money import Money
from subgraphs.sandbox import SANDBOX, SandboxToken

__all__ = ["SandboxProvider"]

_CARD_DECLINED = Declined("card_declined", "The card was declined.")
_LOST_CARD = Declined("lost_card", "The card was reported lost.")
_UNKNOWN_TOKEN = Declined(
    "invalid_payment_method", f"The sandbox does not know this payment method; it knows {', '.join(SandboxToken)}."
)
_REFUND_DECLINES = {
    SandboxToken.UNREFUNDABLE.value: Declined("refund_declined", "The bank does not take the money back."),
}
_EVIDENCE_TIME = timedelta(days=7)
_EVIDENCE = {"winning_evidence": DisputeState.WON, "losing_evidence": DisputeState.LOST}
_NOT_CHARGED = Declined("not_charged", "The payment did not succeed, so there is nothing to refund.")
_TOO_MUCH = Declined("refund_exceeds_charge", "More would be refunded than was charged.")
_IS_DISPUTED = Declined("charge_disputed", "The payment is disputed.")
_CANCELED = Declined("canceled", "The payment was canceled before the customer confirmed it.")


class SandboxProvider:
    """Keeps one record per payment, under its tenant and id: the first call decides, later ones are told the same."""

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        inbox: ProviderInbox,
        clock: Clock | None = None,
        collection: str = "sandbox_charges",
    ) -> None:
        self._charges: AsyncCollection[dict[str, Any]] = database[collection]
        self._inbox, self._clock = inbox, clock or SystemClock()

    def minimum_charge(self, currency: str) -> Money | None:
        return None

    async def charge(self, tenant: str, payment_id: str, token: str, amount: Money) -> PaymentOutcome:
        key = f"{tenant}/{payment_id}"
        asked = {"token": token, "amount_minor": amount.minor_units, "currency": amount.currency}
        try:
            await self._charges.insert_one({"_id": key, **asked, **_first_answer(token)})
        except DuplicateKeyError:
            known = await self._charges.find_one({"_id": key}, dict.fromkeys(asked, 1) | {"_id": 0})
            if known != asked:
                raise ValueError(f"payment {payment_id!r} was charged with other particulars before") from None
        if token == SandboxToken.DISPUTED:
            await self._tell(key, "opened")
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
        if charge["token"] == SandboxToken.DISPUTED and charge.get("dispute") not in {None, DisputeState.WON.value}:
            return _IS_DISPUTED
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

    async def payment_of(self, reference: str) -> tuple[str, str] | None:
        tenant, _, payment_id = reference.partition("/")
        return tenant, payment_id

    async def dispute(self, tenant: str, reference: str, at: datetime) -> DisputeFacts:
        key = f"{tenant}/{reference.removeprefix('dispute:')}"
        opened = {"dispute": DisputeState.NEEDS_EVIDENCE.value, "evidence_due_at": at + _EVIDENCE_TIME}
        await self._charges.update_one({"_id": key, "dispute": {"$exists": False}}, {"$set": opened})
        unanswered = {"_id": key, "dispute": DisputeState.NEEDS_EVIDENCE.value, "evidence_due_at": {"$lte": at}}
        await self._charges.update_one(unanswered, {"$set": {"dispute": DisputeState.LOST.value}})
        charge = await self._charges.find_one({"_id": key})
        if charge is None:
            raise LookupError(f"the sandbox has no payment {key!r}")
        return DisputeFacts(
            reference=reference,
            state=DisputeState(charge["dispute"]),
            reason="fraudulent",
            amount=Money(charge["amount_minor"], charge["currency"]),
            evidence_due_at=charge["evidence_due_at"],
        )

    async def submit_evidence(self, tenant: str, reference: str, text: str) -> None:
        await self._decide(tenant, reference, _EVIDENCE.get(text, DisputeState.UNDER_REVIEW))

    async def accept_dispute(self, tenant: str, reference: str) -> None:
        await self._decide(tenant, reference, DisputeState.LOST)

    async def _decide(self, tenant: str, reference: str, state: DisputeState) -> None:
        key = f"{tenant}/{reference.removeprefix('dispute:')}"
        open_ = {"$in": [DisputeState.NEEDS_EVIDENCE.value, DisputeState.UNDER_REVIEW.value]}
        await self._charges.update_one({"_id": key, "dispute": open_}, {"$set": {"dispute": state.value}})
        await self._tell(key, state.value.lower())

    async def _tell(self, key: str, what: str) -> None:
        event = ProviderEvent(
            id=f"dispute/{key}/{what}",
            provider=SANDBOX,
            kind=ProviderEventKind.DISPUTE_CHANGED,
            reference=key,
            dispute=f"dispute:{key.partition('/')[2]}",
        )
        await self._inbox.put(event, self._clock.now())

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
        case SandboxToken.SUCCESS | SandboxToken.UNREFUNDABLE | SandboxToken.DISPUTED:
            return {"status": PaymentStatus.SUCCEEDED.value}
        case SandboxToken.REQUIRES_ACTION:
            return {"status": PaymentStatus.ACTION_REQUIRED.value}
        case SandboxToken.DECLINED:
            return _declined(_CARD_DECLINED)
        case SandboxToken.LOST_CARD:
            return _declined(_LOST_CARD)
        case _:
            return _declined(_UNKNOWN_TOKEN)


def _declined(decline: Declined) -> dict[str, str]:
    return {"status": PaymentStatus.FAILED.value, "code": decline.code, "message": decline.message}
