"""Stripe, by its official SDK: PaymentIntents that are confirmed off session, and refunds of them.

    payment method `pm_…` → its Stripe customer (made when it has none) → PaymentIntent, confirmed at once → outcome

Each request that changes something carries an idempotency key made of the tenant and the payment's or refund's id. Whatever
leaves it open what became of the money raises NoAnswer, and the repetition sends the same key. See
https://docs.stripe.com/api/idempotent_requests.
"""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import stripe
from pydantic import SecretStr

from subgraphs.invoice.domain.payment_provider import (
    AMOUNT_NOT_CHARGEABLE,
    ActionRequired,
    Declined,
    DisputeFacts,
    DisputeState,
    NoAnswer,
    PaymentOutcome,
    RefundOutcome,
    Succeeded,
)
from subgraphs.invoice.payment_providers.stripe_amounts import from_stripe, minimum_charge, stripe_amount
from subgraphs.invoice.payment_providers.stripe_records import StripePayment, StripeRecords
from subgraphs.kit.domain.clock import Clock, SystemClock
from subgraphs.kit.domain.errors import InvalidState
from subgraphs.kit.domain.money import Money

if TYPE_CHECKING:
    from stripe import RequestOptions
    from stripe.params import PaymentIntentListParamsCreated

__all__ = ["StripeProvider", "open_stripe"]

# One try and one repetition by the SDK fit into what `settle_payment` waits for a provider.
TIMEOUT_SECONDS = 8.0
RETRIES = 1
# Stripe forgets keys after 24 hours at the earliest.
KEYS_LAST = timedelta(hours=23)
# Stripe's clock and this one may differ.
CLOCKS_DIFFER = timedelta(minutes=10)
PAGE = 100

_CANCELED = Declined("canceled", "The payment was canceled before the customer confirmed it.")
_UNKNOWN_METHOD = Declined("invalid_payment_method", "Stripe does not know this payment method.")
_NOT_CHARGEABLE = Declined(AMOUNT_NOT_CHARGEABLE, "Stripe cannot charge this amount of its currency exactly.")
_TOO_MUCH = Declined("refund_exceeds_charge", "More would be refunded than is left of the charge.")
_NOT_CHARGED = Declined("not_charged", "The payment did not succeed, so there is nothing to refund.")

# An inquiry (warning_…) has taken no money; one that is closed, or that a refund has prevented, takes none any more.
_DISPUTE_STATES = {
    "warning_needs_response": DisputeState.NEEDS_EVIDENCE,
    "needs_response": DisputeState.NEEDS_EVIDENCE,
    "warning_under_review": DisputeState.UNDER_REVIEW,
    "under_review": DisputeState.UNDER_REVIEW,
    "warning_closed": DisputeState.WON,
    "prevented": DisputeState.WON,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}

T = TypeVar("T")


@asynccontextmanager
async def open_stripe(
    secret_key: SecretStr,
    records: StripeRecords,
    *,
    api_base: str,
    timeout_seconds: float = TIMEOUT_SECONDS,
    retries: int = RETRIES,
    clock: Clock | None = None,
) -> AsyncIterator["StripeProvider"]:
    """Return the provider while its connections are open. `clock` tells how old a key is: real time, not business time."""
    timeout = aiohttp.ClientTimeout(total=timeout_seconds)
    http = stripe.AIOHTTPClient(timeout=timeout)
    client = stripe.StripeClient(
        secret_key.get_secret_value(),
        http_client=http,
        max_network_retries=retries,
        base_addresses={"api": api_base},
    )
    try:
        await records.ensure_indexes()
        yield StripeProvider(client, records, clock or SystemClock())
    finally:
        await http.close_async()  # type: ignore[no-untyped-call]  # the SDK leaves it open


class StripeProvider:
    """Payments through Stripe, in the account of the installation's secret key."""

    def __init__(self, client: stripe.StripeClient, records: StripeRecords, clock: Clock) -> None:
        self._stripe, self.records, self._clock = client.v1, records, clock

    def minimum_charge(self, currency: str) -> Money | None:
        return minimum_charge(currency)

    async def charge(self, tenant: str, payment_id: str, token: str, amount: Money) -> PaymentOutcome:
        units = stripe_amount(amount)
        if units is None:
            return _NOT_CHARGEABLE
        payment = await self.records.begin(tenant, payment_id, token, amount, self._clock.now())
        found = await self._intent(payment)
        if found is not None:
            return await self._known(payment, found)
        try:
            customer = payment.customer or await self._customer(payment, token)
            if customer is None:
                return _UNKNOWN_METHOD
            intent = await _answer(
                self._stripe.payment_intents.create_async(
                    {
                        "amount": units,
                        "currency": amount.currency.lower(),
                        "customer": customer,
                        "payment_method": token,
                        "allowed_payment_method_types": ["card"],
                        "confirm": True,
                        "off_session": True,
                        "metadata": {"tenant": tenant, "payment_id": payment_id},
                    },
                    _keyed(tenant, payment_id, "charge"),
                )
            )
        except stripe.CardError as error:
            declined = error.error.payment_intent if error.error else None
            if declined is not None:
                await self.records.note_intent(tenant, payment_id, declined.id)
            return _refusal(error.error, error.user_message)
        except stripe.InvalidRequestError as error:  # it can never be charged like this
            if error.code == "resource_missing":
                return _UNKNOWN_METHOD
            return Declined(error.code or "invalid_request", error.user_message or "Stripe refused the request.")
        return await self._known(payment, intent)

    async def confirm(self, tenant: str, payment_id: str) -> PaymentOutcome:
        payment, intent = await self._made(tenant, payment_id)
        if intent.status == "requires_confirmation":
            try:
                intent = await _answer(
                    self._stripe.payment_intents.confirm_async(intent.id, options=_keyed(tenant, payment_id, "confirm"))
                )
            except stripe.CardError as error:
                return _refusal(error.error, error.user_message)
        outcome = _outcome(intent)
        if isinstance(outcome, Declined) and intent.status == "requires_payment_method":
            # The customer has the client secret, and must not be able to pay what is charged otherwise from now on.
            last = await self._cancel(payment, intent)
            return outcome if isinstance(last, Declined) else last
        return outcome

    async def cancel(self, tenant: str, payment_id: str) -> PaymentOutcome:
        payment, intent = await self._made(tenant, payment_id)
        return await self._cancel(payment, intent)

    async def refund(self, tenant: str, refund_id: str, payment_id: str, amount: Money) -> RefundOutcome:
        units = stripe_amount(amount)
        if units is None:
            return _NOT_CHARGEABLE
        payment, intent = await self._made(tenant, payment_id)
        if intent.status != "succeeded":
            return _NOT_CHARGED
        now = self._clock.now()
        begun = await self.records.begin_refund(payment, refund_id, amount, now)
        if begun.stripe_id is not None:
            return _refunded(await _answer(self._stripe.refunds.retrieve_async(begun.stripe_id)))
        if begun.asked_at < now - KEYS_LAST:
            made = await self._find_refund(intent.id, refund_id)
            if made is not None:
                await self.records.note_refund(payment, refund_id, stripe_id=made.id)
                return _refunded(made)
            await self.records.note_refund(payment, refund_id, asked_at=now)
        try:
            refund = await _answer(
                self._stripe.refunds.create_async(
                    {
                        "payment_intent": intent.id,
                        "amount": units,
                        "metadata": {"tenant": tenant, "payment_id": payment_id, "refund_id": refund_id},
                    },
                    _keyed(tenant, refund_id, "refund"),
                )
            )
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            if error.code in {"charge_already_refunded", "amount_too_large"}:
                return _TOO_MUCH
            return Declined(error.code or "refund_declined", error.user_message or "Stripe refused the refund.")
        await self.records.note_refund(payment, refund_id, stripe_id=refund.id)
        return _refunded(refund)

    async def client_secret(self, tenant: str, payment_id: str) -> str | None:
        _, intent = await self._made(tenant, payment_id)
        return intent.client_secret if isinstance(_outcome(intent), ActionRequired) else None

    async def payment_of(self, intent_id: str) -> tuple[str, str] | None:
        """Return tenant and id of the payment that a PaymentIntent belongs to, None when it is not one of this installation's."""
        known = await self.records.of_intent(intent_id)
        if known is not None:
            return known.tenant, known.payment_id
        try:
            intent = await _answer(self._stripe.payment_intents.retrieve_async(intent_id))
        except stripe.InvalidRequestError:
            return None
        named = _metadata(intent)
        tenant, payment_id = named.get("tenant", ""), named.get("payment_id", "")
        return (tenant, payment_id) if await self.records.note_intent(tenant, payment_id, intent_id) else None

    async def dispute(self, tenant: str, reference: str, at: datetime) -> DisputeFacts:
        return _dispute(await _answer(self._stripe.disputes.retrieve_async(reference)))

    async def submit_evidence(self, tenant: str, reference: str, text: str) -> None:
        # Another text is another request; Stripe takes evidence that is submitted once.
        key = _keyed(tenant, reference, f"evidence/{sha256(text.encode()).hexdigest()[:16]}")
        await _taken(
            self._stripe.disputes.update_async(reference, {"evidence": {"uncategorized_text": text}, "submit": True}, key)
        )

    async def accept_dispute(self, tenant: str, reference: str) -> None:
        await _taken(self._stripe.disputes.close_async(reference, options=_keyed(tenant, reference, "close")))

    async def _intent(self, payment: StripePayment) -> stripe.PaymentIntent | None:
        """Return what was made of the payment before, as far as Stripe has told or must be asked."""
        if payment.intent_id is not None:
            return await _answer(self._stripe.payment_intents.retrieve_async(payment.intent_id))
        now = self._clock.now()
        if payment.customer is None or payment.asked_at >= now - KEYS_LAST:
            return None  # never asked for, or the key still answers
        asked: PaymentIntentListParamsCreated = {
            "gte": int((payment.asked_at - CLOCKS_DIFFER).timestamp()),
            "lte": int((payment.asked_at + KEYS_LAST + CLOCKS_DIFFER).timestamp()),
        }
        page = await _answer(
            self._stripe.payment_intents.list_async({"customer": payment.customer, "created": asked, "limit": PAGE})
        )
        while True:
            for intent in page.data:
                named = _metadata(intent)
                if named.get("tenant") == payment.tenant and named.get("payment_id") == payment.payment_id:
                    return intent
            if not page.has_more:
                await self.records.ask_again(payment, now)
                return None
            page = await _answer(page.next_page_async())

    async def _find_refund(self, intent_id: str, refund_id: str) -> stripe.Refund | None:
        page = await _answer(self._stripe.refunds.list_async({"payment_intent": intent_id, "limit": PAGE}))
        while True:
            for refund in page.data:
                if _metadata(refund).get("refund_id") == refund_id:
                    return refund
            if not page.has_more:
                return None
            page = await _answer(page.next_page_async())

    async def _customer(self, payment: StripePayment, token: str) -> str | None:
        """Return the Stripe customer of the payment method, None when it is unknown or another tenant's."""
        tenant = payment.tenant
        method = await _answer(self._stripe.payment_methods.retrieve_async(token, {"expand": ["customer"]}))
        held = method.customer
        if held is None:
            made = await _answer(
                self._stripe.customers.create_async({"metadata": {"tenant": tenant}}, _keyed(tenant, token, "customer"))
            )
            attach = self._stripe.payment_methods.attach_async(token, {"customer": made.id}, _keyed(tenant, token, "attach"))
            await _answer(attach)
            return await self.records.note_customer(payment, made.id)
        if isinstance(held, str):
            return await self.records.note_customer(payment, held)
        if _metadata(held).get("tenant", tenant) != tenant:
            return None
        return await self.records.note_customer(payment, held.id)

    async def _made(self, tenant: str, payment_id: str) -> tuple[StripePayment, stripe.PaymentIntent]:
        payment = await self.records.get(tenant, payment_id)
        intent = await self._intent(payment)
        if intent is None:
            raise LookupError(f"payment {payment_id!r} has no PaymentIntent at Stripe")
        return payment, intent

    async def _cancel(self, payment: StripePayment, intent: stripe.PaymentIntent) -> PaymentOutcome:
        if intent.status not in {"succeeded", "canceled"}:
            try:
                intent = await _answer(
                    self._stripe.payment_intents.cancel_async(
                        intent.id, options=_keyed(payment.tenant, payment.payment_id, "cancel")
                    )
                )
            except stripe.InvalidRequestError:  # it changed meanwhile; what it came to counts
                intent = await _answer(self._stripe.payment_intents.retrieve_async(intent.id))
        return _outcome(intent)

    async def _known(self, payment: StripePayment, intent: stripe.PaymentIntent) -> PaymentOutcome:
        if payment.intent_id is None:
            await self.records.note_intent(payment.tenant, payment.payment_id, intent.id)
        return _outcome(intent)


async def _answer(request: Awaitable[T]) -> T:
    """Return the answer.

    Raises:
        NoAnswer: there is none, or none that tells what became of the money.
        CardError: Stripe refused, and no money moved; InvalidRequestError likewise.
        ValueError: the idempotency key was used for something else before.
    """
    try:
        return await request
    except stripe.IdempotencyError as error:
        if error.http_status == 409:
            raise NoAnswer("Stripe is still working on the same request") from error
        raise ValueError("the idempotency key was used with other particulars before") from error
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        if error.http_status == 409 or error.code in {"lock_timeout", "idempotency_key_in_use"}:
            raise NoAnswer("Stripe is still working on the same object") from error
        raise
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise NoAnswer("Stripe does not accept the secret key") from error
    except stripe.StripeError as error:
        raise NoAnswer(f"Stripe gave no usable answer: {type(error).__name__}, status {error.http_status}") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise NoAnswer(f"the connection to Stripe was lost: {type(error).__name__}") from error


async def _taken(answer: Awaitable[stripe.Dispute]) -> None:
    """Wait for an answer to a dispute.

    Raises:
        InvalidState: Stripe does not take it: the dispute is closed, or was answered there.
        NoAnswer: as for `_answer`.
    """
    try:
        await _answer(answer)
    except stripe.InvalidRequestError as error:
        raise InvalidState(f"Stripe does not take this answer to the dispute: {error.user_message or 'it is closed'}") from error


def _metadata(about: stripe.PaymentIntent | stripe.Refund | stripe.Customer) -> dict[str, str]:
    metadata = about.metadata
    return metadata.to_dict() if metadata is not None else {}


def _keyed(tenant: str, id: str, operation: str) -> "RequestOptions":
    return {"idempotency_key": f"{tenant}/{id}/{operation}"}


def _outcome(intent: stripe.PaymentIntent) -> PaymentOutcome:
    match intent.status:
        case "succeeded":
            return Succeeded(intent.id)
        case "requires_action" | "requires_confirmation":
            return ActionRequired()
        case "requires_payment_method":
            return _refusal(intent.last_payment_error, None)
        case "canceled":
            return _CANCELED
    raise NoAnswer(f"the PaymentIntent is {intent.status}")


def _refusal(error: Any, message: str | None) -> PaymentOutcome:
    """Return what an error of Stripe says: its decline code where there is one, as that tells whether to try again.

    See https://docs.stripe.com/declines/codes, and HARD_DECLINES for those after which the card is not charged again.
    """
    code = getattr(error, "decline_code", None) or getattr(error, "code", None) or "card_declined"
    if code == "authentication_required":
        return ActionRequired()
    return Declined(code, getattr(error, "message", None) or message or "The card was declined.")


def _refunded(refund: stripe.Refund) -> RefundOutcome:
    if refund.status in {"failed", "canceled"}:
        return Declined("refund_declined", f"The refund {refund.status}: {refund.failure_reason or 'no reason was given'}.")
    return Succeeded(refund.id)


def _dispute(dispute: stripe.Dispute) -> DisputeFacts:
    due = dispute.evidence_details.due_by
    return DisputeFacts(
        reference=dispute.id,
        state=_DISPUTE_STATES.get(dispute.status, DisputeState.UNDER_REVIEW),
        reason=dispute.reason,
        amount=from_stripe(dispute.amount, dispute.currency),
        evidence_due_at=datetime.fromtimestamp(due, UTC) if due else None,
        refundable=dispute.is_charge_refundable,
    )
