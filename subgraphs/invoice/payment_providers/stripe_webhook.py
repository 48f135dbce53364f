"""Where Stripe tells what happened: https://docs.stripe.com/webhooks.

The signature is checked, the event is kept, and Stripe has its answer; the work is done by the worker. An event is kept once
by its id; one of a type that means nothing here is acknowledged and forgotten.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import stripe
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from subgraphs.invoice.domain.provider_events import ProviderEvent, ProviderEventKind
from subgraphs.invoice.payment_providers.stripe_amounts import from_stripe
from subgraphs.invoice.provider_inbox import ProviderInbox
from subgraphs.kit.telemetry import get_logger

__all__ = ["PATH", "TOLERANCE_SECONDS", "event_of", "stripe_webhook"]

PATH = "/webhooks/stripe"
# An older signature may be a recording of somebody who listened.
TOLERANCE_SECONDS = 300

_PAYMENT_TYPES = frozenset({"payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled"})


def stripe_webhook(secret: SecretStr, body_limit_bytes: int) -> Route:
    """Return the endpoint; it keeps what it is told in the inbox of `app.state.deps`."""
    log = get_logger("stripe")

    async def receive(request: Request) -> JSONResponse:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > body_limit_bytes:
                return JSONResponse({"error": "the event is too large"}, status_code=413)
        try:
            stripe.WebhookSignature.verify_header(
                body, request.headers.get("stripe-signature"), secret.get_secret_value(), TOLERANCE_SECONDS
            )
            told = msgspec.json.decode(body)
            event = event_of(told)
        except stripe.SignatureVerificationError:
            log.warning("an event whose signature does not fit was refused")
            return JSONResponse({"error": "the signature does not fit"}, status_code=400)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            log.warning("an event that cannot be read was refused", error=type(error).__name__)
            return JSONResponse({"error": "the event cannot be read"}, status_code=400)
        if event is None:
            return JSONResponse({"received": True, "ignored": True})
        inbox: ProviderInbox = request.app.state.deps.inbox
        await inbox.put(event, datetime.now(UTC))
        return JSONResponse({"received": True})

    return Route(PATH, receive, methods=["POST"])


def event_of(told: Mapping[str, Any]) -> ProviderEvent | None:
    """Return what a Stripe event means here, None where that is nothing.

    Raises:
        LookupError, TypeError, AttributeError: it has not the shape of its type.
    """
    type_, about = told["type"], told["data"]["object"]
    if type_ in _PAYMENT_TYPES:
        refused = about.get("last_payment_error") or {}
        if type_ == "payment_intent.payment_failed" and refused.get("code") == "authentication_required":
            return None  # the payment waits for the customer, which the answer to the charge has told
        return ProviderEvent(id=told["id"], provider="stripe", kind=ProviderEventKind.PAYMENT_CHANGED, reference=about["id"])
    if type_ == "charge.refunded" and about.get("payment_intent"):
        return ProviderEvent(
            id=told["id"],
            provider="stripe",
            kind=ProviderEventKind.CHARGE_REFUNDED,
            reference=about["payment_intent"],
            refunded=from_stripe(about["amount_refunded"], about["currency"]),
        )
    return None
