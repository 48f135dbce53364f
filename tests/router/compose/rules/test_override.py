"""The OVERRIDE_ codes."""

from tests.testkit.composing import refusals


def test_an_override_from_itself_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int @override(from: "a") }
            """,
    ) == [
        (
            "OVERRIDE_FROM_SELF_ERROR",
            "[a] @override on Query.a: a is this subgraph itself; name the one that the field is taken over from.",
            ["a:2:21"],
        ),
    ]


def test_an_override_of_an_interface_field_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node { id: ID! @override(from: "b") }
            """,
    ) == [
        (
            "OVERRIDE_ON_INTERFACE",
            "[a] @override on Node.id: fields of interfaces are resolved by the types behind them; put it "
            "on the fields of those types.",
            ["a:3:26"],
        ),
    ]


def test_a_label_with_other_characters_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int @override(from: "b", label: "a b") }
            """,
        b="""
            type Query { a: Int }
            """,
    ) == [
        (
            "OVERRIDE_LABEL_INVALID",
            '[a] @override on Query.a: the label "a b" is neither a letter followed by letters, digits and '
            "_-:./ nor percent(x) with x from 0 to 100 and at most eight decimals.",
            ["a:2:21"],
        ),
    ]


def test_a_percentage_above_100_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int @override(from: "b", label: "percent(100.5)") }
            """,
        b="""
            type Query { a: Int }
            """,
    ) == [
        (
            "OVERRIDE_LABEL_INVALID",
            '[a] @override on Query.a: the label "percent(100.5)" is neither a letter followed by letters, '
            "digits and _-:./ nor percent(x) with x from 0 to 100 and at most eight decimals.",
            ["a:2:21"],
        ),
    ]


def test_labels_and_percentages_are_taken() -> None:
    assert (
        refusals(
            a="""
            type Query {
              a: Int @override(from: "b", label: "percent(0.00000001)")
              c: Int @override(from: "b", label: "Team:a/b-c.d_1")
            }
            """,
            b="""
            type Query { a: Int  c: Int }
            """,
        )
        == []
    )


def test_an_override_of_an_override_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int @override(from: "b") @shareable }
            """,
        b="""
            type Query { a: Int @override(from: "a") @shareable }
            """,
    ) == [
        (
            "OVERRIDE_SOURCE_HAS_OVERRIDE",
            "[a] @override on Query.a: the field is @override in b too; only one of the subgraphs can take it over.",
            ["a:2:21"],
        ),
        (
            "OVERRIDE_SOURCE_HAS_OVERRIDE",
            "[b] @override on Query.a: the field is @override in a too; only one of the subgraphs can take it over.",
            ["b:2:21"],
        ),
    ]


def test_an_override_of_an_external_field_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") {
              id: ID!
              name: String @external @override(from: "b")
              x: Int @requires(fields: "name")
            }
            """,
        b="""
            type User @key(fields: "id") { id: ID!  name: String }
            """,
    ) == [
        (
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            "[a] @override on User.name: the field is @external, so that this subgraph does not resolve it.",
            ["a:5:26"],
        ),
    ]


def test_an_override_of_a_field_with_requirements_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") { id: ID!  x: Int @override(from: "b") }
            """,
        b="""
            type User @key(fields: "id") {
              id: ID!
              name: String @external
              x: Int @requires(fields: "name") @shareable
            }
            """,
        c="""
            type User @key(fields: "id") { id: ID!  name: String }
            """,
    ) == [
        (
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            "[a] @override on User.x: in b, from which it is taken over, the field has @requires; remove that first.",
            ["a:3:48"],
        ),
    ]


def test_an_override_in_an_interface_object_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node @key(fields: "id") { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! }
            """,
        b="""
            type Node @interfaceObject @key(fields: "id") { id: ID!  score: Int @override(from: "c") }
            """,
        c="""
            type Node @interfaceObject @key(fields: "id") { id: ID! }
            """,
    ) == [
        (
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            "[b] @override on Node.score: Node is an @interfaceObject, whose fields cannot be taken over; "
            "remove one of the two directives.",
            ["b:2:69"],
        ),
    ]
