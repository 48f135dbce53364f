"""The invoice subgraph over HTTP."""

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from subgraphs.invoice.bootstrap import open_services
from subgraphs.invoice.schema import schema
from subgraphs.invoice.settings import InvoiceSettings
from subgraphs.kit.http import create_subgraph_app
from subgraphs.kit.identity import KeySource, TokenVerifier, http_keys
from subgraphs.kit.settings import Settings
from subgraphs.kit.stores import store_checks
from subgraphs.kit.telemetry import configure_logging

__all__ = ["create_app"]


def create_app(settings: Settings | None = None, keys: KeySource | None = None) -> Starlette:
    """Return the ASGI application; by default settings come from the environment and keys from the issuer they name."""
    settings = settings or InvoiceSettings()
    configure_logging("invoice", settings.log_level, readable=settings.development)
    return create_subgraph_app(
        "invoice",
        schema,
        lambda: open_services(settings),
        TokenVerifier(settings.issuer, settings.audience, keys or http_keys(settings)),
        body_limit_bytes=settings.body_limit_bytes,
        checks=store_checks(),
        routes=_webhooks(settings),
    )


def _webhooks(settings: Settings) -> list[BaseRoute]:
    if not isinstance(settings, InvoiceSettings) or settings.stripe_webhook_secret is None:
        return []
    from subgraphs.invoice.payment_providers.stripe_webhook import stripe_webhook

    return [stripe_webhook(settings.stripe_webhook_secret, settings.body_limit_bytes)]
