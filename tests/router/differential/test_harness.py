"""The differential test itself: what it must notice, and how it shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson
import pytest
from graphql import parse, print_ast, validate

from router.execute.transport import SubgraphRequest, SubgraphResponse
from tests.router.differential.operations import generate
from tests.router.differential.shrinking import shrink
from tests.router.differential.trial import Trial, trials
from tests.testkit.federation_fixtures import fixture
from tests.testkit.federation_subgraphs import WorldTransport
from tests.testkit.federation_world import Item


def trial(name: str = "keys") -> Trial:
    """A trial without faults."""
    return trials(fixture(name))[0]


@dataclass(frozen=True)
class Falsifying:
    """A transport that changes the answers of one subgraph."""

    inner: WorldTransport
    subgraph: str
    pattern: bytes
    new: bytes

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        response = await self.inner.send(request)
        if request.subgraph != self.subgraph:
            return response
        return SubgraphResponse(200, re.sub(self.pattern, self.new, response.body))


def falsified(name: str, subgraph: str, pattern: bytes, new: bytes, world: int = 0) -> Trial:
    """A trial between whose router and subgraph something goes wrong."""
    known = trials(fixture(name))[world]
    return Trial(fixture(name), known.world, between=lambda inner: Falsifying(inner, subgraph, pattern, new))


async def asked(name: str, subgraph: str, query: str, **variables: Any) -> tuple[dict[str, Any], list[str]]:
    """Return the answer of a subgraph of a fixture, and its violations."""
    transport = trial(name).transport
    body = orjson.dumps({"query": query, "variables": variables})
    response = await transport.send(SubgraphRequest(subgraph, "", body, {}))
    return orjson.loads(response.body), transport.violations


async def test_equal_answers_are_no_difference() -> None:
    operation = parse("{ products { name price(currency: USD) weight stock(warehouse: 3) } }", no_location=True)
    assert await trial().run(operation, [{}]) is None


async def test_a_wrong_value_of_one_subgraph_is_a_difference() -> None:
    operation = parse("{ products { name stock } }", no_location=True)
    difference = await falsified("keys", "warehouse", rb'"stock":', rb'"stock":1').run(operation, [{}])
    assert difference is not None
    assert difference.kind == "data"


async def test_the_order_of_fields_is_compared() -> None:
    found = trial()
    answer = found._merged.execute(parse("{ products { name id } }", no_location=True), {})
    assert answer.data is not None
    assert [list(product) for product in answer.data["products"]] == [["name", "id"]] * len(answer.data["products"])


async def test_an_error_of_which_clients_hear_nothing_is_a_difference() -> None:
    found = falsified("circular", "users", rb',"errors":.*', b"}", world=2)
    operation = parse("{ users { id name } }", no_location=True)
    difference = await found.run(operation, [{}])
    assert difference is not None
    assert (difference.kind, difference.got) == ("errors", [])


async def test_an_invalid_operation_of_a_subgraph_is_a_violation() -> None:
    answer, violations = await asked("keys", "catalog", "{ products { weight } }")
    assert answer["data"] is None
    assert violations == ["catalog: invalid operation: Cannot query field 'weight' on type 'Product'.: { products { weight } }"]


@pytest.mark.parametrize(
    ("name", "subgraph", "query", "variables", "violation"),
    [
        (
            "provides",
            "subcategories",
            "{ plain { categories { id } } }",
            {},
            "subcategories: Product.categories is external and not provided",
        ),
        ("override", "old", "{ bills { amount } }", {}, "old: Bill.amount is taken over by another subgraph"),
        (
            "requires",
            "shipping",
            "query($r: [_Any!]!) { _entities(representations: $r) { ... on Product { rated } } }",
            {"r": [{"__typename": "Product", "id": "Product-1"}]},
            "shipping: Product.rated lacks 'category' in its representation {'__typename': 'Product', 'id': 'Product-1'}",
        ),
        (
            "keys",
            "warehouse",
            "query($r: [_Any!]!) { _entities(representations: $r) { ... on Product { stock } } }",
            {"r": [{"__typename": "Product", "id": "Product-1"}]},
            "warehouse: bad representation: \"no key of Product in {'__typename': 'Product', 'id': 'Product-1'}\": "
            "{'__typename': 'Product', 'id': 'Product-1'}",
        ),
    ],
)
async def test_what_a_gateway_must_not_ask_is_a_violation(
    name: str, subgraph: str, query: str, variables: dict[str, Any], violation: str
) -> None:
    _, violations = await asked(name, subgraph, query, **variables)
    assert set(violations) == {violation}


async def test_a_subgraph_answers_what_a_path_provides() -> None:
    answer, violations = await asked("provides", "subcategories", "{ featured { categories { name parent { group } } } }")
    assert violations == []
    assert answer["data"]["featured"]["categories"]


def test_entities_differ_in_every_key() -> None:
    world = trial("nested-keys").world
    assert world.entities("Product") == tuple(Item("Product", str(number)) for number in range(4))
    assert world.find("links", "Product", {"id": "Product-2"}) == Item("Product", "2")
    assert world.find("links", "Product", {"id": "nobody"}) is None


def test_generated_operations_are_valid_and_use_the_language() -> None:
    found = trial("requires")
    schema, ids = found.supergraph.schema, found.world.ids()
    operations = [generate(schema, ids, Random(seed)) for seed in range(60)]
    assert [validate(schema, operation.document) for operation in operations] == [[]] * 60
    text = "\n".join(operation.text for operation in operations)
    for part in ("fragment F0 on ", "...F0", "... on Image", "@include(if: $", "@skip(if: ", "__typename", "__type", "a: ", "$v"):
        assert part in text


def test_one_seed_gives_one_operation() -> None:
    found = trial("unions")
    first, second = (generate(found.supergraph.schema, found.world.ids(), Random("x")) for _ in range(2))
    assert (first.text, first.variables) == (second.text, second.variables)


async def test_a_failing_operation_is_shrunk_to_what_fails() -> None:
    schema = fixture("keys").supergraph.schema
    document = parse(
        """
        query Test($a: Boolean!, $w: ID) {
          topBrand { slug title @skip(if: $a) products { ...Rest id } }
          x: products { name }
        }
        fragment Rest on Product { ... on Product @include(if: $a) { n: name stock(warehouse: $w) } sku }
        """,
        no_location=True,
    )

    async def fails(candidate: Any) -> bool:
        return "stock" in print_ast(candidate)

    small = await shrink(schema, document, fails)
    assert print_ast(small) == "query Test {\n  topBrand {\n    products {\n      stock\n    }\n  }\n}"


async def test_a_wrong_value_of_an_event_is_a_difference() -> None:
    operation = parse("subscription { orderMoved { order { total insured } } }", no_location=True)
    assert await trial("subscriptions").run(operation, [{}]) is None
    difference = await falsified("subscriptions", "parcels", rb'"insured":true', rb'"insured":false').run(operation, [{}])
    other = await falsified("subscriptions", "parcels", rb'"insured":false', rb'"insured":true').run(operation, [{}])
    assert [found.kind for found in (difference, other) if found is not None] == ["data"]


@pytest.mark.parametrize("name", ["subscriptions", "mutations"])
def test_generated_operations_are_of_every_kind(name: str) -> None:
    found = trial(name)
    schema, ids = found.supergraph.schema, found.world.ids()
    operations = [generate(schema, ids, Random(seed)) for seed in range(30)]
    assert [validate(schema, operation.document) for operation in operations] == [[]] * 30
    assert any(operation.text.startswith(name.removesuffix("s")) for operation in operations)
