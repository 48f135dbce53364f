"""Federation 1 schemas, alone and beside Federation 2 ones."""

from tests.testkit.merging import compose_as_written, definition

USERS = 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String }'


def test_the_key_of_an_extension_is_its_own_though_external() -> None:
    result = compose_as_written(a=USERS, b='extend type User @key(fields: "id") { id: ID! @external age: Int }')
    assert (
        definition("User", result)
        == """\
type User
  @join__type(graph: A, key: "id")
  @join__type(graph: B, key: "id")
{
  id: ID!
  name: String @join__field(graph: A)
  age: Int @join__field(graph: B)
}"""
    )


def test_extends_is_an_extension() -> None:
    result = compose_as_written(a=USERS, b='type User @extends @key(fields: "id") { id: ID! @external age: Int }')
    assert "  id: ID!\n" in definition("User", result)


def test_federation_2_bears_external_keys_of_extensions_too() -> None:
    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external"]) '
    result = compose_as_written(a=USERS, b=link + 'extend type User @key(fields: "id") { id: ID! @external age: Int }')
    assert "  id: ID!\n" in definition("User", result)


def test_required_fields_stay_external() -> None:
    extension = (
        'extend type User @key(fields: "id") { id: ID! @external name: String @external hello: String @requires(fields: "name") }'
    )
    result = compose_as_written(a=USERS, b=extension)
    assert "  name: String @join__field(graph: A) @join__field(graph: B, external: true)\n" in definition("User", result)
    assert '  hello: String @join__field(graph: B, requires: "name")\n' in definition("User", result)


def test_an_unused_external_field_is_dropped() -> None:
    result = compose_as_written(
        a=USERS, b='extend type User @key(fields: "id") { id: ID! @external name: String @external age: Int }'
    )
    assert "  name: String @join__field(graph: A)\n" in definition("User", result)


def test_an_external_field_that_an_interface_needs_is_kept() -> None:
    result = compose_as_written(
        a=USERS,
        b="""
            interface Named { name: String }
            extend type User implements Named @key(fields: "id") { id: ID! @external name: String @external age: Int }
            """,
    )
    assert "  name: String @join__field(graph: A) @join__field(graph: B, external: true)\n" in definition("User", result)


def test_value_types_are_shared_without_saying() -> None:
    result = compose_as_written(a="type Query { a: Size } type Size { x: Int }", b="type Query { b: Size } type Size { x: Int }")
    assert (
        definition("Size", result)
        == """\
type Size
  @join__type(graph: A)
  @join__type(graph: B)
{
  x: Int
}"""
    )


def test_federation_2_has_to_share_with_federation_1() -> None:
    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@shareable"]) '
    result = compose_as_written(a=link + "type Query { a: Int }", b="type Query { a: Int }")
    assert [error.code for error in result.errors] == ["INVALID_FIELD_SHARING"]
    shared = compose_as_written(a=link + "type Query { a: Int @shareable }", b="type Query { a: Int }")
    assert "  a: Int\n" in definition("Query", shared)


def test_an_addition_to_a_value_type_of_the_same_schema_is_not_shared() -> None:
    note = "type Note { name: String } extend type Note { url: String } "
    result = compose_as_written(a=note + "type Query { a: Note }", b=note + "type Query { b: Note }")
    assert [error.code for error in result.errors] == ["INVALID_FIELD_SHARING"]
    assert '"Note.url"' in result.errors[0].message


def test_events_are_not_shared() -> None:
    events = "type Query { %s: Int } type Subscription { event: Int }"
    result = compose_as_written(a=events % "a", b=events % "b")
    assert [error.code for error in result.errors] == ["INVALID_FIELD_SHARING"]


def test_directives_on_interfaces_mean_nothing() -> None:
    result = compose_as_written(
        a="""
            type Query { node: Node }
            interface Node @key(fields: "id") { id: ID! @external }
            type User implements Node @key(fields: "id") { id: ID! }
            """
    )
    assert (
        definition("Node", result)
        == """\
interface Node
  @join__type(graph: A)
{
  id: ID!
}"""
    )


def test_field_sets_need_not_be_strings() -> None:
    result = compose_as_written(a=USERS, b='extend type User @key(fields: ["id"]) { id: ID! @external age: Int }')
    assert '  @join__type(graph: B, key: "id")\n' in definition("User", result)


def test_external_on_a_type_means_nothing() -> None:
    result = compose_as_written(
        a=USERS, b='extend type User @key(fields: "id") @external { id: ID! name: String hi: String @requires(fields: "name") }'
    )
    assert "  name: String\n  hi: String @join__field(graph: B)\n" in definition("User", result)


def test_a_provision_of_what_is_resolved_anyway_means_nothing() -> None:
    result = compose_as_written(
        a=USERS,
        b="""
            type Query { owner: User @provides(fields: "name") count: Int @provides(fields: "x") }
            extend type User @key(fields: "id") { id: ID! @external name: String }
            """,
    )
    assert "  owner: User @join__field(graph: B)\n  count: Int @join__field(graph: B)\n" in definition("Query", result)


def test_override_and_shareable_work_when_the_schema_defines_them() -> None:
    result = compose_as_written(
        a='directive @override(from: String!) on FIELD_DEFINITION type Query { a: Int @override(from: "b") }',
        b="type Query { a: Int b: Int }",
    )
    assert '  a: Int @join__field(graph: A, override: "b")\n' in definition("Query", result)


def test_an_extension_without_key_knows_the_key_fields_of_others() -> None:
    result = compose_as_written(
        a='type Query { a: Org } type Org @key(fields: "id") { id: ID! name: String }',
        b="type Query { b: Org } extend type Org { id: ID! @external }",
    )
    assert "  id: ID!\n" in definition("Org", result)


def test_what_is_resolved_anyway_is_left_out_of_requirements() -> None:
    result = compose_as_written(
        a='type Query { p: P } type P @key(fields: "id") { id: ID! w: Int o: O } type O { x: Int y: Int }',
        b="""
            extend type P @key(fields: "id") {
              id: ID! @external s: Int o: O @external w: Int e: Int @requires(fields: "w s o { x }")
            }
            type O { x: Int y: Int }
            """,
    )
    assert '  e: Int @join__field(graph: B, requires: "o { x }")\n' in definition("P", result)


def test_nested_key_fields_of_an_extension_are_its_own_too() -> None:
    result = compose_as_written(
        a='type Query { a: User } type User @key(fields: "id org { id }") { id: ID! org: Org } type Org { id: ID! name: String }',
        b="""
            type Query { b: User }
            extend type User @key(fields: "id org { id }") { id: ID! @external org: Org @external age: Int }
            extend type Org { id: ID! @external }
            """,
    )
    assert "  id: ID!\n  name: String @join__field(graph: A)\n" in definition("Org", result)
