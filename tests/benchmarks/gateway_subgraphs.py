"""Four subgraphs that cost next to nothing, on one port: an answer is computed once per distinct request, then looked up.

`python -m tests.benchmarks.gateway_subgraphs DATA PORT`; `GET /calls` answers how many requests there were since the last time.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httptools
import uvloop
from graphql import GraphQLObjectType, GraphQLSchema, GraphQLUnionType, build_schema, graphql_sync

__all__ = ["Data", "Subgraphs", "main"]

Data = dict[str, list[dict[str, Any]]]
Resolver = Callable[..., Any]

# `_Any` and `_entities` as a federation subgraph has them.
FEDERATION = "scalar _Any extend type Query { _entities(representations: [_Any!]!): [_Entity]! } union _Entity = "
SCHEMAS = {
    "accounts": """type Query { me: User user(id: ID!): User users: [User] }
        type User { id: ID! name: String username: String birthday: Int }"""
    + FEDERATION
    + "User",
    "inventory": """type Query { _: Boolean }
        type Product { upc: String! weight: Int price: Int inStock: Boolean shippingEstimate: Int }"""
    + FEDERATION
    + "Product",
    "products": """type Query { topProducts(first: Int = 5): [Product] }
        type Product { upc: String! name: String weight: Int price: Int }"""
    + FEDERATION
    + "Product",
    "reviews": """type Query { _: Boolean } type Review { id: ID! body: String product: Product author: User }
        type Product { upc: String! reviews: [Review] } type User { id: ID! username: String reviews: [Review] }"""
    + FEDERATION
    + "Product | User | Review",
}


class Subgraphs:
    """Answers by path and body."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._schemas = {name: self._schema(name, sdl) for name, sdl in SCHEMAS.items()}
        self._answers: dict[tuple[bytes, bytes], bytes] = {}
        self.calls = 0

    def answer(self, path: bytes, body: bytes) -> bytes:
        """Return a complete HTTP response."""
        if path == b"/calls":
            calls, self.calls = self.calls, 0
            return _response(b"%d" % calls)
        self.calls += 1
        known = self._answers.get((path, body))
        if known is None:
            request = json.loads(body)
            schema = self._schemas[path.decode().strip("/")]
            result = graphql_sync(schema, request["query"], variable_values=request.get("variables"))
            known = self._answers[path, body] = _response(json.dumps(result.formatted, separators=(",", ":")).encode())
        return known

    def _schema(self, name: str, sdl: str) -> GraphQLSchema:
        schema = build_schema(sdl)
        for type_name, fields in self._resolvers(name).items():
            type_ = schema.type_map.get(type_name)
            if isinstance(type_, GraphQLObjectType):
                for field, resolver in fields.items():
                    if field in type_.fields:
                        type_.fields[field].resolve = resolver
        union = schema.type_map["_Entity"]
        if isinstance(union, GraphQLUnionType):
            union.resolve_type = lambda value, *_: value["__typename"]
        return schema

    def _resolvers(self, name: str) -> dict[str, dict[str, Resolver]]:
        data = self._data
        users = {row["id"]: {"__typename": "User", **row} for row in data["users"]}
        products = {row["upc"]: {"__typename": "Product", **row} for row in data["products"]}
        stock = {row["upc"]: row["inStock"] for row in data["inventory"]}
        known: dict[str, Callable[[Any], Any]] = {
            "accounts": {"User": lambda given: users[given["id"]]},
            "products": {"Product": lambda given: products[given["upc"]]},
            "inventory": {"Product": lambda given: {**given, "inStock": stock[given["upc"]]}},
        }.get(name, {})

        def entities(_: Any, __: Any, representations: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [known.get(given["__typename"], lambda same: same)(given) for given in representations]

        return {
            "Query": {
                "users": lambda *_: list(users.values()),
                "me": lambda *_: data["users"][0],
                "user": lambda *_, **given: users.get(given["id"]),
                "topProducts": lambda *_, first: list(products.values())[:first],
                "_entities": entities,
            },
            "Product": {
                "shippingEstimate": lambda product, _: 0 if product["price"] > 1000 else product["weight"] // 2,
                "reviews": lambda product, _: [review for review in data["reviews"] if review["upc"] == product["upc"]],
            },
            "Review": {
                "product": lambda review, _: {"__typename": "Product", "upc": review["upc"]},
                "author": lambda *_: users["1"],
            },
            "User": {"reviews": lambda *_: data["reviews"][:2]},
        }


class _Connection(asyncio.Protocol):
    def __init__(self, subgraphs: Subgraphs) -> None:
        self._subgraphs = subgraphs
        self._transport: Any = None
        self._parser = httptools.HttpRequestParser(self)
        self._path = b""
        self._body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._path = self._body = b""

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self._transport.write(self._subgraphs.answer(self._path, self._body))


def _response(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


async def _serve(data: Data, port: int) -> None:
    subgraphs = Subgraphs(data)
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(subgraphs), "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    """Serve until killed."""
    uvloop.run(_serve(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), int(sys.argv[2])))


if __name__ == "__main__":
    main()
