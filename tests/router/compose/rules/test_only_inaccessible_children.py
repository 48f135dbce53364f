"""ONLY_INACCESSIBLE_CHILDREN."""

from tests.testkit.composing import refusals


def test_visible_types_with_nothing_visible_are_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int  b(x: In): Int  c: Enum  d: Union }
            input In { a: Int @inaccessible }
            enum Enum { A @inaccessible }
            union Union = Obj
            type Obj @inaccessible { a: Int }
            type Other { a: Int @inaccessible }
            """,
    ) == [
        (
            "ONLY_INACCESSIBLE_CHILDREN",
            "Enum is in the API schema, but all of its values are @inaccessible; make one accessible, or hide Enum too.",
            ["a:4:1"],
        ),
        (
            "ONLY_INACCESSIBLE_CHILDREN",
            "In is in the API schema, but all of its fields are @inaccessible; make one accessible, or hide In too.",
            ["a:3:1"],
        ),
        (
            "ONLY_INACCESSIBLE_CHILDREN",
            "Other is in the API schema, but all of its fields are @inaccessible; make one accessible, or hide Other too.",
            ["a:7:1"],
        ),
        (
            "ONLY_INACCESSIBLE_CHILDREN",
            "Union is in the API schema, but all of its members are @inaccessible; make one accessible, or hide Union too.",
            ["a:5:1"],
        ),
    ]


def test_one_visible_child_is_enough() -> None:
    assert (
        refusals(
            a="""
            type Query { a: Int  b: Int @inaccessible }
            """,
        )
        == []
    )
