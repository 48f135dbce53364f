"""COST_APPLIED_TO_INTERFACE_FIELD."""

from tests.testkit.composing import refusals


def test_a_cost_of_an_interface_field_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node { id: ID! @cost(weight: 5) }
            """,
    ) == [
        (
            "COST_APPLIED_TO_INTERFACE_FIELD",
            "[a] @cost cannot be applied to Node.id, a field of an interface; apply it to the field of the "
            "types that implement it.",
            ["a:3:26"],
        ),
    ]
