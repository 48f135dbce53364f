"""What takes something away from clients between two API schemas."""

import pytest
from graphql import build_schema

from router.compose.breaking_changes import SchemaChange, breaking_changes, dangerous_changes

OLD = """
type Query { product(id: ID!, currency: Currency! = EUR): Product  search(filter: Filter): [Result!]! }
type Mutation { rename(id: ID!): Product }
interface Node { id: ID! }
type Product implements Node { id: ID!  name: String!  weight: Float }
type Review { id: ID! }
union Result = Product | Review
enum Currency { EUR USD }
input Filter { text: String  limit: Int! = 10 }
"""


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    assert before in OLD
    old, new = build_schema(OLD), build_schema(OLD.replace(before, after))
    return [str(change) for change in breaking_changes(old, new)], [str(change) for change in dangerous_changes(old, new)]


@pytest.mark.parametrize(
    ("before", "after", "breaking"),
    [
        ("name: String!", "", ["FIELD_REMOVED: Field Product.name was removed."]),
        ("name: String!", "name: String", ["FIELD_CHANGED_KIND: Field Product.name changed type from String! to String."]),
        ("  weight: Float", "", ["FIELD_REMOVED: Field Product.weight was removed."]),
        ("rename(id: ID!)", "rename", ["ARG_REMOVED: Argument Mutation.rename(id:) was removed."]),
        (
            "rename(id: ID!)",
            "rename(id: ID!, name: String!)",
            ["REQUIRED_ARG_ADDED: A required argument Mutation.rename(name:) was added."],
        ),
        (
            "search(filter: Filter)",
            "search(filter: Filter!)",
            ["ARG_CHANGED_KIND: Argument Query.search(filter:) has changed type from Filter to Filter!."],
        ),
        (
            "Currency! = EUR",
            "Currency!",
            ["ARG_BECAME_REQUIRED: Query.product(currency:) lost its default and is required."],
        ),
        (
            "limit: Int! = 10",
            "limit: Int!",
            ["INPUT_FIELD_BECAME_REQUIRED: Filter.limit lost its default and is required."],
        ),
        ("text: String", "text: String!", ["FIELD_CHANGED_KIND: Field Filter.text changed type from String to String!."]),
        (
            "limit: Int! = 10",
            "limit: Int! = 10  after: ID!",
            ["REQUIRED_INPUT_FIELD_ADDED: A required field Filter.after was added."],
        ),
        (
            "input Filter { text: String  limit: Int! = 10 }",
            "input Filter @oneOf { text: String  limit: Int }",
            ["INPUT_OBJECT_BECAME_ONE_OF: Filter became a @oneOf input object."],
        ),
        ("EUR USD", "EUR", ["VALUE_REMOVED_FROM_ENUM: Enum value Currency.USD was removed."]),
        ("= Product | Review", "= Product", ["TYPE_REMOVED_FROM_UNION: Review was removed from union type Result."]),
        (
            "Product implements Node",
            "Product",
            ["IMPLEMENTED_INTERFACE_REMOVED: Product no longer implements interface Node."],
        ),
        ("type Review { id: ID! }", "enum Review { id }", None),
        (
            "type Mutation { rename(id: ID!): Product }",
            "",
            [
                "OPERATION_REMOVED: The schema has no mutation operations any more (root type Mutation).",
                "TYPE_REMOVED: Mutation was removed.",
            ],
        ),
    ],
)
def test_breaks_clients(before: str, after: str, breaking: list[str] | None) -> None:
    if breaking is None:
        assert "TYPE_CHANGED_KIND: Review changed from an Object type to an Enum type." in changed(before, after)[0]
    else:
        assert changed(before, after)[0] == breaking


def test_another_root_type_breaks_clients_even_when_the_old_type_stays() -> None:
    old = build_schema("schema { query: Query mutation: Mutation } type Query { a: Int } type Mutation { b: Int }")
    new = build_schema(
        "schema { query: Query mutation: Change } "
        "type Query { a: Int m: Mutation } type Mutation { b: Int } type Change { c: Int }"
    )
    assert breaking_changes(old, new) == [
        SchemaChange("OPERATION_TYPE_CHANGED", "The mutation root type changed from Mutation to Change.")
    ]


@pytest.mark.parametrize(
    ("before", "after", "dangerous"),
    [
        ("EUR USD", "EUR USD GBP", ["VALUE_ADDED_TO_ENUM: Enum value Currency.GBP was added."]),
        (
            "limit: Int! = 10",
            "limit: Int! = 20",
            ["INPUT_FIELD_DEFAULT_VALUE_CHANGE: Filter.limit has changed defaultValue from 10 to 20."],
        ),
        (
            "Currency! = EUR",
            "Currency! = USD",
            ["ARG_DEFAULT_VALUE_CHANGE: Query.product(currency:) has changed defaultValue from EUR to USD."],
        ),
        (
            "rename(id: ID!)",
            "rename(id: ID!, name: String)",
            ["OPTIONAL_ARG_ADDED: An optional argument Mutation.rename(name:) was added."],
        ),
    ],
)
def test_dangerous_changes_are_told_apart(before: str, after: str, dangerous: list[str]) -> None:
    assert changed(before, after) == ([], dangerous)


def test_a_lost_default_of_a_required_input_is_told_once() -> None:
    assert changed("limit: Int! = 10", "limit: Int!")[1] == []


def test_additions_and_directives_of_schema_elements_are_neither() -> None:
    old = build_schema(OLD + " directive @tag(name: String!) repeatable on OBJECT")
    new = build_schema(OLD.replace("weight: Float", "weight: Float  height: Float") + " directive @tag(name: Int!) on OBJECT")
    assert breaking_changes(old, new) == []
    assert dangerous_changes(old, new) == []


def test_directives_of_operations_are_the_clients() -> None:
    old = build_schema(
        OLD + ' directive @upper(locale: String = "en") repeatable on FIELD | QUERY | OBJECT directive @log on QUERY'
    )
    new = build_schema(OLD + ' directive @upper(locale: String = "de") on FIELD')
    assert [str(change) for change in breaking_changes(old, new)] == [
        "DIRECTIVE_LOCATION_REMOVED: QUERY was removed from @upper.",
        "DIRECTIVE_REMOVED: Directive @log was removed.",
        "DIRECTIVE_REPEATABLE_REMOVED: Repeatable flag was removed from @upper.",
    ]
    assert [str(change) for change in dangerous_changes(old, new)] == [
        'ARG_DEFAULT_VALUE_CHANGE: @upper(locale:) has changed defaultValue from "en" to "de".'
    ]
