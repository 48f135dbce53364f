"""Bounds on what one document may ask. The rule classes are shared, so that documents can be cached."""

from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
)
from graphql.validation import ASTValidationRule

__all__ = ["MAX_TOKENS", "LimitsRule"]

MAX_TOKENS = 20_000
MAX_DEPTH = 20
MAX_FIELDS = 2_000


class LimitsRule(ASTValidationRule):
    """Refuses operations nested deeper than MAX_DEPTH fields or, fragments spread out, longer than MAX_FIELDS."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        fragments = {
            definition.name.value: definition
            for definition in self.context.document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        measured: dict[str, tuple[int, int]] = {}

        def measure(selections: tuple[Node, ...], spreading: frozenset[str]) -> tuple[int, int]:
            depth = fields = 0
            for selection in selections:
                if isinstance(selection, FieldNode):
                    below = measure(selection.selection_set.selections, spreading) if selection.selection_set else (0, 0)
                    below = (below[0] + 1, below[1] + 1)
                elif isinstance(selection, InlineFragmentNode):
                    below = measure(selection.selection_set.selections, spreading)
                elif isinstance(selection, FragmentSpreadNode):
                    below = spread(selection.name.value, spreading)
                else:
                    continue
                depth, fields = max(depth, below[0]), fields + below[1]
            return depth, fields

        def spread(name: str, spreading: frozenset[str]) -> tuple[int, int]:
            if name in spreading or name not in fragments:  # cycles and unknown names have rules of their own
                return 0, 0
            if name not in measured:
                measured[name] = measure(fragments[name].selection_set.selections, spreading | {name})
            return measured[name]

        depth, fields = measure(node.selection_set.selections, frozenset())
        if depth > MAX_DEPTH:
            self.report_error(GraphQLError(f"the operation is {depth} fields deep; at most {MAX_DEPTH} are allowed", node))
        if fields > MAX_FIELDS:
            self.report_error(GraphQLError(f"the operation has {fields} fields; at most {MAX_FIELDS} are allowed", node))
