"""What each subgraph can answer at a position, and by which keys another subgraph is reached from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionSetNode,
    TypeDefinitionNode,
    get_named_type,
    is_abstract_type,
    value_from_ast_untyped,
)

from router.plan.selection import Field, Fragment, Selection, from_ast
from router.supergraph.model import ContextArgument, Key, SubgraphField, SubgraphType, Supergraph, TypeKind

__all__ = ["Hop", "Provided", "Views", "provided_below"]

# Paths of external fields that the current position provides nevertheless (`@provides`).
Provided: TypeAlias = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Hop:
    """How `subgraph` is entered at a position.

    `sources` says from which subgraph each field of the key is read; `type_name` is the type it is entered as, which for
    interface objects is an interface of the object's type. Without `key` it is entered by a root query.
    `gathered` are the fields of a key that no single way supplies: they are planned like fields of the client.
    """

    subgraph: str
    type_name: str
    depth: int
    key: Key | None
    sources: tuple[tuple[str, Field], ...]
    gathered: tuple[Field, ...] = ()


class Views:
    """The supergraph, seen from positions (type, subgraph)."""

    def __init__(self, supergraph: Supergraph, override_labels: frozenset[str] = frozenset()) -> None:
        self.supergraph = supergraph
        self._labels = override_labels
        self._hops: dict[tuple[str, str | None, Provided], dict[str, list[Hop]]] = {}
        self._distant: dict[tuple[str, str, Provided], tuple[Hop, ...]] = {}
        self._key_names: dict[tuple[str, str], frozenset[str]] = {}
        self._key_selections: dict[int, Selection] = {}
        self._contexts = _contexts(supergraph)
        schema = supergraph.full_schema
        self._roots = {type_.name for type_ in (schema.query_type, schema.mutation_type, schema.subscription_type) if type_}

    def type(self, subgraph: str, name: str) -> SubgraphType | None:
        """Return the subgraph's view of a type, None when it does not have it."""
        return self.supergraph.subgraphs[subgraph].types.get(name)

    def field(self, subgraph: str, type_name: str, name: str) -> SubgraphField | None:
        """Return the subgraph's view of a field."""
        type_ = self.type(subgraph, type_name)
        return type_.fields.get(name) if type_ else None

    def is_abstract(self, type_name: str, name: str) -> bool:
        """Whether the field's values can have one of several types for clients."""
        type_ = self.supergraph.full_schema.get_type(type_name)
        field = type_.fields.get(name) if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)) else None
        return field is not None and is_abstract_type(get_named_type(field.type))

    def is_subtype(self, type_name: str, of: str) -> bool:
        """Whether the type is `of`, or is declared to implement it."""
        type_ = self.supergraph.full_schema.get_type(type_name)
        return type_name == of or any(interface.name == of for interface in getattr(type_, "interfaces", ()))

    def is_root(self, type_name: str) -> bool:
        """Whether the type is a root, at which every subgraph is entered without a key."""
        return type_name in self._roots

    def is_query(self, type_name: str) -> bool:
        """Whether the type is the root of queries, whose fields may be asked for any number of times."""
        query = self.supergraph.full_schema.query_type
        return query is not None and query.name == type_name

    def possible(self, type_name: str) -> frozenset[str]:
        """Return the object types that a value of this type can have anywhere."""
        return self.supergraph.possible_types.get(type_name, frozenset((type_name,)))

    def answers(self, subgraph: str, type_name: str, name: str, provided: Provided) -> bool:
        """Whether a selection on this type in this subgraph may hold the field."""
        type_ = self.type(subgraph, type_name)
        if type_ is None:
            return False
        if name == "__typename":
            return not type_.is_interface_object
        if type_.kind is TypeKind.INTERFACE:
            return name in type_.fields and all(
                self._object_answers(subgraph, possible, name, provided) for possible in type_.possible_types
            )
        return self._object_answers(subgraph, type_name, name, provided)

    def requires(self, subgraph: str, type_name: str, name: str) -> SelectionSetNode | None:
        """Return the field's `@requires`."""
        found = self.field(subgraph, type_name, name)
        return found.requires if found else None

    def context_arguments(self, subgraph: str, type_name: str, name: str) -> tuple[ContextArgument, ...]:
        """Return the field's arguments that come from an object above (`@fromContext`)."""
        found = self.field(subgraph, type_name, name)
        return found.context_arguments if found else ()

    def waits(self, subgraph: str, type_name: str, name: str) -> bool:
        """Whether the field can only be asked of an entity for which something else is known: it never is in passing."""
        found = self.field(subgraph, type_name, name)
        return found is not None and (found.requires is not None or bool(found.context_arguments))

    def sets_context(self, type_name: str, context: str) -> bool:
        """Whether objects of the type set the context (`@context` on it, an interface or a union of it)."""
        return any(type_name == one or type_name in self.possible(one) for one in self._contexts.get(context, ()))

    @cached_property
    def contextual_names(self) -> frozenset[str]:
        """The names of fields that some subgraph computes from the context."""
        return frozenset(
            field.name
            for subgraph in self.supergraph.subgraphs.values()
            for type_ in subgraph.types.values()
            for field in type_.fields.values()
            if field.context_arguments
        )

    def subgraphs_with(self, type_name: str) -> Iterator[str]:
        """Yield the subgraphs that have the type."""
        for name, subgraph in self.supergraph.subgraphs.items():
            if type_name in subgraph.types:
                yield name

    def interfaces(self, type_name: str) -> tuple[str, ...]:
        """Return the interfaces that the object type implements in any subgraph, in order of name."""
        found: set[str] = set()
        for subgraph in self.supergraph.subgraphs.values():
            type_ = subgraph.types.get(type_name)
            if type_ is not None:
                found |= type_.interfaces
        return tuple(sorted(found))

    def key_selection(self, key: Key) -> Selection:
        """Return the key's fields."""
        found = self._key_selections.get(id(key.fields))
        if found is None:
            found = self._key_selections[id(key.fields)] = from_ast(key.fields, {})
        return found

    def hops(self, type_name: str, subgraph: str | None, provided: Provided) -> dict[str, list[Hop]]:
        """Return how every other subgraph is entered from a position, shortest way first; also ways back into `subgraph`.

        Keys that no chain of subgraphs can supply lead nowhere.
        """
        known = self._hops.get((type_name, subgraph, provided))
        if known is None:
            known = self._search(type_name, subgraph, provided)
            self._hops[type_name, subgraph, provided] = known
        return known

    def distant(self, type_name: str, subgraph: str | None, provided: Provided) -> tuple[Hop, ...]:
        """Return hops by keys whose fields lie in several subgraphs, for what `hops` does not reach."""
        if subgraph is None or self.is_root(type_name):
            return ()
        known = self._distant.get((type_name, subgraph, provided))
        if known is None:
            near = {(hop.subgraph, hop.type_name) for hops in self.hops(type_name, subgraph, provided).values() for hop in hops}
            known = tuple(
                Hop(target, entered_as, 1, key, (), tuple(self._flat(self.key_selection(key), type_name)))
                for target, entered_as, key in self._targets(type_name)
                if (target, entered_as) not in near and target != subgraph
            )
            self._distant[type_name, subgraph, provided] = known
        return known

    def _search(self, type_name: str, start: str | None, provided: Provided) -> dict[str, list[Hop]]:
        if self.is_root(type_name):
            return {name: [Hop(name, type_name, 1, None, ())] for name in self.subgraphs_with(type_name)}
        if start is None:
            return {}
        reached = {start: (0, type_name)}
        hops: dict[str, list[Hop]] = {}
        targets = list(self._targets(type_name))
        for depth in range(1, len(self.supergraph.subgraphs) + 1):
            added: dict[str, Hop] = {}
            for subgraph, entered_as, key in targets:
                if any(hop.type_name == entered_as for hop in hops.get(subgraph, ())) or subgraph in added:
                    continue
                sources = self._sources(key, type_name, reached, provided, start)
                if sources is not None:
                    added[subgraph] = Hop(subgraph, entered_as, depth, key, sources)
            if not added:
                break
            for subgraph, hop in added.items():
                hops.setdefault(subgraph, []).append(hop)
                reached.setdefault(subgraph, (depth, hop.type_name))
        return hops

    def _targets(self, type_name: str) -> Iterator[tuple[str, str, Key]]:
        """Yield every key by which objects of this type can be asked for."""
        for name in (type_name, *self.interfaces(type_name)):
            for subgraph in self.subgraphs_with(name):
                type_ = self.type(subgraph, name)
                if type_ is not None and (name == type_name or type_.is_interface_object):
                    for key in type_.resolvable_keys:
                        yield subgraph, name, key

    def _sources(
        self, key: Key, type_name: str, reached: dict[str, tuple[int, str]], provided: Provided, start: str
    ) -> tuple[tuple[str, Field], ...] | None:
        """Return where each field of the key comes from, from the subgraphs reached so far; None when one is missing."""
        found: list[tuple[str, Field]] = []
        for field in self._flat(self.key_selection(key), type_name):
            for subgraph, (_, entered_as) in reached.items():
                here = provided if subgraph == start else frozenset()
                if self._local(subgraph, entered_as, field, here):
                    found.append((subgraph, field))
                    break
            else:
                # Nothing else leads on. A subgraph knows the keys of its entities, even those that it calls external.
                holder = next((name for name, (_, type_) in reached.items() if self._holds(name, type_, field)), None)
                if holder is None:
                    return None
                found.append((holder, field))
        return tuple(found)

    def _holds(self, subgraph: str, type_name: str, field: Field) -> bool:
        """Whether the leaf is a key, external or not, of the subgraph's entity."""
        type_ = self.type(subgraph, type_name)
        return (
            field.selection is None
            and type_ is not None
            and field.name in type_.fields
            and field.name in self._names_in_keys(subgraph, type_)
        )

    def _flat(self, selection: Selection, type_name: str) -> Iterator[Field]:
        for item in selection.items:
            if isinstance(item, Field):
                yield item
            elif isinstance(item, Fragment) and type_name in self.possible(item.type_name) | {item.type_name}:
                yield from self._flat(item.selection, type_name)

    def _local(self, subgraph: str, type_name: str, field: Field, provided: Provided) -> bool:
        """Whether the field with everything below it is answered by the subgraph alone."""
        if field.name == "__typename":
            return True
        if not self.answers(subgraph, type_name, field.name, provided):
            return False
        view = self.field(subgraph, type_name, field.name)
        if view is None or self.waits(subgraph, type_name, field.name):
            return False
        if field.selection is None:
            return True
        below = provided_below(provided, view)
        return self._local_selection(subgraph, view.type_name, field.selection, below)

    def _local_selection(self, subgraph: str, type_name: str, selection: Selection, provided: Provided) -> bool:
        return all(
            self._local(subgraph, type_name, item, provided)
            if isinstance(item, Field)
            else self._local_selection(subgraph, item.type_name, item.selection, provided)
            for item in selection.items
        )

    def _object_answers(self, subgraph: str, type_name: str, name: str, provided: Provided) -> bool:
        type_ = self.type(subgraph, type_name)
        field = type_.fields.get(name) if type_ else None
        if type_ is None or field is None:
            return False
        if (name,) in provided:
            return True
        if field.override_label is not None and (field.override_label in self._labels) is not field.override_active:
            return False
        return not field.external and not field.overridden

    def _names_in_keys(self, subgraph: str, type_: SubgraphType) -> frozenset[str]:
        """Return the top-level names of the type's keys: a subgraph always knows the keys of its entities."""
        found = self._key_names.get((subgraph, type_.name))
        if found is None:
            names = (item.name for key in type_.keys for item in self.key_selection(key).items if isinstance(item, Field))
            found = self._key_names[subgraph, type_.name] = frozenset(names)
        return found


def _contexts(supergraph: Supergraph) -> dict[str, frozenset[str]]:
    """Return the types that set each context, by its name in the supergraph."""
    found: dict[str, frozenset[str]] = {}
    for definition in supergraph.document.definitions:
        if isinstance(definition, TypeDefinitionNode):
            for directive in definition.directives or ():
                if directive.name.value == "context":
                    names = {value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}
                    found.update({name: found.get(name, frozenset()) | {definition.name.value} for name in names})
    return found


def provided_below(provided: Provided, field: SubgraphField) -> Provided:
    """Return what is provided below a field: by the path so far, and by the field's own `@provides`."""
    below = frozenset(path[1:] for path in provided if path[0] == field.name and len(path) > 1)
    return below | _paths(field.provides) if field.provides is not None else below


def _paths(node: SelectionSetNode) -> Provided:
    found: set[tuple[str, ...]] = set()
    for child in node.selections:
        if isinstance(child, FieldNode):
            found.add((child.name.value,))
            if child.selection_set is not None:
                found |= {(child.name.value, *path) for path in _paths(child.selection_set)}
        elif isinstance(child, InlineFragmentNode):
            found |= _paths(child.selection_set)
    return frozenset(found)
