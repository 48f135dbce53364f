"""A requirement that failed takes with it what depends on it, and nothing else of the same request."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse

from router.execute.executor import ExecutionResult, Executor, RequestContext, prepare
from router.supergraph.model import Supergraph
from router.supergraph.parser import parse_supergraph
from tests.testkit.executing import MemoryTransport
from tests.testkit.router_server import SUPERGRAPH

HEAD = SUPERGRAPH.partition("enum join__Graph")[0].replace("mutation: Mutation subscription: Subscription", "")
TYPES = """
enum join__Graph { A @join__graph(name: "a", url: "http://a") B @join__graph(name: "b", url: "http://b") }
type Query @join__type(graph: A) @join__type(graph: B) { products: [Product] @join__field(graph: A) }
type Product @join__type(graph: A, key: "upc") @join__type(graph: B, key: "upc") {
  upc: ID!
  price: Int @join__field(graph: A) @join__field(graph: B, external: true)
  weight: Int @join__field(graph: A) @join__field(graph: B, external: true)
  tax: Int @join__field(graph: B, requires: "price")
  fee: Int! @join__field(graph: B, requires: "weight")
  toll: Int @join__field(graph: B, requires: "price weight")
  stock: Int @join__field(graph: B)
}
"""
BOTH = [{"__typename": "Product", "upc": upc, "price": 5, "weight": 7} for upc in ("1", "2")]


@pytest.fixture(scope="module")
def supergraph() -> Supergraph:
    return parse_supergraph(HEAD + TYPES)


async def ask(supergraph: Supergraph, query: str, failed: list[list[Any]], b: Any) -> tuple[ExecutionResult, MemoryTransport]:
    """Execute `query` where these fields of products have failed."""
    products = [dict(product) for product in BOTH]
    for _, index, name in failed:
        products[index][name] = None
    errors = [{"message": "failed", "path": path} for path in failed]
    transport = MemoryTransport({"a": {"data": {"products": products}, "errors": errors}, "b": b})
    prepared = prepare(supergraph, parse(query, no_location=True), None)
    return await Executor(supergraph, transport).execute(prepared, {}, RequestContext()), transport


def sent(transport: MemoryTransport) -> Any:
    return [body["variables"]["representations"] for name, body in transport.sent if name == "b"]


async def test_what_does_not_depend_on_it_is_answered(supergraph: Supergraph) -> None:
    entities = {"data": {"_entities": [{"tax": 0, "stock": 3}, {"tax": 1, "stock": 4}]}}
    result, transport = await ask(supergraph, "{ products { tax stock } }", [["products", 0, "price"]], entities)
    # Computed from the null that stands for a failure, 0 would be wrong.
    assert result.data == {"products": [{"tax": None, "stock": 3}, {"tax": 1, "stock": 4}]}
    assert [(error["message"], error["path"]) for error in result.errors or ()] == [("failed", ["products", 0])]
    assert [product["price"] for [*products] in sent(transport) for product in products] == [None, 5]


async def test_each_field_depends_on_its_own_requirement(supergraph: Supergraph) -> None:
    entities = {"data": {"_entities": [{"tax": 1, "fee": 2, "toll": 3}, {"tax": 4, "fee": 5, "toll": 6}]}}
    result, _ = await ask(supergraph, "{ products { tax fee toll } }", [["products", 0, "price"]], entities)
    assert result.data == {"products": [{"tax": None, "fee": 2, "toll": None}, {"tax": 4, "fee": 5, "toll": 6}]}


async def test_a_field_that_must_not_be_null_takes_its_object_with_it(supergraph: Supergraph) -> None:
    entities = {"data": {"_entities": [{"tax": 1, "fee": 2}, {"tax": 4, "fee": 5}]}}
    result, _ = await ask(supergraph, "{ products { tax fee } }", [["products", 1, "weight"]], entities)
    assert result.data == {"products": [{"tax": 1, "fee": 2}, None]}
    assert len(result.errors or ()) == 1


async def test_nothing_is_asked_for_when_everything_depends_on_it(supergraph: Supergraph) -> None:
    entities = {"data": {"_entities": [{"tax": 1}]}}
    result, transport = await ask(supergraph, "{ products { tax } }", [["products", 0, "price"]], entities)
    assert [product["upc"] for [*products] in sent(transport) for product in products] == ["2"]
    assert result.data == {"products": [{"tax": None}, {"tax": 1}]}


async def test_a_key_that_is_missing_cannot_be_done_without(supergraph: Supergraph) -> None:
    result, transport = await ask(
        supergraph, "{ products { stock } }", [["products", 0, "upc"]], {"data": {"_entities": [{"stock": 1}]}}
    )
    assert [product["upc"] for [*products] in sent(transport) for product in products] == ["2"]
    assert (result.data or {})["products"][1] == {"stock": 1}


async def test_a_null_that_did_not_fail_is_a_value_like_others(supergraph: Supergraph) -> None:
    transport = MemoryTransport(
        {"a": {"data": {"products": [{**BOTH[0], "price": None}]}}, "b": {"data": {"_entities": [{"tax": 0, "stock": 3}]}}}
    )
    prepared = prepare(supergraph, parse("{ products { tax stock } }", no_location=True), None)
    result = await Executor(supergraph, transport).execute(prepared, {}, RequestContext())
    assert (result.data, result.errors) == ({"products": [{"tax": 0, "stock": 3}]}, None)


async def test_an_error_about_what_is_withheld_is_not_told(supergraph: Supergraph) -> None:
    entities = {
        "data": {"_entities": [{"tax": None, "stock": 3}, {"tax": None, "stock": 4}]},
        "errors": [{"message": f"no {index}", "path": ["_entities", index, "tax"]} for index in (0, 1)],
    }
    result, _ = await ask(supergraph, "{ products { tax stock } }", [["products", 0, "price"]], entities)
    assert [error["message"] for error in result.errors or ()] == ["failed", "no 1"]
