"""A router on a real socket before two subgraphs on real sockets: `catalog` has products, `reviews` what is said of them."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from graphql import ExecutionResult, GraphQLSchema, build_schema, execute, parse, subscribe

from router.app import RouterApp, create_app
from router.settings import RouterSettings
from tests.testkit.asgi_server import serve

__all__ = ["Answer", "Response", "RunningRouter", "Subgraph", "run_router", "supergraph"]

SUPERGRAPH = """
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) {
  query: Query mutation: Mutation subscription: Subscription
}
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true,
  isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean,
  override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph {
  CATALOG @join__graph(name: "catalog", url: "CATALOG_URL")
  REVIEWS @join__graph(name: "reviews", url: "REVIEWS_URL")
}
type Query @join__type(graph: CATALOG) @join__type(graph: REVIEWS) {
  products(first: Int = 2): [Product!] @join__field(graph: CATALOG)
  product(upc: ID!): Product @join__field(graph: CATALOG)
  best: Product @join__field(graph: REVIEWS)
}
type Mutation @join__type(graph: CATALOG) { rename(upc: ID!, name: String!): Product @join__field(graph: CATALOG) }
type Subscription @join__type(graph: CATALOG) { renamed(times: Int!): Product @join__field(graph: CATALOG) }
type Product @join__type(graph: CATALOG, key: "upc") @join__type(graph: REVIEWS, key: "upc") {
  upc: ID!
  name: String @join__field(graph: CATALOG)
  reviews: [Review!] @join__field(graph: REVIEWS)
}
type Review @join__type(graph: REVIEWS) { id: ID! body: String! }
"""


CATALOG = """
type Query { products(first: Int = 2): [Product!] product(upc: ID!): Product _entities(representations: [_Any!]!): [_Entity]! }
type Mutation { rename(upc: ID!, name: String!): Product }
type Subscription { renamed(times: Int!): Product }
type Product { upc: ID! name: String }
union _Entity = Product
scalar _Any
"""
REVIEWS = """
type Query { best: Product _entities(representations: [_Any!]!): [_Entity]! }
type Product { upc: ID! reviews: [Review!] }
type Review { id: ID! body: String! }
union _Entity = Product
scalar _Any
"""


@dataclass
class Answer:
    """What a subgraph answers over HTTP, where it does not answer as it should."""

    body: bytes = b""
    status: int = 200
    content_type: bytes = b"application/json"
    delay_seconds: float = 0.0


@dataclass
class Subgraph:
    """A subgraph over HTTP and graphql-transport-ws. `broken` answers in its place; `gate` holds answers back."""

    schema: GraphQLSchema
    root: Mapping[str, Any]
    broken: Answer | None = None
    gate: asyncio.Event | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    running: int = 0
    cancelled: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await self._websocket(receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.requests.append(orjson.loads(body))
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        answer = await self._until_left(self._answer(self.requests[-1]), receive)
        if answer is not None:
            head = [(b"content-type", answer.content_type), (b"content-length", str(len(answer.body)).encode())]
            await send({"type": "http.response.start", "status": answer.status, "headers": head})
            await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, request: dict[str, Any]) -> Answer:
        if self.gate is not None:
            await self.gate.wait()
        if self.broken is not None:
            await asyncio.sleep(self.broken.delay_seconds)
            return self.broken
        document = parse(request["query"])
        result = await graphql_execute(self.schema, document, self.root, variable_values=request.get("variables"))
        return Answer(orjson.dumps(result.formatted))

    async def _until_left(self, work: Coroutine[Any, Any, Answer], receive: Any) -> Answer | None:
        """Work until the router closes its connection."""
        self.running += 1
        working, leaving = asyncio.create_task(work), asyncio.create_task(receive())
        try:
            await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                self.cancelled += 1
                return None
            return working.result()
        finally:
            self.running -= 1
            for task in (working, leaving):
                task.cancel()
            await asyncio.gather(working, leaving, return_exceptions=True)

    async def _websocket(self, receive: Any, send: Any) -> None:
        async def say(message: dict[str, Any]) -> None:
            await send({"type": "websocket.send", "text": orjson.dumps(message).decode()})

        await receive()
        await send({"type": "websocket.accept", "subprotocol": "graphql-transport-ws"})
        await receive()
        await say({"type": "connection_ack"})
        started = orjson.loads((await receive())["text"])
        request = started["payload"]
        self.requests.append(request)
        events: Any = subscribe(self.schema, parse(request["query"]), self.root, variable_values=request.get("variables"))
        events = await events if inspect.isawaitable(events) else events
        async for event in events:
            await say({"id": started["id"], "type": "next", "payload": event.formatted})
        await say({"id": started["id"], "type": "complete"})
        while (await receive())["type"] != "websocket.disconnect":
            pass


async def graphql_execute(*arguments: Any, **more: Any) -> ExecutionResult:
    """Execute, whether the answer is there at once or not."""
    result = execute(*arguments, **more)
    return await result if inspect.isawaitable(result) else result


def catalog() -> Subgraph:
    """Products by `upc`; there is none with `upc` 0."""

    def product(upc: str) -> dict[str, Any]:
        return {"__typename": "Product", "upc": upc, "name": f"Product {upc}"}

    async def renamed(info: Any, times: int) -> AsyncGenerator[dict[str, Any], None]:
        for number in range(1, times + 1):
            yield {"renamed": {"upc": str(number), "name": f"New {number}"}}

    root = {
        "products": lambda info, first: [product(str(number)) for number in range(1, first + 1)],
        "product": lambda info, upc: product(upc) if upc != "0" else None,
        "rename": lambda info, upc, name: {"upc": upc, "name": name},
        "renamed": renamed,
        "_entities": lambda info, representations: [product(given["upc"]) for given in representations],
    }
    return Subgraph(build_schema(CATALOG), root)


def reviews() -> Subgraph:
    """One review of every product."""

    def product(upc: str) -> dict[str, Any]:
        return {"__typename": "Product", "upc": upc, "reviews": [{"id": f"r{upc}", "body": f"On {upc}"}]}

    root = {
        "best": lambda info: product("1"),
        "_entities": lambda info, representations: [product(given["upc"]) for given in representations],
    }
    return Subgraph(build_schema(REVIEWS), root)


@dataclass
class RunningRouter:
    """A served router and what is behind it."""

    url: str
    app: RouterApp
    session: aiohttp.ClientSession
    catalog: Subgraph
    reviews: Subgraph
    supergraph: Path

    async def post(self, query: str | None = None, *, accept: str = "application/json", **more: Any) -> Response:
        """POST a request; `more` are further parameters, `headers` among them."""
        headers = {"accept": accept, **more.pop("headers", {})}
        body = {"query": query, **more} if query is not None else more
        async with self.session.post(self.url, json=body, headers=headers) as response:
            return await _read(response)

    async def data(self, query: str, **more: Any) -> Any:
        """Return the data of an operation that must succeed."""
        response = await self.post(query, **more)
        assert "errors" not in response.json, response.json
        return response.json["data"]


@dataclass
class Response:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return orjson.loads(self.body)

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return [error["extensions"]["code"] for error in self.json.get("errors", ())]


async def _read(response: aiohttp.ClientResponse) -> Response:
    return Response(response.status, response.headers, await response.read())


@contextlib.asynccontextmanager
async def run_router(folder: Path, **settings: Any) -> AsyncIterator[RunningRouter]:
    """Serve the two subgraphs and a router with these settings while the context is open."""
    one, two = catalog(), reviews()
    async with serve(one, lifespan="off") as catalog_url, serve(two, lifespan="off") as reviews_url:
        path = folder / "supergraph.graphql"
        path.write_text(supergraph(catalog_url, reviews_url), encoding="utf-8")
        defaults = {"supergraph": path, "supergraph_poll_seconds": 0.05, "access_log": False}
        app = create_app(RouterSettings(**{**defaults, **settings}))
        async with serve(app, lifespan="on") as url, aiohttp.ClientSession() as session:
            yield RunningRouter(f"{url}/graphql", app, session, one, two, path)


def supergraph(catalog_url: str, reviews_url: str) -> str:
    """Return the supergraph schema."""
    return SUPERGRAPH.replace("CATALOG_URL", f"{catalog_url}/graphql").replace("REVIEWS_URL", f"{reviews_url}/graphql")
