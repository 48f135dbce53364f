"""What the API's user sees of an error: the reason, its code, and which argument or input field is at fault."""

from typing import Any

import pytest
from graphql import GraphQLError, OperationDefinitionNode, parse

from subgraphs.kit.domain.errors import DomainError, InvalidInput, InvalidState
from subgraphs.kit.graphql.reporting import formatted_errors


def shown(query: str, refusal: Exception) -> dict[str, Any]:
    [operation] = parse(query).definitions
    assert isinstance(operation, OperationDefinitionNode)
    error = GraphQLError(str(refusal), list(operation.selection_set.selections), path=["preview"], original_error=refusal)
    [formatted] = formatted_errors([error], "req_1")
    extensions: dict[str, Any] = formatted["extensions"]
    return extensions


@pytest.mark.parametrize(
    ("query", "refusal", "field"),
    [
        ("{ preview(input: {quantity: 0}) }", InvalidInput("no", field=("quantity",)), ["input", "quantity"]),
        ("{ preview(input: $wanted) }", InvalidState("no", field=("addOns", "0")), ["input", "addOns", "0"]),
        ("{ preview(input: {}, first: 99) }", InvalidInput("no", field=("first",)), ["first"]),
        ("{ price(id: 1) }", InvalidInput("no", field=("id",)), ["id"]),
        ("{ preview(input: {}) }", InvalidState("no"), None),
        ("{ prices }", InvalidInput("no", field=("first",)), None),
    ],
)
def test_a_refusal_names_what_is_at_fault(query: str, refusal: DomainError, field: list[str] | None) -> None:
    assert shown(query, refusal) == {"code": refusal.code} | ({"field": field} if field else {})


def test_a_fault_of_ours_names_nothing() -> None:
    extensions = shown("{ preview(input: {}) }", RuntimeError("secret"))
    assert extensions == {"code": "INTERNAL_SERVER_ERROR", "requestId": "req_1"}
