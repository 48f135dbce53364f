"""Runs an ASGI application under uvicorn on a free port, in the test's event loop: real sockets, real protocols."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn

__all__ = ["free_port", "serve"]


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the test runner's signal handlers alone."""
        yield


@contextlib.asynccontextmanager
async def serve(app: Any, *, port: int = 0, lifespan: str = "auto", shutdown_seconds: int = 2) -> AsyncIterator[str]:
    """Serve `app` while the context is open; yields its base URL, `http://127.0.0.1:port`."""
    listener = socket.create_server(("127.0.0.1", port), reuse_port=False)
    port = listener.getsockname()[1]
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan=lifespan,  # type: ignore[arg-type]
        timeout_graceful_shutdown=shutdown_seconds,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with asyncio.timeout(10):
            while not server.started and not running.done():
                await asyncio.sleep(0.005)
        if running.done():
            await running
            raise RuntimeError("the application did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        async with asyncio.timeout(shutdown_seconds + 10):
            await running


def free_port() -> int:
    """Return a port nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
