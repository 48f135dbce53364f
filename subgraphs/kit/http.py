"""The HTTP side of a subgraph process: /graphql, /healthz, /readyz."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from strawberry.federation import Schema

from subgraphs.kit.graphql.view import GraphQLView
from subgraphs.kit.graphql.websocket import WebSocketView
from subgraphs.kit.identity import TokenVerifier
from subgraphs.kit.telemetry import get_logger

__all__ = ["Check", "create_subgraph_app"]

Services = TypeVar("Services")
Check = Callable[[Services], Awaitable[object]]
"""Tells whether something the subgraph needs is there: raises when it is not."""

CHECK_SECONDS = 3


def create_subgraph_app(
    name: str,
    schema: Schema,
    open_services: Callable[[], AbstractAsyncContextManager[Services]],
    verifier: TokenVerifier,
    *,
    body_limit_bytes: int,
    checks: Mapping[str, Check[Services]],
    routes: Iterable[BaseRoute] = (),
) -> Starlette:
    """Return the ASGI application. Services are open for its lifetime, as `app.state.deps`."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_services() as services:
            app.state.deps = services
            get_logger("http").info("subgraph ready", subgraph=name)
            yield

    async def ready(request: Request) -> JSONResponse:
        found = dict(await asyncio.gather(*(_checked(key, check, request.app.state.deps) for key, check in checks.items())))
        healthy = all(state == "ok" for state in found.values())
        return JSONResponse({"service": name, "ready": healthy, "checks": found}, status_code=200 if healthy else 503)

    async def healthy(_: Request) -> JSONResponse:
        return JSONResponse({"service": name, "healthy": True})

    return Starlette(
        routes=[
            # Starlette treats instances of classes as ASGI applications: no Request object is built on the way to the view.
            Route("/graphql", GraphQLView[Any](schema, verifier, body_limit_bytes)),
            WebSocketRoute("/graphql", WebSocketView(schema, verifier)),
            Route("/healthz", healthy),
            Route("/readyz", ready),
            *routes,
        ],
        lifespan=lifespan,
    )


async def _checked(name: str, check: Check[Services], services: Services) -> tuple[str, str]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check(services)
    except Exception as error:
        return name, f"unavailable: {type(error).__name__}"
    return name, "ok"
