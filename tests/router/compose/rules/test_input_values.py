"""Constants against input types."""

import pytest
from graphql import parse_const_value

from router.compose.result import SubgraphSource
from router.compose.rules.input_values import value_complaint
from router.compose.subgraph_reader import read_subgraph
from router.compose.values import read_value

SUBGRAPH = read_subgraph(
    SubgraphSource("a", "", "enum Role { ADMIN } input By { id: ID!  roles: [Role!] = [ADMIN] } scalar Any type Query { a: Int }")
)


@pytest.mark.parametrize(
    ("type_text", "value"),
    [
        ("Int", "1"),
        ("Float", "1"),
        ("Float", "1.5e3"),
        ("ID", "1"),
        ("ID", '"x"'),
        ("String", "null"),
        ("Boolean!", "true"),
        ("Role", "ADMIN"),
        ("[Role!]!", "ADMIN"),
        ("[[Int]]", "[[1], null]"),
        ("By", "{id: 1}"),
        ("By", '{id: "x", roles: [ADMIN]}'),
        ("Any", "{a: [B]}"),
    ],
)
def test_values_of_the_type_fit(type_text: str, value: str) -> None:
    assert value_complaint(SUBGRAPH, type_text, read_value(parse_const_value(value))) is None


@pytest.mark.parametrize(
    ("type_text", "value", "complaint"),
    [
        ("Int", "1.5", "is 1.5, which is no Int"),
        ("Int", '"1"', 'is "1", which is no Int'),
        ("ID", "1.5", "is 1.5, which is no ID"),
        ("String", "ADMIN", "is ADMIN, which is no String"),
        ("Boolean", "1", "is 1, which is no Boolean"),
        ("String!", "null", "is null, but String! is wanted"),
        ("[Int!]", "[1, null]", "is null, but Int! is wanted"),
        ("Role", '"ADMIN"', 'is "ADMIN", which is no Role'),
        ("Role", "USER", "is USER, which is no Role"),
        ("By", "{}", "is {}, which is no By"),
        ("By", "{id: 1, x: 1}", "is {id: 1, x: 1}, which is no By"),
        ("By", "{id: 1, roles: [USER]}", "is {id: 1, roles: [USER]}, which is no By"),
    ],
)
def test_other_values_are_refused(type_text: str, value: str, complaint: str) -> None:
    assert value_complaint(SUBGRAPH, type_text, read_value(parse_const_value(value))) == complaint
