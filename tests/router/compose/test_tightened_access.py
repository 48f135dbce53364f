"""Demands that tokens which were good may not meet."""

import pytest

from router.compose.tightened_access import tightened_access
from router.supergraph.model import Supergraph
from router.supergraph.parser import parse_supergraph
from tests.testkit.composing import composed

OPEN = "type Query { order: Order  me: User } type Order { total: Int  tax: Int } type User { name: String }"


def supergraph(sdl: str) -> Supergraph:
    text = composed(a=sdl).supergraph
    assert text is not None
    return parse_supergraph(text)


def tightened(old: str, new: str) -> list[str]:
    return [str(change) for change in tightened_access(supergraph(old), supergraph(new))]


def with_total(directives: str, on_type: str = "") -> str:
    return OPEN.replace("total: Int", f"total: Int {directives}").replace("type Order", f"type Order {on_type}")


SCOPES = "@requiresScopes(scopes: {})"


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("", "@authenticated", ["Order.total now demands @authenticated."]),
        ("", SCOPES.format('[["a"]]'), ['Order.total now demands @requiresScopes(scopes: [["a"]]).']),
        (
            "@authenticated",
            '@authenticated @policy(policies: [["p"]])',
            ['Order.total now demands @policy(policies: [["p"]]).'],
        ),
        (
            SCOPES.format('[["a"], ["b"]]'),
            SCOPES.format('[["a"]]'),
            ['Order.total now demands @requiresScopes(scopes: [["a"]]).'],
        ),
        (
            SCOPES.format('[["a"]]'),
            SCOPES.format('[["a", "b"]]'),
            ['Order.total now demands @requiresScopes(scopes: [["a", "b"]]).'],
        ),
        (SCOPES.format('[["a", "b"]]'), SCOPES.format('[["a"], ["c"]]'), []),
        ("@authenticated", "", []),
        ("@authenticated", "@authenticated", []),
    ],
)
def test_a_field_is_tightened_when_old_tokens_may_not_do(old: str, new: str, changes: list[str]) -> None:
    assert tightened(with_total(old), with_total(new)) == [f"ACCESS_TIGHTENED: {change}" for change in changes]


def test_a_demand_that_moves_from_type_to_field_is_no_change() -> None:
    assert tightened(with_total("", "@authenticated"), with_total("@authenticated")) == []


def test_a_demand_that_moves_from_field_to_type_tightens_the_type() -> None:
    assert tightened(with_total("@authenticated"), with_total("", "@authenticated")) == [
        "ACCESS_TIGHTENED: Order now demands @authenticated."
    ]


def test_new_fields_may_demand_anything() -> None:
    assert tightened(OPEN, OPEN.replace("tax: Int", "tax: Int  secret: Int @authenticated")) == []
