"""EXTERNAL_ON_INTERFACE."""

from tests.testkit.composing import refusals


def test_an_external_interface_field_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node { id: ID! @external }
            """,
    ) == [
        (
            "EXTERNAL_ON_INTERFACE",
            "[a] Node.id is a field of an interface and cannot be @external; mark it in the types that implement the interface.",
            ["a:3:18"],
        ),
    ]
