"""Which subgraphs keys lead to, and what is said where they do not."""

from textwrap import dedent

import pytest

from tests.testkit.composing import refusals
from tests.testkit.satisfiability import messages, witnesses


def test_field_behind_a_key_that_the_other_subgraph_resolves_is_answered():
    assert not messages(
        a='type Query { user: User } type User @key(fields: "id") { id: ID! }',
        b='type User @key(fields: "id") { id: ID! age: Int }',
    )


def test_key_field_that_only_its_own_subgraph_has_is_named_with_the_remedy():
    assert messages(
        a='type Query { user(id: ID!, locale: String): User } type User @key(fields: "id") { id: ID! }',
        b='type User @key(fields: "email") { email: String! age: Int }',
    ) == [
        dedent(
            """\
            The following supergraph API query:
            {
              user(id: "<any id>") {
                email
              }
            }
            cannot be satisfied by the subgraphs because:
            - from subgraph "a":
              - cannot find field "User.email".
              - cannot move to subgraph "b" using @key(fields: "email") of "User", the key field(s) cannot be resolved from subgraph "a".
            To fix it: make "email" of "User" resolvable from subgraph "a", or add a @key to "User" in subgraph "b" with fields that subgraph "a" resolves, or resolve "User.email" in subgraph "a" too (@shareable)."""  # noqa: E501
        ),
        dedent(
            """\
            The following supergraph API query:
            {
              user(id: "<any id>") {
                age
              }
            }
            cannot be satisfied by the subgraphs because:
            - from subgraph "a":
              - cannot find field "User.age".
              - cannot move to subgraph "b" using @key(fields: "email") of "User", the key field(s) cannot be resolved from subgraph "a".
            To fix it: make "email" of "User" resolvable from subgraph "a", or add a @key to "User" in subgraph "b" with fields that subgraph "a" resolves, or resolve "User.age" in subgraph "a" too (@shareable)."""  # noqa: E501
        ),
    ]


def test_type_without_a_key_is_named():
    assert messages(
        a="type Query { user: User } type User { id: ID! @shareable }",
        b="type Query { other: User } type User { id: ID! @shareable age: Int }",
    ) == [
        dedent(
            """\
            The following supergraph API query:
            {
              user {
                age
              }
            }
            cannot be satisfied by the subgraphs because:
            - from subgraph "a":
              - cannot find field "User.age".
              - cannot move to subgraph "b", which has field "User.age", because type "User" has no @key defined in subgraph "b".
            To fix it: add a @key to "User" in subgraph "b", with fields that subgraph "a" resolves, or resolve "User.age" in subgraph "a" too (@shareable)."""  # noqa: E501
        )
    ]


def test_key_that_is_not_resolvable_is_named():
    [message] = messages(
        a='type Query { user: User } type User @key(fields: "id") { id: ID! }',
        b='type Query { other: User } type User @key(fields: "id", resolvable: false) { id: ID! age: Int }',
    )
    assert (
        '- cannot move to subgraph "b", which has field "User.age", because none of the @key defined on type "User" in subgraph '
        '"b" are resolvable (they are all declared with their "resolvable" argument set to false).'
    ) in message


def test_keys_chain_through_a_third_subgraph():
    assert not messages(
        a='type Query { user: User } type User @key(fields: "id") { id: ID! }',
        b='type User @key(fields: "id") @key(fields: "email") { id: ID! email: String! }',
        c='type User @key(fields: "email") { email: String! age: Int }',
    )


def test_key_fields_may_come_from_several_subgraphs():
    assert not messages(
        a='type Query { user: User } type User @key(fields: "id") { id: ID! }',
        b='type User @key(fields: "id") { id: ID! x: Int! }',
        c='type User @key(fields: "id") { id: ID! y: Int! }',
        d='type User @key(fields: "x y") { x: Int! @external y: Int! @external z: Int }',
    )


def test_external_field_of_a_key_is_not_a_source_of_it():
    assert witnesses(
        a='type Query { user: User } type User @key(fields: "id") { id: ID! @external name: String }',
        b='type User @key(fields: "id") { id: ID! }',
    ) == ["{ user { id } }"]


OBJECTS = 'type Author @key(fields: "id") { id: ID! }'


def test_objects_in_a_key_are_fetched_by_their_own_keys():
    assert not messages(
        a=f'type Query {{ book: Book }} type Book @key(fields: "id") {{ id: ID! author: Author }} {OBJECTS}',
        b='type Author @key(fields: "id") { id: ID! name: String! }',
        c='type Book @key(fields: "author { id name }") { author: Author @external pages: Int } '
        'type Author @key(fields: "id name") { id: ID! @external name: String! @external }',
    )


def test_objects_in_a_key_are_not_fetched_from_the_subgraph_that_the_key_leads_to():
    assert witnesses(
        a=f'type Query {{ book: Book }} type Book @key(fields: "id") {{ id: ID! author: Author @shareable }} {OBJECTS}',
        b='type Book @key(fields: "author { id name }") { author: Author @shareable pages: Int } '
        'type Author @key(fields: "id") { id: ID! name: String! }',
    ) == ["{ book { pages } }"]


def test_keys_that_need_each_other_lead_nowhere():
    assert witnesses(
        a='type Query { x: X } type X @key(fields: "y { p }") { y: Y @shareable q: Int @external } '
        'type Y @key(fields: "x { q }") { x: X @shareable p: Int @external }',
        b='type X @key(fields: "y { p }") { y: Y @shareable q: Int } type Y @key(fields: "x { q }") { x: X @shareable p: Int }',
    ) == ["{ x { q } }", "{ x { y { p } } }"]


def test_inaccessible_fields_serve_in_keys_and_are_not_asked_for():
    assert not messages(
        a='type Query { user: User } type User @key(fields: "id") { id: ID! @inaccessible }',
        b='type User @key(fields: "id") { id: ID! @inaccessible age: Int }',
    )
    assert witnesses(
        a='type Query { user: User } type User @key(fields: "id") { id: ID! name: String }',
        b='type User @key(fields: "code") { code: ID! @inaccessible age: Int }',
    ) == ["{ user { age } }"]


def test_root_types_are_entered_again_from_anywhere():
    assert not messages(
        a="type Query { page: Page } type Page { query: Query number: Int }",
        b="type Query { other: Int }",
    )


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("Int!", "0"),
        ("Float!", "3.14"),
        ("Boolean!", "true"),
        ("String!", '"A string value"'),
        ("[ID!]!", "[]"),
        ("Color!", "RED"),
        ("Shape!", "{color: RED, size: {}}"),
        ("Pick!", "{a: 0}"),
        ("Date!", '"<some value>"'),
        ("Int", None),
        ("Int! = 1", None),
    ],
)
def test_example_queries_give_the_required_arguments(argument: str, value: str | None):
    [witness] = witnesses(
        a=f"type Query {{ user(by: {argument}): User }} type User {{ id: ID! @shareable }} enum Color {{ RED BLUE }} scalar Date "
        "input Shape { color: Color! note: String times: Int! = 2 size: Size! } input Size { min: Int } "
        "input Pick @oneOf { a: Int b: Int }",
        b="type Query { other: User } type User { id: ID! @shareable age: Int }",
    )
    given = f"(by: {value})" if value else ""
    assert witness == f"{{ user{given} {{ age }} }}"


def test_the_places_are_the_fields_that_cannot_be_reached():
    assert [
        (code, places)
        for code, _, places in refusals(
            a='type Query { user: User }\ntype User @key(fields: "id") { id: ID! }',
            b='type User @key(fields: "email") {\n  email: String!\n  age: Int\n}',
        )
    ] == [("SATISFIABILITY_ERROR", ["b:3:3"]), ("SATISFIABILITY_ERROR", ["b:4:3"])]
