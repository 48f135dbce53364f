"""Filtering and restoring an operation gives what a server gives whose resolvers refuse the same fields.

The reference is graphql-core executing the client's own document with resolvers that raise on refused fields;
the subject is graphql-core executing the filtered document, its answer restored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    parse,
    print_ast,
    validate,
)

from router.auth.access import FieldAccess, GrantSelector
from router.auth.operation_filter import filter_operation
from router.auth.scopes import Grants

SCHEMA = build_schema(
    """
    type Query {
      me: User
      users: [User!]
      nodes: [Node!]!
      search: [Result]
      secret: String
      strict: Strict
      stricts: [Strict!]
      matrix: [[Strict]]
    }
    type Mutation { rename(name: String!): User, wipe: Boolean! }
    type Subscription { changed: User }
    interface Node { id: ID!, owner: User }
    type User implements Node { id: ID!, owner: User, name: String, email: String, friend: User, salary: Money }
    type Invoice implements Node { id: ID!, owner: User, total: Int, lines: [Line!] }
    type Line { amount: Int!, tax: Int! }
    type Strict { open: String, closed: String! }
    type Vault { id: ID!, gold: Int }
    union Result = User | Invoice | Vault
    scalar Money
    """
)


@dataclass(frozen=True)
class Rule:
    authenticated: bool = False
    scopes: list[frozenset[str]] = field(default_factory=list)
    policies: list[frozenset[str]] = field(default_factory=list)


def needs(*groups: str) -> Rule:
    return Rule(scopes=[frozenset(group.split()) for group in groups])


RULES = {
    "User.email": needs("pii"),
    "User.owner": Rule(authenticated=True),
    "Invoice.total": needs("invoices money", "admin"),
    "Line.tax": needs("tax"),
    "Strict.closed": needs("strict"),
    "Query.secret": Rule(policies=[frozenset({"auditor"})]),
    "Vault": needs("vault"),
    "Money": needs("money"),
    "Mutation.wipe": needs("admin"),
    "Subscription.changed": Rule(authenticated=True),
    "Node.owner": needs("owners"),
}
ACCESS = FieldAccess(SCHEMA, RULES)

USER = {
    "__typename": "User",
    "id": "u1",
    "name": "Ada",
    "email": "ada@example.com",
    "salary": 7,
    "owner": {"__typename": "User", "id": "u3", "name": "Grace"},
    "friend": {"__typename": "User", "id": "u2", "name": "Bob", "email": "bob@example.com"},
}
INVOICE = {
    "__typename": "Invoice",
    "id": "i1",
    "total": 12,
    "owner": {"__typename": "User", "id": "u2", "name": "Bob"},
    "lines": [{"amount": 5, "tax": 1}, {"amount": 7, "tax": 2}],
}
VAULT = {"__typename": "Vault", "id": "v1", "gold": 3}
STRICT = {"open": "o", "closed": "c"}
DATA = {
    "me": USER,
    "users": [USER, USER["friend"]],
    "nodes": [USER, INVOICE],
    "search": [USER, None, INVOICE, VAULT],
    "secret": "42",
    "strict": STRICT,
    "stricts": [STRICT, STRICT],
    "matrix": [[STRICT, None], [STRICT]],
    "rename": USER,
    "wipe": True,
}

DOCUMENTS = [
    "{ me { id email name } }",
    "{ me { email } }",
    "{ me { e: email friend { email n: name } } secret }",
    "{ users { email } secret }",
    "{ secret }",
    "{ secret s2: secret __typename }",
    "{ nodes { id owner { name } } }",
    "{ nodes { ... on User { owner { name } email } ... on Invoice { total owner { id } lines { amount tax } } } }",
    "{ search { __typename ... on Vault { gold } ... on Node { id } ...U } } fragment U on User { salary email }",
    "{ search { ... on Vault { id gold } } }",
    "{ strict { open closed } }",
    "{ stricts { closed } }",
    "{ matrix { open closed } }",
    "{ me { ...A ...B } } fragment A on User { email ...B } fragment B on Node { id owner { id } }",
    "query ($s: Boolean!, $i: Boolean = false) { me { email @skip(if: $s) name @include(if: $i) id } }",
    "query ($s: Boolean!) { me { ... @skip(if: $s) { email } email @include(if: $s) id } }",
    "query ($s: Boolean!) { me @skip(if: $s) { email } users { ...F @include(if: $s) id } } fragment F on User { email }",
    "{ me { email @skip(if: true) friend { email @include(if: false) id } } }",
    "{ me { friend { name } ... on User { friend { email } } } }",
    'mutation { rename(name: "x") { email name } wipe }',
    "mutation { wipe }",
    "{ nodes { ...N } } fragment N on Node { ... on User { salary } ... on Node { ... on Invoice { total } } }",
    "{ __schema { queryType { name } } secret }",
    "{ me { filteredTypename: email name } search { filteredTypename: __typename } }",
]
GRANTS = [
    Grants(),
    Grants(authenticated=True),
    Grants(True, frozenset({"pii", "owners"})),
    Grants(True, frozenset({"invoices", "money"})),
    Grants(True, frozenset({"tax", "vault", "strict"})),
    Grants(True, frozenset({"admin"}), frozenset({"auditor"})),
]
EVERYTHING = Grants(
    True,
    frozenset({"pii", "owners", "invoices", "money", "tax", "vault", "strict", "admin"}),
    frozenset({"auditor"}),
)


def run(source: str, variables: dict[str, Any], grants: Grants | None) -> ExecutionResult:
    """Execute with resolvers that refuse what `grants` do not allow; without grants, nothing is refused."""

    def resolve(value: Any, info: GraphQLResolveInfo, **_: Any) -> Any:
        if grants is not None:
            if refusal := ACCESS.refusal(grants, info.parent_type.name, info.field_name):
                raise PermissionError(refusal)
            # A field that is only selected through an interface which refuses it is refused as well.
            if info.field_name == "owner" and all_through_node(info) and not ACCESS.allows(grants, "Node", "owner"):
                raise PermissionError("Node.owner needs the scope owners")
        return (value or DATA).get(info.field_name)

    result = execute_sync(
        SCHEMA,
        parse(source),
        DATA,
        variable_values=variables,
        field_resolver=resolve,
        type_resolver=lambda value, *_: value["__typename"],
    )
    assert isinstance(result, ExecutionResult)
    return result


def all_through_node(info: GraphQLResolveInfo) -> bool:
    """The documents above select `owner` through the interface exactly where it stands on `nodes` or in `B`."""
    source = info.operation.loc.source.body if info.operation.loc else ""
    for node in info.field_nodes:
        if node.loc is None:
            return False
        before = source[: node.loc.start]
        opener = before[: before.rindex("{")].split()[-1]
        if opener not in {"nodes", "Node"}:
            return False
    return True


@pytest.mark.parametrize("variables", [{"s": True}, {"s": False, "i": True}])
@pytest.mark.parametrize("grants", GRANTS)
@pytest.mark.parametrize("source", DOCUMENTS)
def test_answer_is_that_of_refusing_resolvers(source: str, grants: Grants, variables: dict[str, Any]) -> None:
    document = parse(source)
    assert validate(SCHEMA, document) == []
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    expected = run(source, variables, grants)
    filtered = filter_operation(document, operation, ACCESS, grants)
    if filtered is None:
        assert not expected.errors
        return
    # The filtered document is valid by itself, but for variables and fragments of what is gone.
    unused = ("never used",)
    problems = [e for e in validate(SCHEMA, filtered.document) if not any(u in e.message for u in unused)]
    assert problems == [], print_ast(filtered.document)
    partial = run(print_ast(filtered.document), variables, None)
    assert not partial.errors
    data, errors = filtered.restoration.apply(partial.data, variables)
    assert data == expected.data
    assert list(data or ()) == list(expected.data or ())
    assert {tuple(e["path"]): e["message"] for e in errors} == {tuple(e.path or ()): e.message for e in expected.errors or ()}
    for error in errors:
        assert error["extensions"] == {"code": "UNAUTHORIZED_FIELD_OR_TYPE"}


@pytest.mark.parametrize("source", DOCUMENTS)
def test_all_grants_leave_the_document_alone(source: str) -> None:
    document = parse(source)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert filter_operation(document, operation, ACCESS, EVERYTHING) is None


def test_interface_field_is_asked_on_the_types_that_allow_it() -> None:
    document = parse("{ nodes { id owner { name } } }")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    filtered = filter_operation(document, operation, ACCESS, Grants(scopes=frozenset({"owners"})))
    assert filtered is not None
    assert print_ast(filtered.document) == (
        "{\n  nodes {\n    filteredTypename: __typename\n    id\n    ... on Invoice {\n"
        "      owner {\n        name\n      }\n    }\n  }\n}"
    )


def test_nothing_left_asks_nothing() -> None:
    document = parse("subscription { changed { id } }")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    filtered = filter_operation(document, operation, ACCESS, Grants())
    assert filtered is not None
    assert filtered.empty
    assert filtered.restoration.apply({}, {}) == (
        {"changed": None},
        [
            {
                "message": "Subscription.changed needs an access token",
                "path": ["changed"],
                "extensions": {"code": "UNAUTHORIZED_FIELD_OR_TYPE"},
            }
        ],
    )


def test_requests_whose_grants_differ_elsewhere_share_a_plan() -> None:
    selector = GrantSelector(ACCESS, parse("{ me { email } }"))
    grants = Grants(True, frozenset({"pii", "invoices", "unrelated"}), frozenset({"auditor"}))
    assert selector.select(grants) == Grants(False, frozenset({"pii"}))


def test_document_without_rules_depends_on_no_grants() -> None:
    assert GrantSelector(ACCESS, parse("{ me { id name } }")).unrestricted
    assert not GrantSelector(ACCESS, parse("{ nodes { owner { id } } }")).unrestricted
