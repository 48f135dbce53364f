"""The workload of the comparison: users, products, their stock and reviews of them, over four subgraphs.

The large query goes round between users, reviews and products; its answer has some 90 kB, though there is little data.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from graphql import build_schema, graphql_sync

from router.compose.composer import SubgraphSource, compose

__all__ = ["write_workload"]

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
    'import: ["@key", "@external", "@requires", "@provides", "@shareable"])\n'
)
SUBGRAPHS = {
    "accounts": """type Query { me: User user(id: ID!): User users: [User] }
        type User @key(fields: "id") { id: ID! name: String username: String @shareable birthday: Int }""",
    "inventory": """type Product @key(fields: "upc") { upc: String! weight: Int @external price: Int @external
        inStock: Boolean shippingEstimate: Int @requires(fields: "price weight") }""",
    "products": """type Query { topProducts(first: Int = 5): [Product] }
        type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }""",
    "reviews": """type Review @key(fields: "id") {
        id: ID! body: String product: Product author: User @provides(fields: "username") }
        type User @key(fields: "id") { id: ID! username: String @external reviews: [Review] }
        type Product @key(fields: "upc") { upc: String! reviews: [Review] }""",
}
API = """type Query { users: [User] topProducts(first: Int = 5): [Product] }
type User { id: ID! name: String username: String birthday: Int reviews: [Review] }
type Product { upc: String! name: String price: Int weight: Int inStock: Boolean shippingEstimate: Int reviews: [Review] }
type Review { id: ID! body: String product: Product author: User }"""
LARGE = """query Large {
  users { ...User reviews { ...Review product { ...Product reviews { ...Review author { ...User reviews {
    ...Review product { ...Product } } } } } } }
  topProducts { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } }
}
fragment User on User { id username name }
fragment Review on Review { id body }
fragment Product on Product { inStock name price shippingEstimate upc weight }"""
LIGHT = "query Light { users { id name reviews { id product { upc name } } } }"
BODY = "It does what it says, it came in time, and nothing was broken. " * 7


def write_workload(folder: Path) -> Path:
    """Write the workload's files into a folder; return it."""
    composed = compose([SubgraphSource(name, f"http://base/{name}", LINK + sdl) for name, sdl in SUBGRAPHS.items()])
    if composed.supergraph is None:
        raise RuntimeError("; ".join(str(error) for error in composed.errors))
    data = _data()
    files = {
        "data.json": json.dumps(data),
        "supergraph.template.graphql": composed.supergraph.replace("http://base", "@BASE@"),
        "query.json": json.dumps({"query": LARGE}),
        "query.light.json": json.dumps({"query": LIGHT}),
        "expected.json": json.dumps(_answer(data, LARGE)),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _data() -> dict[str, list[dict[str, Any]]]:
    prices = (899, 1299, 15, 499, 1299, 6999, 3999, 100_000, 9999)
    return {
        "users": [{"id": str(at), "name": f"User {at}", "username": f"user{at}", "birthday": at} for at in range(1, 7)],
        "products": [
            {"upc": str(at), "name": f"Product {at}", "price": price, "weight": price // 5} for at, price in enumerate(prices, 1)
        ],
        "inventory": [{"upc": str(at), "inStock": at % 2 == 1} for at in range(1, 10)],
        "reviews": [{"id": str(at), "body": BODY, "upc": upc} for at, upc in enumerate("11112222344", 1)],
    }


def _answer(data: dict[str, list[dict[str, Any]]], query: str) -> dict[str, Any]:
    """Return the answer, computed over all data at once."""
    stock = {row["upc"]: row["inStock"] for row in data["inventory"]}
    products = {row["upc"]: {**row, "inStock": stock[row["upc"]]} for row in data["products"]}
    users = {row["id"]: row for row in data["users"]}
    schema = build_schema(API)
    resolvers: Any = {
        "Query": {
            "users": lambda *_: list(users.values()),
            "topProducts": lambda *_, first: list(products.values())[:first],
        },
        "User": {"reviews": lambda *_: data["reviews"][:2]},
        "Review": {"product": lambda review, _: products[review["upc"]], "author": lambda *_: users["1"]},
        "Product": {
            "reviews": lambda product, _: [row for row in data["reviews"] if row["upc"] == product["upc"]],
            "shippingEstimate": lambda product, _: 0 if product["price"] > 1000 else product["weight"] // 2,
        },
    }
    for type_name, fields in resolvers.items():
        for name, resolve in fields.items():
            schema.type_map[type_name].fields[name].resolve = resolve  # type: ignore[attr-defined]
    return graphql_sync(schema, query).formatted  # type: ignore[return-value]
