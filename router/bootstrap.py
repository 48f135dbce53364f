"""Builds a router from its settings: the only place where clients, caches and limits are constructed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import aiohttp
import orjson

from router.auth.jwks import KeySource
from router.auth.token import TokenVerifier
from router.execute.executor import Executor
from router.execute.observed_transport import ObservedTransport
from router.execute.retries import RetryingTransport
from router.execute.transport import HttpTransport
from router.http.cors import CorsPolicy
from router.http.endpoint import EndpointLimits, GraphQLEndpoint
from router.http.engine import Engine
from router.http.limits import DocumentLimits
from router.http.persisted_queries import PersistedQueries, load_trusted_documents
from router.http.pipeline import Pipeline, PipelineLimits
from router.http.preparation import Preparation
from router.http.probes import Probes
from router.http.rate_limit import RateLimiter
from router.http.reload import SupergraphWatch
from router.settings import RouterSettings
from router.subscriptions.graphql_transport_ws import WebSocketLimits
from router.subscriptions.registry import SubscriptionRegistry
from router.subscriptions.upstream import UpstreamSubscriptions
from router.supergraph.access import access_rules
from router.supergraph.model import Supergraph
from router.supergraph.parser import parse_supergraph
from router.telemetry.metrics import Metrics

__all__ = ["Router"]

PROBE_TIMEOUT_SECONDS = 2.0
MAX_JWKS_BYTES = 1_000_000


class Router:
    """One router's parts, wired. `start` loads the supergraph, `stop` ends what runs."""

    def __init__(self, settings: RouterSettings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.preparation = Preparation(
            max_pending=settings.max_pending_preparations, timeout_seconds=settings.prepare_timeout_seconds
        )
        self.registry = SubscriptionRegistry(
            max_subscriptions=settings.max_subscriptions,
            queue_size=settings.subscription_queue_size,
            metrics=self.metrics,
        )
        self.upstream = UpstreamSubscriptions(
            retry_seconds=settings.subscription_retry_seconds,
            timeout_seconds=settings.subgraph_timeout_seconds,
            heartbeat_seconds=settings.websocket_ping_seconds,
            max_message_bytes=settings.max_subgraph_bytes,
            urls=settings.subgraph_websocket_urls,
        )
        self.cors = CorsPolicy(
            origins=frozenset(settings.cors_origins),
            allow_credentials=settings.cors_allow_credentials,
            max_age_seconds=settings.cors_max_age_seconds,
        )
        self.pipeline = self._pipeline()
        self.endpoint = GraphQLEndpoint(
            self.pipeline,
            EndpointLimits(
                max_body_bytes=settings.max_body_bytes,
                max_url_bytes=settings.max_url_bytes,
                max_batch_size=settings.max_batch_size,
                body_timeout_seconds=settings.body_timeout_seconds,
                heartbeat_seconds=settings.subscription_heartbeat_seconds,
            ),
            self.cors,
            csrf_prevention=settings.csrf_prevention,
            access_log=settings.access_log,
        )
        self.websocket_limits = WebSocketLimits(
            connection_init_timeout_seconds=settings.connection_init_timeout_seconds,
            ping_seconds=settings.websocket_ping_seconds,
            max_operations=settings.max_operations_per_connection,
            max_message_bytes=settings.max_body_bytes,
        )
        # Requests under way are answered, new ones are to go elsewhere.
        self.stopping = False
        self.probes = Probes(
            subgraphs=self._subgraph_urls,
            reachable=self._reachable,
            stopping=lambda: self.stopping,
            metrics=self.metrics,
        )
        self.watch = SupergraphWatch(
            settings.supergraph, self._load, poll_seconds=settings.supergraph_poll_seconds, metrics=self.metrics
        )
        # Called when another supergraph is served.
        self.on_loaded: Callable[[], None] = lambda: None
        self._transport: HttpTransport | None = None
        self._session: aiohttp.ClientSession | None = None
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the clients, load the supergraph and begin to watch its file."""
        settings = self.settings
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        self._transport = HttpTransport(
            timeout_seconds=settings.subgraph_timeout_seconds,
            max_response_bytes=settings.max_subgraph_bytes,
            timeouts=settings.subgraph_timeouts,
            max_connections_per_host=settings.max_subgraph_connections,
        )
        await self.watch.refresh()
        self._watching = asyncio.create_task(self.watch.run())

    async def stop(self) -> None:
        """End subscriptions and close the clients."""
        self.stopping = True
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self.registry.close()
        await self.upstream.close()
        if self._transport is not None:
            await self._transport.close()
        if self._session is not None:
            await self._session.close()
        self.preparation.close()

    def _pipeline(self) -> Pipeline:
        settings = self.settings
        trusted = load_trusted_documents(settings.trusted_documents) if settings.trusted_documents else None
        return Pipeline(
            engine=None,
            verifier=self._verifier(),
            persisted=PersistedQueries(
                automatic=settings.automatic_persisted_queries,
                cache_size=settings.persisted_query_cache_size,
                trusted=trusted,
            ),
            client_limiter=RateLimiter(
                rate=settings.rate_limit_client_rate,
                burst=settings.rate_limit_client_burst,
                entries=settings.rate_limit_entries,
            ),
            anonymous_limiter=RateLimiter(
                rate=settings.rate_limit_anonymous_rate,
                burst=settings.rate_limit_anonymous_burst,
                entries=settings.rate_limit_entries,
            ),
            registry=self.registry,
            upstream=self.upstream,
            propagate_headers=frozenset(name.lower() for name in settings.propagate_headers),
            limits=PipelineLimits(
                max_concurrent_requests=settings.max_concurrent_requests,
                request_timeout_seconds=settings.request_timeout_seconds,
                trusted_proxy_hops=settings.trusted_proxy_hops,
            ),
            development=settings.development,
            share_queries=settings.share_queries,
            metrics=self.metrics,
        )

    def _verifier(self) -> TokenVerifier | None:
        settings = self.settings
        if settings.jwks_url is None:
            return None
        keys = KeySource(
            self._fetch_jwks,
            refresh_seconds=settings.jwks_refresh_seconds,
            minimum_interval_seconds=settings.jwks_minimum_interval_seconds,
        )
        return TokenVerifier(
            keys,
            issuer=settings.issuer,
            audience=settings.audience,
            leeway_seconds=settings.token_leeway_seconds,
            token_types=tuple(settings.token_types),
            cache_size=settings.token_cache_size,
            client_id_claim=settings.client_id_claim,
            policy_claim=settings.policy_claim,
            on_lookup=lambda hit: self.metrics.cache.inc("token", "hit" if hit else "miss"),
        )

    async def _fetch_jwks(self) -> dict[str, Any]:
        if self._session is None or self.settings.jwks_url is None:
            raise RuntimeError("the router is not started")
        timeout = aiohttp.ClientTimeout(total=self.settings.jwks_timeout_seconds)
        async with self._session.get(self.settings.jwks_url, timeout=timeout) as response:
            response.raise_for_status()
            text = bytearray()
            async for chunk in response.content.iter_any():
                text += chunk
                if len(text) > MAX_JWKS_BYTES:
                    raise ValueError(f"the key set is longer than {MAX_JWKS_BYTES} bytes")
            document: dict[str, Any] = orjson.loads(text)
            return document

    async def _load(self, sdl: str) -> None:
        """Serve this supergraph from the next request on; raises, and changes nothing, when it does not load."""
        supergraph = await self.preparation.run(("supergraph", sdl), lambda: self.parse(sdl))
        if self._transport is None:
            raise RuntimeError("the router is not started")
        observed = ObservedTransport(self._transport, self._observe)
        transport = RetryingTransport(observed, retries=self.settings.subgraph_retries)
        self.pipeline.engine = Engine(
            supergraph,
            Executor(supergraph, transport, share_fetches=self.settings.share_fetches),
            access_rules(supergraph),
            limits=DocumentLimits(
                tokens=self.settings.max_tokens,
                depth=self.settings.max_depth,
                aliases=self.settings.max_aliases,
                root_fields=self.settings.max_root_fields,
                repetitions=self.settings.max_repetitions,
            ),
            introspection=self.settings.introspection,
            reject_unauthorized=self.settings.reject_unauthorized,
            override_labels=self.settings.override_labels,
            cache_size=self.settings.plan_cache_size,
            preparation=self.preparation,
            metrics=self.metrics,
        )
        self.on_loaded()

    def _observe(self, subgraph: str, outcome: str, seconds: float) -> None:
        self.metrics.subgraph_fetches.inc(subgraph, outcome)
        self.metrics.subgraph_seconds.observe(seconds, subgraph)

    def parse(self, sdl: str) -> Supergraph:
        """Return the supergraph as it would be served; ValueError when it is none, or the settings do not fit it."""
        supergraph = parse_supergraph(sdl)
        urls = self.settings.subgraph_urls
        unknown = sorted(set(urls) - set(supergraph.subgraphs))
        if unknown:
            raise ValueError(f"ROUTER_SUBGRAPH_URLS names subgraphs that the supergraph does not have: {unknown}")
        subgraphs = {name: replace(subgraph, url=urls.get(name, subgraph.url)) for name, subgraph in supergraph.subgraphs.items()}
        return replace(supergraph, subgraphs=subgraphs)

    def _subgraph_urls(self) -> dict[str, str] | None:
        engine = self.pipeline.engine
        if engine is None:
            return None
        return {name: subgraph.url for name, subgraph in engine.supergraph.subgraphs.items()}

    async def _reachable(self, url: str) -> bool:
        """Tell whether a GraphQL server answers at this URL, be it with a refusal: it is there."""
        if self._session is None:
            return False
        timeout = aiohttp.ClientTimeout(total=PROBE_TIMEOUT_SECONDS)
        try:
            async with self._session.post(url, json={"query": "{__typename}"}, timeout=timeout) as response:
                return response.status < 500
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
