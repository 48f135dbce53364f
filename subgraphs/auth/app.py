"""The auth subgraph over HTTP: GraphQL and the OAuth endpoints."""

from typing import Any

from starlette.applications import Starlette

from subgraphs.auth.bootstrap import open_services
from subgraphs.auth.oauth.endpoints import oauth_routes
from subgraphs.auth.schema import schema
from subgraphs.auth.services import AuthServices
from subgraphs.auth.settings import AuthSettings
from subgraphs.kit.http import create_subgraph_app
from subgraphs.kit.identity import KeySource, TokenVerifier
from subgraphs.kit.stores import store_checks
from subgraphs.kit.telemetry import configure_logging

__all__ = ["create_app"]


def create_app(settings: AuthSettings | None = None, keys: KeySource | None = None) -> Starlette:
    """Return the ASGI application; by default settings come from the environment and keys from its own database.

    It issues the tokens that it verifies: asking itself for the keys over HTTP would only add a way to fail.
    """
    settings = settings or AuthSettings()
    configure_logging("auth", settings.log_level, readable=settings.development)

    async def own_keys() -> dict[str, Any]:
        services: AuthServices = app.state.deps
        return await services.signing_keys.key_set()

    app = create_subgraph_app(
        "auth",
        schema,
        lambda: open_services(settings),
        TokenVerifier(settings.issuer, settings.audience, keys or own_keys),
        body_limit_bytes=settings.body_limit_bytes,
        checks=store_checks(),
        routes=oauth_routes(settings),
    )
    return app
