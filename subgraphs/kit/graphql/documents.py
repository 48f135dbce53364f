"""Parsed and validated documents, cached: a repeated operation pays for neither."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import ValuesOfCorrectTypeRule

from subgraphs.kit.graphql.limits import MAX_TOKENS, LimitsRule
from subgraphs.kit.graphql.literal_values import LiteralValuesRule
from subgraphs.kit.graphql.nodes import NodeCount, node_count

__all__ = ["CheckedDocument", "DocumentCache"]

CAPACITY = 1_000
# Longer documents are checked anew each time, so that a thousand of them cannot fill the memory.
CACHED_LENGTH = 50_000
_RULES = (*(LiteralValuesRule if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules), LimitsRule)


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A document with what is wrong with it, if anything; otherwise with the lists that each of its operations has."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...]
    lists: Mapping[str, tuple[NodeCount, ...]] = field(default_factory=dict)

    def operation_type(self, name: str | None) -> OperationType | None:
        """Return the type of the operation that `name` selects, None when it selects none."""
        operation = self._operation(name)
        return operation.operation if operation else None

    def most_nodes(self, name: str | None, variables: Mapping[str, Any]) -> int:
        """Return how many nodes the operation that `name` selects can return with these variables."""
        operation = self._operation(name)
        return sum(count.at_most(variables) for count in self.lists[_name(operation)]) if operation else 0

    def _operation(self, name: str | None) -> OperationDefinitionNode | None:
        if self.document is None:
            return None
        operations = [found for found in self.document.definitions if isinstance(found, OperationDefinitionNode)]
        if name is not None:
            operations = [found for found in operations if found.name is not None and found.name.value == name]
        return operations[0] if len(operations) == 1 else None


class DocumentCache:
    """The documents of one schema, least recently used dropped first."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._documents: OrderedDict[str, CheckedDocument] = OrderedDict()

    def check(self, query: str) -> CheckedDocument:
        """Return the parsed and validated document."""
        found = self._documents.get(query)
        if found is not None:
            self._documents.move_to_end(query)
            return found
        checked = self._check(query)
        if len(query) <= CACHED_LENGTH:
            self._documents[query] = checked
            if len(self._documents) > CAPACITY:
                self._documents.popitem(last=False)
        return checked

    def _check(self, query: str) -> CheckedDocument:
        try:
            document = parse(query, max_tokens=MAX_TOKENS)
        except GraphQLError as error:
            return CheckedDocument(None, (error,))
        if not all(isinstance(definition, ExecutableDefinitionNode) for definition in document.definitions):
            return CheckedDocument(None, (GraphQLError("a request holds operations and fragments only"),))
        errors = validate(self._schema, document, _RULES, max_errors=20)
        if errors:
            return CheckedDocument(None, tuple(errors))
        operations = [found for found in document.definitions if isinstance(found, OperationDefinitionNode)]
        lists = {_name(operation): node_count(self._schema, document, operation) for operation in operations}
        return CheckedDocument(document, (), lists)


def _name(operation: OperationDefinitionNode) -> str:
    return operation.name.value if operation.name else ""
