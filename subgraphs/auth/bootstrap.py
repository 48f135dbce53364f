"""Builds the auth subgraph's adapters; nothing else does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from subgraphs.auth.commands.ensure_operator import ensure_operator
from subgraphs.auth.documents import AuditEntryDocument, OAuthClientDocument, TenantProfileDocument
from subgraphs.auth.domain.oauth_client import OAuthClient
from subgraphs.auth.domain.scopes import OPERATOR_TENANT
from subgraphs.auth.domain.tenant import Tenant
from subgraphs.auth.key_encryption import KeyCipher
from subgraphs.auth.projections import oauth_client_projection, tenant_projection
from subgraphs.auth.services import AuthServices
from subgraphs.auth.settings import AuthSettings
from subgraphs.auth.signing_keys import SigningKeys
from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.stores import Stores, open_stores

__all__ = ["open_services"]


@asynccontextmanager
async def open_services(settings: AuthSettings, clock: Clock | None = None) -> AsyncIterator[AuthServices]:
    """Open the stores and return what commands, queries and the worker use; at first, make the operator and a signing key.

    Raises:
        KeyUnreadable: the stored keys were encrypted with another secret than the settings have.
    """
    documents = [TenantProfileDocument, OAuthClientDocument, AuditEntryDocument]
    async with open_stores(settings, "auth", documents, clock) as stores:
        services = AuthServices(
            settings=settings,
            stores=stores,
            tenants=stores.repository(Tenant, tenant_projection()),
            clients=stores.repository(OAuthClient, oauth_client_projection()),
            tenant_reader=TenantReader(TenantProfileDocument),
            client_reader=TenantReader(OAuthClientDocument),
            audit_reader=TenantReader(AuditEntryDocument),
            signing_keys=_signing_keys(settings, stores),
            clock=stores.clock,
        )
        await services.signing_keys.current()
        await _bootstrap_operator(services)
        yield services


def _signing_keys(settings: AuthSettings, stores: Stores) -> SigningKeys:
    return SigningKeys(
        stores.database,
        KeyCipher(settings.auth_key_encryption_secret),
        stores.clock,
        token_lifetime=timedelta(seconds=settings.access_token_seconds),
        rotate_after=timedelta(days=settings.signing_key_days),
    )


async def _bootstrap_operator(services: AuthServices) -> None:
    secret = services.settings.bootstrap_client_secret
    if secret is None:
        return
    context = CommandContext(
        tenant=OPERATOR_TENANT, actor="system:bootstrap", request_id="bootstrap", at=services.clock.now(), reason="start"
    )
    await ensure_operator(
        services.tenants, services.clients, services.settings.bootstrap_client_id, secret.get_secret_value(), context
    )
