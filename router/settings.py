"""Everything that can be configured, read from the environment (`ROUTER_…`); each field is documented in docs/router.md."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["RouterSettings"]


class RouterSettings(BaseSettings):
    """Settings of one router process. Lists and maps are written as JSON in the environment."""

    model_config = SettingsConfigDict(env_prefix="ROUTER_", frozen=True, extra="forbid")

    # -- where it listens and what it serves
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)
    supergraph: Path = Path("schema/supergraph.graphql")
    supergraph_poll_seconds: float = Field(default=2.0, gt=0)
    subgraph_urls: dict[str, str] = Field(default_factory=dict)
    development: bool = False
    introspection: bool = True
    shutdown_timeout_seconds: int = Field(default=10, ge=0)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    access_log: bool = True

    # -- who is asking (no JWKS URL: authentication is not configured and every request is anonymous)
    jwks_url: str | None = None
    issuer: str | None = None
    audience: str | None = None
    token_leeway_seconds: int = Field(default=5, ge=0, le=120)
    jwks_timeout_seconds: float = Field(default=5.0, gt=0)
    jwks_refresh_seconds: float = Field(default=600.0, gt=0)
    jwks_minimum_interval_seconds: float = Field(default=10.0, ge=0)
    token_types: list[str] = Field(default_factory=lambda: ["at+jwt", "jwt"])
    token_cache_size: int = Field(default=10_000, gt=0)
    client_id_claim: str = "client_id"
    policy_claim: str = "policies"
    reject_unauthorized: bool = False

    # -- browsers
    cors_origins: list[str] = Field(default_factory=list)
    cors_allow_credentials: bool = False
    cors_max_age_seconds: int = Field(default=600, ge=0)
    csrf_prevention: bool = True

    # -- limits (rates are per second; 0 switches the limit off)
    rate_limit_client_rate: float = Field(default=0.0, ge=0)
    rate_limit_client_burst: int = Field(default=200, gt=0)
    rate_limit_anonymous_rate: float = Field(default=0.0, ge=0)
    rate_limit_anonymous_burst: int = Field(default=50, gt=0)
    rate_limit_entries: int = Field(default=50_000, gt=0)
    trusted_proxy_hops: int = Field(default=0, ge=0)
    max_body_bytes: int = Field(default=1_000_000, gt=0)
    max_url_bytes: int = Field(default=16_000, gt=0)
    max_tokens: int = Field(default=10_000, gt=0)
    max_depth: int = Field(default=30, gt=0)
    max_aliases: int = Field(default=100, gt=0)
    max_root_fields: int = Field(default=50, gt=0)
    max_repetitions: int = Field(default=200, gt=0)
    max_batch_size: int = Field(default=1, gt=0)
    max_pending_preparations: int = Field(default=200, gt=0)
    max_concurrent_requests: int = Field(default=2_000, gt=0)
    body_timeout_seconds: float = Field(default=10.0, gt=0)
    request_timeout_seconds: float = Field(default=30.0, gt=0)
    prepare_timeout_seconds: float = Field(default=10.0, gt=0)
    subgraph_timeout_seconds: float = Field(default=15.0, gt=0)

    # -- documents
    trusted_documents: Path | None = None
    automatic_persisted_queries: bool = True
    persisted_query_cache_size: int = Field(default=1_000, gt=0)
    plan_cache_size: int = Field(default=1_000, gt=0)

    override_labels: list[str] = Field(default_factory=list)

    # -- subgraphs (timeouts by subgraph name go before `subgraph_timeout_seconds`)
    subgraph_timeouts: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    subgraph_retries: int = Field(default=1, ge=0, le=5)
    max_subgraph_connections: int = Field(default=100, gt=0)
    share_fetches: bool = True
    share_queries: bool = False
    max_subgraph_bytes: int = Field(default=50_000_000, gt=0)
    propagate_headers: list[str] = Field(
        default_factory=lambda: ["authorization", "accept-language", "x-request-id", "traceparent", "tracestate"]
    )

    # -- subscriptions
    max_connections: int = Field(default=1_000, gt=0)
    max_subscriptions: int = Field(default=10_000, gt=0)
    max_operations_per_connection: int = Field(default=50, gt=0)
    connection_init_timeout_seconds: float = Field(default=5.0, gt=0)
    websocket_ping_seconds: float = Field(default=20.0, gt=0)
    subscription_queue_size: int = Field(default=100, gt=0)
    subscription_heartbeat_seconds: float = Field(default=15.0, gt=0)
    subscription_retry_seconds: float = Field(default=30.0, ge=0)
    subgraph_websocket_urls: dict[str, str] = Field(default_factory=dict)
