"""Documents are checked once and bounded."""

from decimal import Decimal

import pytest
from graphql import GraphQLScalarType, OperationType, build_schema

from subgraphs.kit.graphql.documents import CAPACITY, DocumentCache
from subgraphs.kit.graphql.scalars import SCALARS

SCHEMA = build_schema("type Query { a: Query b: Int } type Mutation { c: Int } type Subscription { d: Int }")
VALUES = build_schema("""
    scalar Decimal
    input Line { amount: Decimal, count: Int }
    input Lines { lines: [Line!]! }
    type Query { b: Int, total(input: Lines, at: Decimal): Int }
""")
_DECIMAL = VALUES.type_map["Decimal"]
assert isinstance(_DECIMAL, GraphQLScalarType)
_DECIMAL.coerce_input_value = SCALARS[Decimal].parse_value  # type: ignore[method-assign, assignment]


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


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            '{ total(input: {lines: [{amount: "1"}, {amount: "12,5"}]}) }',
            "Argument 'input' has invalid value at .lines[1].amount: '12,5' is not a decimal number such as \"19.99\"",
        ),
        ("{ total(input: {lines: {count: true}}) }", "Argument 'input' has invalid value at .lines.count: Int cannot"),
        ('{ total(at: "x") }', "Argument 'at' has invalid value: 'x' is not a decimal number"),
        ('query($at: Decimal = "x") { total(at: $at) }', "The default of variable '$at' has invalid value: 'x' is not"),
        ("{ b @include(if: 1) }", "Argument 'if' has invalid value: Boolean cannot"),
    ],
)
def test_what_is_wrong_in_a_literal_is_told_with_its_place(query: str, message: str) -> None:
    [error] = DocumentCache(VALUES).check(query).errors
    assert error.message.startswith(message)
    assert (error.extensions, error.locations is not None) == ({"code": "BAD_USER_INPUT"}, True)


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
