"""An operation ready to run any number of times: everything that does not depend on variables is done."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    is_interface_type,
)

from router.execute.deferral import Deferral, find_deferral
from router.execute.fetch import RootFetch
from router.execute.field_collection import non_null_fields
from router.execute.introspection import Introspection
from router.execute.projection import Projection
from router.execute.steps import Step, compile_node, shares_entities
from router.execute.variables import VariableDefinitions
from router.plan.nodes import Fetch, QueryPlan, SubscriptionPlan
from router.supergraph.model import Subgraph

__all__ = ["PreparedOperation"]


class PreparedOperation:
    """A planned operation, compiled against the API schema. Immutable but for what is compiled on first use."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation_name: str | None,
        plan: QueryPlan,
        subgraphs: Mapping[str, Subgraph] | None = None,
    ) -> None:
        """`subgraphs` tell which fields of a request depend on which requirement; without them, all do."""
        operation = _operation(document, operation_name)
        fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.plan = plan
        self.operation_type: OperationType = operation.operation
        self.variables = VariableDefinitions(schema, operation)
        root_type = schema.get_root_type(operation.operation)
        if root_type is None:
            raise GraphQLError(f"The schema has no {operation.operation.value} type.")
        self.abstract = frozenset(name for name, type_ in schema.type_map.items() if is_interface_type(type_))
        self.projection = Projection(schema, root_type, operation.selection_set, fragments)
        self.introspection = Introspection(schema, operation, fragments)
        # The request that is the event source of a subscription.
        self.subscription_fetch: Fetch | None = None
        self.event_source: RootFetch | None = None
        self.step: Step | None = None
        root = plan.root
        if isinstance(root, SubscriptionPlan):
            self.subscription_fetch = root.primary
            self.event_source = RootFetch(root.primary, self.variables.defaults)
            root = root.rest
        # The operation in parts, when some of it is deferred.
        self.deferral: Deferral | None = None
        if root is None:
            return
        compiled = partial(
            compile_node,
            defaults=self.variables.defaults,
            subgraphs=subgraphs,
            may_share=shares_entities(plan),
            needed=non_null_fields(schema, root_type, operation.selection_set, fragments),
        )
        self.step = compiled(root)
        if self.event_source is None:
            self.deferral = find_deferral(schema, root_type, operation.selection_set, fragments, root, compiled)


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """Return the operation to execute (GraphQL section 6.1, GetOperation)."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is not None:
        operations = [operation for operation in operations if operation.name and operation.name.value == name]
    if len(operations) != 1:
        raise GraphQLError("The operation is not in the document." if name else "The document must have one operation.")
    return operations[0]
