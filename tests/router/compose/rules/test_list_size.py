"""The LIST_SIZE_ codes."""

from tests.testkit.composing import refusals


def test_the_size_of_what_is_no_list_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: Int @listSize(assumedSize: 10) }
            """,
    ) == [
        (
            "LIST_SIZE_APPLIED_TO_NON_LIST",
            "[a] @listSize on Query.a: Int is no list; name the list fields of Int in sizedFields, or remove the directive.",
            ["a:2:21"],
        ),
    ]


def test_a_negative_size_is_refused() -> None:
    assert refusals(
        a="""
            type Query { a: [Int] @listSize(assumedSize: -1) }
            """,
    ) == [
        (
            "LIST_SIZE_INVALID_ASSUMED_SIZE",
            "[a] @listSize on Query.a: assumedSize is -1; it cannot be negative.",
            ["a:2:23"],
        ),
    ]


def test_slicing_arguments_that_do_not_exist_or_are_no_int_are_refused() -> None:
    assert refusals(
        a="""
            type Query { a(first: String): [Int] @listSize(slicingArguments: ["first", "last"]) }
            """,
    ) == [
        (
            "LIST_SIZE_INVALID_SLICING_ARGUMENT",
            "[a] @listSize on Query.a: slicingArguments names first, which is of type String; slicing arguments are Int.",
            ["a:2:38"],
        ),
        (
            "LIST_SIZE_INVALID_SLICING_ARGUMENT",
            "[a] @listSize on Query.a: slicingArguments names last, which is no argument of the field.",
            ["a:2:38"],
        ),
    ]


def test_sized_fields_that_do_not_exist_or_are_no_list_are_refused() -> None:
    assert refusals(
        a="""
            type Query { page: Page @listSize(assumedSize: 9, sizedFields: ["nodes", "total"]) }
            type Page { total: Int }
            """,
    ) == [
        (
            "LIST_SIZE_INVALID_SIZED_FIELD",
            "[a] @listSize on Query.page: sizedFields names nodes, which is no field of Page.",
            ["a:2:25"],
        ),
        (
            "LIST_SIZE_APPLIED_TO_NON_LIST",
            "[a] @listSize on Query.page: sizedFields names total, but Page.total is of type Int, which is no list.",
            ["a:2:25"],
        ),
    ]


def test_sized_fields_of_a_scalar_are_refused() -> None:
    assert refusals(
        a="""
            type Query { a: [Int] @listSize(assumedSize: 9, sizedFields: ["nodes"]) }
            """,
    ) == [
        (
            "LIST_SIZE_INVALID_SIZED_FIELD",
            "[a] @listSize on Query.a: Int has no fields for sizedFields to name; remove sizedFields.",
            ["a:2:23"],
        ),
    ]


def test_a_page_with_a_sized_list_is_taken() -> None:
    assert (
        refusals(
            a="""
            type Query {
              page(first: Int!): Page @listSize(slicingArguments: ["first"], sizedFields: ["nodes"])
            }
            type Page { nodes: [Int] }
            """,
        )
        == []
    )
