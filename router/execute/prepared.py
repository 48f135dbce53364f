"""An operation ready to run any number of times: everything that does not depend on variables is done."""

from __future__ import annotations

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)

from router.execute.deferral import Deferral, OperationTypes
from router.execute.fetch import RootFetch
from router.execute.introspection import Introspection
from router.execute.projection import Projection
from router.execute.steps import Step, compile_node, shares_entities
from router.execute.variables import VariableDefinitions
from router.plan.nodes import Defer, Fetch, QueryPlan, SubscriptionPlan

__all__ = ["PreparedOperation"]


class PreparedOperation:
    """A planned operation, compiled against the API schema. Immutable but for what is compiled on first use."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation_name: str | None, plan: QueryPlan) -> None:
        operation = _operation(document, operation_name)
        fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.plan = plan
        self.operation_type: OperationType = operation.operation
        self.variables = VariableDefinitions(schema, operation)
        root_type = schema.get_root_type(operation.operation)
        if root_type is None:
            raise GraphQLError(f"The schema has no {operation.operation.value} type.")
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
        may_share = shares_entities(plan)
        # The operation in parts, when it is planned so.
        self.deferral: Deferral | None = None
        if isinstance(root, Defer):
            self.deferral = Deferral(
                root,
                OperationTypes(schema, root_type, operation.selection_set, fragments),
                self.variables.defaults,
                may_share=may_share,
            )
        if root is not None:
            self.step = compile_node(root, self.variables.defaults, may_share=may_share)


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """Return the operation to execute (GraphQL section 6.1, GetOperation)."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is not None:
        operations = [operation for operation in operations if operation.name and operation.name.value == name]
    if len(operations) != 1:
        raise GraphQLError("The operation is not in the document." if name else "The document must have one operation.")
    return operations[0]
