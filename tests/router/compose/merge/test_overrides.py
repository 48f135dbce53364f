"""`@override`, at once and by label."""

from tests.testkit.merging import hints, merged


def test_an_overridden_field_is_gone() -> None:
    text = merged(
        "T",
        a="""
            type Query { t: T }
            type T @key(fields: "id") { id: ID! x: Int @override(from: "b") }
            """,
        b='type T @key(fields: "id") { id: ID! x: Int }',
    )
    assert (
        text
        == """\
type T
  @join__type(graph: A, key: "id")
  @join__type(graph: B, key: "id")
{
  id: ID!
  x: Int @join__field(graph: A, override: "b")
}"""
    )


def test_an_overridden_field_in_a_key_stays_as_used() -> None:
    text = merged(
        "T",
        a="""
            type Query { t: T }
            type T @key(fields: "id") { id: ID! x: Int @override(from: "b") }
            """,
        b='type T @key(fields: "id") @key(fields: "x") { id: ID! x: Int }',
    )
    assert (
        text
        == """\
type T
  @join__type(graph: A, key: "id")
  @join__type(graph: B, key: "id")
  @join__type(graph: B, key: "x")
{
  id: ID!
  x: Int @join__field(graph: A, override: "b") @join__field(graph: B, usedOverridden: true)
}"""
    )


def test_an_overridden_field_of_an_interface_stays_as_used() -> None:
    text = merged(
        "T",
        a="""
            type Query { t: T }
            type T @key(fields: "id") { id: ID! x: Int @override(from: "b") }
            """,
        b="""
            interface I { x: Int }
            type T implements I @key(fields: "id") { id: ID! x: Int }
            """,
    )
    assert (
        text
        == """\
type T implements I
  @join__implements(graph: B, interface: "I")
  @join__type(graph: A, key: "id")
  @join__type(graph: B, key: "id")
{
  id: ID!
  x: Int @join__field(graph: A, override: "b") @join__field(graph: B, usedOverridden: true)
}"""
    )


def test_a_label_names_both_sides() -> None:
    text = merged(
        "T",
        a="""
            type Query { t: T }
            type T @key(fields: "id") { id: ID! x: Int @override(from: "b", label: "percent(20)") }
            """,
        b='type T @key(fields: "id") { id: ID! x: Int }',
    )
    assert (
        text
        == """\
type T
  @join__type(graph: A, key: "id")
  @join__type(graph: B, key: "id")
{
  id: ID!
  x: Int @join__field(graph: A, override: "b", overrideLabel: "percent(20)") @join__field(graph: B, overrideLabel: "percent(20)")
}"""
    )


def test_a_label_and_a_use_are_both_told() -> None:
    text = merged(
        "T",
        a="""
            type Query { t: T }
            type T @key(fields: "id") { id: ID! x: Int @override(from: "b", label: "percent(20)") }
            """,
        b="""
            type T @key(fields: "id") { id: ID! x: Int y: Int }
            extend type T @key(fields: "x") { z: Int }
            """,
    )
    assert (
        text
        == """\
type T
  @join__type(graph: A, key: "id")
  @join__type(graph: B, key: "id")
  @join__type(graph: B, key: "x")
{
  id: ID!
  x: Int @join__field(graph: A, override: "b", overrideLabel: "percent(20)") @join__field(graph: B, usedOverridden: true, overrideLabel: "percent(20)")
  y: Int @join__field(graph: B)
  z: Int @join__field(graph: B)
}"""  # noqa: E501
    )


def test_an_overridden_field_need_not_be_shareable() -> None:
    text = merged(
        "Query",
        a='type Query { x: Int @override(from: "b") }',
        b="type Query { x: Int y: Int }",
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  x: Int @join__field(graph: A, override: "b")
  y: Int @join__field(graph: B)
}"""
    )


def test_what_can_be_removed_is_hinted_at() -> None:
    assert hints(
        a="""
            type Query { t: T }
            type T @key(fields: "id") { id: ID! x: Int @override(from: "b") }
            """,
        b='type T @key(fields: "id") { id: ID! x: Int }',
    ) == [
        (
            "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
            'Field "T.x" on subgraph "b" is overridden: remove it there.',
        ),
    ]


def test_a_migration_under_way_is_hinted_at() -> None:
    assert hints(
        a="""
            type Query { t: T }
            type T @key(fields: "id") { id: ID! x: Int @override(from: "b", label: "percent(20)") }
            """,
        b='type T @key(fields: "id") { id: ID! x: Int }',
    ) == [
        (
            "OVERRIDE_MIGRATION_IN_PROGRESS",
            'Field "T.x" is on its way from subgraph "b" by a progressive @override: remove it there when that is done.',
        ),
    ]


def test_an_override_of_an_unknown_subgraph_is_hinted_at() -> None:
    assert hints(
        a='type Query { x: Int @override(from: "legacy") }',
        b="type Query { y: Int }",
    ) == [
        (
            "FROM_SUBGRAPH_DOES_NOT_EXIST",
            'Field "Query.x" on subgraph "a" overrides "legacy", which is no subgraph. Subgraphs are: a, b.',
        ),
    ]


def test_an_override_of_a_field_that_is_gone_is_hinted_at() -> None:
    assert hints(
        a='type Query { x: Int @override(from: "b") }',
        b="type Query { y: Int }",
    ) == [
        (
            "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
            'Field "Query.x" on subgraph "a" is not resolved by subgraph "b": the @override directive can be removed.',
        ),
    ]


def test_a_label_without_a_field_to_migrate_is_dropped() -> None:
    text = merged(
        "Query",
        a='type Query { x: Int @override(from: "b", label: "percent(20)") }',
        b="type Query { y: Int }",
    )
    assert '  x: Int @join__field(graph: A, override: "b")\n' in text
