"""Parsed and validated documents, cached: a repeated operation pays for neither."""

from collections import OrderedDict
from dataclasses import dataclass

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

from subgraphs.kit.graphql.limits import MAX_TOKENS, LimitsRule

__all__ = ["CheckedDocument", "DocumentCache"]

CAPACITY = 1_000
# Longer documents are checked anew each time, so that a thousand of them cannot fill the memory.
CACHED_LENGTH = 50_000
_RULES = (*specified_rules, LimitsRule)


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A document with what is wrong with it, if anything."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...]

    def operation_type(self, name: str | None) -> OperationType | None:
        """Return the type of the operation that `name` selects, None when it selects none."""
        if self.document is None:
            return None
        operations = [found for found in self.document.definitions if isinstance(found, OperationDefinitionNode)]
        if name is not None:
            operations = [found for found in operations if found.name is not None and found.name.value == name]
        return operations[0].operation if len(operations) == 1 else None


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
        return CheckedDocument(None, tuple(errors)) if errors else CheckedDocument(document, ())
