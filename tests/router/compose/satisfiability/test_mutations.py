"""Mutation fields are called once, so one subgraph must lead to everything below."""

from tests.testkit.satisfiability import messages, witnesses

CALL = "type Mutation { pay: Payment @shareable }"


def test_shared_mutation_field_is_answered_when_one_subgraph_leads_to_everything():
    assert not messages(
        a=f"type Query {{ x: Int }} {CALL} type Payment {{ amount: Int @shareable fee: Int @shareable }}",
        b=f"{CALL} type Payment {{ amount: Int @shareable }}",
    )


def test_shared_mutation_field_that_no_subgraph_answers_alone_is_refused():
    assert messages(
        a=f"type Query {{ x: Int }} {CALL} type Payment {{ amount: Int @shareable fee: Int }}",
        b=f"{CALL} type Payment {{ amount: Int @shareable tax: Int }}",
    ) == [
        'Supergraph API queries using the mutation field "Mutation.pay" at top-level must be satisfiable without needing to call '
        "that field from multiple subgraphs, but every subgraph with that field encounters satisfiability errors. Please fix "
        "these satisfiability errors for (at least) one of the following subgraphs with the mutation field:\n"
        '- When calling "Mutation.pay" at top-level from subgraph "a":\n'
        "  The following supergraph API query:\n  mutation {\n    pay {\n      tax\n    }\n  }\n"
        "  cannot be satisfied by the subgraphs because:\n"
        '  - from subgraph "a":\n'
        '    - cannot find field "Payment.tax".\n'
        '    - cannot move to subgraph "b", which has field "Payment.tax", because type "Payment" has no @key defined in '
        'subgraph "b".\n'
        '  To fix it: add a @key to "Payment" in subgraph "b", with fields that subgraph "a" resolves, or resolve "Payment.tax" '
        'in subgraph "a" too (@shareable).\n'
        '- When calling "Mutation.pay" at top-level from subgraph "b":\n'
        "  The following supergraph API query:\n  mutation {\n    pay {\n      fee\n    }\n  }\n"
        "  cannot be satisfied by the subgraphs because:\n"
        '  - from subgraph "b":\n'
        '    - cannot find field "Payment.fee".\n'
        '    - cannot move to subgraph "a", which has field "Payment.fee", because type "Payment" has no @key defined in '
        'subgraph "a".\n'
        '  To fix it: add a @key to "Payment" in subgraph "a", with fields that subgraph "b" resolves, or resolve "Payment.fee" '
        'in subgraph "b" too (@shareable).'
    ]


def test_shared_query_field_may_be_asked_of_several_subgraphs():
    assert not messages(
        a="type Query { payment: Payment @shareable } type Payment { amount: Int @shareable fee: Int }",
        b="type Query { payment: Payment @shareable } type Payment { amount: Int @shareable tax: Int }",
    )


def test_error_below_a_mutation_field_of_one_subgraph_is_shown_by_itself():
    assert witnesses(
        a="type Query { x: Int } type Mutation { pay: Payment } type Payment { amount: Int @shareable }",
        b="type Query { payment: Payment } type Payment { amount: Int @shareable tax: Int }",
    ) == ["mutation { pay { tax } }"]


def test_queries_in_a_payload_are_answered_by_all_subgraphs():
    assert not messages(
        a="type Query { x: Int } type Mutation { pay: Payment } type Payment { query: Query amount: Int }",
        b="type Query { y: Int }",
    )


def test_events_are_completed_like_query_results():
    feed = "type Query { x: Int } type Subscription { paid: Payment }"
    assert not messages(
        a=f'{feed} type Payment @key(fields: "id") {{ id: ID! }}', b='type Payment @key(fields: "id") { id: ID! amount: Int }'
    )
    assert witnesses(
        a=f"{feed} type Payment {{ id: ID! @shareable }}",
        b="type Query { p: Payment } type Payment { id: ID! @shareable tax: Int }",
    ) == ["subscription { paid { tax } }"]
