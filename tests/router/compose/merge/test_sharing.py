"""Fields that several subgraphs resolve."""

from tests.testkit.composing import refusals
from tests.testkit.merging import merged


def test_a_field_shared_by_all_is_accepted() -> None:
    text = merged(
        "Query",
        a="type Query { a: Int @shareable }",
        b="type Query { a: Int @shareable }",
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  a: Int
}"""
    )


def test_a_field_shared_by_one_is_refused() -> None:
    assert refusals(
        a="type Query { a: Int @shareable }",
        b="type Query { a: Int }",
    ) == [
        (
            "INVALID_FIELD_SHARING",
            'Non-shareable field "Query.a" is resolved from multiple subgraphs: it is resolved from subgraph '
            '"a", subgraph "b", and defined as non-shareable in subgraph "b". Mark it @shareable there if all '
            "subgraphs give the same value, or leave it to one subgraph.",
            ["a:2:14", "b:2:14"],
        ),
    ]


def test_shareable_on_a_type_holds_for_its_fields() -> None:
    text = merged(
        "Query",
        a="type Query @shareable { a: Int }",
        b="type Query { a: Int @shareable }",
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  a: Int
}"""
    )


def test_shareable_on_an_extension_holds_for_the_extension() -> None:
    assert refusals(
        a="""
            type Query { a: Int }
            extend type Query @shareable { b: Int }
            """,
        b="type Query @shareable { a: Int b: Int }",
    ) == [
        (
            "INVALID_FIELD_SHARING",
            'Non-shareable field "Query.a" is resolved from multiple subgraphs: it is resolved from subgraph '
            '"a", subgraph "b", and defined as non-shareable in subgraph "a". Mark it @shareable there if all '
            "subgraphs give the same value, or leave it to one subgraph.",
            ["a:2:14", "b:2:25"],
        ),
    ]


def test_key_fields_are_shared_without_saying() -> None:
    text = merged(
        "User",
        a="""
            type Query { me: User }
            type User @key(fields: "org { id }") { org: Org }
            type Org { id: ID! }
            """,
        b="""
            type User @key(fields: "org { id }") { org: Org age: Int }
            type Org { id: ID! }
            """,
    )
    assert (
        text
        == """\
type User
  @join__type(graph: A, key: "org { id }")
  @join__type(graph: B, key: "org { id }")
{
  org: Org
  age: Int @join__field(graph: B)
}"""
    )


def test_a_provided_field_has_to_be_shareable_where_it_is_resolved() -> None:
    assert refusals(
        a="""
            type Query { a: Product }
            type Product @key(fields: "id") { id: ID! name: String }
            """,
        b="""
            type Query { p: Product @provides(fields: "name") }
            type Product @key(fields: "id") { id: ID! name: String @external }
            """,
    ) == [
        (
            "INVALID_FIELD_SHARING",
            'Non-shareable field "Product.name" is resolved from multiple subgraphs: it is resolved from '
            'subgraph "a", subgraph "b", and defined as non-shareable in subgraph "a". Mark it @shareable '
            "there if all subgraphs give the same value, or leave it to one subgraph.",
            ["a:3:43", "b:3:43"],
        ),
    ]


def test_events_are_not_shared() -> None:
    assert refusals(
        a="""
            type Query { a: Int }
            type Subscription { event: Int @shareable }
            """,
        b="type Query { b: Int }",
    ) == [
        (
            "INVALID_FIELD_SHARING",
            'Subscription field "Subscription.event" is marked @shareable in subgraph "a": fields of the '
            "subscription type cannot be shared. Remove @shareable, and leave the field to one subgraph.",
            ["a:3:21"],
        ),
    ]
