"""Collects the representations of entities (Federation, "Resolve requests for entities": `_Any`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson

from router.execute.response_tree import Object
from router.plan.nodes import InlineFragment, RequiredField, Requirement

__all__ = ["Batch", "RepresentationBuilder"]


class _Missing:
    """A required value that the response tree does not have."""


MISSING: Final = _Missing()

# (name in the representation, response name, constant, builder of the nested object)
_Entry: TypeAlias = "tuple[str, str, str | None, RepresentationBuilder | None]"


@dataclass(frozen=True, slots=True)
class Batch:
    """Distinct representations as JSON, and for each the objects that it stands for, in order of first occurrence."""

    targets: dict[bytes, list[Object]]

    def json(self) -> bytes:
        """Return the value of `$representations`."""
        return b"[" + b",".join(self.targets) + b"]"


class RepresentationBuilder:
    """Builds representations of objects by their type; the fields of a type are looked up once."""

    def __init__(self, requires: Iterable[Requirement]) -> None:
        self._requires = tuple(requires)
        self._by_type: dict[Any, tuple[_Entry, ...]] = {}

    def collect(self, objects: Iterable[Object]) -> Batch:
        """Return the representations of the objects that have all that is required."""
        targets: dict[bytes, list[Object]] = {}
        for candidate in objects:
            representation = self.build(candidate)
            # An object of a type that no fragment names has nothing to be fetched.
            if representation.__class__ is dict and representation:
                targets.setdefault(orjson.dumps(representation), []).append(candidate)
        return Batch(targets)

    def build(self, source: Object) -> Any:
        """Return the representation of an object (empty for a type that nothing is required of), or MISSING."""
        typename = source.get("__typename")
        entries = self._by_type.get(typename)
        if entries is None:
            entries = tuple(_entries(self._requires, typename))
            if entries:
                self._by_type[typename] = entries
        built: Object = {}
        for name, response_name, constant, nested in entries:
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

    def build_value(self, value: Any) -> Any:
        """Return what a representation has for a composite field's value, or MISSING."""
        if value.__class__ is dict:
            return self.build(value)
        if value.__class__ is list:
            items = [self.build_value(item) for item in value]
            return MISSING if any(item is MISSING for item in items) else items
        return value


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
