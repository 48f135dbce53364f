"""The rule that values in a document fit their types, which says which part of which argument does not."""

from typing import Any

from graphql import (
    ArgumentNode,
    GraphQLError,
    GraphQLInputType,
    ValueNode,
    VariableDefinitionNode,
    VisitorAction,
)
from graphql.language import SKIP
from graphql.pyutils import print_path_list
from graphql.utilities import validate_input_literal
from graphql.validation import ValuesOfCorrectTypeRule

__all__ = ["LiteralValuesRule"]


class LiteralValuesRule(ValuesOfCorrectTypeRule):
    """graphql-core's rule tells what is wrong with a value, and not where in an input object it is.

    Errors are worded as those of variables: `Argument 'input' has invalid value at .lines[0].quantity: …`.
    """

    _holder = "A value"

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        self._holder = f"Argument '{node.name.value}'"

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        self._holder = f"The default of variable '${node.variable.name.value}'"

    def is_valid_value_node(self, node: ValueNode, input_type: GraphQLInputType | None) -> VisitorAction:
        def on_error(error: GraphQLError, path: list[str | int]) -> None:
            at = [found for found in error.nodes or () if found.loc] or node  # some nodes are made on the way
            message = f"{self._holder} has invalid value{print_path_list(path)}: {error.message}"
            extensions = {"code": "BAD_USER_INPUT", **(error.extensions or {})}
            self.report_error(GraphQLError(message, at, extensions=extensions))

        if input_type is not None:
            validate_input_literal(node, input_type, on_error, None, None, self.context.hide_suggestions)
        return SKIP
