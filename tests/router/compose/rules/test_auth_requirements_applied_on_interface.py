"""AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE."""

from tests.testkit.composing import refusals


def test_access_demanded_of_an_interface_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node @authenticated { id: ID! @requiresScopes(scopes: [["read"]]) }
            """,
    ) == [
        (
            "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
            "[a] @authenticated cannot be applied to Node: interfaces, their fields and interface objects "
            "demand what the types behind them demand; apply it to those types.",
            ["a:3:16"],
        ),
        (
            "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
            "[a] @requiresScopes cannot be applied to Node.id: interfaces, their fields and interface "
            "objects demand what the types behind them demand; apply it to those types.",
            ["a:3:41"],
        ),
    ]


def test_access_demanded_of_an_interface_object_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node @key(fields: "id") { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! }
            """,
        b="""
            type Node @interfaceObject @key(fields: "id") @policy(policies: [["p"]]) { id: ID!  score: Int }
            """,
    ) == [
        (
            "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
            "[b] @policy cannot be applied to Node: interfaces, their fields and interface objects demand "
            "what the types behind them demand; apply it to those types.",
            ["b:2:47"],
        ),
    ]
