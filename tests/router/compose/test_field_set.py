"""Field sets."""

import pytest
from graphql import GraphQLSyntaxError

from router.compose.field_set import parse_field_set, print_field_set, selected_fields, try_parse_field_set
from router.compose.result import SubgraphSource
from router.compose.subgraph_reader import read_subgraph


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("id", "id"),
        ("{ id }", "id"),
        ("id  org{id,name}", "id org { id name }"),
        ("a: b(x: 1, y: [E])", "a: b(x: 1, y: [E])"),
        ("... on User { id }", "... on User { id }"),
        ("... { id }", "... { id }"),
    ],
)
def test_a_field_set_prints_on_one_line(text: str, printed: str) -> None:
    assert print_field_set(parse_field_set(text)) == printed


@pytest.mark.parametrize("text", ["", "id }", "id { ", "$", "id } query { id"])
def test_what_is_no_selection_is_refused(text: str) -> None:
    with pytest.raises(GraphQLSyntaxError):
        parse_field_set(text)
    assert try_parse_field_set(text) is None


def test_selected_fields_are_found_through_types_and_fragments() -> None:
    types = read_subgraph(
        SubgraphSource(
            "a",
            "",
            "type User { id: ID! pet: Pet missing: Gone } union Pet = Dog | Cat "
            "type Dog { name: String } type Cat { lives: Int }",
        )
    ).types
    selection = parse_field_set("id unknown { x } pet { __typename ... on Dog { name } ... on Cat { lives } } missing { x }")
    assert [field.coordinate for _, field, _ in selected_fields(types, "User", selection)] == [
        "User.id",
        "User.pet",
        "Dog.name",
        "Cat.lives",
        "User.missing",
    ]
