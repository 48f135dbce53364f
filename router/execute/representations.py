"""Collects the representations of entities (Federation, "Resolve requests for entities": `_Any`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

import orjson

from router.execute.dependents import Dependents
from router.execute.representation_code import MISSING, KeyFunction, compile_key
from router.execute.response_tree import Object
from router.plan.nodes import InlineFragment, RequiredField, Requirement

__all__ = ["Batch", "RepresentationBuilder"]

# Distinct representations as JSON, and for each the objects that it stands for, in order of first occurrence.
Batch: TypeAlias = dict[bytes, list[Object]]

# (name in the representation, response name, constant, builder of the nested object)
_Entry: TypeAlias = "tuple[str, str, str | None, RepresentationBuilder | None]"

UNKNOWN: Final = object()


class RepresentationBuilder:
    """Builds representations of objects by their type; the fields of a type are looked up once."""

    def __init__(self, requires: Iterable[Requirement], dependents: Mapping[str, Dependents] | None = None) -> None:
        self._requires = tuple(requires)
        self._dependents = dependents or {}
        self._by_type: dict[Any, tuple[_Entry, ...]] = {}
        self._keys: dict[Any, KeyFunction | None] = {}

    def collect(self, objects: Iterable[Object], withheld: dict[int, frozenset[str]]) -> Batch:
        """Return the representations of the objects that have all that is required.

        An object without a field that only some of the request's fields require is sent with a null for it; `withheld` then gets
        the response names of these fields, by the object's `id`. An object whose values were seen before is found by them,
        without a representation of its own being built.
        """
        batch: Batch = {}
        seen: dict[Any, list[Object]] = {}
        type_: Any = UNKNOWN
        key_of: KeyFunction | None = None
        for candidate in objects:
            typename = candidate.get("__typename")
            if typename != type_:
                type_, key_of = typename, self._key_function(typename)
            key = key_of(candidate) if key_of is not None else None
            if key is not None:
                found = seen.get(key)
                if found is not None:
                    found.append(candidate)
                    continue
            representation = self.build(candidate)
            if representation is MISSING and self._dependents:
                representation = self._build_with_gaps(candidate, withheld)
            # An object of a type that no fragment names has nothing to be fetched.
            if representation.__class__ is dict and representation:
                found = batch.setdefault(orjson.dumps(representation), [])
                found.append(candidate)
                if key is not None:
                    seen[key] = found
        return batch

    def build(self, source: Object) -> Any:
        """Return the representation of an object (empty for a type that nothing is required of), or MISSING."""
        built: Object = {}
        for name, response_name, constant, nested in self._entries_of(source.get("__typename")):
            if constant is not None:
                built[name] = constant
                continue
            value = source.get(response_name, MISSING)
            if nested is not None:
                value = nested.build_value(value)
            if value is MISSING:
                return MISSING
            built[name] = value
        return built

    def _build_with_gaps(self, source: Object, withheld: dict[int, frozenset[str]]) -> Any:
        """Return the representation with nulls for what is missing, MISSING when no field can do without it."""
        typename = source["__typename"]
        dependents = self._dependents.get(typename)
        if dependents is None:
            return MISSING
        built: Object = {}
        lost: set[str] = set()
        for name, response_name, constant, nested in self._entries_of(typename):
            value = source.get(response_name, MISSING) if constant is None else constant
            if nested is not None:
                value = nested.build_value(value)
            if value is MISSING:
                if name not in dependents.by_requirement:
                    return MISSING
                lost |= dependents.by_requirement[name]
                value = None
            built[name] = value
        if lost >= dependents.all:
            return MISSING
        withheld[id(source)] = frozenset(lost)
        return built

    def build_value(self, value: Any) -> Any:
        """Return what a representation has for a composite field's value, or MISSING."""
        if value.__class__ is dict:
            return self.build(value)
        if value.__class__ is list:
            items = [self.build_value(item) for item in value]
            return MISSING if any(item is MISSING for item in items) else items
        return value

    def _entries_of(self, typename: Any) -> tuple[_Entry, ...]:
        if typename.__class__ is not str and typename is not None:
            return ()
        entries = self._by_type.get(typename)
        if entries is None:
            entries = tuple(_entries(self._requires, typename))
            if entries:
                self._by_type[typename] = entries
        return entries

    def _key_function(self, typename: Any) -> KeyFunction | None:
        """Return the function that reads what tells representations of a type apart; None where that is not leaves alone."""
        entries = self._entries_of(typename)
        if not entries or typename is None:
            return None
        if typename in self._keys:
            return self._keys[typename]
        plain = all(nested is None for _, _, _, nested in entries)
        read = [response_name for _, response_name, constant, _ in entries if constant is None]
        function = self._keys[typename] = compile_key(read) if plain else None
        return function


def _entries(requires: tuple[Requirement, ...], typename: Any) -> Iterable[_Entry]:
    """Yield the fields for objects of a type; fields of one name in several fragments are merged."""
    fields: dict[str, RequiredField] = {}
    for required in _applicable(requires, typename):
        known = fields.get(required.name)
        if known is None:
            fields[required.name] = required
        elif required.selections:
            merged = (*known.selections, *required.selections)
            fields[required.name] = RequiredField(required.name, required.response_name, merged, required.constant)
    for field in fields.values():
        nested = RepresentationBuilder(field.selections) if field.selections else None
        yield field.name, field.response_name, field.constant, nested


def _applicable(requires: tuple[Requirement, ...], typename: Any) -> Iterable[RequiredField]:
    for requirement in requires:
        if isinstance(requirement, RequiredField):
            yield requirement
        elif isinstance(requirement, InlineFragment) and typename in requirement.type_names:
            yield from _applicable(requirement.selections, typename)
