"""KEY_INVALID_FIELDS, REQUIRES_INVALID_FIELDS, PROVIDES_INVALID_FIELDS."""

from tests.testkit.composing import refusals, refusals_as_written


def test_field_sets_that_do_not_parse_are_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User @provides(fields: "id {") }
            type User @key(fields: "") { id: ID!  b: Int @requires(fields: "}") }
            """,
    ) == [
        (
            "KEY_INVALID_FIELDS",
            '[a] @key(fields: "") on User: it does not parse: Expected one selection set.',
            ["a:3:11"],
        ),
        (
            "REQUIRES_INVALID_FIELDS",
            "[a] @requires(fields: \"}\") on User.b: it does not parse: Unexpected '}'.",
            ["a:3:46"],
        ),
        (
            "PROVIDES_INVALID_FIELDS",
            '[a] @provides(fields: "id {") on Query.u: it does not parse: Expected Name, found <EOF>.',
            ["a:2:22"],
        ),
    ]


def test_unknown_fields_are_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User @provides(fields: "x") }
            type User @key(fields: "y") { id: ID!  b: Int @requires(fields: "z") }
            """,
    ) == [
        (
            "KEY_INVALID_FIELDS",
            '[a] @key(fields: "y") on User: User has no field y in this subgraph; correct the name, or '
            "declare the field (with @external, when another subgraph resolves it).",
            ["a:3:11"],
        ),
        (
            "REQUIRES_INVALID_FIELDS",
            '[a] @requires(fields: "z") on User.b: User has no field z in this subgraph; correct the name, '
            "or declare the field (with @external, when another subgraph resolves it).",
            ["a:3:47"],
        ),
        (
            "PROVIDES_INVALID_FIELDS",
            '[a] @provides(fields: "x") on Query.u: User has no field x in this subgraph; correct the name, '
            "or declare the field (with @external, when another subgraph resolves it).",
            ["a:2:22"],
        ),
    ]


def test_a_selection_that_ends_at_an_object_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "org") { org: Org }
            type Org { id: ID! }
            """,
    ) == [
        (
            "KEY_INVALID_FIELDS",
            '[a] @key(fields: "org") on User: User.org is of type Org; select fields of it, org { … }.',
            ["a:3:11"],
        ),
    ]


def test_a_selection_on_a_scalar_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id { x }") { id: ID! }
            """,
    ) == [
        (
            "KEY_INVALID_FIELDS",
            '[a] @key(fields: "id { x }") on User: User.id is of type ID!, which has no fields to select.',
            ["a:3:11"],
        ),
    ]


def test_an_empty_selection_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "org { }") { org: Org }
            type Org { id: ID! }
            """,
    ) == [
        (
            "KEY_INVALID_FIELDS",
            '[a] @key(fields: "org { }") on User: it selects nothing of Org; name at least one field.',
            ["a:3:11"],
        ),
    ]


def test_aliases_and_named_fragments_are_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "key: id ...Rest") { id: ID! }
            """,
    ) == [
        (
            "KEY_INVALID_FIELDS",
            '[a] @key(fields: "key: id ...Rest") on User: the alias key cannot be used here; select id under its own name.',
            ["a:3:11"],
        ),
        (
            "KEY_INVALID_FIELDS",
            '[a] @key(fields: "key: id ...Rest") on User: a named fragment cannot be used here; write out what ...Rest selects.',
            ["a:3:11"],
        ),
    ]


def test_a_condition_on_no_type_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "... on Usr { id }") { id: ID! }
            """,
    ) == [
        (
            "KEY_INVALID_FIELDS",
            '[a] @key(fields: "... on Usr { id }") on User: the condition on Usr names no object, interface '
            "or union type of this subgraph.",
            ["a:3:11"],
        ),
    ]


def test_arguments_of_required_fields_are_checked() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") {
              id: ID!
              price(currency: String!, day: Int): Int @external
              a: Int @requires(fields: "price")
              b: Int @requires(fields: "price(currency: null, week: 1)")
              c: Int @requires(fields: "price(currency: EUR)")
            }
            """,
        b="""
            type User @key(fields: "id") { id: ID!  price(currency: String!, day: Int): Int }
            """,
    ) == [
        (
            "REQUIRES_INVALID_FIELDS",
            '[a] @requires(fields: "price") on User.a: User.price must be given its argument currency.',
            ["a:6:10"],
        ),
        (
            "REQUIRES_INVALID_FIELDS",
            '[a] @requires(fields: "price(currency: null, week: 1)") on User.b: the argument currency of '
            "User.price is null, but String! is wanted.",
            ["a:7:10"],
        ),
        (
            "REQUIRES_INVALID_FIELDS",
            '[a] @requires(fields: "price(currency: null, week: 1)") on User.b: User.price has no argument week.',
            ["a:7:10"],
        ),
        (
            "REQUIRES_INVALID_FIELDS",
            '[a] @requires(fields: "price(currency: EUR)") on User.c: the argument currency of User.price '
            "is EUR, which is no String.",
            ["a:8:10"],
        ),
    ]


def test_an_unknown_directive_in_a_field_set_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id @x") { id: ID! }
            """,
    ) == [
        (
            "KEY_INVALID_FIELDS",
            '[a] @key(fields: "id @x") on User: the directive @x does not exist.',
            ["a:3:11"],
        ),
    ]


def test_a_federation_1_requirement_of_nothing_known_is_refused() -> None:
    assert refusals_as_written(
        a="""
            type Query { u: User }
            type User @key(fields: "id") { id: ID!  b: Int @requires(fields: "z")  c: Int @requires(fields: y) }
            """,
    ) == [
        (
            "REQUIRES_INVALID_FIELDS",
            '[a] @requires(fields: "z") on User.b: User has no field z in this subgraph; correct the name, '
            "or declare the field (with @external, when another subgraph resolves it).",
            ["a:2:48"],
        ),
        (
            "REQUIRES_INVALID_FIELDS",
            "[a] @requires(fields: y) on User.c: User has no field y in this subgraph; correct the name, or "
            "declare the field (with @external, when another subgraph resolves it).",
            ["a:2:79"],
        ),
    ]


def test_a_required_argument_that_no_key_or_provision_can_give_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User  v: Value @provides(fields: "in") }
            type User @key(fields: "name") { name(locale: String!): String }
            type Value { in(unit: String!): Int @external }
            """,
    ) == [
        (
            "KEY_INVALID_FIELDS",
            '[a] @key(fields: "name") on User: User.name must be given its argument locale; '
            "select only fields without arguments.",
            ["a:3:11"],
        ),
        (
            "PROVIDES_INVALID_FIELDS",
            '[a] @provides(fields: "in") on Query.v: Value.in must be given its argument unit; '
            "select only fields without arguments.",
            ["a:2:32"],
        ),
    ]
