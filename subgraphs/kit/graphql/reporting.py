"""What of an error the API's user may see: refusals and GraphQL errors as they are, everything else masked and logged."""

from typing import Any

from graphql import FieldNode, GraphQLError, VariableDefinitionNode

from subgraphs.kit.domain.errors import DomainError
from subgraphs.kit.telemetry import get_logger

__all__ = ["formatted_errors", "is_internal"]


def is_internal(error: GraphQLError) -> bool:
    """Tell whether the error comes from a fault of ours, which its user cannot do anything about."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause is not None and not isinstance(cause, DomainError)


def formatted_errors(errors: list[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """Return the errors as a response shows them; internal ones are logged with their traceback and masked."""
    return [_formatted(error, request_id) for error in errors]


def _formatted(error: GraphQLError, request_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = dict(error.formatted)
    if is_internal(error):
        get_logger("graphql").error("internal error", path=error.path, exc_info=error.original_error)
        shown["message"] = "Internal error"
        shown["extensions"] = {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id}
    elif isinstance(error.original_error, DomainError):
        shown["message"] = error.original_error.message
        shown["extensions"] = {"code": error.original_error.code, **_at_fault(error), **shown.get("extensions", {})}
    elif error.path is None and any(isinstance(node, VariableDefinitionNode) for node in error.nodes or ()):
        shown["extensions"] = {"code": "BAD_USER_INPUT", **shown.get("extensions", {})}  # a value does not fit its variable
    return shown


def _at_fault(error: GraphQLError) -> dict[str, Any]:
    """Return the path of the argument or input field at fault as `field`, outermost first, as in `userErrors`; empty: none is."""
    refusal = error.original_error
    if not isinstance(refusal, DomainError) or not refusal.field:
        return {}
    given = {one.name.value for node in error.nodes or () if isinstance(node, FieldNode) for one in node.arguments or ()}
    if refusal.field[0] in given:
        return {"field": list(refusal.field)}
    return {"field": ["input", *refusal.field]} if "input" in given else {}
