"""CONTEXT_NAME_INVALID, CONTEXT_NOT_SET, CONTEXT_INVALID_SELECTION, CONTEXT_NO_RESOLVABLE_KEY, NO_CONTEXT_IN_SELECTION."""

from tests.testkit.composing import refusals


def test_a_context_name_with_an_underscore_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") @context(name: "my_user") { id: ID! }
            """,
    ) == [
        (
            "CONTEXT_NAME_INVALID",
            '[a] @context on User: "my_user" is no name for a context; use a letter followed by letters and digits.',
            ["a:3:30"],
        ),
    ]


def test_a_context_that_no_type_sets_is_refused() -> None:
    assert refusals(
        a="""
            type Query { o: Order }
            type Order @key(fields: "id") {
              id: ID!
              total(currency: String @fromContext(field: "$user { currency }")): Int
            }
            """,
    ) == [
        (
            "CONTEXT_NOT_SET",
            '[a] @fromContext on Order.total(currency:): no type sets the context user; add @context(name: "user") to one above.',
            ["a:5:26"],
        ),
    ]


def test_a_text_without_context_is_refused() -> None:
    assert refusals(
        a="""
            type Query { o: Order }
            type Order @key(fields: "id") {
              id: ID!
              total(currency: String @fromContext(field: "currency")): Int
            }
            """,
    ) == [
        (
            "NO_CONTEXT_IN_SELECTION",
            '[a] @fromContext on Order.total(currency:): the text names no context; write "$context { field }".',
            ["a:5:26"],
        ),
    ]


def test_a_contextual_argument_with_a_default_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") @context(name: "user") { id: ID!  currency: String  order: Order }
            type Order @key(fields: "id") {
              id: ID!
              total(currency: String = "EUR" @fromContext(field: "$user { currency }")): Int
            }
            """,
    ) == [
        (
            "CONTEXT_NOT_SET",
            "[a] @fromContext on Order.total(currency:): an argument filled from a context cannot have a default; remove it.",
            ["a:6:34"],
        ),
    ]


def test_a_type_without_resolvable_key_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") @context(name: "user") { id: ID!  currency: String  order: Order }
            type Order { total(currency: String @fromContext(field: "$user { currency }")): Int }
            """,
    ) == [
        (
            "CONTEXT_NO_RESOLVABLE_KEY",
            "[a] @fromContext on Order.total(currency:): Order has no resolvable key, by which the field "
            "could be asked for; add a @key.",
            ["a:4:37"],
        ),
    ]


def test_a_selection_that_does_not_parse_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") @context(name: "user") { id: ID!  currency: String  order: Order }
            type Order @key(fields: "id") {
              id: ID!
              total(currency: String @fromContext(field: "$user { ")): Int
            }
            """,
    ) == [
        (
            "CONTEXT_INVALID_SELECTION",
            '[a] @fromContext on Order.total(currency:): what follows $user does not parse; write "$user { field }".',
            ["a:6:26"],
        ),
    ]


def test_a_selection_of_several_fields_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") @context(name: "user") { id: ID!  currency: String  order: Order }
            type Order @key(fields: "id") {
              id: ID!
              total(currency: ID @fromContext(field: "$user { id currency }")): Int
            }
            """,
    ) == [
        (
            "CONTEXT_INVALID_SELECTION",
            "[a] @fromContext on Order.total(currency:): it selects several fields of User; an argument takes one.",
            ["a:6:22"],
        ),
    ]


def test_a_selection_of_an_unknown_field_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") @context(name: "user") { id: ID!  order: Order }
            type Order @key(fields: "id") {
              id: ID!
              total(currency: ID @fromContext(field: "$user { currency }")): Int
            }
            """,
    ) == [
        (
            "CONTEXT_INVALID_SELECTION",
            "[a] @fromContext on Order.total(currency:): User, which sets the context, has no field currency.",
            ["a:6:22"],
        ),
    ]


def test_a_selection_that_ends_at_an_object_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") @context(name: "user") { id: ID!  order: Order }
            type Order @key(fields: "id") {
              id: ID!
              total(currency: ID @fromContext(field: "$user { order }")): Int
            }
            """,
    ) == [
        (
            "CONTEXT_INVALID_SELECTION",
            "[a] @fromContext on Order.total(currency:): User.order is of type Order; select a field of it.",
            ["a:6:22"],
        ),
    ]


def test_a_selection_of_another_type_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") @context(name: "user") { id: ID!  currency: String  order: Order }
            type Order @key(fields: "id") {
              id: ID!
              total(currency: String! @fromContext(field: "$user { currency }")): Int
            }
            """,
    ) == [
        (
            "CONTEXT_INVALID_SELECTION",
            "[a] @fromContext on Order.total(currency:): it selects a value of type String on User, but the "
            "argument is of type String!.",
            ["a:6:27"],
        ),
    ]


def test_aliases_directives_and_fragments_in_the_selection_are_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") @context(name: "user") { id: ID!  order: Order }
            type Order @key(fields: "id") {
              id: ID!
              a(x: ID @fromContext(field: "$user { x: id }")): Int
              b(x: ID @fromContext(field: "$user { id @skip(if: true) }")): Int
              c(x: ID @fromContext(field: "$user { ...F }")): Int
            }
            """,
    ) == [
        (
            "CONTEXT_INVALID_SELECTION",
            "[a] @fromContext on Order.a(x:): the alias x cannot be used here.",
            ["a:6:11"],
        ),
        (
            "CONTEXT_INVALID_SELECTION",
            "[a] @fromContext on Order.b(x:): directives cannot be applied here.",
            ["a:7:11"],
        ),
        (
            "CONTEXT_INVALID_SELECTION",
            "[a] @fromContext on Order.c(x:): the named fragment F cannot be used here.",
            ["a:8:11"],
        ),
    ]


def test_every_type_that_sets_the_context_must_be_selected_on() -> None:
    assert refusals(
        a="""
            type Query { u: User  t: Team }
            type User @key(fields: "id") @context(name: "owner") { id: ID!  order: Order }
            type Team @key(fields: "id") @context(name: "owner") { id: ID!  order: Order }
            type Order @key(fields: "id") {
              id: ID!
              total(x: ID @fromContext(field: "$owner { ... on User { id } }")): Int
            }
            """,
    ) == [
        (
            "CONTEXT_INVALID_SELECTION",
            "[a] @fromContext on Order.total(x:): the selection has nothing for Team, which sets the "
            "context as Team; add `... on Team`.",
            ["a:7:15"],
        ),
    ]


def test_an_argument_of_an_interface_field_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") @context(name: "user") { id: ID!  priced: Priced }
            interface Priced { total(x: ID @fromContext(field: "$user { id }")): Int }
            """,
    ) == [
        (
            "CONTEXT_INVALID_SELECTION",
            "[a] @fromContext on Priced.total(x:): fields of interfaces cannot take arguments from a "
            "context; use the implementing types.",
            ["a:4:32"],
        ),
    ]


def test_selections_through_lists_fragments_and_interfaces_are_taken() -> None:
    assert (
        refusals(
            a="""
            type Query { o: Owner }
            interface Owner @context(name: "owner") { order: Order  conf: Conf! }
            type User implements Owner @key(fields: "id") { id: ID!  order: Order  conf: Conf! }
            type Team implements Owner @key(fields: "id") { id: ID!  order: Order  conf: Conf! }
            type Conf { currency: String!  tags: [String!]! }
            type Order @key(fields: "id") {
              id: ID!
              a(x: String! @fromContext(field: "$owner { conf { currency } }")): Int
              b(x: [String] @fromContext(field: "$owner ... on User { conf { tags } } ... on Team { conf { tags } }")): Int
            }
            """,
        )
        == []
    )
