"""`@context` and `@fromContext`."""

from tests.testkit.composing import refusals
from tests.testkit.merging import hints, merged


def test_a_context_keeps_its_subgraphs_name() -> None:
    text = merged(
        "T",
        a="""
            type Query { t: T }
            type T @key(fields: "id") @context(name: "place") { id: ID! zone: String u: U }
            type U @key(fields: "id") { id: ID! f(zone: String @fromContext(field: "$place { zone }"), y: Int): Int }
            """,
        b='type U @key(fields: "id") { id: ID! z: Int }',
    )
    assert (
        text
        == """\
type T
  @join__type(graph: A, key: "id")
  @context(name: "a__place")
{
  id: ID!
  zone: String
  u: U
}"""
    )


def test_the_argument_moves_out_of_sight() -> None:
    text = merged(
        "U",
        a="""
            type Query { t: T }
            type T @key(fields: "id") @context(name: "place") { id: ID! zone: String u: U }
            type U @key(fields: "id") { id: ID! f(zone: String @fromContext(field: "$place { zone }"), y: Int): Int }
            """,
        b='type U @key(fields: "id") { id: ID! z: Int }',
    )
    assert (
        text
        == """\
type U
  @join__type(graph: A, key: "id")
  @join__type(graph: B, key: "id")
{
  id: ID!
  f(y: Int): Int @join__field(graph: A, contextArguments: [{context: "a__place", name: "zone", type: "String", selection: " { zone }"}])
  z: Int @join__field(graph: B)
}"""  # noqa: E501
    )


def test_the_specification_is_linked() -> None:
    text = merged(
        "schema",
        a="""
            type Query { t: T }
            type T @key(fields: "id") @context(name: "place") { id: ID! zone: String u: U }
            type U @key(fields: "id") { id: ID! f(zone: String @fromContext(field: "$place { zone }"), y: Int): Int }
            """,
    )
    assert (
        text
        == """\
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)
{
  query: Query
}"""
    )


def test_a_required_argument_elsewhere_is_refused() -> None:
    assert refusals(
        a="""
            type Query { t: T }
            type T @key(fields: "id") @context(name: "place") { id: ID! zone: String u: U }
            type U @key(fields: "id") { id: ID! f(zone: String @fromContext(field: "$place { zone }"), y: Int): Int @shareable }
            """,
        b='type U @key(fields: "id") { id: ID! f(zone: String!, y: Int): Int @shareable }',
    ) == [
        (
            "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
            'Argument "U.f(zone:)" is filled from a context in subgraph "a" but required in subgraph "b", '
            "where no client can give it. Set it from a context there too, or make it optional or give it a "
            "default.",
            ["a:4:39", "b:2:39"],
        ),
    ]


def test_an_optional_argument_elsewhere_is_hinted_at() -> None:
    assert hints(
        a="""
            type Query { t: T }
            type T @key(fields: "id") @context(name: "place") { id: ID! zone: String u: U }
            type U @key(fields: "id") { id: ID! f(zone: String @fromContext(field: "$place { zone }"), y: Int): Int @shareable }
            """,
        b='type U @key(fields: "id") { id: ID! f(zone: String, y: Int): Int @shareable }',
    ) == [
        (
            "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
            'Argument "U.f(zone:)" is filled from a context in subgraph "a" only, and is not in the supergraph.',
        ),
    ]
