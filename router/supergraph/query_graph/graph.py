"""The graph itself. Nothing is built before it is asked for, so a graph costs nothing to make and is shared freely."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_composite_type

from router.supergraph.model import Key, SubgraphField, SubgraphType, Supergraph, TypeKind
from router.supergraph.query_graph.field_set import FieldSet, read_field_set
from router.supergraph.query_graph.nodes import Edge, Entrance, Node, Obstacle
from router.supergraph.query_graph.provided import NOTHING, Provided, as_type, below, provides

__all__ = ["QueryGraph"]


class QueryGraph:
    """The supergraph as nodes (subgraph, type, what is provided), edges (fields) and entrances (keys)."""

    def __init__(self, supergraph: Supergraph) -> None:
        self.supergraph = supergraph
        schema = supergraph.full_schema
        self._roots = {root.name for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root}
        self._nodes: dict[tuple[str, str, Provided], Node] = {}
        self._edges: dict[Node, dict[str, Edge | None]] = {}
        self._entrances: dict[str, tuple[Entrance, ...]] = {}
        self._real: dict[tuple[str, str], tuple[Entrance, ...]] = {}
        self._objects: dict[tuple[Node, str], tuple[Node, ...]] = {}
        self._stand_ins: dict[tuple[str, str], tuple[str, ...]] = {}
        self._key_fields: dict[int, FieldSet] = {}
        self._field_types: dict[tuple[str, str], str | None] = {}

    def node(self, subgraph: str, type_name: str, provided: Provided = NOTHING) -> Node:
        """Return the node of these values: the same object for the same values."""
        key = (subgraph, type_name, provided)
        found = self._nodes.get(key)
        if found is None:
            type_ = self.supergraph.subgraphs[subgraph].types[type_name]
            found = self._nodes[key] = Node(*key, type_.is_interface_object)
            self._edges[found] = {}
        return found

    def roots(self, type_name: str) -> tuple[Node, ...]:
        """Return the nodes of a root type, one for each subgraph that has it."""
        return tuple(self.node(subgraph, type_name) for subgraph in self.subgraphs_with(type_name))

    def edge(self, node: Node, name: str) -> Edge | None:
        """Return the field of the node, None when its subgraph does not have it there."""
        edges = self._edges[node]
        if name not in edges:
            edges[name] = self._edge(node, name)
        return edges[name]

    def entrances(self, type_name: str) -> tuple[Entrance, ...]:
        """Return every way into a subgraph for an object that is known to be of this object type."""
        found = self._entrances.get(type_name)
        if found is None:
            found = self._entrances[type_name] = tuple(self._ways_in(type_name))
        return found

    def identifying(self, interface: str, type_name: str) -> tuple[Entrance, ...]:
        """Return the ways from an interface object to an object of `type_name`: into subgraphs that have the real interface."""
        key = (interface, type_name)
        found = self._real.get(key)
        if found is None:
            found = self._real[key] = tuple(self._ways_to_real(interface, type_name))
        return found

    def as_object(self, node: Node, type_name: str) -> tuple[Node, ...]:
        """Return the node narrowed to one object type; nothing when its subgraph cannot have such an object there.

        An interface object stays what it is: it stands for every implementation.
        """
        key = (node, type_name)
        found = self._objects.get(key)
        if found is None:
            found = self._objects[key] = tuple(self._narrowed(node, type_name))
        return found

    def object_types(self, node: Node) -> frozenset[str]:
        """Return the object types that the node's subgraph can answer with; for an interface object, the interface."""
        return self.type(node).possible_types

    def type(self, node: Node) -> SubgraphType:
        """Return the subgraph's view of the node's type."""
        return self.supergraph.subgraphs[node.subgraph].types[node.type_name]

    def type_is_abstract(self, node: Node) -> bool:
        """Whether the node's subgraph has an interface or a union there."""
        return self.type(node).is_abstract

    def views(self, type_name: str) -> Iterator[SubgraphType]:
        """Yield the views that subgraphs have of a type."""
        for subgraph in self.subgraphs_with(type_name):
            yield self.supergraph.subgraphs[subgraph].types[type_name]

    def subgraphs_with(self, type_name: str) -> Iterator[str]:
        """Yield the subgraphs that have the type."""
        for name, subgraph in self.supergraph.subgraphs.items():
            if type_name in subgraph.types:
                yield name

    def field_type(self, type_name: str, name: str) -> str | None:
        """Return the named type of a field in the whole supergraph when it has fields of its own, else None."""
        key = (type_name, name)
        if key not in self._field_types:
            type_ = self.supergraph.full_schema.get_type(type_name)
            field = type_.fields.get(name) if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)) else None
            named = get_named_type(field.type) if field else None
            self._field_types[key] = named.name if named is not None and is_composite_type(named) else None
        return self._field_types[key]

    def possible(self, type_name: str) -> frozenset[str]:
        """Return the object types that a value of this type can have anywhere."""
        return self.supergraph.possible_types.get(type_name, frozenset((type_name,)))

    def is_a(self, type_name: str, condition: str) -> bool:
        """Whether an object of this object type is in a fragment on `condition`."""
        return type_name == condition or type_name in self.possible(condition)

    def interfaces(self, type_name: str) -> tuple[str, ...]:
        """Return the interfaces of the type in the whole supergraph."""
        type_ = self.supergraph.full_schema.get_type(type_name)
        return tuple(interface.name for interface in getattr(type_, "interfaces", ()))

    def _edge(self, node: Node, name: str) -> Edge | None:
        field = self.type(node).fields.get(name)
        if field is None:
            return None
        obstacle = None
        if (name,) not in node.provided:
            if field.external:
                obstacle = Obstacle.EXTERNAL
            elif field.overridden and field.override_label is None:
                obstacle = Obstacle.OVERRIDDEN
        return Edge(
            name=name,
            child=self._child(node, field),
            obstacle=obstacle,
            label=field.override_label,
            active=field.override_active,
            requires=read_field_set(field.requires) if field.requires is not None else (),
            contexts=field.context_arguments,
        )

    def _child(self, node: Node, field: SubgraphField) -> Node | None:
        type_ = self.supergraph.subgraphs[node.subgraph].types.get(field.type_name)
        if type_ is None or not (type_.is_abstract or type_.kind is TypeKind.OBJECT):
            return None
        provided = below(node.provided, field.name)
        if field.provides is not None:
            provided |= provides(read_field_set(field.provides))
        return self.node(node.subgraph, field.type_name, provided)

    def _ways_in(self, type_name: str) -> Iterator[Entrance]:
        if type_name in self._roots:
            for node in self.roots(type_name):
                yield Entrance(node, type_name, None)
            return
        for name in (type_name, *self.interfaces(type_name)):
            for subgraph in self.subgraphs_with(name):
                type_ = self.supergraph.subgraphs[subgraph].types[name]
                if name == type_name or type_.is_interface_object:
                    for key in type_.resolvable_keys:
                        yield Entrance(self.node(subgraph, name), name, key, self._fields(key))

    def _ways_to_real(self, interface: str, type_name: str) -> Iterator[Entrance]:
        for subgraph in self.subgraphs_with(interface):
            types = self.supergraph.subgraphs[subgraph].types
            type_ = types[interface]
            if type_.kind is TypeKind.INTERFACE and type_name in type_.possible_types:
                for key in type_.resolvable_keys:
                    yield Entrance(self.node(subgraph, type_name), interface, key, self._fields(key))

    def _narrowed(self, node: Node, type_name: str) -> Iterator[Node]:
        names = [name for name in self._interface_objects(node.subgraph, node.type_name) if type_name in self.possible(name)]
        if type_name in self.object_types(node):
            names.append(type_name)
        for name in names:
            provided = as_type(node.provided, lambda condition: self.is_a(type_name, condition))
            yield self.node(node.subgraph, name, provided)

    def _interface_objects(self, subgraph: str, type_name: str) -> tuple[str, ...]:
        """Return the interface objects among the types that a value of this type can have in the subgraph."""
        key = (subgraph, type_name)
        found = self._stand_ins.get(key)
        if found is None:
            types = self.supergraph.subgraphs[subgraph].types
            names = (name for name in types[type_name].possible_types if types[name].is_interface_object)
            found = self._stand_ins[key] = tuple(sorted(names))
        return found

    def _fields(self, key: Key) -> FieldSet:
        found = self._key_fields.get(id(key.fields))
        if found is None:
            found = self._key_fields[id(key.fields)] = read_field_set(key.fields)
        return found
