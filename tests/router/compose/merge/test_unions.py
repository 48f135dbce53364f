"""Union types: the members of all subgraphs."""

from tests.testkit.merging import hints, merged


def test_members_say_which_subgraph_has_them() -> None:
    text = merged(
        "U",
        a="""
            type Query { u: U }
            union U = A | B
            type A @shareable { x: Int }
            type B { y: Int }
            """,
        b="""
            type Query { v: U }
            union U = A | C
            type A @shareable { x: Int }
            type C { y: Int }
            """,
    )
    assert (
        text
        == """\
union U
  @join__type(graph: A)
  @join__type(graph: B)
  @join__unionMember(graph: A, member: "A")
  @join__unionMember(graph: B, member: "A")
  @join__unionMember(graph: A, member: "B")
  @join__unionMember(graph: B, member: "C")
 = A | B | C"""
    )


def test_members_missing_somewhere_are_hinted_at() -> None:
    assert hints(
        a="""
            type Query { u: U }
            union U = A | B
            type A @shareable { x: Int }
            type B { y: Int }
            """,
        b="""
            type Query { v: U }
            union U = A
            type A @shareable { x: Int }
            """,
    ) == [
        (
            "INCONSISTENT_UNION_MEMBER",
            'Union type "U" has member type "B" in subgraph "a" but not in subgraph "b".',
        ),
    ]
