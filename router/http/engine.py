"""One loaded supergraph with everything that is derived from it: validated documents and plans, both bounded.

A reload makes a new engine; requests that are under way keep the old one until they are answered.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)
from graphql.validation import ASTValidationRule, ValuesOfCorrectTypeRule, recommended_rules, specified_rules

from router.auth.access import FieldAccess, GrantSelector
from router.auth.demands import AccessRule
from router.auth.operation_filter import filter_operation
from router.auth.restoration import Restoration
from router.auth.scopes import Grants
from router.errors import (
    DocumentRejected,
    LimitExceeded,
    OperationForbidden,
    OperationNotResolved,
    ParseFailed,
    PlanningFailed,
    ValidationFailed,
)
from router.execute.defer_directive import with_defer
from router.execute.executor import Executor, PreparedOperation, prepare
from router.http.limits import DocumentLimits, check_limits
from router.http.literal_values import LiteralValuesRule
from router.http.lru import Lru
from router.http.override_labels import OverrideLabels
from router.http.preparation import Preparation
from router.supergraph.model import Supergraph
from router.telemetry.logs import get_logger
from router.telemetry.metrics import Metrics

__all__ = ["Engine", "Operation", "Ready"]

log = get_logger(__name__)

# The average document that the cache is dimensioned for, in characters. One character of a document costs about
# 100 bytes as a tree, so 1000 entries stay below 200 MB whatever is sent.
TYPICAL_DOCUMENT = 2048
# Longer documents are known by their hash rather than kept as a key.
LONGEST_KEY = 512
MAX_VALIDATION_ERRORS = 10
# How graphql-core tells that one of its budgets is used up.
ABORTED = "Validation aborted."
# A name is told back to who sent it, cut where it is no name any more.
LONGEST_NAME_TOLD = 100

Unanswerable = PlanningFailed | OperationForbidden


@dataclass(frozen=True, slots=True)
class Ready:
    """A planned operation, and how its answer becomes the client's when fields were filtered out."""

    prepared: PreparedOperation
    restoration: Restoration | None
    # Every root field was filtered out: nothing is asked of any subgraph.
    empty: bool = False


@dataclass(slots=True)
class Operation:
    """A valid document and the operation chosen from it, for the engine that validated it."""

    engine: Engine
    key: tuple[str | bytes, str | None]
    document: DocumentNode
    definition: OperationDefinitionNode
    selector: GrantSelector
    weight: int
    # Labels of progressive overrides that can make a difference.
    labels: frozenset[str] = frozenset()
    # The plan, or why there is none, for documents whose answer depends on neither grants nor labels.
    ready: Ready | Unanswerable | None = None

    @property
    def type(self) -> OperationType:
        """Return whether it is a query, a mutation or a subscription."""
        return self.definition.operation


class Engine:
    """Finds or makes the plan of an operation."""

    def __init__(
        self,
        supergraph: Supergraph,
        executor: Executor,
        rules: Mapping[str, AccessRule],
        *,
        limits: DocumentLimits,
        introspection: bool,
        reject_unauthorized: bool,
        override_labels: Iterable[str],
        cache_size: int,
        preparation: Preparation,
        metrics: Metrics,
    ) -> None:
        self.supergraph = supergraph = with_defer(supergraph)
        self.executor = executor
        self._access = FieldAccess(supergraph.schema, rules)
        self._labels = OverrideLabels(supergraph, override_labels)
        self._reject_unauthorized = reject_unauthorized
        self._limits = limits
        self._rules: list[type[ASTValidationRule]] = [
            LiteralValuesRule if rule is ValuesOfCorrectTypeRule else rule for rule in (*specified_rules, *recommended_rules)
        ]
        if not introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)
        self._preparation = preparation
        self._metrics = metrics
        weight = cache_size * TYPICAL_DOCUMENT
        self._operations: Lru[tuple[str | bytes, str | None], Operation | DocumentRejected] = Lru(cache_size, weight)
        self._plans: Lru[tuple[str | bytes, str | None, Grants, frozenset[str]], Ready | Unanswerable] = Lru(cache_size, weight)

    async def operation(self, query: str, operation_name: str | None) -> Operation:
        """Return the valid operation of this document.

        Raises:
            DocumentRejected: it cannot be parsed, is too large, is not valid, or has no such operation.
        """
        key = (query if len(query) <= LONGEST_KEY else sha256(query.encode()).digest(), operation_name)
        known = self._operations.get(key)
        self._metrics.cache.inc("document", "hit" if known is not None else "miss")
        if known is None:
            try:
                known = await self._preparation.run((self, key), lambda: self._validated(key, query))
            except DocumentRejected as rejected:
                # Kept too: a client that repeats a mistake costs no more than one that does not.
                known = rejected
            self._operations.put(key, known, len(query) + 1)
        if isinstance(known, DocumentRejected):
            raise known.with_traceback(None)
        return known

    async def ready(self, operation: Operation, grants: Grants) -> Ready:
        """Return the plan of an operation for these grants.

        Raises:
            PlanningFailed: no plan answers it.
            OperationForbidden: part of it is not allowed, and such operations are refused.
        """
        if operation.ready is not None:
            self._metrics.cache.inc("plan", "hit")
            return _answerable(operation.ready)
        relevant = operation.selector.select(grants)
        labels = self._labels.chosen(operation.labels)
        key = (*operation.key, relevant, labels)
        ready = self._plans.get(key)
        self._metrics.cache.inc("plan", "hit" if ready is not None else "miss")
        if ready is None:
            started = time.perf_counter()
            try:
                ready = await self._preparation.run((self, key), lambda: self._planned(operation, relevant, labels))
            except (PlanningFailed, OperationForbidden) as refusal:
                # Kept too: planning in vain costs as much as planning.
                refusal.__context__ = None  # it would keep the planner's frames
                ready = refusal
            self._metrics.prepare_seconds.observe(time.perf_counter() - started)
            if operation.selector.unrestricted and not operation.labels:
                operation.ready = ready
            else:
                self._plans.put(key, ready, operation.weight)
        return _answerable(ready)

    def _validated(self, key: tuple[str | bytes, str | None], query: str) -> Operation:
        try:
            document = parse(query, max_tokens=self._limits.tokens, allow_empty_selection_sets=False)
        except GraphQLError as error:
            raise ParseFailed(error.message, [_formatted(error)]) from None
        check_limits(document, self._limits)
        errors = validate(self.supergraph.schema, document, self._rules, max_errors=MAX_VALIDATION_ERRORS)
        if errors and errors[-1].message == ABORTED:
            raise LimitExceeded("Validating the operation takes too much work: it repeats fields, or nests fragments, too often.")
        if errors:
            raise ValidationFailed(errors[0].message, [_formatted(error) for error in errors])
        definition = _choose(document, key[1])
        if self.supergraph.schema.get_root_type(definition.operation) is None:
            raise OperationNotResolved(f"The schema has no {definition.operation.value}s.")
        selector = GrantSelector(self._access, document)
        return Operation(self, key, document, definition, selector, len(query) + 1, self._labels.of(document))

    def _planned(self, operation: Operation, grants: Grants, labels: frozenset[str]) -> Ready:
        filtered = filter_operation(operation.document, operation.definition, self._access, grants)
        if filtered is not None and self._reject_unauthorized:
            raise OperationForbidden("The operation has fields that the request may not see.")
        document = filtered.document if filtered else operation.document
        try:
            prepared = prepare(self.supergraph, document, operation.key[1], labels)
        except GraphQLError as error:
            raise PlanningFailed(error.message, [_formatted(error)]) from None
        except Exception as error:
            log.exception("plan.failed", operation=operation.key[1])
            raise PlanningFailed("The operation could not be planned.", reason=repr(error)) from None
        if filtered is None:
            return Ready(prepared, None)
        return Ready(prepared, filtered.restoration, filtered.empty)


def _answerable(ready: Ready | Unanswerable) -> Ready:
    if isinstance(ready, Ready):
        return ready
    raise ready.with_traceback(None)


def _choose(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    """Return the operation to execute (GraphQL section 6.1, GetOperation)."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if operation_name is None:
        if len(operations) == 1:
            return operations[0]
        raise OperationNotResolved("The document has several operations: 'operationName' must name one.")
    for operation in operations:
        if operation.name is not None and operation.name.value == operation_name:
            return operation
    raise OperationNotResolved(f"The document has no operation named '{operation_name[:LONGEST_NAME_TOLD]}'.")


def _formatted(error: GraphQLError) -> dict[str, Any]:
    return dict(error.formatted)
