"""The auth subgraph's background work: its relay, and the audit log of all subgraphs."""

import asyncio

from subgraphs.auth.audit_log import record_audit_entry
from subgraphs.auth.bootstrap import open_services
from subgraphs.auth.domain.oauth_client import OAuthClient
from subgraphs.auth.domain.tenant import Tenant
from subgraphs.auth.published import publish
from subgraphs.auth.settings import AuthSettings
from subgraphs.kit.messaging.consumer import Consumer
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.stores import process_name
from subgraphs.kit.telemetry import configure_logging
from subgraphs.kit.worker import run_until_stopped

__all__ = ["AUDITED", "main"]

AUDITED = ("customer", "subscription", "plan", "invoice", "auth")


async def main(stop: asyncio.Event, settings: AuthSettings | None = None) -> None:
    """Work until `stop` is set; by default settings come from the environment."""
    settings = settings or AuthSettings()
    configure_logging("auth-worker", settings.log_level, readable=settings.development)
    async with open_services(settings) as services, connect_redis(settings) as redis:
        relay = services.stores.relay(publish, {OAuthClient.kind: services.clients, Tenant.kind: services.tenants})
        audit = Consumer(
            "auth",
            process_name(),
            redis,
            services.stores.database,
            sources=AUDITED,
            every_envelope=record_audit_entry,
        )
        await audit.ensure_indexes()
        await run_until_stopped(stop, relay.run, audit.run)
