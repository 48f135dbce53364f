"""Runs the router under uvicorn with uvloop and httptools."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Iterator

import uvicorn

from router.app import RouterApp, create_app
from router.cli.garbage import settle_heap, tune_collector
from router.settings import RouterSettings

__all__ = ["RouterServer", "make_server"]


class RouterServer(uvicorn.Server):
    """Ends streamed subscriptions first: uvicorn waits for responses to end, and theirs would not."""

    def __init__(self, config: uvicorn.Config, app: RouterApp) -> None:
        super().__init__(config)
        self.app = app
        app.router.on_loaded = settle_heap

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Load, and listen."""
        tune_collector()
        await super().startup(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End by SIGINT and SIGTERM as asked: uvicorn would raise them again, and the process would seem to have failed."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, let requests end within the grace period, close."""
        self.app.router.stopping = True
        await self.app.router.registry.close()
        await super().shutdown(sockets)


def make_server(settings: RouterSettings) -> RouterServer:
    """Return a server for these settings; `run()` serves until SIGINT or SIGTERM."""
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws_max_size=settings.max_body_bytes,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=settings.shutdown_timeout_seconds,
    )
    return RouterServer(config, app)
