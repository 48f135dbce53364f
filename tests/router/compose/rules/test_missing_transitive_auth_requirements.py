"""MISSING_TRANSITIVE_AUTH_REQUIREMENTS."""

from tests.testkit.composing import refusals


def test_a_requirement_of_a_guarded_field_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") {
              id: ID!
              salary: Int @external
              level: Int @requires(fields: "salary")
            }
            """,
        b="""
            type User @key(fields: "id") {
              id: ID!
              salary: Int @requiresScopes(scopes: [["hr"]]) @authenticated
            }
            """,
    ) == [
        (
            "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
            "[a] User.level is computed from User.salary by @requires, but does not demand what that does "
            "(@authenticated and @requiresScopes); add the same demands to User.level or User.",
            ["a:6:14"],
        ),
    ]


def test_weaker_demands_are_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") {
              id: ID!
              salary: Int @external
              level: Int @requires(fields: "salary") @requiresScopes(scopes: [["hr"], ["boss"]])
            }
            """,
        b="""
            type User @key(fields: "id") { id: ID!  salary: Int @requiresScopes(scopes: [["hr"]]) }
            """,
    ) == [
        (
            "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
            "[a] User.level is computed from User.salary by @requires, but does not demand what that does "
            "(@requiresScopes); add the same demands to User.level or User.",
            ["a:6:14"],
        ),
    ]


def test_the_demands_of_a_required_fields_type_count() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") {
              id: ID!
              pay: Pay @external
              level: Int @requires(fields: "pay { amount }")
            }
            type Pay { amount: Int @external }
            """,
        b="""
            type User @key(fields: "id") { id: ID!  pay: Pay }
            type Pay @authenticated { amount: Int }
            """,
    ) == [
        (
            "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
            "[a] User.level is computed from User.pay by @requires, but does not demand what that does "
            "(@authenticated); add the same demands to User.level or User.",
            ["a:6:14"],
        ),
    ]


def test_an_argument_from_a_guarded_context_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") @context(name: "user") {
              id: ID!
              order: Order
              rate: Int @policy(policies: [["finance"]])
            }
            type Order @key(fields: "id") {
              id: ID!
              total(rate: Int @fromContext(field: "$user { rate }")): Int
            }
            """,
    ) == [
        (
            "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
            "[a] Order.total is computed from User.rate by @fromContext, but does not demand what that does "
            "(@policy); add the same demands to Order.total or Order.",
            ["a:10:19"],
        ),
    ]


def test_stronger_demands_of_field_or_type_are_taken() -> None:
    assert (
        refusals(
            a="""
            type Query { u: User }
            type User @key(fields: "id") @authenticated {
              id: ID!
              salary: Int @external
              level: Int @requires(fields: "salary") @requiresScopes(scopes: [["hr", "x"]])
            }
            """,
            b="""
            type User @key(fields: "id") {
              id: ID!
              salary: Int @requiresScopes(scopes: [["hr"], ["boss"]]) @authenticated
            }
            """,
        )
        == []
    )
