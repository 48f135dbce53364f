"""KEY_UNSUPPORTED_ON_INTERFACE, REQUIRES_UNSUPPORTED_ON_INTERFACE, PROVIDES_UNSUPPORTED_ON_INTERFACE."""

from tests.testkit.composing import refusals, refusals_as_written


def test_a_key_on_an_interface_before_federation_2_3_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.2", import: ["@key"])
            type Query { n: Node }
            interface Node @key(fields: "id") { id: ID! }
            """,
    ) == [
        (
            "KEY_UNSUPPORTED_ON_INTERFACE",
            '[a] @key(fields: "id") on Node: interfaces have keys since Federation 2.3; link v2.3 or later, or remove the key.',
            ["a:3:16"],
        ),
    ]


def test_requirements_and_provisions_on_interface_fields_are_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node { id: ID!  u: User @requires(fields: "__typename") @provides(fields: "__typename") }
            type User { name: String }
            """,
    ) == [
        (
            "REQUIRES_UNSUPPORTED_ON_INTERFACE",
            '[a] @requires(fields: "__typename") on Node.u: Node is an interface; put @requires on the '
            "field of each implementing type.",
            ["a:3:35"],
        ),
        (
            "PROVIDES_UNSUPPORTED_ON_INTERFACE",
            '[a] @provides(fields: "__typename") on Node.u: Node is an interface; put @provides on the '
            "field of each implementing type.",
            ["a:3:67"],
        ),
    ]
