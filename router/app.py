"""The router as an ASGI application: `uvicorn router.app:create_app --factory`, or `python -m router serve`."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from router.bootstrap import Router
from router.http.landing import send_landing
from router.http.response import send_response
from router.settings import RouterSettings
from router.subscriptions.graphql_transport_ws import serve_connection
from router.telemetry.logs import configure_logging, get_logger

__all__ = ["RouterApp", "create_app"]

log = get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

GRAPHQL_PATH = "/graphql"


def create_app(settings: RouterSettings | None = None) -> RouterApp:
    """Return the application for these settings; without any, for those of the environment, with JSON logs."""
    if settings is None:
        settings = RouterSettings()
        configure_logging(settings.log_level)
    return RouterApp(Router(settings))


class RouterApp:
    """Dispatches by path. There are four: no routing library stands between a request and its answer."""

    def __init__(self, router: Router) -> None:
        self.router = router
        self._connections = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request, WebSocket connection or lifespan."""
        kind = scope["type"]
        if kind == "http":
            if scope["path"] == GRAPHQL_PATH:
                await self._graphql(scope, receive, send)
            else:
                await self._other(scope, send)
        elif kind == "websocket":
            await self._websocket(scope, receive, send)
        elif kind == "lifespan":
            await self._lifespan(receive, send)

    async def _graphql(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.router.settings.development and scope["method"] == "GET" and not scope["query_string"]:
            headers = dict(scope["headers"])
            if b"text/html" in headers.get(b"accept", b""):
                host = headers.get(b"host", b"localhost").decode("latin-1")
                await send_landing(send, f"{scope['scheme']}://{host}{GRAPHQL_PATH}")
                return
        await self.router.endpoint(scope, receive, send)

    async def _other(self, scope: Scope, send: Send) -> None:
        probes = self.router.probes
        answers = {"/healthz": probes.health, "/readyz": probes.ready, "/metrics": probes.metrics}
        answer = answers.get(scope["path"])
        if answer is None:
            await send_response(send, 404, b"text/plain", b"Not found\n", [])
        elif scope["method"] not in {"GET", "HEAD"}:
            await send_response(send, 405, b"text/plain", b"Method not allowed\n", [(b"allow", b"GET, HEAD")])
        else:
            await answer(send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a WebSocket; refused before the handshake (403), a connection costs nothing further."""
        full = self._connections >= self.router.settings.max_connections
        if full or scope["path"] != GRAPHQL_PATH or not self._origin_allowed(dict(scope["headers"])):
            await receive()
            await send({"type": "websocket.close", "code": 1013 if full else 1008})
            return
        self._connections += 1
        self.router.metrics.connections.inc()
        try:
            await serve_connection(scope, receive, send, self.router.pipeline, self.router.websocket_limits)
        finally:
            self._connections -= 1
            self.router.metrics.connections.inc(-1)

    def _origin_allowed(self, headers: Mapping[bytes, bytes]) -> bool:
        """Tell whether the page that opens a WebSocket may: browsers apply no CORS to it, the server has to."""
        origin = headers.get(b"origin")
        if origin is None or self.router.cors.allows(origin):
            return True
        return urlsplit(origin).netloc == headers.get(b"host")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.router.start()
        except Exception as error:
            log.exception("router.start_failed")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        loop = asyncio.get_running_loop()
        main = threading.current_thread() is threading.main_thread()
        if main:
            loop.add_signal_handler(signal.SIGHUP, self.router.watch.wake)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if main:
            loop.remove_signal_handler(signal.SIGHUP)
        await self.router.stop()
        await send({"type": "lifespan.shutdown.complete"})
