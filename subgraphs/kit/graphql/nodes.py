"""How many nodes a document can return: lists within lists multiply, and each alone being bounded does not bound them all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    Node,
    OperationDefinitionNode,
    VariableNode,
    get_named_type,
)

from subgraphs.kit.graphql.pagination import DEFAULT_SIZE, MAXIMUM_SIZE

__all__ = ["MAX_NODES", "NodeCount", "node_count"]

# As many as GitHub allows; a page of 100 in a page of 100 is 10 000.
MAX_NODES = 500_000


@dataclass(frozen=True, slots=True)
class NodeCount:
    """One list and the lists below each of its nodes: as long as the variable `given_by` says, else `size`."""

    size: int
    given_by: str | None
    below: tuple["NodeCount", ...]

    def at_most(self, variables: Mapping[str, Any]) -> int:
        """Return the highest possible number of nodes with these variables."""
        given = variables.get(self.given_by) if self.given_by else None
        size = len(given) if isinstance(given, list) else given if isinstance(given, int) else self.size
        return max(size, 0) * (1 + sum(count.at_most(variables) for count in self.below))


def node_count(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> tuple[NodeCount, ...]:
    """Return the lists of a valid operation: connections, and the entities that a gateway asks for."""
    fragments = {
        definition.name.value: definition for definition in document.definitions if isinstance(definition, FragmentDefinitionNode)
    }
    defaults = {
        definition.variable.name.value: int(definition.default_value.value)
        for definition in operation.variable_definitions or ()
        if isinstance(definition.default_value, IntValueNode)
    }
    known: dict[str, tuple[NodeCount, ...]] = {}

    def within(type_: GraphQLNamedType | None, selections: Iterable[Node]) -> tuple[NodeCount, ...]:
        return tuple(count for selection in selections for count in of(type_, selection))

    def of(type_: GraphQLNamedType | None, selection: Node) -> tuple[NodeCount, ...]:
        match selection:
            case FieldNode(selection_set=None):
                return ()
            case FieldNode():
                return of_field(type_, selection)
            case InlineFragmentNode():
                condition = selection.type_condition
                narrowed = schema.get_type(condition.name.value) if condition else type_
                return within(narrowed, selection.selection_set.selections)
            case FragmentSpreadNode():
                name = selection.name.value
                if name not in known:
                    fragment = fragments[name]
                    known[name] = within(schema.get_type(fragment.type_condition.name.value), fragment.selection_set.selections)
                return known[name]
        return ()

    def of_field(type_: GraphQLNamedType | None, field: FieldNode) -> tuple[NodeCount, ...]:
        definition = type_.fields.get(field.name.value) if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) else None
        named = get_named_type(definition.type) if definition else None
        below = within(named, field.selection_set.selections if field.selection_set else ())
        if field.name.value == "_entities":
            return (NodeCount(*_argument(field, ("representations",), MAXIMUM_SIZE, defaults), below),)
        if named is not None and named.name.endswith("Connection"):
            return (NodeCount(*_argument(field, ("first", "last"), DEFAULT_SIZE, defaults), below),)
        return below

    return within(schema.get_root_type(operation.operation), operation.selection_set.selections)


def _argument(field: FieldNode, names: tuple[str, ...], size: int, defaults: Mapping[str, int]) -> tuple[int, str | None]:
    """Return the length that an argument of the field gives its list, and the variable that may say otherwise."""
    for argument in field.arguments or ():
        if argument.name.value in names:
            match argument.value:
                case IntValueNode(value=value):
                    return int(value), None
                case VariableNode():
                    name = argument.value.name.value
                    return defaults.get(name, size), name
    return size, None
