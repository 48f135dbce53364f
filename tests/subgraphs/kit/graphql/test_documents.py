"""Documents are checked once and bounded."""

from graphql import OperationType, build_schema

from subgraphs.kit.graphql.documents import CAPACITY, DocumentCache

SCHEMA = build_schema("type Query { a: Query b: Int } type Mutation { c: Int } type Subscription { d: Int }")


def test_a_repeated_document_is_checked_once() -> None:
    cache = DocumentCache(SCHEMA)
    assert cache.check("{ b }") is cache.check("{ b }")


def test_the_cache_is_bounded() -> None:
    cache = DocumentCache(SCHEMA)
    first = cache.check("{ b }")
    for number in range(CAPACITY):
        cache.check(f"{{ b{number}: b }}")
    assert cache.check("{ b }") is not first


def test_invalid_documents_say_why() -> None:
    cache = DocumentCache(SCHEMA)
    assert cache.check("{").errors[0].message.startswith("Syntax Error")
    assert cache.check("{ c }").errors[0].message.startswith("Cannot query field 'c' on type 'Query'.")
    assert cache.check("type X { a: Int }").errors[0].message == "a request holds operations and fragments only"


def test_operations_are_chosen_by_name() -> None:
    checked = DocumentCache(SCHEMA).check("query A { b } mutation B { c } subscription C { d }")
    assert [checked.operation_type(name) for name in ["A", "B", "C", None, "D"]] == [
        OperationType.QUERY,
        OperationType.MUTATION,
        OperationType.SUBSCRIPTION,
        None,
        None,
    ]


def test_depth_and_length_are_limited_with_fragments_spread_out() -> None:
    cache = DocumentCache(SCHEMA)
    assert not cache.check("{ a " * 19 + "{ b }" + "}" * 19).errors
    assert (
        cache.check("{ a " * 20 + "{ b }" + "}" * 20).errors[0].message
        == "the operation is 21 fields deep; at most 20 are allowed"
    )
    bomb = "{ ...f0 }" + "".join(f"fragment f{n} on Query {{ ...f{n + 1} x{n}: a {{ ...f{n + 1} }} }}" for n in range(15))
    bomb += "fragment f15 on Query { b }"
    assert any("fields; at most 2000 are allowed" in error.message for error in cache.check(bomb).errors)
