"""Shared fields whose subgraphs answer with different object types."""

from tests.testkit.composing import composed


def found(**sdls: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Errors, and hints about shared fields, as pairs of code and message."""
    result = composed(**sdls)
    hints = [(hint.code, hint.message) for hint in result.hints if "RUNTIME_TYPES" in hint.code]
    return [(error.code, error.message) for error in result.errors], hints


A, B, C = (f'type {name} @key(fields: "id") {{ id: ID! }}' for name in "ABC")
SHARED = "type Query { either: Either @shareable }"


def test_subgraphs_with_the_same_types_are_not_mentioned():
    assert found(a=f"{SHARED} union Either = A | B {A} {B}", b=f"{SHARED} union Either = B | A {A} {B}") == ([], [])


def test_subgraphs_without_a_common_type_are_refused():
    errors, hints = found(
        a=f"{SHARED} union Either = A {A}", b=f"{SHARED} union Either = B {B}", c=f"{SHARED} union Either = A {A}"
    )
    assert hints == []
    assert errors == [
        (
            "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
            "For the following supergraph API query:\n{\n  either {\n    ...\n  }\n}\n"
            'Shared field "Query.either" return type "Either" has a non-intersecting set of possible runtime types across '
            "subgraphs. Runtime types in subgraphs are:\n"
            ' - in subgraphs "a" and "c", type "A";\n'
            ' - in subgraph "b", type "B".\n'
            "This is not allowed as shared fields must resolve the same way in all subgraphs, and that implies at least some "
            "common runtime types between the subgraphs.",
        )
    ]


def test_types_that_another_subgraph_lacks_are_hinted_at():
    errors, hints = found(a=f"{SHARED} union Either = A | B {A} {B}", b=f"{SHARED} union Either = B | C {B} {C}")
    assert errors == []
    assert hints == [
        (
            "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
            "For the following supergraph API query:\n{\n  either {\n    ...\n  }\n}\n"
            'Shared field "Query.either" return type "Either" has different sets of possible runtime types across subgraphs.\n'
            'Since a shared field must be resolved the same way in all subgraphs, make sure that subgraphs "a" and "b" only '
            'resolve "Query.either" to objects of type "B". In particular:\n'
            ' - subgraph "a" should never resolve "Query.either" to an object of type "A";\n'
            ' - subgraph "b" should never resolve "Query.either" to an object of type "C".\n'
            "Otherwise the @shareable contract will be broken.",
        )
    ]


def test_values_of_a_shared_mutation_field_are_compared_although_one_subgraph_is_called():
    payment = "type Mutation { pay: Payment @shareable } type Payment { method: Method @shareable }"
    errors, _ = found(
        a=f"type Query {{ x: Int }} {payment} union Method = A {A}", b=f"type Query {{ y: Int }} {payment} union Method = B {B}"
    )
    [(code, message)] = errors
    assert code == "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES"
    assert 'mutation {\n  pay {\n    method {\n      ...\n    }\n  }\n}\nShared field "Payment.method"' in message


def test_field_reached_on_two_paths_is_mentioned_once():
    owner = 'type Owner @key(fields: "id") { id: ID! either: Either @shareable }'
    _, hints = found(
        a=f"type Query {{ one: Owner two: [Owner] }} {owner} union Either = A | B {A} {B}",
        b=f"type Query {{ three: Owner }} {owner} union Either = B {B}",
    )
    assert len(hints) == 1
    assert "{\n  one {\n    either {\n" in hints[0][1]


def test_field_that_two_subgraphs_never_answer_for_one_object_is_not_compared():
    owner = "type Owner { either: Either @shareable }"
    assert found(
        a=f"type Query {{ one: Owner }} {owner} union Either = A {A}",
        b=f"type Query {{ two: Owner }} {owner} union Either = B {B}",
    ) == ([], [])


def test_external_field_is_not_shared():
    assert found(
        a='type Query { owner: Owner @provides(fields: "either { ... on A { id } }") } '
        f'type Owner @key(fields: "id") {{ id: ID! either: Either @external }} union Either = A {A}',
        b=f'type Owner @key(fields: "id") {{ id: ID! either: Either @shareable }} union Either = A | B {A} {B}',
    ) == ([], [])
