"""Fields: types, directives of federation, and who resolves them."""

from tests.testkit.composing import refusals
from tests.testkit.merging import hints, merged


def test_the_nullable_type_wins() -> None:
    text = merged(
        "Query",
        a="type Query { a: [Int!]! @shareable }",
        b="type Query { a: [Int] @shareable }",
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  a: [Int] @join__field(graph: A, type: "[Int!]!") @join__field(graph: B, type: "[Int]")
}"""
    )


def test_a_supertype_wins() -> None:
    text = merged(
        "Query",
        a="""
            type Query { pet: Dog @shareable }
            interface Pet { name: String }
            type Dog implements Pet @shareable { name: String }
            """,
        b="""
            type Query { pet: Pet @shareable }
            interface Pet { name: String }
            type Dog implements Pet @shareable { name: String }
            """,
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  pet: Pet @join__field(graph: A, type: "Dog") @join__field(graph: B, type: "Pet")
}"""
    )


def test_a_union_is_a_supertype_of_its_members() -> None:
    text = merged(
        "Query",
        a="""
            type Query { pet: Dog @shareable }
            type Dog @shareable { name: String }
            """,
        b="""
            type Query { pet: Pet @shareable }
            union Pet = Dog | Cat
            type Dog @shareable { name: String }
            type Cat { lives: Int }
            """,
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  pet: Pet @join__field(graph: A, type: "Dog") @join__field(graph: B, type: "Pet")
}"""
    )


def test_the_most_general_type_is_found_in_any_order() -> None:
    text = merged(
        "Query",
        a="type Query { a: [Int!] @shareable }",
        b="type Query { a: [Int]! @shareable }",
        c="type Query { a: [Int] @shareable }",
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
  @join__type(graph: C)
{
  a: [Int] @join__field(graph: A, type: "[Int!]") @join__field(graph: B, type: "[Int]!") @join__field(graph: C, type: "[Int]")
}"""
    )


def test_types_without_a_common_one_are_refused() -> None:
    assert refusals(
        a="type Query { a: Int @shareable }",
        b="type Query { a: String @shareable }",
    ) == [
        (
            "FIELD_TYPE_MISMATCH",
            'Type of field "Query.a" is incompatible across subgraphs: it has type "Int" in subgraph "a" and '
            'type "String" in subgraph "b". Give it the same type everywhere.',
            ["a:2:14", "b:2:14"],
        ),
    ]


def test_a_list_and_its_item_are_refused() -> None:
    assert refusals(
        a="type Query { a: Int @shareable }",
        b="type Query { a: [Int] @shareable }",
    ) == [
        (
            "FIELD_TYPE_MISMATCH",
            'Type of field "Query.a" is incompatible across subgraphs: it has type "Int" in subgraph "a" and '
            'type "[Int]" in subgraph "b". Give it the same type everywhere.',
            ["a:2:14", "b:2:14"],
        ),
    ]


def test_different_types_are_hinted_at() -> None:
    assert hints(
        a="type Query { a: Int! @shareable }",
        b="type Query { a: Int @shareable }",
    ) == [
        (
            "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
            'Type of field "Query.a" is compatible but different across subgraphs: it has type "Int!" in '
            'subgraph "a" and type "Int" in subgraph "b"; the supergraph has "Int".',
        ),
    ]


def test_requirements_and_externals_are_kept() -> None:
    text = merged(
        "Product",
        a="""
            type Query { p: Product }
            type Product @key(fields: "id") { id: ID! weight: Int }
            """,
        b="""
            type Product @key(fields: "id") { id: ID! weight: Int @external cost: Int @requires(fields: "weight") }
            """,
    )
    assert (
        text
        == """\
type Product
  @join__type(graph: A, key: "id")
  @join__type(graph: B, key: "id")
{
  id: ID!
  weight: Int @join__field(graph: A) @join__field(graph: B, external: true)
  cost: Int @join__field(graph: B, requires: "weight")
}"""
    )


def test_provisions_are_kept() -> None:
    text = merged(
        "Query",
        a="""
            type Product @key(fields: "id") { id: ID! name: String @shareable }
            type Query { a: Product }
            """,
        b="""
            type Query { p: Product @provides(fields: "name") }
            type Product @key(fields: "id") { id: ID! name: String @external }
            """,
    )
    assert (
        text
        == """\
type Query
  @join__type(graph: A)
  @join__type(graph: B)
{
  a: Product @join__field(graph: A)
  p: Product @join__field(graph: B, provides: "name")
}"""
    )


def test_a_field_that_is_external_everywhere_is_refused() -> None:
    assert refusals(
        a="""
            type Query { p: Product }
            type Product @key(fields: "id") { id: ID! }
            """,
        b="""
            type Product @key(fields: "id") { id: ID! weight: Int @external cost: Int @requires(fields: "weight") }
            """,
    ) == [
        (
            "EXTERNAL_MISSING_ON_BASE",
            'Field "Product.weight" is marked @external on all the subgraphs in which it is listed (subgraph '
            '"b"): no subgraph resolves it. Remove @external where it is resolved.',
            ["b:2:43"],
        ),
    ]
