"""The client's variables, checked against the API schema before anything is fetched (GraphQL section 6.1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, value_from_ast_untyped
from graphql.execution import get_variable_values

from router.execute.errors import error_of_graphql

__all__ = ["VariableDefinitions", "VariablesInvalid"]

MAX_VARIABLE_ERRORS = 50


class VariablesInvalid(Exception):
    """The variables do not fit the operation: a request error, nothing is executed."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(f"{len(errors)} invalid variables")
        self.errors = errors


class VariableDefinitions:
    """The variables that an operation declares."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = tuple(operation.variable_definitions or ())
        # As JSON: what a subgraph is sent for a variable that the client leaves out.
        self.defaults: dict[str, Any] = {
            definition.variable.name.value: value_from_ast_untyped(definition.default_value)
            for definition in self._definitions
            if definition.default_value is not None
        }

    def coerce(self, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the values as the schema understands them.

        Raises:
            VariablesInvalid
        """
        if not self._definitions:
            return {}
        result = get_variable_values(
            self._schema, self._definitions, dict(variables), max_errors=MAX_VARIABLE_ERRORS, hide_suggestions=True
        )
        if isinstance(result, list):
            raise VariablesInvalid([_request_error(error) for error in result])
        return result.coerced


def _request_error(error: GraphQLError) -> dict[str, Any]:
    formatted = error_of_graphql(error, "BAD_USER_INPUT")
    # The document is parsed without locations as a rule, and a request error has no path.
    formatted.pop("path", None)
    return formatted
