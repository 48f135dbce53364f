"""A subgraph as its clients see it: its ASGI application on a real socket, and tokens for any tenant and scopes."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from starlette.applications import Starlette

from subgraphs.kit.settings import Settings
from tests.testkit.asgi_server import serve
from tests.testkit.router_tokens import TokenIssuer

__all__ = ["RunningSubgraph", "run_subgraph"]


@dataclass(slots=True)
class RunningSubgraph:
    """A served subgraph."""

    url: str
    issuer: TokenIssuer
    settings: Settings
    session: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)

    def token(self, scopes: str, tenant: str = "ten_a", **claims: Any) -> str:
        """Return an access token that the subgraph accepts, unless `claims` say otherwise."""
        return self.issuer.token(
            scopes, **{"iss": self.settings.issuer, "aud": self.settings.audience, "tenant": tenant, **claims}
        )

    async def send(
        self, query: str, variables: dict[str, Any] | None = None, *, token: str | None = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """POST an operation; return the status and the answer."""
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        body = {"query": query, "variables": variables or {}}
        async with self.session.post(f"{self.url}/graphql", json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    async def graphql(
        self, query: str, variables: dict[str, Any] | None = None, *, scopes: str = "", tenant: str = "ten_a"
    ) -> dict[str, Any]:
        """Return the answer to an operation sent with a token of these scopes."""
        return (await self.send(query, variables, token=self.token(scopes, tenant)))[1]

    async def data(
        self, query: str, variables: dict[str, Any] | None = None, *, scopes: str = "", tenant: str = "ten_a"
    ) -> dict[str, Any]:
        """Return the data of an operation that must succeed."""
        answer = await self.graphql(query, variables, scopes=scopes, tenant=tenant)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data


@contextlib.asynccontextmanager
async def run_subgraph(create_app: Callable[..., Starlette], settings: Settings) -> AsyncIterator[RunningSubgraph]:
    """Serve the application that `create_app(settings, keys)` returns while the context is open."""
    issuer = TokenIssuer()
    app = create_app(settings, issuer.fetch)
    async with serve(app, lifespan="on") as url, aiohttp.ClientSession() as session:
        yield RunningSubgraph(url, issuer, settings, session)
