"""How a selection on a composite type is asked of one subgraph: on the type itself, or on each of its object types.

Abstract types are expanded only where the subgraph's view needs it: where a field of the interface is not answered by it for
every object type, or a fragment's type means something else to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from router.plan.selection import Field, Fragment, Item, Selection, merged
from router.plan.views import Provided, Views
from router.supergraph.model import TypeKind

__all__ = ["CONCRETE", "Branch", "Branches"]

# The name of the pseudo-field that holds what only a subgraph with the real interface can tell apart.
CONCRETE = ""


@dataclass(frozen=True, eq=False)
class Branch:
    """Fields planned together on one type. `condition` is the fragment's type in the subgraph's operation, if it needs one."""

    type_name: str
    condition: str | None
    on: frozenset[str] | None
    fields: tuple[Field, ...]


class Branches:
    """Splits selections by the views of subgraphs; results are kept, so that the same selection gives the same objects."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._known: dict[object, tuple[Selection, list[Branch]]] = {}

    def of(
        self, selection: Selection, type_name: str, subgraph: str, provided: Provided, *, expand: frozenset[str]
    ) -> list[Branch]:
        """Return the branches; fields of the response names in `expand` are asked on the object types in any case."""
        key = (id(selection), type_name, subgraph, provided, expand)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = (selection, list(self._split(selection, type_name, subgraph, provided, expand)))
        return known[1]

    def fields(self, selection: Selection, type_name: str) -> tuple[Field, ...]:
        """Return the fields that an object of this object type gets."""
        return _fields(merged(self._applying(selection, frozenset((type_name,)), type_name)))

    def _split(
        self, selection: Selection, type_name: str, subgraph: str, provided: Provided, expand: frozenset[str]
    ) -> Iterator[Branch]:
        type_ = self._views.type(subgraph, type_name)
        if type_ is None:
            return
        if type_.is_interface_object:
            yield self._on_interface_object(selection, type_name)
            return
        if type_.kind is TypeKind.OBJECT:
            yield Branch(type_name, None, None, self.fields(selection, type_name))
            return
        possible = type_.possible_types
        common = merged(self._applying(selection, possible, type_name))
        fields = _fields(common)
        whole = tuple(
            field
            for field in fields
            if field.response_name not in expand
            and not self._contextual(field)
            and self._on_interface(field, type_name, subgraph, provided)
        )
        if whole:
            yield Branch(type_name, None, None, whole)
        rest: list[Fragment] = [item for item in common.items if isinstance(item, Fragment)]
        kept = [fragment for fragment in rest if self._keeps(fragment, possible, subgraph, provided)]
        for fragment in kept:
            on = possible & self._views.possible(fragment.type_name)
            if on:
                yield Branch(fragment.type_name, fragment.type_name, on, _fields(fragment.selection))
        expanded = Selection(tuple(item for item in common.items if item not in whole and item not in kept))
        for name in sorted(possible):
            fields = self.fields(expanded, name)
            if fields:
                yield Branch(name, name, frozenset((name,)), fields)

    def _contextual(self, field: Field) -> bool:
        """Whether something below may be computed from the context, which object types set."""
        names = self._views.contextual_names
        return bool(names) and field.selection is not None and not names.isdisjoint(field.selection.names)

    def _on_interface_object(self, selection: Selection, type_name: str) -> Branch:
        """An interface object knows no object types: `__typename` and fragments are for who has the interface."""
        common = merged(self._on_interface_itself(selection, type_name))
        here = [item for item in common.items if isinstance(item, Field) and item.name != "__typename"]
        there = [item for item in common.items if item not in here]
        concrete = (Field(CONCRETE, CONCRETE, selection=Selection(tuple(there))),) if there else ()
        return Branch(type_name, None, None, (*here, *concrete))

    def _on_interface_itself(self, selection: Selection, type_name: str) -> Iterator[Item]:
        """Yield the items, with fragments on the type itself or its interfaces spread."""
        for item in selection.items:
            if isinstance(item, Fragment) and self._views.is_subtype(type_name, item.type_name):
                yield from self._on_interface_itself(item.selection, type_name)
            else:
                yield item

    def _applying(self, selection: Selection, possible: frozenset[str], type_name: str) -> Iterator[Item]:
        """Yield the items, with fragments that hold for all of `possible` spread and those that hold for none left out."""
        for item in selection.items:
            if isinstance(item, Field):
                yield item
                continue
            holds = possible & (self._views.possible(item.type_name) | {item.type_name})
            if holds == possible or item.type_name == type_name:
                yield from self._applying(item.selection, possible, type_name)
            elif holds:
                inner = merged(self._applying(item.selection, holds, item.type_name))
                yield Fragment(item.type_name, inner)

    def _on_interface(self, field: Field, type_name: str, subgraph: str, provided: Provided) -> bool:
        """Whether the field is answered on the interface, here or in a subgraph entered with the interface's key."""
        if self._views.answers(subgraph, type_name, field.name, provided):
            return not self._waits(field.name, type_name, subgraph)
        return any(
            self._views.answers(name, hop.type_name, field.name, frozenset())
            for name, hops in self._views.hops(type_name, subgraph, provided).items()
            for hop in hops
        )

    def _waits(self, name: str, type_name: str, subgraph: str) -> bool:
        """Whether the field, or an object type's, depends on others (`@requires`, `@fromContext`)."""
        type_ = self._views.type(subgraph, type_name)
        names = (type_name, *(type_.possible_types if type_ else ()))
        return any(self._views.waits(subgraph, possible, name) for possible in names)

    def _keeps(self, fragment: Fragment, possible: frozenset[str], subgraph: str, provided: Provided) -> bool:
        """Whether the fragment can be sent as it stands: the subgraph sees its type as the supergraph does."""
        type_ = self._views.type(subgraph, fragment.type_name)
        if type_ is None or any(isinstance(item, Fragment) for item in fragment.selection.items):
            return False
        if type_.kind is TypeKind.OBJECT:
            return True
        if possible & type_.possible_types != possible & self._views.possible(fragment.type_name):
            return False
        return all(self._on_interface(field, fragment.type_name, subgraph, provided) for field in _fields(fragment.selection))


def _fields(selection: Selection) -> tuple[Field, ...]:
    return tuple(item for item in selection.items if isinstance(item, Field))
