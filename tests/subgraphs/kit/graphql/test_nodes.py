"""How many nodes a document can return, whatever lists it nests."""

from typing import Any

import pytest
from graphql import build_schema

from subgraphs.kit.graphql.documents import DocumentCache

SCHEMA = build_schema("""
type Query { things(first: Int, last: Int): ThingConnection one: Thing node: Node _entities(representations: [Int]): [Thing] }
interface Node { id: ID things(first: Int): ThingConnection }
type Thing implements Node { id: ID things(first: Int): ThingConnection next: Thing }
type ThingConnection { nodes: [Thing] edges: [ThingEdge] }
type ThingEdge { node: Thing }
""")
CACHE = DocumentCache(SCHEMA)


def most(query: str, variables: dict[str, Any] | None = None, name: str | None = None) -> int:
    checked = CACHE.check(query)
    assert checked.errors == ()
    return checked.most_nodes(name, variables or {})


@pytest.mark.parametrize(
    ("query", "nodes"),
    [
        ("{ one { id } }", 0),
        ("{ things { nodes { id } } }", 20),
        ("{ things(first: 5) { nodes { id } } }", 5),
        ("{ things(last: 7) { edges { node { id } } } }", 7),
        ("{ things(first: 5) { nodes { things(first: 3) { nodes { id } } } } }", 20),  # 5 + 5 * 3
        ("{ things(first: 5) { nodes { next { things(first: 3) { nodes { id } } } } } }", 20),
        ("{ a: things(first: 5) { nodes { id } } b: things(first: 6) { nodes { id } } }", 11),
        ("{ things(first: 100) { nodes { ...T } } } fragment T on Thing { things(first: 100) { nodes { id } } }", 10_100),
        ("{ node { ... on Thing { things(first: 3) { nodes { id } } } t: things(first: 2) { nodes { id } } } }", 5),
        ("{ things(first: -5) { nodes { id } } }", 0),
    ],
)
def test_lists_within_lists_multiply(query: str, nodes: int) -> None:
    assert most(query) == nodes


def test_variables_tell_how_long_a_list_is() -> None:
    query = "query($n: Int, $m: Int) { things(first: $n) { nodes { things(first: $m) { nodes { id } } } } }"
    assert most(query, {"n": 2, "m": 3}) == 8  # 2 + 2 * 3
    assert most(query) == 420  # both by default 20
    assert most(query, {"n": "2"}) == 420
    assert most(query.replace("$n: Int", "$n: Int = 100")) == 2100  # 100 + 100 * 20


def test_entities_multiply_what_is_asked_of_each() -> None:
    query = "query($r: [Int]) { _entities(representations: $r) { things(first: 10) { nodes { id } } } }"
    assert most(query, {"r": [1, 2, 3]}) == 33


def test_each_operation_counts_by_itself() -> None:
    query = "query A { things(first: 1) { nodes { id } } } query B { things(first: 2) { nodes { id } } }"
    assert [most(query, name=name) for name in ("A", "B", "C")] == [1, 2, 0]
