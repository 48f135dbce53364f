"""What clients see of a response tree: types, nulls, order (GraphQL sections 6.3.2, 6.4.3, 6.4.4)."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse

from router.execute.errors import ErrorList
from router.execute.projection import Projection

SCHEMA = build_schema("""
type Query { thing: Thing, needed: Thing!, things: [Thing!], grid: [[Int!]!], node: Node, nodes: [Node!]!, any: Any }
type Thing { id: ID, count: Int, ratio: Float, on: Boolean, name: String!, other: Thing, must: Thing!, color: Color, blob: Blob }
interface Node { id: ID }
type Book implements Node { id: ID, pages: Int! }
type Film implements Node { id: ID, minutes: Int }
union Any = Book | Film
enum Color { RED GREEN }
scalar Blob
""")


def project(
    query: str, tree: dict[str, Any], variables: dict[str, Any] | None = None, *, schema: GraphQLSchema = SCHEMA
) -> tuple[dict[str, Any] | None, list[tuple[list[str | int], str]]]:
    """Return data and errors; with a tree that shares nothing the answer must be the same as with one that may."""
    document = parse(query)
    fragments = {d.name.value: d for d in document.definitions if not isinstance(d, OperationDefinitionNode)}  # type: ignore[attr-defined]
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    answers = []
    for shared in (False, True):
        errors = ErrorList()
        data = Projection(schema, schema.query_type, operation.selection_set, fragments).project(
            tree, variables or {}, errors, shared=shared
        )
        answers.append((data, [(error["path"], error["message"]) for error in errors.errors]))
    assert answers[0] == answers[1]
    return answers[0]


def test_fields_of_fragments_merge_where_the_operation_has_them_first() -> None:
    query = """
    { thing { name other { id } ...F ... on Thing { count } } }
    fragment F on Thing { __typename count: count other { name __typename } id }
    """
    tree = {"thing": {"id": "1", "name": "n", "count": 2, "other": {"name": "o", "id": "2"}}}
    data, errors = project(query, tree)
    assert errors == []
    assert str(data) == str(
        {
            "thing": {
                "name": "n",
                "other": {"id": "2", "name": "o", "__typename": "Thing"},
                "__typename": "Thing",
                "count": 2,
                "id": "1",
            }
        }
    )


def test_aliases_are_the_names_in_the_tree() -> None:
    assert project("{ a: thing { n: name t: __typename } }", {"a": {"n": "x"}}) == ({"a": {"n": "x", "t": "Thing"}}, [])


def test_a_missing_nullable_field_is_null_without_an_error() -> None:
    assert project("{ thing { id other { id } } }", {"thing": {}}) == ({"thing": {"id": None, "other": None}}, [])


def test_a_null_reaches_the_nearest_nullable_parent() -> None:
    tree = {"thing": {"id": "1", "other": {"must": {"must": {"name": None}}}}}
    assert project("{ thing { id other { must { must { name } } } } }", tree) == (
        {"thing": {"id": "1", "other": None}},
        [(["thing", "other", "must", "must", "name"], "Cannot return null for non-nullable field Thing.name.")],
    )


def test_a_null_can_reach_data() -> None:
    assert project("{ thing { id } needed { name } }", {"thing": {"id": "1"}, "needed": {}}) == (
        None,
        [(["needed", "name"], "Cannot return null for non-nullable field Thing.name.")],
    )


@pytest.mark.parametrize(
    ("grid", "expected", "path"),
    [
        ([[1], [2, 3], []], [[1], [2, 3], []], None),
        ([[1], [None]], None, ["grid", 1, 0]),
        ([[1], None], None, ["grid", 1]),
        ([[1], 2], None, ["grid", 1]),
    ],
)
def test_nulls_in_lists(grid: Any, expected: Any, path: list[str | int] | None) -> None:
    data, errors = project("{ grid }", {"grid": grid})
    assert data == {"grid": expected}
    assert [error[0] for error in errors] == ([path] if path else [])


def test_a_list_item_that_fails_nulls_the_list_of_non_null_items() -> None:
    data, errors = project("{ things { name } }", {"things": [{"name": "a"}, {}, {}]})
    assert data == {"things": None}
    assert errors == [(["things", 1, "name"], "Cannot return null for non-nullable field Thing.name.")]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("id", 7, "7"),
        ("id", "7", "7"),
        ("id", True, None),
        ("count", 7, 7),
        ("count", 7.0, 7),
        ("count", 7.5, None),
        ("count", "7", None),
        ("count", True, None),
        ("count", 2**31 - 1, 2147483647),
        ("count", -(2**31), -2147483648),
        ("count", 2**31, None),
        ("count", -(2**31) - 1, None),
        ("count", 2.0**31, None),
        ("ratio", 2**31, 2147483648),
        ("id", 2**31, "2147483648"),
        ("ratio", 1, 1),
        ("ratio", 1.5, 1.5),
        ("ratio", "1.5", None),
        ("on", False, False),
        ("on", 0, None),
        ("color", "RED", "RED"),
        ("color", "ULTRAVIOLET", None),
        ("color", ["RED"], None),
        ("blob", {"any": ["thing"]}, {"any": ["thing"]}),
        ("blob", "text", "text"),
        ("blob", 0, 0),
    ],
)
def test_leaf_values(field: str, value: Any, expected: Any) -> None:
    data, errors = project(f"{{ thing {{ {field} }} }}", {"thing": {field: value}})
    assert data == {"thing": {field: expected}}
    assert type(data["thing"][field]) is type(expected)
    assert [path for path, _ in errors] == ([["thing", field]] if expected is None else [])


def test_an_integer_beyond_32_bits_is_null_also_where_null_is_not_allowed() -> None:
    tree: dict[str, Any] = {"__typename": "Book", "id": "b", "pages": 2**31}
    assert project("{ node { id ... on Book { pages } } }", {"node": tree}) == (
        {"node": None},
        [(["node", "pages"], "The subgraph's value is not a value of the scalar Int.")],
    )
    assert project("{ grid }", {"grid": [[1, 2**31 - 1], [2, -(2**31) - 1]]}) == (
        {"grid": None},
        [(["grid", 1, 1], "The subgraph's value is not a value of the scalar Int.")],
    )


def test_a_hidden_enum_value_is_not_named_in_the_error() -> None:
    _, errors = project("{ thing { color } }", {"thing": {"color": "SECRET"}})
    assert errors == [(["thing", "color"], "The subgraph's value is not a value of the enum Color.")]


@pytest.mark.parametrize("value", ["text", 1, [{}]])
def test_an_object_must_be_an_object(value: Any) -> None:
    assert project("{ thing { id } }", {"thing": value}) == (
        {"thing": None},
        [(["thing"], "Expected an object of type Thing.")],
    )


def test_fragments_apply_by_the_runtime_type() -> None:
    query = "{ nodes { id ... on Book { pages } ... on Film { minutes } ... on Any { __typename } } }"
    tree = {"nodes": [{"__typename": "Film", "id": "f", "minutes": 9}, {"__typename": "Book", "id": "b", "pages": 3}]}
    assert project(query, tree) == (
        {"nodes": [{"id": "f", "minutes": 9, "__typename": "Film"}, {"id": "b", "pages": 3, "__typename": "Book"}]},
        [],
    )


@pytest.mark.parametrize("typename", ["Thing", "Unknown", 5, ["Book"]])
def test_an_impossible_type_is_null(typename: Any) -> None:
    data, errors = project("{ node { id } }", {"node": {"__typename": typename, "id": "1"}})
    assert data == {"node": None}
    assert errors == [(["node"], "The subgraph's type is not a possible type of Node.")]


@pytest.mark.parametrize("node", [{"id": "1"}, {"id": "1", "__typename": "Node"}])
def test_without_an_object_type_the_fields_of_the_interface_are_there(node: dict[str, Any]) -> None:
    assert project("{ node { id ... on Book { pages } } }", {"node": node}) == ({"node": {"id": "1"}}, [])
    assert project("{ node { id __typename } }", {"node": node})[0] == {"node": None}


@pytest.mark.parametrize("yes", [True, False])
def test_skip_and_include(yes: bool) -> None:
    query = """
    query ($yes: Boolean!) {
      thing { id @include(if: $yes) count @skip(if: $yes) ...F @include(if: $yes) ... @skip(if: true) { blob } }
    }
    fragment F on Thing { name }
    """
    tree = {"thing": {"id": "1", "count": 1, "name": "n", "blob": 1}}
    data, errors = project(query, tree, {"yes": yes})
    assert (data, errors) == ({"thing": {"id": "1", "name": "n"} if yes else {"count": 1}}, [])


def test_a_null_that_an_error_explains_is_not_reported_again() -> None:
    document = parse("{ thing { other { name } } needed { name } }")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    errors = ErrorList()
    errors.add("broken", ("thing", "other"), {})
    errors.add("broken, too", ("needed", "name"), {})
    tree: dict[str, Any] = {"thing": {"other": {}}, "needed": None}
    assert Projection(SCHEMA, SCHEMA.query_type, operation.selection_set, {}).project(tree, {}, errors, shared=False) is None
    assert [error["message"] for error in errors.errors] == ["broken", "broken, too"]


def test_an_object_in_two_places_fails_in_both() -> None:
    thing = {"id": "1"}
    tree = {"a": {"other": thing}, "b": {"other": thing}}
    data, errors = project("{ a: thing { other { name } } b: thing { other { name } } }", tree)
    assert data == {"a": {"other": None}, "b": {"other": None}}
    assert [path for path, _ in errors] == [["a", "other", "name"], ["b", "other", "name"]]
